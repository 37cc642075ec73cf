"""The ports that tests and benchmarks start servers at: whoever is given one has it alone."""

import subprocess
import sys

import pytest

from benchmarks import servers

_ANOTHER = """
import sys
from benchmarks import servers
servers._PORTS = range(int(sys.argv[1]), int(sys.argv[1]) + 1)
servers.free_port()
"""


def test_a_port_that_was_given_is_given_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    port = servers.free_port()
    monkeypatch.setattr(servers, "_PORTS", range(port, port + 1))
    with pytest.raises(RuntimeError, match="no port is free"):
        servers.free_port()
    command = [sys.executable, "-c", _ANOTHER, str(port)]
    other = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "RuntimeError: no port is free" in other.stderr
