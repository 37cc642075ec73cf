"""Files that are no backup, or not a whole one, or a newer one; and what stands where one is to go."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cognitodemo import envfile
from cognitodemo.backups import archive, postgres, restoring, serving, taking
from cognitodemo.backups.archive import Manifest
from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox
from tests import ROOT

CARRIED = {
    "SANDBOX_SECRET_ACCESS_KEY": "the trainer's, with a blank",
    "SANDBOX_ACCESS_KEY_ID": "test",
    "SANDBOX_ACCOUNT_ID": "000000000000",
    "AWS_REGION": "eu-central-1",
}
PIPES: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
TWO_LINES = json.dumps(CARRIED | {"AWS_REGION": "us-east-1\nDEBUG=yes"}).encode()


def rows(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """Makes a backup of little, changed as the test wants."""

    def make(texts: dict[str, bytes | None] | None = None, **changes: Any) -> Path:
        files = {
            "app.sqlite3": rows(tmp_path / "app", "CREATE TABLE IF NOT EXISTS thing (id INTEGER)"),
            "sandbox.sqlite3": rows(
                tmp_path / "sandbox",
                "CREATE TABLE IF NOT EXISTS installation_key (name TEXT, value BLOB)",
                "INSERT INTO installation_key VALUES ('sealing', 'made up')",
            ),
        }
        manifest = Manifest(
            product=archive.PRODUCT,
            format=archive.FORMAT,
            made=datetime(2026, 3, 2, tzinfo=UTC),
            classes=[],
            migrations=["training.0001_classes"],
            also_set=["RUNS_PER_MINUTE"],
            files={},
        )
        written = {"secret_key": b"made up", "settings.json": json.dumps(CARRIED).encode()} | (texts or {})
        path = tmp_path / "class.zip"
        present = {name: text for name, text in written.items() if text is not None}
        archive.write(path, msgspec.structs.replace(manifest, **changes), files, present)
        return path

    return make


@pytest.fixture
def here(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This machine, on which nothing is yet; its data directory."""
    settings.DATA_DIR = tmp_path / "data"
    settings.ENV_FILE = tmp_path / ".env"
    settings.SET_OUTSIDE = frozenset()
    settings.SECRET_KEY = "made up"
    file = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "data" / "app.sqlite3")}
    monkeypatch.setitem(settings.DATABASES, "default", file)
    return tmp_path / "data"


