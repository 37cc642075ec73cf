"""What has to be set before a room full of people can reach this machine: found out, and written into `.env`.

What somebody has set themselves, there or in the environment, stays. The rest stands between two lines of comment and
is written anew each time, since a machine has another address in every room. What else stands between them came with a
backup, and stays.
"""

import re
import secrets
import socket
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import urlsplit

import ifaddr

from cognitodemo import envfile
from web.proxies import is_loopback

BEGIN = "# --- Written by `manage.py class`; set a name above to have it stay as you want it. ---"
END = "# --- End of what `manage.py class` has written. ---"
LOOPBACK = "127.0.0.1"
KNOWN = ("", "test", "...")  # secrets that are none, since everybody has read them
_PLAIN = re.compile(r"[A-Za-z0-9:/@%+,._~=-]+")
# Cards behind which no room is: containers and virtual machines of this machine (Docker, Podman, libvirt, VMware,
# VirtualBox), and VPNs.
_NO_ROOM = re.compile(
    r"(?i)(docker|br-|podman|cni|virbr|vnet|vmnet|vmware|vboxnet|virtualbox|u?tun\d|tap\d|wg\d|ppp\d|tailscale)"
)
_ELSEWHERE = ("192.0.2.1", "198.51.100.1", "10.255.255.255", "192.168.255.255")  # nothing is sent to any of them


def own_address() -> str:
    """The address by which others in the network find this machine; 127.0.0.1 where it is in none."""
    return next(iter(own_addresses()), LOOPBACK)


def own_addresses() -> list[str]:
    """The addresses by which others may find this machine, the likeliest first; none where it is in no network.

    The first is asked of the system's routes, so that it needs no internet and sends nothing. The others are those of
    its cards: a laptop that is a hotspot itself, or is plugged into a router that leads nowhere, has no other route.
    """
    found = [address for adapter in ifaddr.get_adapters() if _is_a_card(adapter) for address in _addresses_of(adapter)]
    return list(dict.fromkeys([*_routed(), *map(str, sorted(found, key=lambda one: one.is_link_local))]))


def _routed() -> list[str]:
    """The address from which this machine would send to others, as a list of one or none."""
    for target in _ELSEWHERE:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((target, 9))
                found = str(probe.getsockname()[0])
            except OSError:
                continue
        if not found.startswith(("127.", "0.")):
            return [found]
    return []


def _is_a_card(adapter: ifaddr.Adapter) -> bool:
    """Whether a room may be behind it."""
    return not _NO_ROOM.match(adapter.nice_name)


def _addresses_of(adapter: ifaddr.Adapter) -> list[IPv4Address]:
    found = [IPv4Address(one.ip) for one in adapter.ips if one.is_IPv4]
    return [address for address in found if not (address.is_loopback or address.is_unspecified)]


def left_behind(path: Path, found: Collection[str]) -> str:
    """The address of a room that a class has written into this file, where this machine has it no longer; else empty.

    Args:
        found: this machine's addresses now.
    """
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    line = re.search(r"^PUBLIC_URL=http://([0-9.]+):", _block(text), re.MULTILINE)
    return line[1] if line and not is_loopback(line[1]) and line[1] not in found else ""


def about_address(public_url: str, found: Sequence[str], again: str) -> str:
    """What a trainer has to know of the address under which a class is served; empty where there is nothing.

    Args:
        public_url: under which it is served.
        found: this machine's addresses.
        again: what goes on with the class.
    """
    served = urlsplit(public_url).hostname or ""
    others = [address for address in found if address != served]
    if is_loopback(served) and not others:
        return (
            "This machine is in no network, so only browsers on it reach the class. Join a network, or open a\n"
            f"  hotspot, and run {again} again; or name an address with --address."
        )
    if is_loopback(served):
        return (
            f"Only browsers on this machine reach the class under {served}. Others reach it when you run {again}\n"
            f"  with --address {others[0]}."
        )
    if served in found and others:
        return f"If that is not the room's network: this machine has --address {' or '.join(others)} as well."
    return ""


def wanted_settings(address: str, web_port: int, secret: str) -> dict[str, str]:
    """The settings for a class at that address.

    Args:
        address: a host name or address, or an origin such as `https://lab.example.org` of a tunnel or proxy.
        secret: of the sandbox's administrator, as it is now; a known one is replaced.
    """
    public = address if "//" in address else f"http://{address}:{web_port}"
    host = LOOPBACK if is_loopback(urlsplit(public).hostname or "") else "0.0.0.0"  # noqa: S104 - a class is to reach it
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
