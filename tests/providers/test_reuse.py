"""A fresh artifact serves another run; one that is spent, expired or somebody else's does not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from providers.services import fresh_artifacts
from tests.providers.browser import Browser
from vault.models import SealedValue


@pytest.mark.parametrize("provider", ["google", "facebook", "x"])
def test_a_fresh_artifact_is_offered_to_another_run(ana: Browser, stand_ins: str, provider: str) -> None:
    ana.sign_in(provider)
    (fresh,) = fresh_artifacts(owner=ana.owner)
    assert (fresh.run_code, fresh.provider) == ("run-0001", provider)


def test_a_saml_response_does_not(ana: Browser, stand_ins: str) -> None:
    ana.sign_in("saml")
    assert fresh_artifacts(owner=ana.owner) == ()


def test_an_expired_artifact_does_not(ana: Browser, stand_ins: str) -> None:
    ana.sign_in("google")
    SealedValue.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert fresh_artifacts(owner=ana.owner) == ()


def test_somebody_elses_does_not(ana: Browser, bo: Browser, stand_ins: str) -> None:
    ana.sign_in("google")
    assert fresh_artifacts(owner=bo.owner) == ()


def test_the_vault_keeps_a_token_no_longer_than_it_is_valid(ana: Browser, stand_ins: str) -> None:
    ana.sign_in("google", misbehave="short_lived")
    kept = SealedValue.objects.get(purpose="artifact")
    assert kept.expires_at <= timezone.now() + timedelta(seconds=10)


@pytest.mark.parametrize("provider", ["apple", "facebook"])
def test_what_lives_longer_is_said_to_be_good_as_long_as_the_vault_keeps_it(
    ana: Browser, stand_ins: str, provider: str
) -> None:
    """An ID token of Apple's lives for a day, and no secret rests for more than an hour."""
    ana.sign_in(provider)
    (kept,) = fresh_artifacts(owner=ana.owner)
    assert kept.expires_at == SealedValue.objects.get(purpose="artifact").expires_at
    assert kept.expires_at <= timezone.now() + timedelta(hours=1)


def test_signing_in_to_an_account_adopts_sign_ins_and_artifacts(ana: Browser, stand_ins: str) -> None:
    from accounts.models import User

    ana.sign_in("google")
    under_way = ana.at_provider(ana.begin("amazon", "run-0002"))
    User.objects.create_user("ana", password="known-to-ana-alone")
    ana.client.post("/accounts/sign-in/", {"username": "ana", "password": "known-to-ana-alone"})
    assert ana.owner.user_id is not None
    assert ana.artifact() is not None
    ana.arrive(under_way)
    assert ana.outcome("run-0002").outcome == "succeeded"
