"""The calls of a run: one row each, of which one stands open; long runs bring the contents of the open ones only."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client

from flows.models import ApiCall, Run
from flows.pages.run.call_list import call_list
from flows.pages.run.calls import call_views
from flows.pages.run.target import target_of
from flows.services import run_all, run_use
from lessons.sample_calls import SAMPLES

OpenRun = Callable[..., Run]
_MOST_BYTES, _MOST_NODES = 150_000, 2_000


class Elements(HTMLParser):
    """Counts them."""

    count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += 1


def rows(*failed: bool) -> list[ApiCall]:
    states = {True: "NotAuthorizedException", False: ""}
    return [
        ApiCall(position=number, kind="exchange", state="answered", error_code=states[fails], signed=False)
        for number, fails in enumerate(failed, 1)
    ]


@pytest.mark.parametrize(
    ("failed", "at", "query", "opened"),
    [
        ((False, False, False), None, {}, [3]),
        ((False, True, False), None, {}, [2]),
        ((False, True, False), 1, {}, [1]),
        ((False, True, False), 9, {}, [2]),
        ((False, True, False), None, {"open": "all"}, [1, 2, 3]),
        ((False, True, False), None, {"open": "none"}, []),
        ((False, True, False), None, {"open": "sesame"}, [2]),
        ((), None, {}, []),
    ],
)
def test_the_refused_call_is_open_or_the_last_or_the_one_asked_for(
    failed: tuple[bool, ...], at: int | None, query: dict[str, str], opened: list[int]
) -> None:
    listed = call_list(call_views(rows(*failed)), at, query)
    assert [row.call.row.position for row in listed.rows if row.is_open] == opened
    assert all(row.has_body for row in listed.rows)


def test_calls_of_a_sign_in_are_counted_apart() -> None:
    calls = rows(False, False, False, False)
    for call in calls[:2]:
        call.kind = "provider"
    assert [view.label for view in call_views(calls)] == ["S1", "S2", "1", "2"]


def test_links_keep_what_was_chosen() -> None:
    listed = call_list(call_views(rows(False, False)), 2, {"raw": "1"})
    assert (listed.all_query, listed.raw_query) == ("?open=all&raw=1", "?call=2")
    listed = call_list(call_views(rows(False, False)), None, {"open": "all"})
    assert (listed.all_query, listed.raw_query) == ("?open=none", "?open=all&raw=1")


@pytest.mark.parametrize(
    ("kind", "service", "mode", "url", "address", "played_by"),
    [
        ("exchange", "cognito-identity", "sandbox", "http://127.0.0.1:4566/",
         "cognito-identity.eu-west-1.amazonaws.com", "127.0.0.1:4566"),
        ("use", "s3", "sandbox", "http://127.0.0.1:4566/a-bucket/a.txt?x=1",
         "s3.us-east-1.amazonaws.com/a-bucket/a.txt", "127.0.0.1:4566"),
        ("exchange", "iam", "sandbox", "http://127.0.0.1:4566/", "iam.amazonaws.com", "127.0.0.1:4566"),
        ("exchange", "sandbox", "sandbox", "http://127.0.0.1:4566/_sandbox/x", "127.0.0.1:4566/_sandbox/x", ""),
        ("exchange", "sts", "aws", "https://sts.eu-west-1.amazonaws.com/", "sts.eu-west-1.amazonaws.com", ""),
        ("provider", "google", "sandbox", "http://127.0.0.1:4566/idp/oauth2.googleapis.com/token",
         "oauth2.googleapis.com/token", "127.0.0.1:4566"),
        ("provider", "google", "sandbox", "http://10.0.0.1:8000/x/idp/482100000000/oauth2.googleapis.com/token",
         "oauth2.googleapis.com/token", "10.0.0.1:8000"),
        ("provider", "oidc", "sandbox", "http://127.0.0.1:4566/idp/oidc/token", "127.0.0.1:4566/idp/oidc/token", ""),
        ("provider", "google", "aws", "https://oauth2.googleapis.com/token", "oauth2.googleapis.com/token", ""),
    ],
)  # fmt: skip
def test_a_call_names_the_host_that_aws_or_the_provider_has(
    kind: str, service: str, mode: str, url: str, address: str, played_by: str
) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=ASIA/20261130/us-east-1/s3/aws4_request" if service == "s3" else ""
    headers = {"Authorization": scope} if scope else {}
    call = ApiCall(run=Run(mode=mode, region="eu-west-1"), kind=kind, service=service, url=url, request_headers=headers)
    target = target_of(call)
    assert (target.address, target.played_by) == (address, played_by)


@pytest.fixture
def mine(client: Client, open_run: OpenRun) -> Run:
    """A guest's run, in the browser of `client`."""
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    return run_all(run=open_run("enhanced", owner=owner))


def test_the_way_on_the_wire_is_shown_laid_out_or_raw(client: Client, mine: Run) -> None:
    laid_out = client.get(f"/runs/{mine.code}/calls/").content.decode()
    raw = client.get(f"/runs/{mine.code}/calls/?raw=1").content.decode()
    assert "X-Amz-Target" not in laid_out.replace("-H &#x27;X-Amz-Target", "")
    assert '<span class="nt">X-Amz-Target</span>' in raw
    assert "Copy raw request" in raw


@pytest.mark.slow
def test_fifty_calls_are_a_page_that_a_browser_reads_at_once(client: Client, mine: Run) -> None:
    call = run_use(run=mine, sample=SAMPLES["scan-table"])
    for position in range(call.position + 1, 51):
        call.pk, call.position = None, position
        call.save()
    assert mine.calls.count() == 50
    page = client.get(f"/runs/{mine.code}/calls/").content.decode()
    elements = Elements()
    elements.feed(page)
    assert len(page.encode()) <= _MOST_BYTES
    assert elements.count <= _MOST_NODES
    assert len(re.findall('hx-trigger="toggle once"', page)) == 49
    one = client.get(f"/runs/{mine.code}/calls/?call=7").content.decode()
    assert re.search(r'id="call-7"\s+open', one)
    assert "hx-get" not in one.partition('id="call-7"')[2].partition("</summary>")[0]
