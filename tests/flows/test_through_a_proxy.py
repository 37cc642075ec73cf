"""In a company: AWS and providers are reached by a proxy only, and show a certificate of the company's own authority.

Names are looked up by the proxy only: whoever did not go by it would find nobody.
"""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings
from requests.exceptions import ConnectionError

from accounts.owners import Owner
from flows.models import Outcome
from providers.saml.config import forget_metadata, metadata
from providers.sign_in import backchannel
from providers.sign_in.models import SignIn
from providers.sign_in.registration import registration_for
from tests.flows.aws_wire import HOSTS, Answer, AwsWire
from tests.flows.test_aws_mode import guest_run
from tests.forgotten import forget_clients, forget_keys
from tests.sandbox.saml_idp import SamlIdp
from tests.tunnels import Proxy, proxy_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def proxy(aws_settings: AwsWire) -> Iterator[Proxy]:
    with proxy_to(lambda authority: aws_settings.port) as made:
        yield made


@pytest.fixture
def company(proxy: Proxy, aws_settings: AwsWire, monkeypatch: pytest.MonkeyPatch) -> Proxy:
    """The environment that docs/aws-setup.md tells to set."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://lab:secret@127.0.0.1:{proxy.port}")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(aws_settings.authority))
    for name in ("AWS_CA_BUNDLE", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    forget_clients()
    forget_keys()
    return proxy


def test_a_run_and_the_keys_that_its_token_is_verified_with_go_through_it(company: Proxy, visitor: Owner) -> None:
    run = guest_run(visitor, "basic")
    assert (run.outcome, run.error_message) == (Outcome.SUCCEEDED, "")
    assert run.calls.get(operation="GetOpenIdToken").tokens[0]["verified"]
    assert set(company.tunnels) == {
        "cognito-identity.us-east-1.amazonaws.com:443",
        "cognito-identity.amazonaws.com:443",
        "sts.us-east-1.amazonaws.com:443",
    }
    assert company.credentials == {"Basic bGFiOnNlY3JldA=="}


def test_what_our_server_asks_providers_goes_through_it(company: Proxy) -> None:
    assert backchannel.ask("GET", f"https://{HOSTS[0]}/catalogue.pdf").status_code == 200
    assert company.tunnels == [f"{HOSTS[0]}:443"]


def test_the_company_s_own_sign_in_goes_through_it(company: Proxy, settings: Settings, client: Client) -> None:
    """As far as its discovery document, in place of which the far end has something else: so TLS was opened."""
    settings.COMPANY_ISSUER = f"https://{HOSTS[0]}/realms/staff"
    settings.COMPANY_CLIENT_ID, settings.COMPANY_CLIENT_SECRET = "the-site", "of-the-company"
    client.get("/accounts/company/")
    assert company.tunnels == [f"{HOSTS[0]}:443"]
    assert SignIn.objects.get().error_code == "malformed_response"


def test_the_metadata_of_a_saml_provider_goes_through_it(
    company: Proxy, aws_settings: AwsWire, settings: Settings
) -> None:
    idp = SamlIdp()
    aws_settings.answers["GET"] = lambda _: Answer(200, idp.metadata.encode(), {"Content-Type": "text/xml"})
    settings.SAML_METADATA_URL, settings.SAML_METADATA_FILE = f"https://{HOSTS[0]}/saml/metadata", ""
    settings.PROVIDER_ENDPOINTS = {}  # on AWS there are no stand-ins
    forget_metadata()
    assert metadata(registration_for()) == idp.metadata
    assert company.tunnels == [f"{HOSTS[0]}:443"]
    forget_metadata()


def test_names_that_are_excepted_do_not(company: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", ".invalid")
    with pytest.raises(ConnectionError):
        backchannel.ask("GET", "https://idp.invalid/")
    assert company.tunnels == []


def test_a_certificate_of_another_authority_is_refused(company: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(ConnectionError):
        backchannel.ask("GET", f"https://{HOSTS[0]}/")
