"""Requests sent byte for byte."""

import http.client
import urllib.parse

from botocore.awsrequest import AWSRequest


def send(request: AWSRequest, body: bytes) -> tuple[int, bytes]:
    """Send a signed request with whatever body; status and body of the answer."""
    parts = urllib.parse.urlsplit(request.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=60)
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
    connection.request(request.method, target, body=body, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content
