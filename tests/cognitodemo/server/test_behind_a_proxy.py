"""The README's command behind a proxy that ends TLS, which is played by a small one of our own."""

import http.client
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from tests.cognitodemo.server.conftest import Application, running
from tests.cognitodemo.test_checks import AWS

HOST = "lab.example.org"
Headers = dict[str, str]


class Proxy(socketserver.ThreadingTCPServer):
    """Passes requests on, with the headers that `sets` holds in place of the client's.

    Its place behind the loopback address makes it a trusted one.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, behind: int) -> None:
        self.behind = behind
        self.sets: Headers = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        return _get(self.server_address[1], path, {name.replace("_", "-"): text for name, text in headers.items()})


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        given = {
            name: text for name, text in self.headers.items() if name.lower() not in map(str.lower, self.server.sets)
        }
        answer = _get(self.server.behind, self.path, given | self.server.sets)
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing: the test's output is for what went wrong."""


def _get(port: int, path: str, headers: Headers) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": HOST, "Connection": "close"} | headers)
    return connection.getresponse()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    settings = AWS | {"PUBLIC_URL": f"https://{HOST}", "TRUSTED_PROXIES": "loopback", "SIGN_INS_PER_MINUTE": "2"}
    with running(tmp_path_factory.mktemp("proxied"), **settings) as made:
        yield made


@pytest.fixture
def proxy(application: Application) -> Iterator[Proxy]:
    made = Proxy(application.port)
    made.sets = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.mark.slow
def test_a_page_by_https_comes_with_what_protects_it(proxy: Proxy) -> None:
    page = proxy.get("/demo/")
    assert page.status == 200
    assert page.getheader("Strict-Transport-Security")
    cookies = page.headers.get_all("Set-Cookie") or []
    assert cookies
    # No page of another host name can set or read these (RFC 6265bis, section 4.1.3.2).
    for cookie in cookies:
        assert cookie.startswith("__Host-lab_")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


@pytest.mark.slow
def test_a_page_by_http_is_sent_to_https_once(proxy: Proxy) -> None:
    proxy.sets["X-Forwarded-Proto"] = "http"
    answer = proxy.get("/demo/?pool=lab")
    assert (answer.status, answer.getheader("Location")) == (301, f"https://{HOST}/demo/?pool=lab")
    proxy.sets["X-Forwarded-Proto"] = "https"
    assert proxy.get("/demo/?pool=lab").status == 200


@pytest.mark.slow
def test_a_proxy_that_calls_by_address_says_the_host_that_was_asked_for(proxy: Proxy) -> None:
    proxy.sets |= {"Host": f"127.0.0.1:{proxy.behind}", "X-Forwarded-Host": HOST}
    assert proxy.get("/demo/").status == 200


@pytest.mark.slow
def test_a_header_of_the_client_spelt_another_way_is_not_the_proxy_s(proxy: Proxy, application: Application) -> None:
    """A proxy that replaces X-Forwarded-Proto and passes X_Forwarded_Proto on."""
    head = f"GET /demo/ HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: http\r\nX_Forwarded_Proto: https\r\n"
    answer = application.ask(f"{head}Connection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 301 ")


@pytest.mark.slow
@pytest.mark.slow
def test_nobody_else_is_believed(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = AWS | {"PUBLIC_URL": f"https://{HOST}", "TRUSTED_PROXIES": "192.0.2.1"}
    with running(tmp_path_factory.mktemp("untrusted"), **settings) as application:
        answer = _get(application.port, "/demo/", {"X-Forwarded-Proto": "https"})
        assert (answer.status, answer.getheader("Location")) == (301, f"https://{HOST}/demo/")
        answer = _get(application.port, "/demo/", {"Host": "127.0.0.1", "X-Forwarded-Host": HOST})
        assert answer.status == 302
