"""The application and the session's sandbox, which plays AWS and all identity providers."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from sandbox.core import facts
from sandbox.core.provider_hosts import endpoint_map
from sandbox.testing import RunningSandbox
from tests.flows.authenticated.person import Person


@pytest.fixture(autouse=True)
def _stand_ins(sandbox: RunningSandbox, web_port: int, settings: Settings) -> None:
    """As sandbox mode configures them, at the address where the sandbox is served now."""
    from social_core.backends.open_id_connect import OpenIdConnectAuth

    settings.PUBLIC_URL = f"http://127.0.0.1:{web_port}"
    settings.PROVIDER_ENDPOINTS = endpoint_map(sandbox.url, settings.AWS_REGION)
    settings.OIDC_ISSUER = facts.oidc_issuer(sandbox.url)
    settings.SAML_METADATA_URL = facts.saml_entity_id(sandbox.url)
    settings.SAML_ENTITY_ID = facts.service_provider(settings.PUBLIC_URL).entity_id
    OpenIdConnectAuth.get_openid_configuration.invalidate()
    OpenIdConnectAuth.get_jwks_keys_for_uri.invalidate()


@pytest.fixture
def ana(web_port: int, db: None) -> Person:
    return Person(web_port)


@pytest.fixture
def new_person(web_port: int, db: None) -> Callable[[], Person]:
    return lambda: Person(web_port)
