"""One HTTP request and one response, as everything behind the server sees them."""

import ipaddress
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Site:
    """What the host name of a request says, where it is a name of AWS's.

    Attributes:
        service: as in a signature's scope; empty for the sandbox's own names and for a managed login.
        region: empty where the name has none (`sts.amazonaws.com`).
        bucket: of S3's virtual-hosted style, also below the sandbox's own names.
        login: the whole name of a user pool's domain (`PREFIX.auth.REGION.amazoncognito.com`).
    """

    service: str = ""
    region: str = ""
    bucket: str = ""
    login: str = ""


OWN_SITE = Site()


def is_loopback(host: str | None) -> bool:
    """Whether a host's name or address, or a peer's, means this machine."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    # To the kernel an IPv4 peer of an IPv6 socket is `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2); Python knows it since 3.13.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


@dataclass(slots=True)
class Request:
    """A request as it came over the wire.

    Attributes:
        raw_path: the path undecoded, without the query, since SigV4 signs the bytes that were sent.
        query_string: undecoded, without the question mark.
        headers: names in lower case; a repeated header's values joined by a comma.
        client: the peer's address, `aws:SourceIp` of policies.
        request_id: the UUID that the answer carries as `x-amzn-RequestId`.
        site: what the host name says of service, region and bucket.
        form_signature: of a request that was made of a browser's form, the version by which its policy is signed.
    """

    method: str
    raw_path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    client: str
    request_id: str
    site: Site = OWN_SITE
    form_signature: str = ""
    _body_sha256: tuple[bytes, str] = (b"", "")

    @property
    def bucket(self) -> str:
        """The S3 bucket that the host names (virtual-hosted style); empty for all other requests."""
        return self.site.bucket

    @property
    def body_sha256(self) -> str:
        """SHA-256 of the body in hexadecimal digits, computed once: a large one takes a tenth of a second."""
        body, digest = self._body_sha256
        if not digest or body is not self.body:
            digest = sha256(self.body).hexdigest()
            self._body_sha256 = (self.body, digest)
        return digest


@dataclass(slots=True)
class Response:
    """An answer, complete: the sandbox streams nothing. Names of headers are in lower case."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)


def plain(status: int, text: str) -> Response:
    """A sentence for whoever reads the wire; the connection ends with it."""
    return Response(status, f"{text}\n".encode(), [("content-type", "text/plain"), ("connection", "close")])
