"""Who asks, how, and for which host, when proxies say so."""

from typing import Any

import pytest
from pytest_django import Settings

from web.proxies import settle


def settled(settings: Settings, trusted: str, peer: str, **said: str) -> tuple[str, str, str]:
    """Address, scheme and host that are left; nothing else of what was said is."""
    settings.TRUSTED_PROXIES = [name for name in trusted.split(",") if name]
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "asked"}
    kept = set(environ)
    environ |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in said.items()}
    environ |= {"HTTP_FORWARDED": "for=192.0.2.60;proto=https", "HTTP_X_REAL_IP": "192.0.2.60"}
    settle(environ)
    assert set(environ) == kept
    once = dict(environ)
    settle(environ)
    assert environ == once
    return environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ["HTTP_HOST"]


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ("", "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("", "127.0.0.1", "198.51.100.1", "127.0.0.1"),
        ("loopback", "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("loopback", "127.0.0.1", "", "127.0.0.1"),
        ("loopback", "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("loopback", "127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("loopback", "127.0.0.1", "127.0.0.1, 198.51.100.1", "198.51.100.1"),
        ("loopback", "::1", "198.51.100.1", "198.51.100.1"),
        ("loopback", "::ffff:127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("loopback", "127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("loopback", "127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("loopback", "127.0.0.1", "198.51.100.1, unknown", "127.0.0.1"),
        ("loopback,10.0.3.0/24", "127.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.3.9", "198.51.100.1"),
        ("loopback,10.0.3.0/24", "127.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.4.9", "10.0.4.9"),
        ("private", "172.17.0.1", "198.51.100.1", "198.51.100.1"),
        ("private", "172.32.0.1", "198.51.100.1", "172.32.0.1"),
        ("2001:db8::/32", "2001:db8::5", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_client_is_whom_the_outermost_trusted_proxy_saw(
    settings: Settings, trusted: str, peer: str, forwarded: str, client: str
) -> None:
    assert settled(settings, trusted, peer, **{"for": forwarded})[0] == client


@pytest.mark.parametrize(
    ("peer", "forwarded", "proto", "scheme"),
    [
        ("127.0.0.1", "198.51.100.1", "https", "https"),
        ("127.0.0.1", "198.51.100.1", "HTTPS", "https"),
        ("127.0.0.1", "198.51.100.1", "http", "http"),
        ("127.0.0.1", "198.51.100.1", "gopher", "http"),
        ("127.0.0.1", "", "https", "https"),
        # The client's own word stands on the left.
        ("127.0.0.1", "198.51.100.1", "https, http", "http"),
        # Two trusted proxies, the outer of which ended TLS: each appends, or the inner passes on.
        ("127.0.0.1", "198.51.100.1, 10.0.3.9", "https, http", "https"),
        ("127.0.0.1", "198.51.100.1, 10.0.3.9", "https", "https"),
        ("127.0.0.1", "198.51.100.1, 10.0.3.9", "https, http, http", "http"),
        ("203.0.113.7", "198.51.100.1", "https", "http"),
    ],
)
def test_the_scheme_is_what_the_outermost_trusted_proxy_was_asked_by(
    settings: Settings, peer: str, forwarded: str, proto: str, scheme: str
) -> None:
    said = {"for": forwarded, "proto": proto, "host": "public"}
    _, found, host = settled(settings, "loopback,10.0.3.0/24", peer, **said)
    assert found == scheme
    assert host == ("asked" if peer == "203.0.113.7" else "public")
