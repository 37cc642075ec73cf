"""The page in between, the history, the cards' facts, the metadata, the admin."""

import re
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from providers.models import SignIn
from providers.registry import PROVIDERS, provider_of_backend
from providers.services import provider_status
from tests.providers.browser import Browser

ALL = ["google", "facebook", "amazon", "apple", "x", "user-pool", "oidc", "saml"]


@pytest.mark.parametrize("provider", ALL)
def test_the_page_in_between_explains_every_parameter(ana: Browser, stand_ins: str, provider: str) -> None:
    response = ana.get(ana.begin(provider))
    shown = response.context["parameters"]
    assert shown
    assert [parameter.name for parameter in shown if not parameter.meaning or not parameter.doc] == []
    page = response.content.decode()
    assert 'rel="noreferrer"' in page
    assert "<script>" not in page
    assert "no-store" in response["Cache-Control"]


def test_the_saml_request_is_shown_decoded(ana: Browser, stand_ins: str) -> None:
    page = ana.get(ana.begin("saml")).content.decode()
    assert "AssertionConsumerServiceURL=&quot;http://127.0.0.1:8000/saml/acs/&quot;" in page
    assert "AuthnRequest" in page


def test_the_post_binding_needs_a_button_and_is_let_through(
    ana: Browser, stand_ins: str, settings: Settings, tmp_path: Path
) -> None:
    """An identity provider that takes requests by POST alone: a form, whose target our policy then names."""
    import requests

    metadata = requests.get(settings.SAML_METADATA_URL).text
    redirect = r'<[\w:]*SingleSignOnService[^>]*HTTP-Redirect"[^>]*/>'
    assert re.search(redirect, metadata)
    settings.SAML_METADATA_FILE = str(tmp_path / "idp.xml")
    Path(settings.SAML_METADATA_FILE).write_text(re.sub(redirect, "", metadata))

    path = ana.begin("saml")
    response = ana.get(path)

    assert 'name="SAMLRequest"' in response.content.decode()
    assert f"form-action 'self' https: {stand_ins}" in response["Content-Security-Policy"]
    context = response.context
    page = requests.post(context["url"], data=context["fields"])
    assert page.status_code == 200


@pytest.mark.parametrize("binding", ["HTTP-POST", "HTTP-Redirect"])
@pytest.mark.parametrize(
    "location",
    [
        "https://idp.example; script-src *",
        "https://idp.example;script-src/sso",
        "https://idp.example,https://else.example",
        "https://*/sso",
        "https://somebody@idp.example/sso",
        "javascript:alert(1)",
        "//idp.example/sso",
    ],
)
def test_a_place_for_requests_that_is_no_address_of_the_web(
    ana: Browser, stand_ins: str, settings: Settings, tmp_path: Path, location: str, binding: str
) -> None:
    """It would stand in our policy for forms, or in a link of ours."""
    import requests

    metadata = requests.get(settings.SAML_METADATA_URL).text
    other = "HTTP-Redirect" if binding == "HTTP-POST" else "HTTP-POST"
    metadata = re.sub(rf'<[\w:]*SingleSignOnService[^>]*{other}"[^>]*/>', "", metadata)
    service = re.search(r"<[\w:]*SingleSignOnService[^>]*/>", metadata)
    assert service
    planted = re.sub(r'Location="[^"]*"', f'Location="{location}"', service[0])
    settings.SAML_METADATA_FILE = str(tmp_path / "idp.xml")
    Path(settings.SAML_METADATA_FILE).write_text(metadata.replace(service[0], planted))

    assert ana.begin("saml") == "/runs/run-0001/signed-in/"
    outcome = ana.outcome()
    assert (outcome.outcome, outcome.error_code) == ("failed", "saml_metadata")
    assert "is not an http or https address" in outcome.error_message


@pytest.mark.parametrize("key", [key for key in PROVIDERS if key != "guest"])
def test_every_provider_says_what_it_needs(settings: Settings, key: str) -> None:
    provider = PROVIDERS[key]
    assert provider_status(provider).is_configured
    for name in {name for needed in provider.settings_needed for name in needed.split("|")}:
        setattr(settings, name, "")
    status = provider_status(provider)
    assert not status.is_configured
    assert status.missing == tuple(needed.replace("|", " or ") for needed in provider.settings_needed)
    assert "{" not in status.logins_key
    if key != "developer":
        assert status.register.startswith("http://127.0.0.1:8000/")
    if provider.backend:
        assert provider_of_backend(provider.backend) is provider


@pytest.mark.slow
def test_the_history_shows_ones_own_sign_ins(ana: Browser, bo: Browser, stand_ins: str) -> None:
    ana.sign_in("google")
    bo.sign_in("amazon", "run-of-bo")
    page = ana.get("/sign-ins/").content.decode()
    assert "Google" in page
    assert "Login with Amazon" not in page.partition("<tbody")[2]
    assert ana.outcome().subject in page
    row = SignIn.objects.get(provider="google")
    assert (row.address, row.issuer) == ("127.0.0.1", "https://accounts.google.com")


def test_the_service_providers_metadata_names_the_acs(ana: Browser, settings: Settings) -> None:
    settings.SAML_METADATA_URL = ""
    settings.SAML_ENTITY_ID = "urn:amazon:cognito:sp:us-east-1:5a4db000-0000-c000-8000-000000000001"
    response = ana.get("/saml/metadata/")
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    text = response.content.decode()
    assert 'Location="http://127.0.0.1:8000/saml/acs/"' in text
    assert f'entityID="{settings.SAML_ENTITY_ID}"' in text


def test_the_admin_reads_sign_ins_and_changes_nothing(ana: Browser, stand_ins: str, admin_client: Any) -> None:
    ana.sign_in("google")
    row = SignIn.objects.get()
    listing = admin_client.get("/admin/providers/signin/", SERVER_NAME="127.0.0.1").content.decode()
    assert row.subject in listing
    assert '<td class="field-provider_name">Google</td>' in listing
    ended = listing.partition('class="field-ended')[2].partition("</td>")[0]
    assert 'class="pill is-ok"' in ended
    assert "Succeeded" in ended
    assert admin_client.get(f"/admin/providers/signin/{row.pk}/change/", SERVER_NAME="127.0.0.1").status_code == 200
    assert admin_client.get("/admin/providers/signin/add/", SERVER_NAME="127.0.0.1").status_code == 403


@pytest.mark.parametrize("path", ["/sign-in/complete/nobody/", "/sign-in/complete/saml/", "/sign-ins/unknown/"])
def test_what_is_not_there_is_404(ana: Browser, path: str) -> None:
    assert ana.get(path).status_code == 404


@pytest.mark.parametrize("key", [key for key in PROVIDERS if key != "guest"])
def test_every_provider_has_a_page_that_names_its_settings_and_its_address(settings: Settings, key: str) -> None:
    provider = PROVIDERS[key]
    page = (Path(settings.BASE_DIR) / "docs" / "providers" / f"{provider.docs}.md").read_text()
    for name in {name for needed in provider.settings_needed for name in needed.split("|")}:
        assert f"`{name}`" in page
    registered = provider_status(provider).register.removeprefix("http://127.0.0.1:8000")
    assert not registered or f"`PUBLIC_URL{registered}`" in page
    assert "## Common errors" in page
