"""What the settings become from the environment, each time in a process of its own."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.cognitodemo.test_checks import AWS, PRODUCTION, Environment
from tests.fresh_processes import run_manage, run_program

PROGRAM = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def run(environment: Environment, *names: str) -> subprocess.CompletedProcess[str]:
    environment = environment | {"DJANGO_SETTINGS_MODULE": "cognitodemo.settings"}
    return run_program(environment, PROGRAM, *names)


def read(environment: Environment, *names: str) -> dict[str, Any]:
    result = run(environment, *names)
    assert result.returncode == 0, result.stderr
    settings: dict[str, Any] = json.loads(result.stdout)
    return settings


def test_plain_http_has_no_cookie_that_plain_http_could_not_send(environment: Environment) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "DEBUG")
    assert read(environment, *names) == dict.fromkeys(names, False) | {"SECURE_HSTS_SECONDS": 0}


def test_https_switches_on_what_protects_it(environment: Environment) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "HTTPS")
    assert read(environment | PRODUCTION, *names) == dict.fromkeys(names, True)
    assert read(environment | PRODUCTION, "SECURE_HSTS_SECONDS")["SECURE_HSTS_SECONDS"] >= 31_536_000


def test_no_cookie_of_ours_can_be_another_host_s_with_https(environment: Environment) -> None:
    """RFC 6265bis, section 4.1.3.2: the prefix binds a cookie to https, this host name and all of its paths."""
    names = [f"{which}_COOKIE_NAME" for which in ("SESSION", "CSRF", "VISITOR", "MESSAGE")]
    for secure, prefix in ((AWS, "lab_"), (PRODUCTION, "__Host-lab_")):
        assert all(name.startswith(prefix) for name in read(environment | secure, *names).values())
    bounds = {"SESSION_COOKIE_DOMAIN": None, "SESSION_COOKIE_PATH": "/", "CSRF_COOKIE_DOMAIN": None}
    assert read(environment | PRODUCTION, *bounds) == bounds


def test_classes_are_pinned_by_one_address_or_two(environment: Environment) -> None:
    given = {"CLASS_SANDBOXES": "x8Pq=http://127.0.0.1:4567/, aT_3=http://10.0.0.7:4566 https://two.example.org"}
    assert read(environment | given, "CLASS_SANDBOXES")["CLASS_SANDBOXES"] == {
        "x8Pq": ["http://127.0.0.1:4567", ""],
        "aT_3": ["http://10.0.0.7:4566", "https://two.example.org"],
    }
    assert read(environment, "CLASS_SANDBOXES")["CLASS_SANDBOXES"] == {}


@pytest.mark.parametrize(
    "given",
    ["x8Pq", "=http://a:1", "x8Pq=ftp://a:1", "x8Pq=http://a:1/path", "x8Pq=http://a:b", "a=http://a,a=http://b"],
)
def test_a_pin_that_cannot_be_read_is_said(environment: Environment, given: str) -> None:
    result = run(environment | {"CLASS_SANDBOXES": given}, "CLASS_SANDBOXES")
    assert result.returncode != 0
    assert "CLASS_SANDBOXES has '" in result.stderr
    assert "it takes NAME=http://127.0.0.1:4567, each name once, with commas between." in result.stderr


def test_sign_up_is_open_in_the_sandbox_and_closed_on_aws_unless_set(environment: Environment) -> None:
    assert read(environment, "SIGN_UP_OPEN")["SIGN_UP_OPEN"] is True
    assert read(environment | AWS, "SIGN_UP_OPEN")["SIGN_UP_OPEN"] is False
    assert read(environment | AWS | {"SIGN_UP_OPEN": "yes"}, "SIGN_UP_OPEN")["SIGN_UP_OPEN"] is True


def test_the_environment_wins_over_the_file(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "some.env").write_text("AWS_REGION=eu-west-1\nRUNS_PER_MINUTE=7\n")
    environment |= {"ENV_FILE": str(tmp_path / "some.env"), "AWS_REGION": "eu-north-1"}
    got = read(environment, "AWS_REGION", "RUNS_PER_MINUTE", "RUNS_PER_MINUTE_PER_ADDRESS")
    assert got == {"AWS_REGION": "eu-north-1", "RUNS_PER_MINUTE": 7, "RUNS_PER_MINUTE_PER_ADDRESS": 70}


def test_blanks_around_commas_do_not_count(environment: Environment) -> None:
    environment |= {"ALLOWED_HOSTS": "127.0.0.1, lab.example.org ,", "SANDBOX_SERVICES": "s3, dynamodb"}
    got = read(environment, "ALLOWED_HOSTS", "SANDBOX_SERVICES")
    assert got == {"ALLOWED_HOSTS": ["127.0.0.1", "lab.example.org"], "SANDBOX_SERVICES": ["s3", "dynamodb"]}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"APP_MODE": "production"}, "APP_MODE is 'production'; it must be one of: sandbox, aws."),
        ({"DEBUG": "maybe"}, "DEBUG is 'maybe'; it must be yes or no."),
        ({"SIGN_INS_PER_MINUTE": "0"}, "SIGN_INS_PER_MINUTE is '0'; it must be a whole number of at least 1."),
        ({"WEB_PORT": "²"}, "WEB_PORT is '²'; it must be a whole number of at least 1."),
        ({"PUBLIC_URL": "lab.example.org"}, "PUBLIC_URL is 'lab.example.org'; it must be an origin"),
        ({"DATABASE_POOL": "2"}, "DATABASE_POOL is '2'; it must be two whole numbers such as 2,8."),
        ({"DATABASE_POOL": "8,2"}, "DATABASE_POOL is '8,2'; the second number must be at least 1 and no smaller."),
        ({"DATABASE_POOL": "2,8"}, "DATABASE_POOL and DATABASE_BEHIND_PGBOUNCER are for PostgreSQL."),
        (
            {"DATABASE_POOL": "2,8", "DATABASE_BEHIND_PGBOUNCER": "yes", "DATABASE_URL": "postgres://app@db/app"},
            "PgBouncer is a pool: set either DATABASE_POOL or DATABASE_BEHIND_PGBOUNCER.",
        ),
        ({"DATABASE_URL": "postgre//me:planted-password@db/lab"}, "DATABASE_URL names no kind of database"),
        (
            {"TRUSTED_PROXIES": "loopback, proxy.example.org"},
            "TRUSTED_PROXIES: 'proxy.example.org' does not appear to be",
        ),
        ({"TRUSTED_PROXIES": "10.0.0.1/8"}, "TRUSTED_PROXIES: 10.0.0.1/8 has host bits set"),
        ({"APP_MODE": "aws"}, "SECRET_KEY must be set when APP_MODE=aws."),
    ],
)
def test_a_value_that_cannot_be_read_stops_the_start_in_a_sentence(
    environment: Environment, changes: Environment, told: str
) -> None:
    result = run(environment | changes, "DEBUG")
    assert result.returncode == 1
    assert told in result.stderr
    assert "planted" not in result.stderr


def test_every_line_of_the_example_may_be_left_empty(environment: Environment, tmp_path: Path) -> None:
    names = re.findall(r"^# ([A-Z][A-Z0-9_]+)=", Path(".env.example").read_text(), re.MULTILINE)
    (tmp_path / "empty.env").write_text("".join(f"{name}=\n" for name in names if name != "DATA_DIR"))
    assert len(names) > 60
    plain = ("DATABASES", "CACHES", "PUBLIC_URL", "ALLOWED_HOSTS", "SAMPLE_TABLE", "RUNS_PER_MINUTE", "LOG_FORMAT")
    assert read(environment | {"ENV_FILE": str(tmp_path / "empty.env")}, *plain) == read(environment, *plain)


def test_the_secret_key_is_made_once_and_only_we_may_read_it(environment: Environment) -> None:
    first = read(environment, "SECRET_KEY")["SECRET_KEY"]
    assert len(first) >= 50
    assert read(environment, "SECRET_KEY")["SECRET_KEY"] == first
    path = Path(environment["DATA_DIR"]) / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(os.stat(environment["DATA_DIR"]).st_mode) == 0o700


@pytest.mark.slow
def test_processes_that_start_together_agree_on_the_key(environment: Environment) -> None:
    environment = environment | {"DJANGO_SETTINGS_MODULE": "cognitodemo.settings"}
    command = [sys.executable, "-c", PROGRAM, "SECRET_KEY"]
    workers = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(4)]
    keys = {worker.communicate(timeout=60)[0] for worker in workers}
    assert len(keys) == 1


@pytest.mark.slow
def test_a_key_that_another_process_is_still_writing_is_waited_for(environment: Environment) -> None:
    path = Path(environment["DATA_DIR"]) / "secret_key"
    path.parent.mkdir(parents=True)
    path.touch()
    environment = environment | {"DJANGO_SETTINGS_MODULE": "cognitodemo.settings"}
    waiting = subprocess.Popen([sys.executable, "-c", PROGRAM, "SECRET_KEY"], env=environment, stdout=subprocess.PIPE)
    path.write_text("made-by-the-other-process")
    assert json.loads(waiting.communicate(timeout=60)[0]) == {"SECRET_KEY": "made-by-the-other-process"}


@pytest.mark.slow
def test_a_fresh_directory_takes_the_database_whoever_gave_the_key(environment: Environment, tmp_path: Path) -> None:
    environment |= AWS | {"DATA_DIR": str(tmp_path / "fresh" / "data")}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "accounts"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert stat.S_IMODE((tmp_path / "fresh" / "data").stat().st_mode) == 0o700


def test_pages_are_to_be_found_where_the_web_server_listens(environment: Environment) -> None:
    assert read(environment | {"WEB_PORT": "8123"}, "PUBLIC_URL")["PUBLIC_URL"] == "http://127.0.0.1:8123"
    both = environment | {"WEB_PORT": "8123", "PUBLIC_URL": "https://lab.example.org"}
    assert read(both, "PUBLIC_URL", "WEB_PORT") == {"PUBLIC_URL": "https://lab.example.org", "WEB_PORT": 8123}


@pytest.mark.slow
def test_a_copy_of_the_example_is_a_working_file(environment: Environment) -> None:
    kept = shutil.copy(".env.example", environment["ENV_FILE"])
    told = run_manage(environment, "check", "--fail-level", "WARNING")
    assert told.returncode == 0, told.stderr
    with Path(kept).open("a") as file:
        file.write("PUBLIC_URL=http://127.0.0.1:8777\nLOG_FORMAT=plain\n")
    assert read(environment, "PUBLIC_URL") == {"PUBLIC_URL": "http://127.0.0.1:8777"}
    winning = environment | {"PUBLIC_URL": "http://127.0.0.1:8778"}
    assert read(winning, "PUBLIC_URL", "LOG_FORMAT") == {"PUBLIC_URL": "http://127.0.0.1:8778", "LOG_FORMAT": "plain"}


def test_the_settings_are_read_in_one_sitting() -> None:
    assert len((ROOT / "cognitodemo" / "settings.py").read_text().splitlines()) < 300
