"""What has to be set before a room full of people can reach this machine: found out, and written into `.env`.

What somebody has set themselves, there or in the environment, stays. The rest stands between two lines of comment and
is written anew each time, since a machine has another address in every room. What else stands between them came with a
backup, and stays.
"""

import re
import secrets
import socket
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from cognitodemo import envfile

BEGIN = "# --- Written by `manage.py class`; set a name above to have it stay as you want it. ---"
END = "# --- End of what `manage.py class` has written. ---"
KNOWN = ("", "test", "...")  # secrets that are none, since everybody has read them
_PLAIN = re.compile(r"[A-Za-z0-9:/@%+,._~=-]+")
_ELSEWHERE = ("192.0.2.1", "198.51.100.1", "10.255.255.255", "192.168.255.255")  # nothing is sent to any of them


def own_address() -> str:
    """The address by which others in the network find this machine; 127.0.0.1 where it is in none.

    Asked of the system's routes, so that it needs no internet and sends nothing.
    """
    for target in _ELSEWHERE:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((target, 9))
                found = str(probe.getsockname()[0])
            except OSError:
                continue
        if not found.startswith(("127.", "0.")):
            return found
    return "127.0.0.1"


def wanted_settings(address: str, web_port: int, secret: str) -> dict[str, str]:
    """The settings for a class at that address.

    Args:
        address: a host name or address, or an origin such as `https://lab.example.org` of a tunnel or proxy.
        secret: of the sandbox's administrator, as it is now; a known one is replaced.
    """
    public = address if "//" in address else f"http://{address}:{web_port}"
    loopback = (urlsplit(public).hostname or "") in ("127.0.0.1", "localhost")
    host = "127.0.0.1" if loopback else "0.0.0.0"  # noqa: S104 - a class is to reach it
    return {
        "PUBLIC_URL": public.rstrip("/"),
        "SANDBOX_PUBLIC_URL": public.rstrip("/"),
        "WEB_HOST": host,
        "SANDBOX_HOST": host,
        "SANDBOX_SECRET_ACCESS_KEY": secret if secret not in KNOWN else secrets.token_urlsafe(30),
    }


def write(path: Path, wanted: dict[str, str], outside: Collection[str]) -> dict[str, str]:
    """Put the settings into the file, except those that are set otherwise; returns those that are written.

    Args:
        outside: the names of the environment as the process was given it.
    """
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    own, block = _without_block(text), _block(text)
    set_otherwise = _names(own) | set(outside)
    written = {name: value for name, value in wanted.items() if name not in set_otherwise}
    kept = [line for line in block.splitlines() if _names(line) and not _names(line) & (set_otherwise | wanted.keys())]
    lines = [BEGIN, *(f"{name}={_quoted(value)}" for name, value in written.items()), *kept, END, ""]
    path.touch(mode=0o600)
    path.write_text((own.rstrip("\n") + "\n\n" if own.strip() else "") + "\n".join(lines), encoding="utf-8")
    envfile.read_env_file(path)  # says so if it cannot be read
    return written


def own_names(path: Path) -> set[str]:
    """The names that somebody has set in the file themselves."""
    return _names(_without_block(path.read_text(encoding="utf-8-sig"))) if path.is_file() else set()


def _names(text: str) -> set[str]:
    lines = [line.partition("=")[0].replace("export ", "").strip() for line in text.splitlines() if "=" in line]
    return {name for name in lines if not name.startswith("#")}


def _quoted(value: str) -> str:
    """A value as the file is read: one with other than the usual characters stands in quotes."""
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _without_block(text: str) -> str:
    head, begin, rest = text.partition(BEGIN)
    return head + rest.partition(END)[2].lstrip("\n") if begin else text


def _block(text: str) -> str:
    return text.partition(BEGIN)[2].partition(END)[0]
