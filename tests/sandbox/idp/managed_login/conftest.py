"""A running sandbox, and user pools with a domain that were made in it through the API."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.idp.managed_login.driver import LoginPool, make_pool

MakePool = Callable[..., LoginPool]


@pytest.fixture(scope="session")
def login_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    data_file = tmp_path_factory.mktemp("managed_login") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=data_file, port=0, seed=False)) as running:
        yield running


@pytest.fixture
def new_pool(login_sandbox: RunningSandbox) -> MakePool:
    def made(**members: Any) -> LoginPool:
        return make_pool(login_sandbox, **members)

    return made


@pytest.fixture(scope="session")
def shop(login_sandbox: RunningSandbox) -> LoginPool:
    """A pool that people sign up to with an e-mail address, with a confirmed user `mara`. Tests leave it as it is."""
    pool = make_pool(login_sandbox)
    pool.add_user("mara", email="mara@example.com")
    return pool


@pytest.fixture(scope="session")
def other_shop(login_sandbox: RunningSandbox) -> LoginPool:
    """A pool of another account, with a user of the same name and password."""
    pool = make_pool(login_sandbox, account="222233334444")
    pool.add_user("mara", email="mara@example.com")
    return pool
