"""The exchange of a run as one program: it hands on what it is answered with, and runs as it stands."""

import ast
import json
import os
import re
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.models import Run
from flows.pages.run.run_view import RunView
from flows.programs import AskedCall, ProgramCall, whole_programs
from flows.services import run_all
from tests.fresh_processes import run_program

_TOKEN, _POOL_TOKEN = "‹ID token · ea5f·48›", "‹OpenID token · 77a1·02›"
_IDENTITY = "us-east-1:5a4db000-0000-c000-8000-0000000000aa"
_KEYS = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "‹secret key · 1111·11›", "SessionToken": "‹t · 2222·22›"}
# Whatever people send: quotes, dollars, line ends, controls; nothing that a database or a word cannot hold.
_VALUES = st.text(
    st.characters(exclude_categories=["Cs", "Co"], exclude_characters="\0")
    | st.sampled_from("'\"$`\\!\n()\x03\x1b\u202e"),
    max_size=30,
)
_VALUES = _VALUES.filter(lambda text: "‹" not in text)


def asked(service: str, operation: str, params: dict[str, Any], answer: dict[str, Any]) -> AskedCall:
    return AskedCall(
        ProgramCall(service, operation, params, "us-east-1", signed=False, endpoint="http://h"), "Why.", answer, True
    )


def basic(text: str = "x", role: str = "arn:x") -> list[AskedCall]:
    """A basic flow with these texts of somebody's in it."""
    logins = {text: _TOKEN}
    return [
        asked("cognito-identity", "GetId", {"IdentityPoolId": text, "Logins": logins}, {"IdentityId": _IDENTITY}),
        asked(
            "cognito-identity",
            "GetOpenIdToken",
            {"IdentityId": _IDENTITY, "Logins": logins},
            {"IdentityId": _IDENTITY, "Token": _POOL_TOKEN},
        ),
        asked(
            "sts",
            "AssumeRoleWithWebIdentity",
            {"RoleArn": role, "RoleSessionName": text, "WebIdentityToken": _POOL_TOKEN},
            {"Credentials": _KEYS},
        ),
    ]


def texts(calls: list[AskedCall]) -> dict[str, str]:
    return {program.key: program.text for program in whole_programs(calls, "from the sign-in with Google")}


def test_a_later_call_takes_what_an_earlier_one_was_answered_with() -> None:
    found = texts(basic())
    assert 'IdentityId=answer_1["IdentityId"]' in found["python"]
    assert 'WebIdentityToken=answer_2["Token"]' in found["python"]
    assert 'aws_session_token=answer_3["Credentials"]["SessionToken"]' in found["python"]
    assert "IdentityId: answer1.IdentityId" in found["javascript"]
    assert "secretAccessKey: answer3.Credentials.SecretAccessKey" in found["javascript"]
    assert '--web-identity-token "${answer_2_Token}"' in found["cli"]
    for text in found.values():
        assert _IDENTITY not in text
        first, _, rest = text.partition("\n")
        assert first.endswith(
            "LAB_ID_TOKEN: ID token ‹ea5f·48› from the sign-in with Google, which is not kept. Set it first."
        )
        assert "‹" not in rest


def test_a_refused_exchange_ends_at_its_refusal() -> None:
    calls = basic()[:1]
    refused = AskedCall(calls[0].call, "", {}, answered=False)
    found = texts([refused])
    assert found["python"].endswith("print(json.dumps(answer_1, indent=2, default=str))\n")
    assert all("get_caller_identity" not in text and "GetCallerIdentity" not in text for text in found.values())
    assert texts([]) == {}


def test_only_members_that_the_model_has_are_taken() -> None:
    """Whoever made the run chose what its answers are called, too, where no service of AWS answered."""
    calls = basic()
    hostile = {'IdentityId"]; evil("': _IDENTITY, "`evil`": _POOL_TOKEN}
    calls[0] = AskedCall(calls[0].call, "Why.", hostile, answered=True)
    for text in texts(calls).values():
        assert "evil" not in text


@settings(max_examples=40, deadline=None)
@given(text=_VALUES, role=_VALUES)
def test_odd_values_stay_what_they_are_in_python(text: str, role: str) -> None:
    tree = ast.parse(texts(basic(text, role))["python"])
    calls = {
        node.func.attr: node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    given_ = {keyword.arg: keyword.value for keyword in calls["assume_role_with_web_identity"].keywords}
    assert ast.literal_eval(given_["RoleArn"]) == role
    assert ast.literal_eval(given_["RoleSessionName"]) == text
    assert set(calls) == {
        *("client", "get_id", "get_open_id_token", "assume_role_with_web_identity", "get_caller_identity")
    }


@settings(max_examples=5, deadline=None)
@given(values=st.lists(st.tuples(_VALUES, _VALUES), min_size=10, max_size=10))
def test_odd_values_stay_what_they_are_in_a_shell(values: list[tuple[str, str]]) -> None:
    """The shell itself reads the scripts; something answers in place of the CLI, and keeps what it was given."""
    stand_in = (
        'aws() { printf "%s\\0" "$@" >&3; case "$2" in get-id) echo ID;; get-open-id-token) echo "TOKEN ID";; '
        'assume-role*) echo "KEY SECRET SESSION";; *) echo "$AWS_ACCESS_KEY_ID";; esac; }\n'
    )
    script = stand_in + "\n".join(texts(basic(*pair))["cli"] for pair in values)
    done = subprocess.run(
        ["bash", "-c", 'exec 3>&1 1>/dev/null; eval "$(cat)"'],
        input=script.encode(),
        env={"PATH": os.environ["PATH"], "LAB_ID_TOKEN": "<secret>", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == b""
    words = done.stdout.decode().split("\0")
    following = dict(pairwise(words))
    assert following["--web-identity-token"] == "TOKEN"
    asked_: list[tuple[str, str]] = []
    for index, word in enumerate(words):
        if word == "assume-role-with-web-identity":
            rest = words[index : index + 16]
            if "--cli-input-json" in rest[:2]:
                document = json.loads(rest[2])
                asked_.append((document["RoleSessionName"], document["RoleArn"]))
            else:
                asked_.append((rest[rest.index("--role-session-name") + 1], rest[rest.index("--role-arn") + 1]))
    assert asked_ == values


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}


def test_the_program_of_a_run_runs(open_run: Callable[..., Run], machine: dict[str, str]) -> None:
    run = run_all(run=open_run("basic"))
    (program,) = (each for each in RunView(run).programs if each.key == "python")
    done = run_program(machine, program.text)
    assert done.returncode == 0, done.stderr
    identity, role = done.stdout.splitlines()
    assert re.fullmatch(r"Identity ID: us-east-1:[0-9a-f-]{36}", identity)
    assert run.identity_id not in identity, "each guest who brings no identity is a new one"
    assert role == run.assumed_role_arn


def test_a_program_ends_in_the_refusal_of_its_run(open_run: Callable[..., Run], machine: dict[str, str]) -> None:
    run = run_all(run=open_run("basic", pool="no-classic"))
    (program,) = (each for each in RunView(run).programs if each.key == "python")
    done = run_program(machine, program.text)
    assert done.returncode == 1
    assert run.error_message in done.stderr
