"""A recorded call as code: it says what was recorded, keeps secrets out, and runs as it stands."""

import ast
import fcntl
import json
import os
import re
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.models import ApiCall, Run
from flows.pages.run.run_view import RunView
from flows.programs import AskedCall, ProgramCall, UnknownOperationError, programs_of, whole_programs
from flows.services import run_all
from tests import ROOT
from tests.fresh_processes import run_program

_JAVASCRIPT = ROOT / "tests" / "clients" / "javascript"
_AWS_CLI = ROOT / ".venv-awscli" / "bin"
_TOKEN = "‹ID token · ea5f·48›"
# Whatever people send: quotes, dollars, line ends, controls; nothing that a database or a word cannot hold.
_VALUES = st.text(
    st.characters(exclude_categories=["Cs", "Co"], exclude_characters="\0")
    | st.sampled_from("'\"$`\\!\n\x03\x1b\u202e"),
    max_size=30,
)
_VALUES = _VALUES.filter(lambda text: "‹" not in text)


def texts(call: ProgramCall) -> dict[str, str]:
    return {program.key: program.text for program in programs_of(call)}


def whole(calls: list[AskedCall]) -> dict[str, str]:
    return {program.key: program.text for program in whole_programs(calls, "")}


def get_id(**params: Any) -> ProgramCall:
    return ProgramCall("cognito-identity", "GetId", params, "us-east-1", signed=False)


def test_each_language_says_what_was_asked() -> None:
    found = texts(get_id(IdentityPoolId="us-east-1:x", Logins={"accounts.google.com": _TOKEN}))
    assert 'client.get_id(\n    IdentityPoolId="us-east-1:x",' in found["python"]
    assert '"accounts.google.com": os.environ["LAB_ID_TOKEN"],' in found["python"]
    assert (
        'import { CognitoIdentityClient, GetIdCommand } from "@aws-sdk/client-cognito-identity";' in found["javascript"]
    )
    assert "process.env.LAB_ID_TOKEN" in found["javascript"]
    assert r'--logins "{\"accounts.google.com\": \"${LAB_ID_TOKEN}\"}"' in found["cli"]
    assert "-H 'X-Amz-Target: AWSCognitoIdentityService.GetId'" in found["curl"]
    for text in found.values():
        assert "LAB_ID_TOKEN: ID token ‹ea5f·48›, which is not kept. Set it first." in text.splitlines()[0]
        assert "‹" not in text.partition("\n")[2]


def test_the_query_protocol_becomes_fields_of_a_form() -> None:
    params = {"RoleArn": "arn:x", "PolicyArns": [{"arn": "arn:p"}], "WebIdentityToken": "‹OpenID token · 77a1·02›"}
    curl = texts(ProgramCall("sts", "AssumeRoleWithWebIdentity", params, "eu-west-1", signed=False))["curl"]
    assert curl.splitlines()[1].startswith("curl -sS https://sts.eu-west-1.amazonaws.com/")
    assert "--data-urlencode PolicyArns.member.1.arn=arn:p" in curl
    assert '--data-urlencode "WebIdentityToken=${LAB_OPENID_TOKEN}"' in curl


def test_two_secrets_of_one_kind_keep_names_of_their_own() -> None:
    found = texts(
        get_id(Logins={"a": "‹ID token · ea5f·48›", "b": "‹ID token · 0000·11›", "c": "‹ID token · ea5f·48›"})
    )
    assert re.findall(r'"([abc])": os.environ\["(\w+)"\]', found["python"]) == [
        ("a", "LAB_ID_TOKEN"),
        ("b", "LAB_ID_TOKEN_2"),
        ("c", "LAB_ID_TOKEN"),
    ]


def test_a_call_with_thousands_of_secrets_has_a_variable_for_each() -> None:
    """AWS takes ten; whoever composes the call sends as many as fit."""
    many = {f"p{number}": f"‹token · {number:04x}·00›" for number in range(4000)}
    began = time.thread_time()
    python = texts(get_id(IdentityPoolId="x", Logins=many))["python"]
    assert time.thread_time() - began < 3
    assert len(set(re.findall(r'os\.environ\["(\w+)"\]', python))) == len(many)


