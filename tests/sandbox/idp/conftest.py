"""The stand-ins inside a running sandbox, met over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox
from tests.sandbox.idp.driver import Sign, StandIns, issuers

APP_URL = "http://127.0.0.1:8000"


@contextmanager
def serving(data_file: Path, app_url: str = APP_URL) -> Iterator[StandIns]:
    """A sandbox on a free port with its state in `data_file`, for as long as the block lasts."""
    config = SandboxConfig(data_file=data_file, port=0, app_url=app_url, seed=False)
    with running_sandbox(config) as sandbox:
        yield StandIns(sandbox.url, app_url)


@pytest.fixture(scope="session")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIns]:
    with serving(tmp_path_factory.mktemp("idp") / "sandbox.sqlite3") as running:
        yield running


@pytest.fixture(params=["google", "apple", "userpool", "oidc"])
def openid(request: pytest.FixtureRequest, stand_ins: StandIns) -> Sign:
    """A sign-in under way at each of the OpenID providers."""
    return Sign(stand_ins, issuers(stand_ins)[request.param])


@pytest.fixture(params=["google", "apple", "oidc"])
def strict_openid(request: pytest.FixtureRequest, stand_ins: StandIns) -> Sign:
    """Those whose refusals are RFC 6749's to the letter; a user pool's are Cognito's (managed_login/test_tokens.py)."""
    return Sign(stand_ins, issuers(stand_ins)[request.param])


@pytest.fixture
def generic(stand_ins: StandIns) -> Sign:
    return Sign(stand_ins, issuers(stand_ins)["oidc"])


@pytest.fixture
def pool(stand_ins: StandIns) -> Sign:
    return Sign(stand_ins, issuers(stand_ins)["userpool"])
