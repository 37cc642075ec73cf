"""The process that works beside requests: begun anew when it has died, and gone when whoever started it is."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import ROOT

pytestmark = pytest.mark.slow

_PROGRAM = """
import os, time
from training.services import beside
beside.in_a_process()
def failed(pk):
    print("failed", pk, flush=True)
print("over", beside.done_within(300, os._exit, 3, failed=failed), flush=True)
print("done", beside.done_within(300, abs, 0, failed=failed), flush=True)
print("waits", not beside.done_within(0.1, time.sleep, 300, failed=failed), flush=True)
(worker,) = beside._executor._processes
print("worker", worker, flush=True)
time.sleep(300)
"""


def test_it_is_begun_anew_and_ends_with_its_parent(environment: dict[str, str]) -> None:
    more = environment | {"DJANGO_SETTINGS_MODULE": "cognitodemo.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], cwd=ROOT, env=more, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        said = [parent.stdout.readline().split() for _ in range(5)]
        assert sorted(said[:2]) == [["failed", "3"], ["over", "True"]]
        assert said[2:4] == [["done", "True"], ["waits", "True"]]
        worker = Path("/proc") / said[4][1]
        assert worker.exists()
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while worker.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not worker.exists()
