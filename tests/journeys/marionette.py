"""Firefox driven by Marionette, its own protocol, which reaches the code of its developer tools.

https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html: a length, a colon and JSON, each way.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

_START_SECONDS = 60.0
_COMMAND = 0  # the kind of message


class PrivilegedFirefox:
    """A Firefox whose own windows' scripts can be run."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._read: BinaryIO = wire.makefile("rb")
        self._message()  # a greeting
        self._number = 0
        self._send("WebDriver:NewSession", capabilities={})
        self._send("Marionette:SetContext", value="chrome")

    def run(self, body: str, *arguments: Any) -> Any:
        """What the body of an asynchronous function returns; `arguments` are JSON.

        Raises:
            AssertionError: it threw.
        """
        script = (
            "const done = arguments[arguments.length - 1];"
            f"(async (...given) => {{ {body} }})(...[...arguments].slice(0, -1))"
            ".then(value => done({value}), error => done({error: String(error)}))"
        )
        found = self._send("WebDriver:ExecuteAsyncScript", script=script, args=list(arguments), newSandbox=True)
        assert "error" not in found["value"], found["value"]
        return found["value"]["value"]

    def _send(self, command: str, **parameters: Any) -> Any:
        self._number += 1
        message = json.dumps([_COMMAND, self._number, command, parameters]).encode()
        self._wire.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._message()
        assert error is None, error
        return result

    def _message(self) -> Any:
        length = b""
        while (one := self._read.read(1)) != b":":
            assert one, "Firefox has gone"
            length += one
        return json.loads(self._read.read(int(length)))


@contextmanager
def privileged_firefox(executable: str, profile: Path, port: int) -> Iterator[PrivilegedFirefox]:
    """Firefox without a window, in a profile of its own, until the end of the block."""
    (profile / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
    command = [executable, "--headless", "--marionette", "--remote-allow-system-access", "--no-remote"]
    with (
        (profile / "firefox.log").open("wb") as log,
        subprocess.Popen(
            [*command, "--profile", str(profile)],
            stdout=log,
            stderr=log,
            env=os.environ | {"HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"},
        ) as firefox,
    ):
        try:
            with _connected(port, firefox) as wire:
                yield PrivilegedFirefox(wire)
        finally:
            firefox.terminate()


def _connected(port: int, firefox: subprocess.Popen[bytes]) -> socket.socket:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and firefox.poll() is None:
        with suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port), timeout=_START_SECONDS)
        time.sleep(0.1)
    raise AssertionError("Firefox did not listen")
