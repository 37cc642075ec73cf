"""The origin of an address: what browsers and policies compare (RFC 6454, section 4)."""

from urllib.parse import urlsplit


def origin_of(url: str) -> str:
    """Scheme, host and port of `url` as it writes them, without a slash: `https://login.example:8443`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
