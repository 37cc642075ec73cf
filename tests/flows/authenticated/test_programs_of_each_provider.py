"""Each provider's exchange as a program, by both flows and in each language, gets the identity and the role of its run.

One process a language runs them all.
"""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import User
from flows.models import Run
from flows.pages.run.run_view import RunView
from flows.services import run_all
from providers.sign_in.artifacts import artifact_for
from tests import ROOT
from tests.flows.authenticated.person import Person
from tests.fresh_processes import run_program

pytestmark = pytest.mark.slow

_MODULES = ROOT / "tests" / "clients" / "javascript" / "node_modules"
_AWS_CLI = ROOT / ".venv-awscli" / "bin"
_PROVIDERS = ("google", "facebook", "amazon", "apple", "user-pool", "oidc", "x", "saml", "developer")
_CASES = [(provider, flow) for provider in ("guest", *_PROVIDERS) for flow in ("enhanced", "basic")]
_REFUSED = ("saml", "basic")  # the basic flow takes no SAML
_NEXT = "----"


@dataclass(frozen=True)
class Case:
    """A program, its environment, and the run that it was made of."""

    run: Run
    text: str
    environment: dict[str, str]


@pytest.fixture
def made(ana: Person, open_run: Callable[..., Run]) -> Callable[[str], list[Case]]:
    """The programs of all cases in a language."""
    # The database forgets an account after each test, the sandbox does not: a key that no other test has had.
    user = User.objects.create_user("ana", pk=700_101)

    def run_of(provider: str, flow: str) -> Run:
        if provider == "guest":
            return run_all(run=open_run(flow))
        if provider == "developer":
            ana.client.force_login(user)
            ana.get(ana.open("developer", flow))
            return ana.latest
        return ana.run(provider, flow)

    def secret_of(run: Run) -> str:
        """What the sign-in yielded; of SAML that of another sign-in, as a response is used once."""
        if run.provider == "saml":
            ana.get(ana.arrive(ana.at_provider(ana.open("saml", run.flow, pace="step"), "ana"))["Location"])
            run = ana.latest
        artifact = artifact_for(owner=run.owner, run_code=run.code)
        assert artifact is not None
        return artifact.value

    def make(language: str) -> list[Case]:
        cases = []
        for provider, flow in _CASES:
            if (provider, flow) == _REFUSED:
                continue
            run = run_of(provider, flow)
            assert run.outcome == "succeeded", (provider, flow, run.error_message)
            (text,) = (program.text for program in RunView(run).programs if program.key == language)
            wanted = re.findall(r"^(?:#|//) (LAB_\w+): ", text, re.MULTILINE)
            environment = {name: secret_of(run) for name in wanted}
            assert len(wanted) == (provider not in ("guest", "developer")), text
            if provider == "developer":
                environment["AWS_ACCESS_KEY_ID"] = settings.SANDBOX_ACCESS_KEY_ID
                environment["AWS_SECRET_ACCESS_KEY"] = settings.SANDBOX_SECRET_ACCESS_KEY
            cases.append(Case(run, text, environment))
        return cases

    return make


def in_python(cases: list[Case], directory: Path) -> str:
    program = f"""
import json, os
base = dict(os.environ)
for environment, text in json.loads({json.dumps(json.dumps([(case.environment, case.text) for case in cases]))}):
    os.environ.clear()
    os.environ.update(base | environment)
    print({_NEXT!r})
    exec(compile(text, "run.py", "exec"), {{"__name__": "__main__"}})
"""
    done = run_program({"PATH": os.environ["PATH"], "HOME": str(directory)}, program)
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_javascript(cases: list[Case], directory: Path) -> str:
    if not _MODULES.exists():
        pytest.skip("the SDK is not installed beside tests/clients/javascript")
    (directory / "node_modules").symlink_to(_MODULES)
    lines = ["const base = { ...process.env };"]
    for index, case in enumerate(cases):
        (directory / f"run-{index}.mjs").write_text(case.text)
        lines.append("for (const name of Object.keys(process.env)) delete process.env[name];")
        lines.append(f"Object.assign(process.env, base, {json.dumps(case.environment)});")
        lines.append(f'console.log("{_NEXT}"); await import("./run-{index}.mjs");')
    (directory / "main.mjs").write_text("\n".join(lines))
    return _output(["node", "main.mjs"], "", directory)


def in_cli(cases: list[Case], directory: Path) -> str:
    if not _AWS_CLI.exists():
        pytest.skip("the AWS CLI is not installed")
    parts = []
    for case in cases:
        given = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in case.environment.items())
        parts.append(f"echo {_NEXT}\n(\n{given}{case.text})\n")
    return _output(["bash", "-e"], "".join(parts), directory)


def _output(command: list[str], text: str, directory: Path) -> str:
    environment = {"PATH": f"{_AWS_CLI}:{os.environ['PATH']}", "HOME": str(directory)}
    done = subprocess.run(
        command, input=text, env=environment, cwd=directory, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize(
    ("language", "run_them"), [("python", in_python), ("javascript", in_javascript), ("cli", in_cli)]
)
def test_each_program_gets_what_its_run_got(
    made: Callable[[str], list[Case]],
    tmp_path: Path,
    language: str,
    run_them: Callable[[list[Case], Path], str],
) -> None:
    cases = made(language)
    outputs = run_them(cases, tmp_path).split(f"{_NEXT}\n")[1:]
    assert len(outputs) == len(cases) == len(_CASES) - 1
    for case, output in zip(cases, outputs, strict=True):
        identity, role = output.strip().splitlines()
        same = identity == f"Identity ID: {case.run.identity_id}"
        assert same == (case.run.access != "guest"), (case.run.provider, case.run.flow, output)
        assert role.partition("assumed-role/")[2].partition("/")[0] == RunView(case.run).role
