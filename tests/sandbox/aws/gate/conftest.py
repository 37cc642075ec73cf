from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.aws.gate.people import Person, hire


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """A seeded sandbox."""
    file = tmp_path_factory.mktemp("gate") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=file, port=0)) as running:
        yield running


@pytest.fixture(scope="session")
def admin(sandbox: RunningSandbox) -> Person:
    return Person(sandbox, {})


@pytest.fixture(scope="session")
def guest(sandbox: RunningSandbox) -> Person:
    """A guest of the Lab pool by the enhanced flow."""
    identity = sandbox.anonymous("cognito-identity")
    identity_id = identity.get_id(IdentityPoolId="us-east-1:5a4db000-0000-c000-8000-000000000001")["IdentityId"]
    credentials = identity.get_credentials_for_identity(IdentityId=identity_id)["Credentials"]
    keys = {
        "access_key": credentials["AccessKeyId"],
        "secret_key": credentials["SecretKey"],
        "token": credentials["SessionToken"],
    }
    return Person(sandbox, keys, identity_id)


@pytest.fixture
def hired(sandbox: RunningSandbox) -> Callable[..., Person]:
    """Make a person with exactly these statements as rights, as a role session."""

    def make(*statements: dict[str, Any], tags: dict[str, str] | None = None) -> Person:
        return hire(sandbox, list(statements), tags or {})

    return make
