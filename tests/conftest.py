"""What tests of every area share: one sandbox for the session, and people without an account."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.apps import AppConfig, apps
from django.core.cache import cache
from django.db import connections
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from pytest_django import Settings

from accounts.owners import Owner
from benchmarks.servers import free_port
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.chance import settle_hypothesis
from tests.matrices import mark_the_rest_of_large_matrices

if TYPE_CHECKING:
    from flows.models import Run  # a model can only be imported once Django is set up

ROOT = Path(__file__).parents[1]
_PATIENCE_MS = 30_000  # as Playwright has it for clicks

settle_hypothesis()

# Playwright keeps an event loop in this thread, and Django would refuse database access to other tests in the process.
# There can be one Playwright in a thread: pytest-playwright's, whose fixtures all tests with a browser use.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# A shell has what it starts in the background ignore Ctrl-C, and so would every process that a test starts and ends so.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # before `-m "not slow"` is looked at
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` takes a sample of every large matrix."""
    mark_the_rest_of_large_matrices(items)


@receiver(post_migrate)
def keep_groups_of_migrations(app_config: AppConfig, using: str, **_: object) -> None:
    """A test with transactions of its own empties all tables behind it: what migrations put there comes back."""
    if app_config.label == "training":  # the last of the two, so that both kinds of permissions are there
        editor = SimpleNamespace(connection=connections[using])
        for migration in ("flows.migrations.0008_reviewers", "training.migrations.0004_trainers"):
            import_module(migration).make_group(apps, editor)


@pytest.fixture(autouse=True)
def left_to_no_other_test() -> Iterator[None]:
    """What the cache remembers, under numbers of rows that come again, and work beside requests end with their test."""
    yield
    cache.clear()
    beside, following = (sys.modules.get(f"training.services.{name}") for name in ("beside", "following"))
    if following is not None and following._executor.cache_info().currsize:
        following._executor().submit(int).result(timeout=60)
    end = time.monotonic() + 60
    while beside is not None and beside._under_way and time.monotonic() < end:
        time.sleep(0.01)
    # PostgreSQL does not remove a database that a thread is still connected to.
    for thread in threading.enumerate():
        if thread.name == "accounts":  # of training.services.sandbox_accounts
            thread.join(max(0.0, end - time.monotonic()))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, so that no browser has to be downloaded; its tests are as patient as a busy machine takes.

    What an `expect` waits for comes at once on a quiet one: only where it does not come is any time lost.
    """
    from playwright.sync_api import expect

    expect.set_options(timeout=_PATIENCE_MS)
    found = subprocess.run(["scripts/chromium", "find"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    path = found.stdout.strip()
    return {**browser_type_launch_args, **({"executable_path": path} if path else {})}


@pytest.fixture(scope="session")
def web_port() -> int:
    """A free port for the web application. The stand-ins know it beforehand, as a provider knows a redirect URI."""
    return free_port()


@pytest.fixture(scope="session")
def served_sandbox(tmp_path_factory: pytest.TempPathFactory, web_port: int) -> Iterator[RunningSandbox]:
    """One sandbox on a free port, with its own data file, for the whole session."""
    config = SandboxConfig(
        data_file=tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3",
        port=0,
        app_url=f"http://127.0.0.1:{web_port}",
    )
    with running_sandbox(config, log_requests=True) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served_sandbox: RunningSandbox, settings: Settings) -> RunningSandbox:
    """The session's sandbox with the application pointed at it; `requests` begins empty."""
    settings.APP_MODE = "sandbox"
    settings.AWS_ENDPOINT = settings.SANDBOX_PUBLIC_URL = settings.SANDBOX_CLI_URL = served_sandbox.url
    served_sandbox.requests.clear()
    return served_sandbox


@pytest.fixture
def visitor() -> Owner:
    """A browser in which nobody is signed in."""
    return Owner(user_id=None, visitor=uuid4())


@pytest.fixture
def open_run(sandbox: RunningSandbox, visitor: Owner, db: None) -> Callable[..., Run]:
    """Opens a guest run in the sandbox: `open_run("basic", pool="no-classic", owner=..., RoleSessionName="x")`."""
    from flows.exchange.pools import pool_for
    from flows.services import run_open

    def make(flow: str = "enhanced", *, pool: str = "", owner: Owner = visitor, **parameters: str) -> Run:
        return run_open(
            owner=owner,
            access="guest",
            flow=flow,
            provider="guest",
            pool=pool_for(owner, pool),
            parameters=parameters,
        )

    return make


@pytest.fixture
def one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that count up to a limit: no minute ends in between."""
    monkeypatch.setattr("web.ratelimit.WINDOW_SECONDS", 10**9)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment for a process of its own: no settings of this machine, no .env, its own data directory."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
    return kept | {
        "ENV_FILE": str(tmp_path / "none.env"),
        "DATA_DIR": str(tmp_path / "data"),
        "AWS_CONFIG_FILE": str(tmp_path / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
