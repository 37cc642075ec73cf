"""A run is told by many pages, and all of them say the same: how it ended, whose role, how many calls, how long."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO

import lxml.html
import pytest
from django.test import Client

from accounts.models import User
from flows.models import Run
from flows.pages.run.run_view import VIEWS
from tests.flows.authenticated.person import Person

_CSV = "0"
_GUEST = {"access": "guest", "provider": "guest", "pool": "lab", "pace": "all"}
_SEND = {"pool": "lab", "service": "cognito-identity", "sender": "nobody"}
_POOL = "us-east-1:5a4db000-0000-c000-8000-000000000001"


@dataclass(frozen=True)
class Said:
    """What a page says of a run; None where it says nothing of that. `measure`: as the head of a run's page has it."""

    outcome: str | None = None
    role: str | None = None
    calls: str | None = None
    took: str | None = None
    measure: str | None = None


def guest_run(ana: Person, flow: str = "enhanced", **more: str) -> Run:
    ana.post("/runs/", **{**_GUEST, "flow": flow, **more})
    return ana.latest


def used(ana: Person, run: Run) -> Run:
    for sample in ("scan-table", "who-am-i"):
        ana.post(f"/runs/{run.code}/use/", sample=sample)
    assert run.calls.filter(kind="use").count() == 2
    return run


def made_by(ana: Person) -> Iterator[Run]:
    """Runs of all kinds."""
    yield guest_run(ana)
    yield used(ana, guest_run(ana))
    yield used(ana, guest_run(ana, "basic"))
    yield guest_run(ana, "basic", pool="no-classic")
    yield guest_run(ana, CustomRoleArn="arn:aws:iam::000000000000:role/LabReader")
    yield guest_run(ana, pace="step")
    yield guest_run(ana, "basic", pace="step")
    waiting = guest_run(ana, pace="step")
    ana.post(f"/runs/{waiting.code}/step/", position="0")
    ana.post(f"/runs/{waiting.code}/cancel/")
    yield waiting
    yield used(ana, ana.run("google"))
    yield ana.run("oidc", pool="rules")
    yield ana.run("user-pool", "basic")
    yield ana.run("saml", "basic")
    yield ana.run("amazon", misbehave="wrong-audience")
    ana.open("x")
    yield ana.latest
    for operation, members in (
        ("GetId", {"p-IdentityPoolId": _POOL}),
        ("GetCredentialsForIdentity", {"p-IdentityId": ana.get("/runs/").context["rows"][-1].run.identity_id}),
        ("GetCredentialsForIdentity", {"p-IdentityId": f"{_POOL[:-1]}9"}),
    ):
        ana.post("/send/", **_SEND, operation=operation, **members)
        yield ana.latest


@pytest.mark.slow
def test_every_page_says_the_same_of_a_run(ana: Person) -> None:
    runs = list(made_by(ana))
    admin = Client(SERVER_NAME="127.0.0.1", SERVER_PORT=str(ana.port))
    admin.force_login(User.objects.create_superuser("root"))
    exported = _exported(admin)
    for run in runs:
        run.refresh_from_db()
        pages = {
            **{view: _head(ana, run, f"{view}/") for view in ("", *VIEWS) if _is_there(ana, run, view)},
            "my runs": _listed(ana.client, run, "/runs/"),
            "everybody’s runs": _listed(admin, run, "/runs/?scope=everybody"),
            "admin’s list": _in_admin_list(admin, run),
            "admin’s page": _in_admin(admin, run),
            "export": exported[run.short_code],
        }
        for what in Said.__dataclass_fields__:
            said = {page: getattr(one, what) for page, one in pages.items() if getattr(one, what) is not None}
            assert len(set(said.values())) == 1, (str(run), run.flow, run.outcome, what, said)


@pytest.mark.slow
def test_a_trace_and_a_comparison_name_the_role_of_the_head(ana: Person) -> None:
    enhanced, basic = guest_run(ana), guest_run(ana, "basic")
    role = _head(ana, enhanced, "").role
    assert role == "LabGuest"
    assert ana.get(f"/runs/{enhanced.code}/export.json").json()["role_arn"].endswith(f":role/{role}")
    page = " ".join(_page(ana.client, f"/compare/?a={enhanced.code}&b={basic.code}").text_content().split())
    assert f"Both get credentials of {role}: A in 2 calls, B in 3." in page
    assert role in _page(ana.client, "/identities/").text_content()


@pytest.mark.django_db
def test_what_the_credentials_are_used_for_later_changes_neither_count_nor_time(ana: Person) -> None:
    run = guest_run(ana)
    before = _head(ana, run, ""), _listed(ana.client, run, "/runs/")
    used(ana, run)
    assert (_head(ana, run, ""), _listed(ana.client, run, "/runs/")) == before


def _is_there(ana: Person, run: Run, view: str) -> bool:
    return bool(ana.get(f"{run.get_absolute_url()}{view}{'/' if view else ''}").status_code == 200)


def _page(client: Client, address: str) -> lxml.html.HtmlElement:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return lxml.html.fromstring(answer.content.decode())


def _text(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _head(ana: Person, run: Run, view: str) -> Said:
    page = _page(ana.client, f"{run.get_absolute_url()}{view.lstrip('/')}")
    facts = {_text(one.find("dt")): _text(one.find("dd")) for one in page.cssselect(".run-facts > div")}
    pill = _text(page.cssselect(".run-head .pill")[0])
    role = facts.get("Role", facts.get("Requested role"))
    calls = facts["Took"].partition(" AWS call")[0].split()[-1]
    return Said(_outcome(pill, run), role, calls, None, facts["Took"])


def _outcome(pill: str, run: Run) -> str | None:
    """The first word of a head's verdict, where that is the outcome; of an open run it says what it waits for."""
    return pill.split()[0] if run.is_over else None


def _listed(client: Client, run: Run, address: str) -> Said:
    rows = _page(client, address).cssselect(".history tbody tr")
    (row,) = [one for one in rows if _text(one.cssselect("th a")[0]) == run.short_code]
    *_, count, took, _delete = [_text(cell) for cell in row.cssselect("td")]
    role = row.cssselect("td[data-label=Role]")
    outcome = _text(row.cssselect("td.outcome")[0])
    return Said(outcome, _text(role[0]) if role else None, count.split()[0], took)


def _in_admin_list(admin: Client, run: Run) -> Said:
    rows = _page(admin, f"/admin/flows/run/?q={run.short_code}").cssselect("#result_list tbody tr")
    (row,) = [one for one in rows if _text(one.cssselect(".field-when b")[0]) == run.short_code]
    role = None if run.error_code else _text(row.cssselect(".field-role")[0])
    return Said(_text(row.cssselect(".field-result")[0]), role)


def _in_admin(admin: Client, run: Run) -> Said:
    page = _page(admin, f"/admin/flows/run/{run.pk}/change/")
    role, measure = (_text(page.cssselect(f".field-{name} .readonly")[0]) for name in ("role_name", "measure"))
    return Said(None, role, measure=measure)


def _exported(admin: Client) -> Mapping[str, Said]:
    answer = admin.post("/admin/flows/run/export/", {"format": _CSV, "resource": "0"})
    rows = csv.DictReader(StringIO(answer.content.decode(), newline=""))
    return {row["number"]: Said(None, row["role"], row["calls"]) for row in rows}
