"""One HTTP request and one response, as everything behind the server sees them."""

import ipaddress
from dataclasses import dataclass, field


def is_loopback(host: str | None) -> bool:
    """Whether a host name means this machine."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class Request:
    """A request as it came over the wire.

    Attributes:
        raw_path: the path undecoded, without the query, since SigV4 signs the bytes that were sent.
        query_string: undecoded, without the question mark.
        headers: names in lower case; a repeated header's values joined by a comma.
        client: the peer's address, `aws:SourceIp` of policies.
        request_id: the UUID that the answer carries as `x-amzn-RequestId`.
        bucket: the S3 bucket that the host names (virtual-hosted style); empty for all other requests.
    """

    method: str
    raw_path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    client: str
    request_id: str
    bucket: str = ""


@dataclass(slots=True)
class Response:
    """An answer, complete: the sandbox streams nothing. Names of headers are in lower case."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
