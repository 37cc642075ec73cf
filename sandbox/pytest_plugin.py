"""Fixtures for projects that test against the sandbox; pytest finds them where the package is installed.

def test_a_guest_has_an_identity(identity_pools_sandbox):
    pools = identity_pools_sandbox.anonymous("cognito-identity")
    assert pools.get_id(IdentityPoolId="us-east-1:5a4db000-0000-c000-8000-000000000001")["IdentityId"]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

# pytest loads this file in every run of a project that has the package: the sandbox, and moto with it, only comes where
# a test asks for it.
if TYPE_CHECKING:
    from sandbox.config import SandboxConfig
    from sandbox.testing import RunningSandbox


@pytest.fixture(scope="session")
def identity_pools_sandbox_config(tmp_path_factory: pytest.TempPathFactory) -> SandboxConfig:
    """How the sandbox is started: seeded, on a free port. A project's conftest.py may define it otherwise."""
    from sandbox.config import SandboxConfig

    return SandboxConfig(data_file=tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3", port=0)


@pytest.fixture(scope="session")
def identity_pools_sandbox(identity_pools_sandbox_config: SandboxConfig) -> Iterator[RunningSandbox]:
    """A sandbox that serves until the last test of the run has ended: `url`, `client`, `anonymous`, `logins`, ..."""
    from sandbox.testing import running_sandbox

    with running_sandbox(identity_pools_sandbox_config) as sandbox:
        yield sandbox
