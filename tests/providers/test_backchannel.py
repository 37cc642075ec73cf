"""The way of our server to providers, where the environment names a proxy."""

import pytest
from requests import ConnectionError

from providers.sign_in import backchannel
from tests.httpget.test_limits import HEAD, says, server


def test_a_proxy_may_be_named_without_a_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    with server(says(HEAD, b"\r\nok"), heard) as url:
        monkeypatch.setenv("HTTP_PROXY", url.removeprefix("http://"))
        monkeypatch.delenv("http_proxy", raising=False)
        assert backchannel.ask("GET", "http://id.example.com/keys").text == "ok"
    assert heard[0].startswith(b"GET http://id.example.com/keys HTTP/1.1")


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "https://user:password@127.0.0.1:1", "http://[zz]"])
def test_another_proxy_is_a_failed_connection(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.delenv("http_proxy", raising=False)
    with pytest.raises(ConnectionError):
        backchannel.ask("GET", "http://id.example.com/keys")