def everything_below(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_a_backup_becomes_a_data_directory_and_settings(made: Callable[..., Path], here: Path) -> None:
    env = here.with_name(".env")
    env.write_text("RUNS_PER_HOUR=7\n")
    body = {"sandbox.content/000000000000/bodies/" + "0" * 64: b"in a bucket"}
    told = restoring.restore(made(body), "192.168.1.5").told
    assert {str(path.relative_to(here)) for path in everything_below(here)} == {
        ".serving", "app.sqlite3", "sandbox.sqlite3", "secret_key", *body,
    }  # fmt: skip
    assert (here / "secret_key").read_bytes() == b"made up"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in here.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE(here.stat().st_mode) == 0o700
    read = envfile.read_env_file(env)
    assert read["RUNS_PER_HOUR"] == "7"
    assert {name: read.get(name) for name in ("SANDBOX_SECRET_ACCESS_KEY", "AWS_REGION", "PUBLIC_URL")} == {
        "SANDBOX_SECRET_ACCESS_KEY": "the trainer's, with a blank",
        "AWS_REGION": "eu-central-1",
        "PUBLIC_URL": "http://192.168.1.5:8000",
    }
    assert env.with_name(".env.before-restore").read_text() == "RUNS_PER_HOUR=7\n"
    assert "Not in the backup, and set where it was made: RUNS_PER_MINUTE." in told


def test_what_is_there_is_never_overwritten(
    made: Callable[..., Path], here: Path, tmp_path: Path, settings: Any
) -> None:
    file = made()
    here.mkdir()
    (here / "app.sqlite3").write_bytes(b"another class")
    before = everything_below(tmp_path)
    with pytest.raises(CommandError, match=r"is in use.*Nothing was changed"):
        restoring.restore(file, "127.0.0.1")
    assert everything_below(tmp_path) == before
    (here / "app.sqlite3").unlink()
    settings.SECRET_KEY = "chosen by somebody"
    with pytest.raises(CommandError, match="SECRET_KEY is set here"):
        restoring.restore(file, "127.0.0.1")
    (here / "secret_key").write_text(settings.SECRET_KEY)  # made by an earlier start, after which nothing was stored
    restoring.restore(file, "127.0.0.1")
    (aside,) = here.glob("before-restore-*")
    assert (aside / "secret_key").read_text() == settings.SECRET_KEY


@pytest.mark.parametrize("name", ["class.zip", "secret_key", "sandbox.sqlite3", "manifest.json"])
def test_a_damaged_file_is_refused_before_anything_is_made(
    made: Callable[..., Path], here: Path, tmp_path: Path, name: str
) -> None:
    file = made()
    if name == file.name:
        file.write_bytes(file.read_bytes()[:-200])
    else:
        _replace_member(file, name, lambda content: content[:-9] + bytes(9))
    before = everything_below(tmp_path)
    with pytest.raises(CommandError, match=r"(damaged|not a whole one).*Nothing was changed"):
        restoring.restore(file, "127.0.0.1")
    assert everything_below(tmp_path) == before
    assert not here.exists()


def _replace_member(file: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    members[name] = change(members[name])
    with zipfile.ZipFile(file, "w") as archive:
        for one, content in members.items():
            archive.writestr(one, content)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": 3}, "made by a newer version of the lab"),
        ({"migrations": ["training.0999_later"]}, r"made by a newer version of the lab \(it has training.0999_later\)"),
        ({"product": "Another lab's backup"}, "not a backup of this lab"),
        ({"texts": {"../outside": b""}}, "none of a backup's"),
        ({"texts": {"sandbox.content/000000000000/bodies/../../x": b""}}, "none of a backup's"),
        ({"texts": {"settings.json": b"[]"}}, "its settings cannot be read"),
        (
            {"texts": {"settings.json": TWO_LINES}},
            "its settings cannot be read",
        ),
        ({"texts": {"sandbox.content/000000000000/s3.snapshot": b"anything"}}, "s3 of account 000000000000 is damaged"),
    ],
)
def test_a_foreign_or_newer_file_is_refused(
    made: Callable[..., Path], here: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        restoring.restore(made(**changes), "127.0.0.1")
    assert not here.exists()


def test_what_is_no_backup_at_all_is_refused(here: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no archive")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("one.jpg", b"")
    for name, sentence in (("text", "not a backup"), ("photos.zip", "not a backup"), ("nowhere.zip", "No such file")):
        with pytest.raises(CommandError, match=sentence):
            restoring.restore(tmp_path / name, "127.0.0.1")
    assert not here.exists()


def test_a_setting_of_ones_own_that_contradicts_is_named(made: Callable[..., Path], here: Path, settings: Any) -> None:
    here.with_name(".env").write_text("SANDBOX_ACCOUNT_ID=111122223333\n")
    settings.SANDBOX_ACCOUNT_ID = "111122223333"
    with pytest.raises(CommandError, match="SANDBOX_ACCOUNT_ID is set here"):
        restoring.restore(made(), "127.0.0.1")
    assert not here.exists()


def test_content_of_another_version_can_be_left_out(made: Callable[..., Path], here: Path) -> None:
    file = made({"sandbox.content/000000000000/s3.snapshot": b"anything"})
    restoring.restore(file, "127.0.0.1", content=False)
    assert not (here / "sandbox.content").exists()


def test_a_backup_is_written_over_a_backup_and_over_nothing_else(here: Path, tmp_path: Path) -> None:
    here.mkdir()
    rows(here / "app.sqlite3", "CREATE TABLE thing (id INTEGER)")
    photos = tmp_path / "photos.zip"
    photos.write_bytes(b"mine")
    with pytest.raises(CommandError, match="is not a backup"):
        taking.take(photos)
    with pytest.raises(CommandError, match="no directory"):
        taking.take(tmp_path / "nowhere" / "class.zip")
    assert photos.read_bytes() == b"mine"
    (here / "app.sqlite3").unlink()
    with pytest.raises(CommandError, match="holds nothing yet"):
        taking.take(tmp_path / "class.zip")


def test_rows_of_one_kind_of_database_go_into_no_other(
    made: Callable[..., Path], here: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = made({"app.dump": b"a dump"}, engine="postgresql", engine_version=17)
    with pytest.raises(CommandError, match=r"rows are of PostgreSQL.*Nothing was changed"):
        restoring.restore(dump, "127.0.0.1")
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "django.db.backends.postgresql", "NAME": "lab"})
    with pytest.raises(CommandError, match="a backup of SQLite goes into DATA_DIR"):
        restoring.restore(made(), "127.0.0.1")
    assert not here.exists()


def test_a_tool_that_is_too_old_or_missing_is_named_with_the_package_that_has_it() -> None:
    with pytest.raises(postgres.NoTool, match=r"pg_dump of that version.*apt-get install postgresql-client-99"):
        postgres.require("pg_dump", 99)


def test_what_is_there_is_put_aside_where_the_flag_says_so(made: Callable[..., Path], here: Path) -> None:
    here.mkdir()
    (here / "app.sqlite3").write_bytes(b"another class")
    (here / "sandbox.content").mkdir()
    told = restoring.restore(made(), replace=True).told
    (aside,) = here.glob("before-restore-*")
    assert any(str(aside) in sentence for sentence in told)
    assert (aside / "app.sqlite3").read_bytes() == b"another class"
    assert (aside / "sandbox.content").is_dir()
    assert (here / "sandbox.sqlite3").is_file()
    assert not (here / "sandbox.content").exists()


def test_nothing_is_restored_under_a_web_server(made: Callable[..., Path], here: Path) -> None:
    here.mkdir()
    program = f"import pathlib; from cognitodemo.backups import serving; serving.hold(pathlib.Path({str(here)!r}));"
    with subprocess.Popen([sys.executable, "-c", f"{program} print('held', flush=True); input()"], **PIPES) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "held\n"
        with pytest.raises(CommandError, match=r"A web server serves what is in .*Nothing was changed"):
            restoring.restore(made(), "127.0.0.1")
        assert {path.name for path in here.iterdir()} == {".serving"}
        server.communicate("")
    restoring.restore(made(), "127.0.0.1")


def test_nothing_is_served_under_a_restore(tmp_path: Path) -> None:
    with serving.alone(tmp_path), pytest.raises(serving.Busy, match="just being restored"):
        serving.hold(tmp_path)


def test_nothing_is_restored_under_a_sandbox(made: Callable[..., Path], here: Path) -> None:
    file, config = made(), SandboxConfig(data_file=here / "sandbox.sqlite3", port=0)
    sentence = r"A sandbox has .*sandbox.sqlite3 open.*Nothing was changed"
    with running_sandbox(config), pytest.raises(CommandError, match=sentence):
        restoring.restore(file, replace=True)
    restoring.restore(file, replace=True)


def test_a_key_that_somebody_chose_is_asked_for_and_not_brought(
    made: Callable[..., Path], here: Path, settings: Any
) -> None:
    proof = {"SECRET_KEY": taking.proof_of("SECRET_KEY", "chosen", "chosen")}
    file = made({"secret_key": None}, proofs=proof)
    with pytest.raises(CommandError, match="made with SECRET_KEY set to another value"):
        restoring.restore(file)
    settings.SECRET_KEY = "chosen"
    restoring.restore(file)
    assert not (here / "secret_key").exists()


def test_a_backup_of_the_first_format_is_read(made: Callable[..., Path], here: Path) -> None:
    file = made(format=1)
    new = {"version", "engine", "engine_version", "sandbox_schema", "rows", "left_out", "proofs"}
    _replace_member(
        file,
        "manifest.json",
        lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k not in new}).encode(),
    )
    restoring.restore(file)
    assert (here / "app.sqlite3").is_file()


