"""What every test starts from."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _public_url(request: pytest.FixtureRequest, settings: Settings) -> None:
    """Requests for other host names are redirected to PUBLIC_URL, so it is the name that the test's client uses."""
    live = "live_server" in request.fixturenames
    settings.PUBLIC_URL = request.getfixturevalue("live_server").url if live else "http://testserver"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """The real hash is slow on purpose; no test is about it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _static_files_when_asked_for(settings: Settings) -> None:
    """Every test client is an application of its own, and would look through all static files before it begins."""
    settings.WHITENOISE_AUTOREFRESH = True
