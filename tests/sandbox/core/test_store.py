"""The sandbox's file as the system sees it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from sandbox.core.store import make_private


def test_a_file_for_sqlite_is_made_for_its_owner_alone_and_one_that_is_open_keeps_its_locks(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.sqlite3"
    make_private(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE identity_pool (pool_id TEXT)")
        connection.execute("BEGIN IMMEDIATE")
        make_private(path)
        taken = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
        second = subprocess.run(
            [sys.executable, "-c", taken, str(path)], stderr=subprocess.PIPE, text=True, check=False
        )
        assert "database is locked" in second.stderr
