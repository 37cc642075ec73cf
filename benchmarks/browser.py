"""A browser without a screen: cookies, forms, redirects, connections that are kept; and how long each page took."""

import http.client
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_FILES = re.compile(r'<(?:link rel="(?:stylesheet|icon)" href|script src|img src)="(/static/[^"]+)"')
_KEPT_SECONDS = 8.0  # the server closes a connection on which nothing was asked for ten
_MOST_REDIRECTS = 5
PATIENCE = 120.0  # seconds; whoever waits that long has long been counted as late


@dataclass(frozen=True, slots=True)
class Page:
    """What came of one click, redirects followed. `seconds`: from the click until the last byte."""

    path: str
    status: int
    text: str
    seconds: float
    first_seconds: float  # until the first answer: of a form, before the page that it leads to

    def found(self, pattern: str) -> str:
        """The first group of a pattern in the text, without entities.

        Raises:
            LookupError
        """
        match = re.search(pattern, self.text)
        if match is None:
            raise LookupError(f"{self.path} ({self.status}) has no {pattern}")
        return unescape(match[1])


class Browser:
    """One person's. It is used by one thread at a time.

    Args:
        origin: of the site, `http://127.0.0.1:8000`.
        note: is told of every answer: what was asked for, and the page.
    """

    def __init__(self, origin: str, note: Callable[[str, Page], None] = lambda what, page: None) -> None:
        parts = urlsplit(origin)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._origin, self._note = origin, note
        self._cookies: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0
        self._files: set[str] = set()
        self.page = Page("", 0, "", 0.0, 0.0)

    def get(self, path: str, what: str, *, swaps: str = "") -> Page:
        """Open an address, as a link does; with `swaps` as htmx asks for that part of the page which is open."""
        page = self._go("GET", path, b"", swaps)
        self._note(what, page)
        if not swaps:
            self.page = page
        return page

    def post(self, path: str, what: str, /, **fields: str) -> Page:
        """Send a form of the page that is open."""
        fields["csrfmiddlewaretoken"] = _TOKEN.findall(self.page.text)[-1]
        self.page = self._go("POST", path, urlencode(fields).encode(), "")
        self._note(what, self.page)
        return self.page

    def repeated(self, path: str, /, **fields: str) -> Callable[[], tuple[int, bytes]]:
        """The same form of the page that is open, to be sent any number of times: status and bytes of the page that it
        leads to. It reads no more of either than it must, so that it takes little of a processor that is measured."""
        fields["csrfmiddlewaretoken"] = _TOKEN.findall(self.page.text)[-1]
        body = urlencode(fields).encode()
        asking = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        sending = asking | {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self._origin,
            "Referer": f"{self._origin}{self.page.path}",
        }
        connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE)

        def send() -> tuple[int, bytes]:
            connection.request("POST", path, body, sending)
            answer = connection.getresponse()
            answer.read()
            connection.request("GET", answer.headers["Location"] or "/", headers=asking)
            shown = connection.getresponse()
            return shown.status, shown.read()

        return send

    def files(self) -> None:
        """Fetch what the page that is open consists of, as far as it was not fetched before."""
        for path in _FILES.findall(self.page.text):
            if path not in self._files:
                self._files.add(path)
                self._note("file", self._go("GET", path, b"", ""))

    def _go(self, method: str, path: str, body: bytes, swaps: str) -> Page:
        begun = time.perf_counter()
        first = 0.0
        for _ in range(_MOST_REDIRECTS):
            status, location, text = self._ask(method, path, body, swaps)
            first = first or time.perf_counter() - begun
            if status not in (301, 302, 303) or not location:
                break
            target = urlsplit(urljoin(f"{self._origin}{path}", location))
            path = target.path + (f"?{target.query}" if target.query else "")
            method, body = "GET", b""
        return Page(path, status, text, time.perf_counter() - begun, first)

    def _ask(self, method: str, path: str, body: bytes, swaps: str) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if swaps:
            headers |= {"HX-Request": "true", "HX-Current-URL": f"{self._origin}{self.page.path}", "HX-Target": swaps}
        if method == "POST":
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._origin}
            headers["Referer"] = f"{self._origin}{self.page.path}"
        if self._connection is None or time.perf_counter() - self._used > _KEPT_SECONDS:
            self.close()
            self._connection = http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE)
        self._connection.request(method, path, body or None, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        self._used = time.perf_counter()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";", 1)[0].partition("=")
            if value.strip('"'):
                self._cookies[name.strip()] = value
            else:
                self._cookies.pop(name.strip(), None)
        if answer.will_close:
            self.close()
        return answer.status, answer.headers.get("Location", ""), text

    def close(self) -> None:
        """End the connection, as a browser does after a while."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
