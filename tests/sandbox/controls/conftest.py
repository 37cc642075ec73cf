"""A seeded sandbox with two accounts that were made."""

from collections.abc import Iterator

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.controls.people import Team, team


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    data_file = tmp_path_factory.mktemp("accounts") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=data_file, port=0)) as sandbox:
        yield sandbox


@pytest.fixture(scope="package")
def attacker(shared: RunningSandbox) -> Team:
    return team(shared, "attacker")


@pytest.fixture(scope="package")
def victim(shared: RunningSandbox) -> Iterator[Team]:
    """An account that is, after all that was tried, as it was before."""
    made = team(shared, "victim")
    before = made.snapshot()
    yield made
    assert made.snapshot() == before
