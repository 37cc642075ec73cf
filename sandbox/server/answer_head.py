"""The head of an answer as it goes over the wire."""

import http
from collections.abc import Iterable

from sandbox.core.http import Response

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in http.HTTPStatus}
_CONTROL = bytes(code for code in (*range(32), 127) if code != 9)
_HARMLESS = str.maketrans(dict.fromkeys(map(chr, _CONTROL), "?"))


def answer_head(response: Response, default_headers: Iterable[tuple[bytes, bytes]], *, stays: bool) -> bytes:
    """Status line and headers, with the empty line behind them.

    Args:
        default_headers: uvicorn's, which has the Date ready.
        stays: whether the connection goes on after this answer.
    """
    # The space is there without a phrase, too (RFC 9112, section 4).
    lines = [_STATUS_LINES.get(response.status) or f"HTTP/1.1 {response.status} "]
    lines += [f"{name.decode()}: {value.decode()}" for name, value in default_headers]
    lines += [f"{name}: {value}" for name, value in response.headers]
    # RFC 9110, section 8.6: 204 has none, and that of 304 would be the content's that the client has.
    if response.status not in (204, 304) and not any(name == "content-length" for name, _ in response.headers):
        lines.append(f"content-length: {len(response.body)}")
    if not stays and ("connection", "close") not in response.headers:
        lines.append("connection: close")
    head = "\r\n".join(lines).encode("latin-1", "replace")
    if len(head) - len(head.translate(None, _CONTROL)) != 2 * (len(lines) - 1):
        # What would end a header is replaced: one answer must not be taken for two.
        head = "\r\n".join(line.translate(_HARMLESS) for line in lines).encode("latin-1", "replace")
    return head + b"\r\n\r\n"
