"""What sentences call a provider."""

from pytest_django import Settings

from providers.company.provider import KEY as COMPANY
from providers.registry import PROVIDERS, in_a_sentence


def test_names_stand_alone_and_what_is_none_has_its_article() -> None:
    called = {key: in_a_sentence(key) for key in PROVIDERS if key != "guest"}
    assert called == {
        "google": "Google",
        "facebook": "Facebook",
        "amazon": "Amazon",
        "apple": "Apple",
        "x": "X",
        "oidc": "the OIDC provider",
        "saml": "the SAML provider",
        "user-pool": "the Amazon Cognito user pool",
        "developer": "the developer-authenticated identity",
    }


def test_a_company_is_called_by_its_name_and_what_is_gone_by_its_key(settings: Settings) -> None:
    settings.COMPANY_NAME = "Acme"
    assert in_a_sentence(COMPANY) == "Acme"
    assert in_a_sentence("once-there") == "once-there"
