"""A site with PostgreSQL, where that is installed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.site import Postgres, Site, has_postgres, running


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """Another user's server, who has to get to its directory."""
    if not has_postgres():
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        made = Postgres(Path(directory) / "postgres")
        yield made
        made.end()


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """With PostgreSQL where there is one, else with SQLite."""
    settings = {"DATABASE_URL": request.getfixturevalue("postgres").url} if has_postgres() else {}
    with running(tmp_path / "site", **settings) as made:
        yield made
