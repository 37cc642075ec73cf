"""Processes with an environment of their own, which do not import Django and its like again each time.

One process imports libraries, and nothing of ours, and forks for each program that is to run. What a program finds is
what it would find in a new process: its environment, its arguments, no setting read and no module of ours loaded.
"""

import atexit
import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

from tests import ROOT

# What settings, checks, commands and the sample programs import of others.
_LIBRARIES = (
    *("django.core.management", "django.core.checks", "django.conf", "django.db.models", "django.test.signals"),
    *(
        "environ",
        "botocore.session",
        "cryptography.fernet",
        "requests",
        "social_core.backends.oauth",
        "jwt",
        "oauthlib",
    ),
    *("social_core.backends.open_id_connect", "social_core.strategy", "msgspec", "oauthlib", "sqlparse"),
)
_SERVER = """
import json, os, sys, tempfile, traceback
for library in json.loads(sys.argv[1]):
    __import__(library)

def run(asked):
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv[:] = asked["arguments"]
    sys.path.insert(0, os.getcwd())
    try:
        exec(compile(asked["program"], sys.argv[0], "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

for line in sys.stdin:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(output.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            code = 1
            try:
                code = run(json.loads(line))
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told = []
        for file in (output, errors):
            file.seek(0)
            told.append(file.read().decode())
    print(json.dumps([code, *told]), flush=True)
"""


def run_program(environment: Mapping[str, str], program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `python -c PROGRAM ARGUMENTS...` does in an environment, at the root of the project."""
    return _asked(environment, program, ["-c", *arguments])


def run_manage(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `python manage.py ARGUMENTS...` does in an environment."""
    return _asked(environment, (ROOT / "manage.py").read_text(), ["manage.py", *arguments])


def _asked(environment: Mapping[str, str], program: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    asked = {"environment": dict(environment), "program": program, "arguments": arguments}
    server.stdin.write(json.dumps(asked) + "\n")
    server.stdin.flush()
    code, output, errors = json.loads(server.stdout.readline())
    return subprocess.CompletedProcess(arguments, code, output, errors)


@cache
def _server() -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _SERVER, json.dumps(_LIBRARIES)]
    server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(server.kill)
    return server
