"""A run as a picture: drawn from its recorded calls, and the same stops as a list."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from flows.exchange.steps import FLOWS
from flows.models import Run
from flows.pages.diagram_svg import svg
from flows.pages.run.run_view import RunView
from flows.pages.sequence_diagram import (
    Exchange,
    Key,
    SequenceDiagram,
    UnplacedArrow,
    drawn,
    drawn_for_all,
    flow_diagrams,
)
from flows.services import run_all, run_use
from lessons.sample_calls import SAMPLES

OpenRun = Callable[..., Run]


def drawing(run: Run) -> SequenceDiagram:
    return RunView(run).overview.drawings[0]


def test_each_call_is_drawn_with_its_time_and_leads_to_it(open_run: OpenRun) -> None:
    run = run_all(run=open_run("basic"))
    rows = drawing(run).rows
    assert [arrow.number for row in rows for arrow in row.arrows if arrow.number] == ["1", "2", "3"]
    for row, call in zip(rows, run.calls.all(), strict=True):
        assert re.fullmatch(rf"{call.operation} · [\d.]+ ms", row.arrows[0].text)
        assert row.exchange.href == f"/runs/{run.code}/calls/?call={call.position}#call-{call.position}"
        assert row.exchange.label.startswith(f"{call.position}: {call.operation}, succeeded, ")
    assert rows[0].arrows[-1].text == f"identity ID …{run.identity_id[-6:]}"
    assert "OpenID token ‹" in rows[1].arrows[-1].text
    assert rows[2].arrows[-1].text == "credentials of LabGuest"


def test_a_refusal_stops_the_arrow_and_what_was_not_run_is_dashed(open_run: OpenRun) -> None:
    run = run_all(run=open_run("basic", pool="no-classic"))
    first, refused, planned = drawing(run).rows
    assert [arrow.kind for arrow in first.arrows] == ["call", "back"]
    (arrow,) = refused.arrows
    assert (arrow.kind, arrow.number, arrow.receiver.key) == ("refused", "2", "pool")
    assert arrow.message.note == "InvalidParameterException: basic flow"
    assert [(arrow.kind, arrow.receiver.key) for arrow in planned.arrows] == [("planned", "sts")]
    assert planned.exchange.href == reverse("flows:learn_api", args=["AssumeRoleWithWebIdentity"])


def test_the_list_says_the_same_as_the_picture(open_run: OpenRun) -> None:
    run = run_all(run=open_run("enhanced"))
    run_use(run=run, sample=SAMPLES["write-object"])
    overview = RunView(run).overview
    wide, narrow = overview.drawings
    in_list = [(stop.number, stop.title, stop.word) for stop in overview.stops]
    assert in_list == [
        ("1", "GetId", "succeeded"),
        ("2", "GetCredentialsForIdentity", "succeeded"),
        ("", "Credentials", "of LabGuest"),
        ("3", "PutObject", "refused"),
    ]
    drawn_numbers = [arrow.number for arrow in wide.arrows if arrow.number]
    assert drawn_numbers == [number for number, *_ in in_list if number]
    assert [each.name for each in wide.participants] == [
        "This app",
        "Identity pool",
        "AWS STS",
        "Amazon S3",
    ]
    assert [arrow.number for arrow in narrow.arrows if arrow.number] == drawn_numbers
    assert [row.exchange for row in narrow.rows] == [row.exchange for row in wide.rows]


def test_of_many_calls_as_many_are_drawn_as_can_be_taken_in(open_run: OpenRun) -> None:
    run = run_all(run=open_run("enhanced"))
    sample = run_use(run=run, sample=SAMPLES["who-am-i"])
    for position in range(sample.position + 1, 30):
        sample.pk, sample.position = None, position
        sample.save()
    overview = RunView(run).overview
    assert overview.stops[-1].title == "13 more calls"
    drawn = overview.drawings[0]
    assert len(drawn.rows) == 17
    assert drawn.arrows[-1].message.text == "13 more calls", "the picture says that it is not all"


def test_the_call_that_stands_out_is_among_those_that_are_drawn(open_run: OpenRun) -> None:
    run = run_all(run=open_run("enhanced"))
    sample = run_use(run=run, sample=SAMPLES["who-am-i"])
    for position in range(sample.position + 1, 42):
        sample.pk, sample.position = None, position
        sample.save()
    for here in (3, 16, 17, 28, 41):
        overview = replace(RunView(run).overview, here=here)
        assert here in [stop.position for stop in overview.stops]
        assert [row.exchange.here for row in overview.drawings[0].rows].count(True) == 1
    titles = [stop.title for stop in overview.stops if "call" in stop.title]
    assert titles == ["25 earlier calls"]


@pytest.mark.parametrize("flow", FLOWS)
def test_words_fit_into_the_drawing(flow: str) -> None:
    for picture in flow_diagrams(FLOWS[flow]):
        _fits(picture)
    exchanges = [
        Exchange((UnplacedArrow("call", "you", "provider", "SAML authentication request", "S1"),)),
        Exchange((UnplacedArrow("refused", "app", "provider", "Token request · 400 · 1234 ms", "S2", "x" * 58),)),
        Exchange((UnplacedArrow("call", "app", "pool", "GetOpenIdTokenForDeveloperIdentity · 1234 ms", "1"),)),
        Exchange((UnplacedArrow("call", "app", "service", "PutObject · 403 · 9 ms", "2", "AccessDenied"),)),
    ]
    names: dict[Key, str] = {"you": "You", "provider": "Amazon Cognito user pools", "app": "This app"}
    names |= {"pool": "Identity pool", "service": "Amazon S3"}
    wide = drawn("long", "Long names", names, exchanges, 32)
    _fits(wide)
    shown, narrow = drawn_for_all("long", "Long names", names, exchanges, 32)
    _fits(narrow)
    assert (shown.shape, shown.width, narrow.shape, narrow.width) == ("wide", wide.width, "narrow", 336)
    for left, right in pairwise(narrow.participants):
        assert left.left + left.width < right.left
    assert [arrow.text for arrow in narrow.arrows][-1] == "PutObject · 403 · 9 ms"
    assert narrow.arrows[2].text == "GetOpenIdTokenForDeveloperIdentity · 1234 …"


@pytest.mark.parametrize("flow", ["enhanced", "basic"])
def test_on_a_phone_words_between_two_neighbours_lie_on_no_line(flow: str) -> None:
    narrow = flow_diagrams(FLOWS[flow])[-1]
    assert (narrow.shape, narrow.width) == ("narrow", 336)
    places = [each.x for each in narrow.participants]
    for arrow in narrow.arrows:
        left, right = sorted((arrow.sender.x, arrow.receiver.x))
        if places.index(right) == places.index(left) + 1:
            assert len(arrow.text) * 6.6 <= right - left + 12, arrow.text


def test_texts_are_written_as_texts() -> None:
    hostile = '<b a="1">&'
    arrows = [UnplacedArrow(kind, "app", "pool", hostile, hostile, hostile) for kind in ("call", "refused")]
    exchange = Exchange(tuple(arrows), f"/?{hostile}", hostile, True)
    drawn_ = svg(drawn(hostile, hostile, {"app": hostile, "pool": hostile}, [exchange], 32))
    element = ElementTree.fromstring(drawn_)  # noqa: S314 - our own
    assert {part.tag for part in element.iter()} == {"svg", "title", "desc", "rect", "text", "path", "a", "circle"}
    assert [text.text for text in element.iter("text")] == [hostile] * 8
    assert element.findtext("title") == hostile
    (link,) = element.iter("a")
    assert link.attrib == {"class": "d-link", "href": f"/?{hostile}", "aria-label": hostile}


def test_a_role_that_lets_nobody_in_leads_to_its_own_trust_policy(client: Client, open_run: OpenRun) -> None:
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    wanted = {"RoleArn": "arn:aws:iam::000000000000:role/LabAuthenticated"}
    run = run_all(run=open_run("basic", pool="lab", owner=owner, **wanted))
    page = client.get(run.get_absolute_url()).content.decode()
    assert 'href="/pools/lab/roles/?role=LabAuthenticated"' in page
    assert "Open the roles and their trust policies" in page
    assert client.get("/pools/lab/roles/?role=LabAuthenticated").status_code == 200
    assert client.get("/pools/lab/roles/?role=NoSuchRole").status_code == 200


def _fits(picture: SequenceDiagram) -> None:
    for arrow in picture.arrows:
        for text in (arrow.text, arrow.message.note):
            width = len(text) * 6.6
            left = {"start": arrow.text_x, "middle": arrow.text_x - width / 2, "end": arrow.text_x - width}[
                arrow.anchor
            ]
            assert left >= 0
            assert left + width <= picture.width, text


@pytest.mark.parametrize(
    ("flow", "pool", "button"),
    [
        ("basic", "no-classic", "Try the enhanced flow"),
        ("enhanced", "no-guests", "Sign in with a provider"),
        ("basic", "no-guests", "Sign in with a provider"),
    ],
)
def test_after_a_refusal_one_button_leads_on(
    client: Client, open_run: OpenRun, flow: str, pool: str, button: str
) -> None:
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    run = run_all(run=open_run(flow, pool=pool, owner=owner))
    page = client.get(run.get_absolute_url()).content.decode()
    result = page.partition('class="picture-and-steps"')[0].partition('id="result-title"')[2]
    assert button in result
    assert result.count("btn-main") == 1
