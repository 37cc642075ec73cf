"""A disk that is full in the middle of a class, and has room again."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.people import Class, Told, lost
from tests.faults.site import BACK, Postgres, Site, has_postgres, running

pytestmark = pytest.mark.slow


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room, where whoever runs the tests may mount one."""
    with mounted(tmp_path / "disk", "48m") as disk:
        yield disk


@pytest.fixture
def database_s_disk() -> Iterator[Path]:
    """One with room for a new PostgreSQL and little more. Its server, another user's, has to get there."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        with mounted(Path(directory) / "disk", "160m") as disk:
            yield disk


@contextmanager
def mounted(disk: Path, size: str) -> Iterator[Path]:
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Callable[[], None]:
    """Leave no room; returns what makes room again."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return filler.unlink


def worked_while_full(site: Site, disk: Path) -> tuple[Class, list[Told], list[str]]:
    """A class at work while the disk is full; what they were told that was no success, and what the log has."""
    room = Class(site)
    with room.at_work():
        mark = site.mark()
        make_room = fill(disk)
        site.wait_until(lambda: all(not one.told[-1].succeeded for one in room.people))
        moment = max(one.told[-1].at for one in room.people)
        site.wait_until(lambda: len(room.told(moment)) > 3 * len(room.people))
        again = max(told.at for told in room.told())
        make_room()
        site.wait_until(lambda: room.all_succeed_since(again), BACK)
    failed = [told for told in room.told() if not told.succeeded]
    return room, failed, site.troubles(mark)


def test_a_site_on_a_full_disk_waits_for_room(tmp_path: Path, small_disk: Path) -> None:
    site = Site(tmp_path / "site", DATA_DIR=str(small_disk / "data"))
    try:
        site.start()
        room, failed, said = worked_while_full(site, small_disk)
        assert {told.status for told in failed} == {503}
        assert all("The disk is full, or cannot be written." in told.page for told in failed)
        assert lost(room.told(), site) == []
        assert all(line.startswith("The disk ") for line in said), said
        assert len(said) <= len(site.workers()) + 1, said  # and the sandbox
    finally:
        site.end()


def test_a_sandbox_on_a_full_disk_fails_runs_and_says_why(tmp_path: Path, small_disk: Path) -> None:
    site = Site(tmp_path / "site")
    try:
        site.manage("migrate", "--verbosity=0")
        site.start_sandbox(DATA_DIR=str(small_disk / "data"))
        site.start_web()
        room, failed, said = worked_while_full(site, small_disk)
        assert {told.status for told in failed} == {200}
        assert all("The disk of the sandbox is full, or cannot be written." in told.page for told in failed)
        assert lost(room.told(), site) == []
        (line,) = said
        assert line.startswith("The disk of the sandbox is full, or cannot be written.")
    finally:
        site.end()


def test_a_database_on_a_full_disk_waits_for_room(tmp_path: Path, database_s_disk: Path) -> None:
    if not has_postgres():
        pytest.skip("PostgreSQL is not installed")
    postgres = Postgres(database_s_disk / "postgres")
    try:
        with running(tmp_path / "site", DATABASE_URL=postgres.url) as site:
            room, failed, said = worked_while_full(site, database_s_disk)
            assert {told.status for told in failed} == {503}
            assert all("The disk is full, or cannot be written." in told.page for told in failed)
            assert lost(room.told(), site) == []
            assert all(line.startswith("The disk is full") for line in said), said
            assert len(said) <= len(site.workers()), said
            for one in room.people:
                assert "Running" not in one.get("/runs/")
    finally:
        postgres.end()
