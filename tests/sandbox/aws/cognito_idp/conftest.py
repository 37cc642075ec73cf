from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.aws.cognito_idp.pools import Pool
from tests.sandbox.aws.gate.people import Person, hire
from tests.sandbox.lab import Lab


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """A seeded sandbox."""
    file = tmp_path_factory.mktemp("user-pools") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=file, port=0)) as running:
        yield running


@pytest.fixture(scope="session")
def admin(sandbox: RunningSandbox) -> Person:
    return Person(sandbox, {})


@pytest.fixture
def hired(sandbox: RunningSandbox) -> Callable[..., Person]:
    """Make a person with exactly these statements as rights, as a role session."""

    def make(*statements: dict[str, Any]) -> Person:
        return hire(sandbox, list(statements), {})

    return make


@pytest.fixture
def pool(lab: Lab) -> Pool:
    """A user pool of the test's own account, with a client that has every flow, and `ana`."""
    made = Pool(lab)
    made.add("ana", email="ana@acme.example", email_verified="true")
    return made
