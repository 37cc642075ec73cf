"""A sign-in at each provider, from the click to the artifact in the vault."""

import sys

import pytest
from django.apps import apps

from providers.registry import PROVIDERS
from tests.providers.browser import Browser

AT_A_PROVIDER = [provider.key for provider in PROVIDERS.values() if provider.kind not in ("guest", "developer")]


@pytest.mark.parametrize("provider", AT_A_PROVIDER)
def test_ends_with_an_artifact_and_a_row(ana: Browser, stand_ins: str, provider: str) -> None:
    response = ana.sign_in(provider)

    assert (response.status_code, response["Location"]) == (302, "/runs/run-0001/signed-in/")
    outcome = ana.outcome()
    assert (outcome.outcome, outcome.error_code) == ("succeeded", "")
    artifact = ana.artifact()
    assert artifact.provider == provider
    assert artifact.subject
    assert outcome.subject == ("a…@acme.example" if provider == "saml" else artifact.subject)
    assert artifact.value
    assert artifact.claims


@pytest.mark.parametrize("provider", AT_A_PROVIDER)
def test_declining_is_written_down_in_the_providers_words(ana: Browser, stand_ins: str, provider: str) -> None:
    response = ana.sign_in(provider, step="deny")

    assert response["Location"] == "/runs/run-0001/signed-in/"
    outcome = ana.outcome()
    assert outcome.outcome == "declined"
    assert outcome.error_code
    assert ana.artifact() is None
    page = ana.get(outcome.page_url)
    assert outcome.error_code in page.content.decode()


def test_social_auths_own_tables_are_not_there() -> None:
    assert [model for model in apps.get_models() if model.__module__.startswith("social_")] == []
    assert "social_django.models" not in sys.modules
