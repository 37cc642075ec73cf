"""Who really asks when a proxy stands in between: the one reader of X-Forwarded-For, -Proto and -Host.

Those headers are believed from the proxies that TRUSTED_PROXIES names. From anybody else they are the client's own
claims, and nothing behind this module sees them: it finds the client in REMOTE_ADDR, the scheme in wsgi.url_scheme and
the host in HTTP_HOST, as if the client had come by itself.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
Environ = dict[str, Any]
WsgiApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

LOOPBACK = ("127.0.0.0/8", "::1")
# RFC 1918 and RFC 4193: containers, a load balancer in the same network.
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
WORDS = {"loopback": LOOPBACK, "private": PRIVATE}
# Not believed from anybody: X-Real-IP and Forwarded (RFC 7239) say the same once more, and perhaps something else.
UNREAD = ("HTTP_FORWARDED", "HTTP_X_REAL_IP")
_READ = "HTTP_X_FORWARDED_"


@lru_cache(maxsize=8)
def networks(names: tuple[str, ...]) -> Networks:
    """The networks behind `names`: addresses, networks, "loopback", "private".

    Raises:
        ValueError: one of them is none of these.
    """
    return tuple(ip_network(text) for name in names for text in WORDS.get(name, (name,)))


def address(text: str) -> Address | None:
    """The address in an entry of X-Forwarded-For or a peer's name: with a port or brackets, or mapped into IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def is_loopback(host: str) -> bool:
    """Whether a host's name or address, or a peer's, means this machine."""
    found = address(host)
    return found.is_loopback if found else host == "localhost" or host.endswith(".localhost")


class BehindProxies:
    """The application inside, which is told of each request who sent it to the outermost trusted proxy, and how."""

    def __init__(self, application: WsgiApplication) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        settle(environ)
        return self.application(environ, start_response)


def settle(environ: Environ) -> None:
    """Put what trusted proxies say where it belongs, and take the headers out, whoever sent them. Twice is as once."""
    said = {name: _list(environ.pop(name)) for name in [name for name in environ if name.startswith(_READ)]}
    for name in UNREAD:
        environ.pop(name, None)
    client, hops = _client(str(environ.get("REMOTE_ADDR", "")), said.get(f"{_READ}FOR", []))
    if client:
        environ["REMOTE_ADDR"] = str(client)
    if not hops:
        return
    scheme = _of_the_outermost(said.get(f"{_READ}PROTO", []), hops).lower()
    if scheme in ("http", "https"):
        environ["wsgi.url_scheme"] = scheme
    if host := _of_the_outermost(said.get(f"{_READ}HOST", []), hops):
        environ["HTTP_HOST"] = host  # as little to be believed as Host itself: ALLOWED_HOSTS decides


def _client(peer: str, forwarded: list[str]) -> tuple[Address | None, int]:
    """The address that the outermost trusted proxy was called from, and how many trusted proxies there were.

    Each proxy appends the address that called it, so the list is read from its right end for as long as a trusted proxy
    vouches for the entry; what stands further left may be anybody's invention.
    """
    trusted = networks(tuple(settings.TRUSTED_PROXIES))
    client, hops = address(peer), 0
    entries = list(forwarded)
    while client and any(client in network for network in trusted):
        hops += 1
        before = address(entries.pop()) if entries else None
        if before is None:
            break
        client = before
    return client, hops


def _of_the_outermost(values: list[str], hops: int) -> str:
    """Each proxy appends a value or replaces them all; the outermost trusted one's is as far from the end as itself."""
    return values[max(len(values) - hops, 0)] if values else ""


def _list(header: str) -> list[str]:
    return [value.strip() for value in header.split(",") if value.strip()]
