"""Two browsers, the real providers' far end of the wire, and the stand-ins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from pytest_django import Settings
from werkzeug.serving import make_server

from tests.providers.browser import Browser
from tests.providers.wire import OIDC_ISSUER, POOL, ProviderWire, provider_wire

APP_URL = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _origin(settings: Settings) -> None:
    """The address that is registered at the stand-ins."""
    settings.PUBLIC_URL = APP_URL


@pytest.fixture
def ana(db: None) -> Browser:
    return Browser()


@pytest.fixture
def bo(db: None) -> Browser:
    return Browser()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Discovery documents, keys and metadata are kept for a while, by URL; tests have other keys at the same URL."""
    from social_core.backends.open_id_connect import OpenIdConnectAuth

    from providers.saml.config import forget_metadata

    forget_metadata()
    OpenIdConnectAuth.get_openid_configuration.invalidate()
    OpenIdConnectAuth.get_jwks_keys_for_uri.invalidate()


@pytest.fixture
def apple_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings, apple_key: ec.EllipticCurvePrivateKey
) -> Iterator[ProviderWire]:
    """AWS mode with every provider configured, nothing mapped to a stand-in, and only the socket replaced."""
    settings.APP_MODE = "aws"
    settings.PROVIDER_ENDPOINTS = {}
    settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = "42-app.apps.googleusercontent.com", "GOCSPX-secret"
    settings.FACEBOOK_APP_ID, settings.FACEBOOK_APP_SECRET = "1234567890123456", "facebook-app-secret"
    settings.AMAZON_CLIENT_ID, settings.AMAZON_CLIENT_SECRET = "amzn1.application-oa2-client.42", "amazon-secret"
    settings.APPLE_CLIENT_ID, settings.APPLE_TEAM_ID, settings.APPLE_KEY_ID = "com.shop.web", "TEAM123456", "KEY1234567"
    settings.APPLE_PRIVATE_KEY = apple_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    settings.X_CONSUMER_KEY, settings.X_CONSUMER_SECRET = "consumerKey42", "consumer-secret"
    settings.COGNITO_USER_POOL_ID, settings.COGNITO_DOMAIN = POOL, "shop"
    settings.COGNITO_APP_CLIENT_ID, settings.COGNITO_APP_CLIENT_SECRET = "1example23456789", "user-pool-secret"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET, settings.OIDC_ISSUER = "app", "oidc-secret", OIDC_ISSUER
    with provider_wire(tmp_path, monkeypatch) as wire:
        yield wire


@pytest.fixture(scope="session")
def served_stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The stand-ins on a free port; their origin."""
    from sandbox.core.config import SandboxConfig
    from sandbox.idp.app import idp_application

    holder: list[Flask] = []
    server = make_server("127.0.0.1", 0, lambda environ, start: holder[0](environ, start), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    file = tmp_path_factory.mktemp("stand-ins") / "sandbox.sqlite3"
    holder.append(idp_application(SandboxConfig(data_file=file, public_url=url, app_url=APP_URL)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield url
    server.shutdown()


@pytest.fixture
def stand_ins(served_stand_ins: str, settings: Settings) -> str:
    """The application as sandbox mode configures it, with the stand-ins where they are served now."""
    from sandbox.core.facts import Lab
    from sandbox.idp.stand_ins import application_settings, endpoint_map

    home = settings.SANDBOX_ACCOUNT_ID
    lab = Lab(settings.AWS_REGION, home, served_stand_ins, APP_URL, home)
    settings.APP_MODE = "sandbox"
    settings.PROVIDER_ENDPOINTS = endpoint_map(lab)
    for name, value in application_settings(lab).items():
        setattr(settings, name, value)
    return served_stand_ins
