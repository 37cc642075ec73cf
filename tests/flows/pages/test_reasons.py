"""Why a run went as it did: what failed first, the rest by what it was about."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from flows.models import ApiCall, Run
from flows.pages.run.calls import call_views
from flows.pages.run.reasons import reasons
from flows.services import run_all
from vault.models import SealedValue

OpenRun = Callable[..., Run]


def decision(code: str, verdict: str = "pass", check: str = "a check") -> dict[str, str]:
    given = {"code": code, "check": check, "expected": "a", "actual": "b", "verdict": verdict, "doc": ""}
    return {**given, "source": "sandbox"}


def test_checks_are_grouped_over_all_calls_and_counted() -> None:
    calls = [
        ApiCall(position=1, kind="exchange", state="answered", signed=False,
                decisions=[decision("pool.exists"), decision("login.issuer"), decision("identity.created", "info")]),
        ApiCall(position=2, kind="exchange", state="answered", error_code="AccessDenied", signed=False,
                decisions=[decision("login.issuer"), decision("trust.aud", "deny"),
                           decision("", check="Trust policy")]),
    ]  # fmt: skip
    found = reasons(call_views(calls))
    assert [(group.about.title, group.counts, group.is_denied) for group in found.groups] == [
        ("Token", "2 passed", False),
        ("Identity", "1 noted", False),
        ("Flow", "1 passed", False),
        ("Role and trust", "1 passed, 1 denied", True),
    ]
    assert [(one.decision.code, one.anchor) for one in found.denied] == [("trust.aud", "why-call-2")]
    anchors = [one.anchor for group in found.groups for one in group.shown if one.anchor]
    assert anchors == ["why-call-1"], "a link from a call leads to one place"


def test_what_failed_is_told_once_with_expected_above_found(client: Client, open_run: OpenRun) -> None:
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    run = run_all(run=open_run("basic", pool="no-classic", owner=owner))
    page = client.get(f"/runs/{run.code}/why/").content.decode()
    assert page.count("AllowClassicFlow is not false") == 1
    assert page.index("AllowClassicFlow is not false") < page.index('class="why-groups"')
    assert page.count("its basic (classic) flow is switched off") == 1
    assert "<details open" not in page


@pytest.mark.parametrize("pool", ["lab", "no-classic"])
def test_each_call_leads_to_its_reasons(client: Client, open_run: OpenRun, pool: str) -> None:
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    run = run_all(run=open_run("basic", pool=pool, owner=owner))
    why = client.get(f"/runs/{run.code}/why/").content.decode()
    calls = client.get(f"/runs/{run.code}/calls/").content.decode()
    for call in run.calls.all():
        assert f"/why/#why-call-{call.position}" in calls
        assert why.count(f'id="why-call-{call.position}"') == 1


def test_a_refusal_without_checks_is_told_by_its_message(client: Client, open_run: OpenRun) -> None:
    """As of a run that was recorded before the sandbox said why, or of a call that a fault answered."""
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    run = run_all(run=open_run("basic", pool="no-classic", owner=owner))
    run.calls.update(decisions=[])
    page = client.get(f"/runs/{run.code}/why/").content.decode()
    assert "Basic (classic) flow is not enabled" in page
    assert page.count("its basic (classic) flow is switched off") == 1
    assert page.count("To do") == 1
    assert "What to do" not in page, "said once"
    assert "The list came with the answers" not in page


def test_secrets_that_go_before_the_session_ends_are_not_said_to_have_expired(
    client: Client, open_run: OpenRun
) -> None:
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    run = run_all(run=open_run(owner=owner))
    SealedValue.objects.owned_by(owner).update(expires_at=timezone.now())
    for view in ("", "credentials/"):
        page = client.get(f"/runs/{run.code}/{view}").content.decode()
        assert "they are kept for one hour at most" in page
    Run.objects.filter(pk=run.pk).update(credentials_expire_at=timezone.now())
    assert "deleted when they expired" in client.get(f"/runs/{run.code}/credentials/").content.decode()
