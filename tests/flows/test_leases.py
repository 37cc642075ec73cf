"""One run, several processes: one of them advances it, and a dead one does not keep it."""

import json
import socket
import time
from pathlib import Path

import pytest

from tests.flows import processes

# Other processes take a while to begin, and longer on a busy machine.
_PATIENT = "from flows.exchange import patience\npatience.READ_SECONDS = settings.RUN_LEASE_SECONDS = 600\n"
_LOOK = """
import json
run = Run.objects.get(pk=1)
print(json.dumps({
    "outcome": run.outcome, "code": run.error_code,
    "calls": [[c.step, c.state, c.method, bool(c.request_body)] for c in run.calls.all()],
    "others": sorted(Run.objects.exclude(pk=1).values_list("outcome", flat=True)),
}))
"""


def silent_port() -> tuple[socket.socket, int]:
    """A port where connections are taken and never answered."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=16)
    return listener, listener.getsockname()[1]


def wait_until_sent(listener: socket.socket) -> socket.socket:
    """The row is written before the request goes out, so when it arrives here the row is there."""
    connection, _ = listener.accept()
    assert connection.recv(65536)
    return connection


@pytest.mark.slow
def test_killed_process_leaves_an_interrupted_run_with_its_calls(tmp_path: Path) -> None:
    processes.migrate(tmp_path)
    listener, port = silent_port()
    killed = processes.begin(tmp_path, port, f"{_PATIENT}opened(); services.run_all(run=Run.objects.get(pk=1))")
    connection = wait_until_sent(listener)
    other = processes.begin(tmp_path, port, f"{_PATIENT}services.run_all(run=opened())")  # which lives
    others = wait_until_sent(listener)
    killed.kill()
    killed.wait()
    assert processes.run(tmp_path, port, "print(services.runs_interrupt(), services.runs_interrupt())") == "1 0"
    assert json.loads(processes.run(tmp_path, port, _LOOK)) == {
        "outcome": "interrupted",
        "code": "Interrupted",
        "calls": [["get-id", "sent", "POST", True]],
        "others": ["running"],
    }
    other.kill()
    other.wait()
    others.close()
    connection.close()
    listener.close()


@pytest.mark.slow
def test_run_under_way_cannot_be_advanced_cancelled_or_deleted(tmp_path: Path) -> None:
    processes.migrate(tmp_path)
    listener, port = silent_port()
    first = processes.begin(tmp_path, port, f"{_PATIENT}services.run_all(run=opened())")
    connection = wait_until_sent(listener)
    told = processes.run(
        tmp_path,
        port,
        "for verb in (services.run_advance, services.run_all, services.run_cancel, services.run_delete):\n"
        "    try:\n        verb(run=Run.objects.get(pk=1))\n"
        "    except services.RunBusy as busy:\n        print(verb.__name__, str(busy)[:28])",
    )
    assert told.splitlines() == [
        f"{verb} This run is already running." for verb in ("run_advance", "run_all", "run_cancel", "run_delete")
    ]
    first.kill()
    first.wait()
    connection.close()
    listener.close()


@pytest.mark.slow
def test_process_that_lost_its_lease_does_not_overwrite_the_outcome(tmp_path: Path) -> None:
    """It was slow, not dead: what it learned is stored with the call, and the run stays as the others saw it."""
    processes.migrate(tmp_path)
    listener, port = silent_port()
    slow = processes.begin(
        tmp_path,
        port,
        f"{_PATIENT}settings.RUN_LEASE_SECONDS = 0.1\nopened(); services.run_advance(run=Run.objects.get(pk=1))",
    )
    connection = wait_until_sent(listener)
    time.sleep(0.2)
    assert processes.run(tmp_path, port, "print(services.runs_interrupt())") == "1"
    body = b'{"IdentityId":"us-east-1:late"}'
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close\r\n"
        + f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    assert slow.wait(timeout=120) == 0
    told = json.loads(processes.run(tmp_path, port, _LOOK))
    assert (told["outcome"], told["calls"]) == ("interrupted", [["get-id", "answered", "POST", True]])
    connection.close()
    listener.close()
