"""Within the process that runs moto's own tests: sends them to the sandbox as an administrator, and writes down how
each ended. Loaded by `pytest -p plugin`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from moto.core.config import default_user_config
from moto.core.models import ServerModeMockAWS

_ACCOUNT = "123456789012"  # moto's own, which its tests expect in ARNs
_OUTCOMES = Path(os.environ["MOTO_SUITES_OUTCOMES"])
_SANDBOX = os.environ.get("MOTO_SUITES_SANDBOX", "")


class _Resetter:
    """A process of its own that empties the account: a test may hold this one's clock still, and the sandbox refuses
    what was signed long ago."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "resetter", _SANDBOX, _ACCOUNT]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def reset(self, _: ServerModeMockAWS) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print("reset", file=self._process.stdin, flush=True)
        if (said := self._process.stdout.readline()) != "done\n":
            raise RuntimeError(f"The account could not be emptied: {said}")


def pytest_configure() -> None:
    """Without a sandbox the tests ask moto's server, which moto itself empties before each test."""
    if not _SANDBOX:
        return
    resetter = _Resetter()
    default_user_config["core"]["mock_credentials"] = False
    os.environ.update(AWS_ACCESS_KEY_ID=_ACCOUNT, AWS_SECRET_ACCESS_KEY="test")  # noqa: S106
    setattr(ServerModeMockAWS, "reset", lambda mock: resetter.reset(mock))  # noqa: B010 (its type says no)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    """One line of JSON for each test that was called, or was over before it could be."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "teardown" or (report.when == "setup" and report.outcome == "passed"):
        return
    said = "" if call.excinfo is None else f"{call.excinfo.typename}: {str(call.excinfo.value)[:900]}"
    with _OUTCOMES.open("a") as file:
        print(json.dumps({"test": item.nodeid, "outcome": report.outcome, "said": said}), file=file)
