"""The application and the session's sandbox, which plays AWS and all identity providers."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytest_django import Settings

from sandbox.idp.stand_ins import application_settings, endpoint_map
from sandbox.testing import RunningSandbox
from tests.flows.authenticated.person import Person


@pytest.fixture(autouse=True)
def _stand_ins(sandbox: RunningSandbox, web_port: int, settings: Settings) -> None:
    """As sandbox mode configures them, at the address where the sandbox is served now."""
    from social_core.backends.open_id_connect import OpenIdConnectAuth

    settings.PUBLIC_URL = f"http://127.0.0.1:{web_port}"
    lab = sandbox.config.lab()
    settings.PROVIDER_ENDPOINTS = endpoint_map(lab)
    for name, value in application_settings(replace(lab, app_url=settings.PUBLIC_URL)).items():
        setattr(settings, name, value)
    OpenIdConnectAuth.get_openid_configuration.invalidate()
    OpenIdConnectAuth.get_jwks_keys_for_uri.invalidate()


@pytest.fixture
def ana(web_port: int, db: None) -> Person:
    return Person(web_port)


@pytest.fixture
def new_person(web_port: int, db: None) -> Callable[[], Person]:
    return lambda: Person(web_port)