def test_a_look_changes_nothing_and_reads_everything(made: Callable[..., Path], here: Path) -> None:
    file = made(rows={"thing": 0}, version="7")
    out = StringIO()
    call_command("restore", str(file), "--check", stdout=out)
    assert out.getvalue() == "Whole: a backup of 2026-03-02 00:00:00 UTC by version 7, sqlite, 0 rows.\n"
    assert not here.exists()
    _replace_member(file, "sandbox.sqlite3", lambda content: content[:-9] + bytes(9))
    with pytest.raises(CommandError, match=r"damaged: sandbox\.sqlite3 is not what it was"):
        call_command("restore", str(file), "--check")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["backup"], "Say which file"),
        (["Oslo,", "Monday"], 'in quotes: "Oslo, Monday"'),
        (["backup", "file.zip", "--every", "0"], "number of minutes"),
    ],
)
def test_the_command_says_what_it_misses(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("class", *arguments)


def test_a_half_written_backup_leaves_nothing(tmp_path: Path, made: Callable[..., Path]) -> None:
    whole = made().read_bytes()
    manifest = msgspec.structs.replace(_manifest_of(tmp_path / "class.zip"), files={})
    with pytest.raises(FileNotFoundError):
        archive.write(tmp_path / "class.zip", manifest, {"app.sqlite3": tmp_path / "gone"}, {})
    assert (tmp_path / "class.zip").read_bytes() == whole
    assert [name for name in os.listdir(tmp_path) if name.endswith(".part")] == []


def _manifest_of(path: Path) -> Manifest:
    with archive.opened(path) as found:
        return found.manifest
