"""Gaps in the providers' settings are system checks, and sandbox mode has none."""

from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from providers.registry import PROVIDERS
from providers.sign_in.registration import registration_for
from sandbox.core import facts
from tests import ROOT


def ids() -> list[str]:
    found: list[Any] = run_checks(tags=["lab"])
    return [message.id for message in found if message.id in ("lab.W030", "lab.E031")]


def test_the_sandbox_lacks_nothing() -> None:
    assert ids() == []
    assert [provider.key for provider in PROVIDERS.values() if not provider.is_configured(registration_for())] == []


def test_a_provider_that_is_set_up_in_part_is_a_warning(settings: Settings) -> None:
    settings.GOOGLE_CLIENT_SECRET = ""
    assert ids() == ["lab.W030"]
    settings.GOOGLE_CLIENT_ID = ""
    assert ids() == []


def test_real_providers_are_met_by_https(settings: Settings) -> None:
    settings.APP_MODE = "aws"
    settings.OIDC_ISSUER, settings.SAML_METADATA_URL = "https://id.example.com", "https://id.example.com/metadata"
    assert ids() == []
    settings.OIDC_ISSUER = "http://id.example.com"
    assert ids() == ["lab.E031"]


def test_a_value_of_an_example_is_a_warning_that_shows_no_value(settings: Settings) -> None:
    settings.GOOGLE_CLIENT_SECRET = "GOCSPX-AbCdEfGhIjKlMnOpQrStUvWxYzEXAMPLE"

    def told() -> list[str]:
        return [found.msg for found in run_checks(tags=["lab"]) if found.id == "lab.W032"]

    assert told() == []  # in the sandbox, where names under example.com are the stand-ins' own
    settings.APP_MODE = "aws"
    assert "Google: GOOGLE_CLIENT_SECRET has the value of an example." in told()
    assert "GOCSPX" not in "".join(told())


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("google", "accounts.google.com"),
        ("facebook", "graph.facebook.com"),
        ("amazon", "www.amazon.com"),
        ("apple", "appleid.apple.com"),
        ("x", "api.twitter.com"),
        ("user-pool", "cognito-idp.us-east-1.amazonaws.com/us-east-1_LabPool01"),
        ("oidc", "127.0.0.1:4566/idp/oidc"),
        ("saml", f"arn:aws:iam::000000000000:saml-provider/{facts.SAML_PROVIDER_NAME}"),
        ("developer", "login.identitypoolslab"),
    ],
)
def test_the_key_in_the_logins_map(settings: Settings, key: str, name: str) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:4566/idp/oidc"
    assert PROVIDERS[key].provider_name(registration_for()) == name


def test_only_settings_know_the_sandbox() -> None:
    """The endpoint map is the one thing that makes a stand-in of a provider."""
    root = ROOT
    found = [path.name for path in (root / "providers").rglob("*.py") if "127.0.0.1" in path.read_text()]
    assert found == []