def test_what_has_to_be_signed_is_not_offered_as_curl() -> None:
    found = texts(
        ProgramCall("s3", "PutObject", {"Bucket": "b", "Key": "k", "Body": "‹44 bytes›"}, "us-east-1", signed=True)
    )
    assert set(found) == {"cli", "python", "javascript"}
    assert 'printf %s "${LAB_BODY}" > body.bin' in found["cli"]
    assert "AWS_SESSION_TOKEN" in found["python"]
    assert "UNSIGNED" not in found["python"]


def test_what_no_sdk_knows_has_no_program() -> None:
    with pytest.raises(UnknownOperationError):
        programs_of(ProgramCall("sandbox", "Reset", {}, "us-east-1", signed=True))


@settings(max_examples=60, deadline=None)
@given(text=_VALUES)
def test_odd_values_stay_what_they_are_in_python(text: str) -> None:
    tree = ast.parse(texts(get_id(IdentityPoolId=text, Logins={text: _TOKEN}))["python"])
    (asked,) = (
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "client.get_id"
    )
    pool, logins = (keyword.value for keyword in asked.keywords)
    assert ast.literal_eval(pool) == text
    assert isinstance(logins, ast.Dict)
    assert [ast.literal_eval(key) for key in logins.keys if key] == [text]


