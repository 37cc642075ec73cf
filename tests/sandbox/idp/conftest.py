"""The stand-ins, served in threads from a file of their own."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.config import SandboxConfig
from sandbox.idp.app import idp_application
from tests.sandbox.idp.driver import Sign, StandIns, issuers

APP_URL = "http://127.0.0.1:8000"


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: addresses hold codes."""


@pytest.fixture(scope="session")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIns]:
    with serving(tmp_path_factory.mktemp("idp") / "sandbox.sqlite3") as running:
        yield running


class serving:
    """The stand-ins on a free port, for as long as the block lasts."""

    def __init__(self, data_file: Path) -> None:
        # Bound first, since the stand-ins have to know their own address.
        self._server = make_server("127.0.0.1", 0, _nothing, threaded=True, request_handler=_Quiet)
        self.config = SandboxConfig(
            data_file=data_file, public_url=f"http://127.0.0.1:{self._server.server_port}", app_url=APP_URL
        )
        self._server.app = idp_application(self.config)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> StandIns:
        self._thread.start()
        return StandIns(self.config.public_url, APP_URL)

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _nothing(environ: object, start_response: object) -> list[bytes]:
    raise AssertionError("The stand-ins are not there yet.")


@pytest.fixture(params=["google", "apple", "userpool", "oidc"])
def openid(request: pytest.FixtureRequest, stand_ins: StandIns) -> Sign:
    """A sign-in under way at each of the OpenID providers."""
    return Sign(stand_ins, issuers(stand_ins)[request.param])


@pytest.fixture
def generic(stand_ins: StandIns) -> Sign:
    return Sign(stand_ins, issuers(stand_ins)["oidc"])


@pytest.fixture
def pool(stand_ins: StandIns) -> Sign:
    return Sign(stand_ins, issuers(stand_ins)["userpool"])
