"""The whole product for a browser: the session's sandbox, the web application in a process of its own, Chromium.

Both serve the whole session. Tests do not disturb each other, because every browser context is a visitor of its own.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from sandbox.testing import RunningSandbox
from tests import ROOT
from tests.journeys.everybody import EARLIER, STAFF, Everybody, everybody_on
from tests.journeys.visitor import Visitor

_START_SECONDS = 120  # with other tests at work; one that does not start fails all of a worker


@pytest.fixture(scope="session")
def web_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the web application keeps its data."""
    return tmp_path_factory.mktemp("web")


@pytest.fixture(scope="session")
def base_url(served_sandbox: RunningSandbox, web_port: int, web_directory: Path) -> Iterator[str]:
    """The web application's origin. pytest-playwright gives it to every page, so tests go to paths."""
    with web_application(served_sandbox, web_port, web_directory, {}) as url:
        yield url


@pytest.fixture(scope="session")
def everybody(base_url: str, web_directory: Path, browser: Browser, served_sandbox: RunningSandbox) -> Everybody:
    """All pages and states of the site, once everybody was there."""
    environment = os.environ | {
        "DATA_DIR": str(web_directory),
        "ENV_FILE": str(web_directory / "no.env"),
        "DATABASE_URL": f"sqlite:///{web_directory / 'app.sqlite3'}",
    }

    def in_a_shell(commands: str) -> None:
        command = [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", commands]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)

    in_a_shell(STAFF)
    everybody = everybody_on(base_url, browser, served_sandbox)
    in_a_shell(EARLIER)
    return everybody


@contextmanager
def web_application(sandbox: RunningSandbox, port: int, directory: Path, more: Mapping[str, str]) -> Iterator[str]:
    """The web application in a process of its own, beside a sandbox; its origin.

    Args:
        more: of the process's environment.
    """
    url = f"http://127.0.0.1:{port}"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COGNITO_", "SANDBOX_"))
    } | {
        "DATA_DIR": str(directory),
        "ENV_FILE": str(directory / "no.env"),
        "SANDBOX_PORT": str(sandbox.config.port),
        "PUBLIC_URL": url,
        "WEB_PORT": str(port),
        "DATABASE_URL": f"sqlite:///{directory / 'app.sqlite3'}",
        "RUNS_PER_MINUTE": "1000",
        **more,
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate", "--verbosity=0"], env=environment, cwd=ROOT, check=True)
    with (
        (directory / "web.log").open("wb") as log,
        subprocess.Popen([*manage, "serve"], env=environment, cwd=ROOT, stderr=log) as web,
    ):
        try:
            _await_answer(url, web)
            yield url
        finally:
            web.terminate()


@pytest.fixture
def guest(page: Page) -> Visitor:
    """Somebody with a fresh browser. What their page logs as an error fails the test."""
    return Visitor(page)


@pytest.fixture
def new_context(browser: Browser, base_url: str) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browsers of other people, or browsers with other settings."""
    contexts: list[BrowserContext] = []

    def make(**settings: Any) -> BrowserContext:
        contexts.append(browser.new_context(**{"base_url": base_url, **settings}))
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


def _await_answer(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{url}/static/img/favicon.svg", timeout=1):
                return
        except (URLError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError("The web application did not start.")
