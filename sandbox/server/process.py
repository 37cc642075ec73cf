"""A sandbox as a process of its own, from a command until Ctrl-C, SIGTERM or the end of its standard input."""

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from types import FrameType

from sandbox.core import spare_keys
from sandbox.core.config import SandboxConfig
from sandbox.core.store import StaleStore
from sandbox.server.lifecycle import SandboxServer, listen


class CannotStart(Exception):
    """The port is taken, or the file is of another version. Its text is a sentence for whoever started the sandbox."""


def serve(
    config: SandboxConfig, say: Callable[[str], object], *, stop_with_stdin: bool = False, port_option: str
) -> None:
    """Serve until told to stop, in the main thread; everything is kept then. Port 0 takes a free one.

    Args:
        say: is handed the sentence with the address, before the first answer.
        stop_with_stdin: end with the standard input, whose other end whoever started this holds.
        port_option: how the one who reads "Port 4566 is taken" chooses another one.

    Raises:
        CannotStart
    """
    try:
        listener = listen(config)
    except OSError as error:
        raise CannotStart(_sentence(config, error, port_option)) from None
    if config.port == 0:
        port = listener.getsockname()[1]
        config = replace(config, port=port, public_url=f"http://127.0.0.1:{port}")
    try:
        server = SandboxServer(config, listener)
    except (StaleStore, LookupError) as problem:
        listener.close()
        raise CannotStart(problem.args[0]) from None
    if stop_with_stdin:  # whoever has started it says what there is to say
        threading.Thread(target=_stop_with_stdin, args=(server,), daemon=True).start()
    else:
        say(f"The sandbox answers at {config.public_url} (administrator {config.access_key_id!r}). Ctrl-C stops it.")
    spare_keys.make_ahead()
    # uvicorn sends itself the signal once more when it has ended. Where nobody catches that, the process is gone before
    # what S3 and the tables have is written.
    signal.signal(signal.SIGTERM, _end)
    server.run()


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _stop_with_stdin(server: SandboxServer) -> None:
    """Whoever started the sandbox holds the other end; when that process is gone, however it ended, so are we."""
    # Not through sys.stdin's buffer: its lock would be held here for ever, and Python aborts when it ends and wants it.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.stop()


def _sentence(config: SandboxConfig, error: OSError, port_option: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {config.port} is taken, so the sandbox cannot start. Stop what uses it, "
            f"or choose another one with {port_option}."
        )
    return f"The sandbox cannot listen on {config.host}:{config.port}: {error.strerror}."
