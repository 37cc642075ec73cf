"""`.env`: read as other tools read it, and never quoted."""

import logging
import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from cognitodemo import envfile
from tests import ROOT
from tests.cognitodemo.test_checks import AWS, Environment, findings
from tests.cognitodemo.test_settings import read, run
from tests.fresh_processes import run_manage

LINE = "MIGTplanted/planted0123456789planted0123456789planted0123456ab=="
PEM = f"-----BEGIN PRIVATE KEY-----\n{LINE}\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A=b # where\n", {"A": "b"}),
        ("A='b' # where\n", {"A": "b"}),
        ("A=b#c\n", {"A": "b#c"}),
        ('A="b # c"\n', {"A": "b # c"}),
        ("A= # nothing yet\n", {"A": ""}),
        ("A = b\n", {"A": "b"}),
        ("export A=b\n", {"A": "b"}),
        ("\ufeffA=b\n", {"A": "b"}),
        ("A=b\r\nC=d\r\n", {"A": "b", "C": "d"}),
        ("A=$b\nC='$d'\nE=\"${f}\"\nG=$(h)\n", {"A": "$b", "C": "$d", "E": "${f}", "G": "$(h)"}),
        ("A=b=c\n", {"A": "b=c"}),
        (f'A="{PEM}"\nB=c\n', {"A": PEM, "B": "c"}),
        ('A="b\\nc"\n', {"A": "b\nc"}),
        ("# a comment\n\n  A=b\nA=c\n", {"A": "c"}),
        ("A\nB=c\n", {"B": "c"}),
        ("", {}),
    ],
)
def test_the_file_is_read_as_other_tools_read_it(tmp_path: Path, text: str, values: dict[str, str]) -> None:
    (tmp_path / "env").write_bytes(text.encode())
    assert envfile.read_env_file(tmp_path / "env") == values


def test_a_file_that_is_not_there_sets_nothing(tmp_path: Path) -> None:
    assert envfile.read_env_file(tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"B=c\n\nAPPLE_PRIVATE_KEY={PEM}\n", r"line 4 of "),
        (f'APPLE_PRIVATE_KEY="{PEM}\nB=c\n', r"line 1 \(APPLE_PRIVATE_KEY\) of "),
        ("A='planted\n", r"line 1 of "),
        ("\n\nSECRET_KEY='planted' planted\n", r"line 3 \(SECRET_KEY\) of "),
        ("planted\n", r"line 1 of "),
        ("planted planted=planted\n", r"line 1 of "),
        ("MIGTplanted+/A==\n", r"line 1 of "),
        ("SECRET_KEY=planted\0planted\n", r"line 1 \(SECRET_KEY\) of "),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_not_quoted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, told: str
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "env").write_text(text)
    with pytest.raises(ImproperlyConfigured, match=told) as raised:
        envfile.read_env_file(tmp_path / "env")
    assert "planted" not in str(raised.value)
    assert raised.value.__context__ is None or raised.value.__suppress_context__
    assert caplog.records == []


@pytest.mark.parametrize("content", [b"A=\xffplanted\n", "A=planted\n".encode("utf-16")])
def test_a_file_in_another_encoding_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "env").write_bytes(content)
    with pytest.raises(ImproperlyConfigured, match="is not UTF-8 text") as raised:
        envfile.read_env_file(tmp_path / "env")
    assert raised.value.__suppress_context__


def test_a_key_without_quotes_stops_every_command_and_is_not_printed(environment: Environment, tmp_path: Path) -> None:
    Path(environment["ENV_FILE"]).write_text(f"LOG_LEVEL=DEBUG\nAPPLE_PRIVATE_KEY={PEM}\n")
    done = run_manage(environment, "check")
    assert done.returncode == 1
    assert done.stderr.startswith("A setting does not fit: line 3 of ")
    told = done.stdout + done.stderr + run(environment, "DEBUG").stderr
    assert "planted" not in told


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgres://me:planted/word@db/lab"),
        ("CACHE_URL", "redis://[planted/0"),
        ("CACHE_URL", "planted:planted@cache"),
    ],
)
def test_a_url_that_cannot_be_read_is_not_quoted(environment: Environment, name: str, url: str) -> None:
    done = run(environment | {name: url}, "DEBUG")
    assert done.returncode == 1
    assert f"ImproperlyConfigured: {name} " in done.stderr
    assert "planted" not in done.stderr


def test_a_dollar_sign_is_part_of_a_value(environment: Environment) -> None:
    text = "SECRET_KEY=$q*eo+c&2!)u9^tpd6f=0szxt6+th!j^#z9$1mh!kyen*36($t)\nCOGNITO_APP_CLIENT_SECRET=$SECRET_KEY\n"
    Path(environment["ENV_FILE"]).write_text(text)
    environment = environment | {name: value for name, value in AWS.items() if name != "SECRET_KEY"}
    assert read(environment, "SECRET_KEY", "COGNITO_APP_CLIENT_SECRET") == {
        "SECRET_KEY": "$q*eo+c&2!)u9^tpd6f=0szxt6+th!j^#z9$1mh!kyen*36($t)",
        "COGNITO_APP_CLIENT_SECRET": "$SECRET_KEY",
    }


def class_block() -> str:
    found = re.search(r"### For a class\n.*?```sh\n(PUBLIC_URL=.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found
    return found[1]


def test_the_block_for_a_class_works_as_it_stands_in_the_readme(environment: Environment) -> None:
    Path(environment["ENV_FILE"]).write_text(class_block())
    names = ("PUBLIC_URL", "WEB_HOST", "WEB_PORT", "SANDBOX_HOST", "SANDBOX_PUBLIC_URL", "SANDBOX_SECRET_ACCESS_KEY")
    assert read(environment, *names) == {
        "PUBLIC_URL": "http://192.168.1.5:8000",
        "WEB_HOST": "0.0.0.0",  # noqa: S104 - as the block says
        "WEB_PORT": 8000,
        "SANDBOX_HOST": "0.0.0.0",  # noqa: S104
        "SANDBOX_PUBLIC_URL": "http://192.168.1.5:8000",
        "SANDBOX_SECRET_ACCESS_KEY": "...",
    }
    (warned,) = findings(environment)
    assert warned.startswith("(lab.W017) The sandbox listens on 0.0.0.0")
    assert findings(environment | {"SANDBOX_SECRET_ACCESS_KEY": "of-the-trainer"}) == []
