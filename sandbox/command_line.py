"""`identity-pools-lab sandbox`: the sandbox of the package, which is installed without the web application.

All that `manage.py sandbox` takes from settings, it is told by options.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.core.config import SandboxConfig
from sandbox.core.http import is_loopback
from sandbox.server.process import CannotStart, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 after a stop, 1 where it could not start; 2, raised by argparse, for options that make no sense.

    Args:
        arguments: those after the program's name; by default this process's own.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.port == 0 and options.public_url is not None:
        parser.error("--public-url needs a --port of its own: with 0 nobody knows it beforehand")
    if not is_loopback(options.host) and options.public_url is None:
        parser.error(f"with --host {options.host}, say by --public-url under which address others find the sandbox")
    try:
        if options.data_file is not None:
            _serve(options, options.data_file)
        else:
            with TemporaryDirectory(prefix="identity-pools-lab-") as directory:
                _serve(options, Path(directory) / "sandbox.sqlite3")
    except CannotStart as problem:
        print(problem, file=sys.stderr)  # noqa: T201 (a command's sentence)
        return 1
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="identity-pools-lab")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    sandbox = commands.add_parser("sandbox", help="serve the sandbox until Ctrl-C")
    sandbox.add_argument(
        "--port", type=int, default=4566, help="to listen on; 0 takes a free one (default: %(default)s)"
    )
    sandbox.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    sandbox.add_argument("--public-url", help="where others find it (default: http://127.0.0.1:PORT)")
    sandbox.add_argument(
        "--data-file",
        type=Path,
        metavar="FILE",
        help="what keeps its state, with FILE's directory (default: nothing does)",
    )
    sandbox.add_argument("--region", default="us-east-1", help="where the samples are (default: %(default)s)")
    sandbox.add_argument("--no-seed", action="store_true", help="start without the sample pools, roles and data")
    sandbox.add_argument("--stop-with-stdin", action="store_true", help="stop when the standard input ends")
    return parser


def _serve(options: Namespace, data_file: Path) -> None:
    config = SandboxConfig(
        data_file=data_file,
        host=options.host,
        port=options.port,
        public_url=(options.public_url or f"http://127.0.0.1:{options.port}").rstrip("/"),
        region=options.region,
        seed=not options.no_seed,
    )
    serve(config, _say, stop_with_stdin=options.stop_with_stdin, port_option="--port")


def _say(sentence: str) -> None:
    # At once: a script that waits for the line reads it through a pipe.
    print(sentence, flush=True)  # noqa: T201 (a command's sentence)
