"""Which web pages may send what an administrator signed.

The administrator's keys are well known, so a page of any site that is open on this machine could sign with them: its
`fetch` would read the answers, and an address with the signature in it, as an image, would need not even that. Browsers
say where a request comes from (`Origin`, `Referer`, `Sec-Fetch-Site`), and other clients do not.

Sessions are not asked: whoever has their keys may use them from anywhere. Browsers send no `Sec-Fetch-Site` to plain
http beyond loopback; there the administrator's secret has to be one (docs/sandbox.md).
"""

from urllib.parse import urlsplit

from sandbox.aws.wire.error_codes import Family
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request, is_loopback
from sandbox.core.instance import Instance

DOC = "https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site"
_FROM_HERE = ("same-origin", "none")  # the same server's page, or none at all: typed, a bookmark


def require_trusted_origin(instance: Instance, request: Request, family: Family, decisions: Decisions) -> None:
    """To be called for every request that an administrator signed.

    Raises:
        AwsError: a page of another site sent it.
    """
    site = _other_site(instance, request)
    if site is None:
        return
    expected = "no page, or one of loopback, SANDBOX_PUBLIC_URL, PUBLIC_URL or SANDBOX_TRUSTED_ORIGINS"
    decisions.denied("request.origin", "origin", expected, site, DOC)
    raise AwsError(
        "AccessDeniedException" if family == "json" else "AccessDenied",
        f"A page of another site ({site}) sent this request, which an administrator signed. If that is meant, name its "
        "origin in SANDBOX_TRUSTED_ORIGINS.",
        403,
    )


def _other_site(instance: Instance, request: Request) -> str | None:
    """Where the request comes from, when that is another site; None when it is not."""
    headers = request.headers
    named = [headers[name] for name in ("origin", "referer") if name in headers]
    for page in named:
        if not _is_trusted(instance, page):
            return page[:100]
    relation = headers.get("sec-fetch-site")
    if named or relation is None or relation in _FROM_HERE:
        return None
    # Neighbours of a name on loopback are on loopback as well; those of a public one are anybody's.
    host = urlsplit(f"//{headers.get('host', '')}").hostname
    return None if relation == "same-site" and is_loopback(host) else f"Sec-Fetch-Site: {relation[:40]}"


def _is_trusted(instance: Instance, page: str) -> bool:
    config = instance.config
    try:
        parts = urlsplit(page)
        host = parts.hostname
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    listed = (config.public_url, config.app_url, *config.trusted_origins)
    return (parts.scheme in ("http", "https") and is_loopback(host)) or origin in {url.lower() for url in listed}
