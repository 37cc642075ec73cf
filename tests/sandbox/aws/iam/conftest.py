from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """A sandbox without sample content."""
    file = tmp_path_factory.mktemp("iam") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=file, port=0, seed=False)) as running:
        yield running


@pytest.fixture(scope="module")
def iam(sandbox: RunningSandbox) -> Any:
    return sandbox.client("iam")
