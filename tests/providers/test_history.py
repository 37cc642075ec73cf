"""The history of sign-ins: searched, filtered, and leading to runs."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from flows import services
from flows.models import Run
from providers.sign_in.models import SignIn
from tests.flows.history.conftest import OTHER_VISITOR, VISITOR, browser, run_row


def sign_in(**fields: object) -> SignIn:
    defaults = {"visitor": VISITOR, "provider": "google", "outcome": "succeeded", "subject": "4711"}
    return SignIn.objects.create(**{**defaults, "expires_at": timezone.now() + timedelta(minutes=5), **fields})


def here() -> Client:
    client = browser()
    client.defaults["HTTP_HOST"] = "127.0.0.1:8000"  # where this package's tests are served
    return client


def listed(**query: str) -> set[str]:
    page = here().get("/sign-ins/", query).content.decode()
    return set(re.findall(r'href="(/sign-ins/[^"/]+/)"', page))


@pytest.mark.parametrize(
    "query",
    [
        {"q": "ana@"},
        {"q": "login.example"},
        {"q": "InvalidNonce"},
        {"q": "203.0.113"},
        {"provider": "saml"},
        {"outcome": "refused"},
        {"outcome": "refused", "provider": "saml", "q": "ana"},
    ],
)
def test_a_sign_in_is_found(db: None, query: dict[str, str]) -> None:
    found = sign_in(
        provider="saml",
        outcome="refused",
        subject="ana@example.org",
        issuer="https://login.example",
        error_code="InvalidNonce",
        address="203.0.113.7",
    )
    sign_in()
    sign_in(visitor=OTHER_VISITOR, provider="saml", outcome="refused", subject="ana@example.org")
    assert listed(**query) == {found.get_absolute_url()}


def test_what_does_not_fit_filters_nothing_and_no_match_leads_back(db: None) -> None:
    found = sign_in()
    assert listed(outcome="splendid") == {found.get_absolute_url()}
    page = here().get("/sign-ins/", {"q": "nobody"}).content.decode()
    assert "No matching sign-ins" in page
    assert 'value="nobody"' in page


def test_it_leads_to_its_run_while_there_is_one(db: None) -> None:
    run: Run = run_row()
    run.save()
    sign_in(run_code=run.code)
    address = f'href="{run.get_absolute_url()}"'
    assert address in here().get("/sign-ins/").content.decode()
    services.run_delete(run=run)
    assert address not in here().get("/sign-ins/").content.decode()


def test_the_next_page_keeps_the_search_and_more_take_no_more_queries(db: None) -> None:
    counts = []
    for _ in range(2):
        for _ in range(30):
            sign_in(provider="saml", subject="a&b")
        with CaptureQueriesContext(connection) as context:
            page = here().get("/sign-ins/", {"q": "a&b"}).content.decode()
        counts.append(len(context))
    assert 'href="?q=a%26b&amp;page=2"' in page
    assert counts[0] == counts[1]


def test_only_so_many_are_listed_and_the_page_says_so(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    made = [sign_in(created_at=now - timedelta(minutes=age), subject=f"person-{age}") for age in range(4)]
    assert listed() == {one.get_absolute_url() for one in made}

    monkeypatch.setattr("providers.views._MOST_LISTED", 3)
    assert listed() == {one.get_absolute_url() for one in made[:3]}
    assert "Only your newest 3 sign-ins" in here().get("/sign-ins/").content.decode()
    shown = here().get("/sign-ins/", {"q": "person-3"}).content.decode()
    assert "None of your newest 3 sign-ins" in shown