@settings(max_examples=5, deadline=None)
@given(values=st.lists(_VALUES, min_size=20, max_size=20))
def test_odd_values_stay_what_they_are_in_a_shell(values: list[str]) -> None:
    """The shell itself reads the commands; in place of the CLI and of curl something prints what it was given."""
    commands, expected = [], []
    for text in values:
        found = texts(get_id(IdentityPoolId=text, Logins={text: f"{text}{_TOKEN}"}))
        commands += [found["cli"], found["curl"]]
        expected.append((text, {text: f"{text}<secret>"}))
    script = 'aws() { printf "%s\\0" "$@"; }; curl() { printf "%s\\0" "$@"; }\n' + "\n".join(commands)
    environment = {"PATH": os.environ["PATH"], "LAB_ID_TOKEN": "<secret>", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["bash"], input=script.encode(), env=environment, capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    words = done.stdout.decode().split("\0")
    given = dict(enumerate(words[1:]))
    asked: list[tuple[str, Any]] = []
    for index, word in enumerate(words):
        if word == "--identity-pool-id":
            asked.append((given[index], json.loads(words[index + 3])))
        elif word == "--cli-input-json":
            document = json.loads(given[index])
            asked.append((document["IdentityPoolId"], document["Logins"]))
    bodies = [json.loads(words[index + 1]) for index, word in enumerate(words) if word == "--data"]
    assert asked == expected
    assert [(body["IdentityPoolId"], body["Logins"]) for body in bodies] == expected


_HOSTILE = "x\nrm -rf ~\u2028y\ue0000\ue001\";'`$("


@pytest.mark.parametrize("mark", ["‹{}›", "‹{} · ea5f·48›"])
def test_what_somebody_else_wrote_stays_in_its_comment(mark: str) -> None:
    """A run that is shown to others was chosen by its maker, marks of secrets included."""
    named = get_id(
        IdentityPoolId="p", Logins={_HOSTILE: mark.format(_HOSTILE), "k": mark.format("AWS secret access key")}
    )
    for language, text in texts(named).items():
        sign = "//" if language == "javascript" else "#"
        assert [line.startswith(sign) for line in text.splitlines()[:3]] == [True, True, False]
        assert "AWS_SECRET_ACCESS_KEY" not in text.replace("LAB_AWS_SECRET_ACCESS_KEY", "")


def test_members_that_an_operation_does_not_have_are_left_out() -> None:
    odd = {"IdentityPoolId": "p", "x; touch /tmp/y; #": 1, "x=1); print(": "v"}
    for text in texts(get_id(**odd)).values():
        assert "touch" not in text
        assert 'print("' not in text


_PASTED = "x\x15\x03\ntouch ~/pasted\n\x1b[201~\ntouch ~/pasted\n\x7f\x9b\u202e\U000e0041y"


def test_nothing_in_a_program_ends_its_paste_or_hides() -> None:
    odd = {"IdentityPoolId": _PASTED, "Logins": {_PASTED: f"{_PASTED}{_TOKEN}", "__proto__": "x"}}
    asked = ProgramCall("cognito-identity", "GetId", odd, _PASTED, signed=False, endpoint=_PASTED)
    found = texts(asked) | {
        f"whole {key}": text for key, text in whole([AskedCall(asked, "", {}, answered=True)]).items()
    }
    put = ProgramCall("s3", "PutObject", {"Bucket": "b", "Key": "k", "Body": _PASTED}, "us-east-1", signed=True)
    found |= {f"put {language}": text for language, text in texts(put).items()}
    fields = {"RoleArn": _PASTED, "RoleSessionName": "s", "WebIdentityToken": _TOKEN}
    found["query"] = texts(ProgramCall("sts", "AssumeRoleWithWebIdentity", fields, "us-east-1", signed=False))["curl"]
    for text in found.values():
        assert text.replace("\n", "").isprintable()
    assert '["__proto__"]: "x"' in found["javascript"]


def test_a_command_pasted_into_a_terminal_is_that_command(tmp_path: Path) -> None:
    """Nothing ends it but its own end: not even what a terminal takes for an interrupt."""
    command = texts(get_id(IdentityPoolId=_PASTED))["cli"]
    master, slave = os.openpty()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PS1": "", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    shell = subprocess.Popen(
        ["bash", "--norc", "--noediting", "-i"],
        stdin=slave,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    try:
        os.write(master, f'aws() {{ printf %s "$4" > ~/given; }}\n{command}exit\n'.encode())
        shell.wait(timeout=30)
    finally:
        shell.kill()
        os.close(master)
        os.close(slave)
    assert not (tmp_path / "pasted").exists()
    assert (tmp_path / "given").read_text() == _PASTED


@pytest.mark.parametrize("text", ["file:///etc/passwd", "fileb://x", "https://example.com/", "--debug"])
def test_the_cli_reads_no_file_that_a_parameter_names(text: str) -> None:
    command = texts(get_id(IdentityPoolId=text))["cli"]
    assert f"--cli-input-json '{json.dumps({'IdentityPoolId': text})}'" in command
    assert "--identity-pool-id" not in command


@pytest.fixture
def recorded(open_run: Callable[..., Run]) -> dict[str, dict[str, str]]:
    """Operation -> the programs that the page of a guest's run shows for it."""
    calls = RunView(run_all(run=open_run("basic"))).calls
    return {call.row.operation: {program.key: program.text for program in call.programs} for call in calls}


def test_the_program_of_a_recorded_call_makes_it_again(recorded: dict[str, dict[str, str]], tmp_path: Path) -> None:
    machine = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    identity = _identity(run_program(machine, recorded["GetId"]["python"]).stdout)
    row = ApiCall.objects.get(operation="GetId")
    assert identity.startswith("us-east-1:")
    assert identity != row.response_params["IdentityId"], "each guest who brings no identity is a new one"
    assert set(recorded["GetOpenIdToken"]) == {"cli", "python", "javascript", "curl"}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["cli", "javascript", "curl"])
def test_so_do_those_of_the_other_languages(recorded: dict[str, dict[str, str]], tmp_path: Path, language: str) -> None:
    if language == "javascript" and not (_JAVASCRIPT / "node_modules").exists():
        pytest.skip("the SDK is not installed beside tests/clients/javascript")
    if language == "cli" and not _AWS_CLI.exists():
        pytest.skip("the AWS CLI is not installed")
    command = ["node", "--input-type=module"] if language == "javascript" else ["bash"]
    done = subprocess.run(
        command,
        input=recorded["GetId"][language],
        env={"PATH": f"{_AWS_CLI}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        cwd=_JAVASCRIPT if language == "javascript" else tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert _identity(done.stdout).startswith("us-east-1:")


def _identity(told: str) -> str:
    found = re.search(r"us-east-1:[0-9a-f-]{36}", told)
    assert found, told
    return found[0]
