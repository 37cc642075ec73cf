"""Where a call went: as AWS or the provider names it, and who plays it in the sandbox."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flows.models import ApiCall

_SCOPE = re.compile(r"/\d{8}/(?P<region>[a-z0-9-]+)/[a-z0-9-]+/aws4_request")
_ACCOUNT = re.compile(r"\d{12}")
_STAND_INS = "idp"  # the first part of the path of each stand-in; its host's name follows, or its account's number


@dataclass(frozen=True, slots=True)
class CallTarget:
    """`address`: host and path; `played_by`: the host that answered in its place, empty where it answered itself."""

    address: str
    played_by: str = ""


def target_of(call: ApiCall) -> CallTarget:
    """Only the sandbox plays others; on AWS, and at real providers, the address is the one that was called."""
    url = urlsplit(call.url)
    path = url.path if url.path != "/" else ""
    if call.run.mode == "sandbox":
        if call.kind == ApiCall.Kind.PROVIDER:
            return _provider(url.netloc, path)
        if call.service != "sandbox":
            region = region_of(call)
            # IAM is one service everywhere: https://docs.aws.amazon.com/general/latest/gr/iam-service.html
            host = "iam.amazonaws.com" if call.service == "iam" else f"{call.service}.{region}.amazonaws.com"
            return CallTarget(f"{host}{path}", url.netloc)
    return CallTarget(f"{url.netloc}{path}")


def region_of(call: ApiCall) -> str:
    """In which region: as its signature says, else the run's."""
    found = _SCOPE.search(str(call.request_headers.get("Authorization", "")))
    return found["region"] if found else call.run.region


def _provider(netloc: str, path: str) -> CallTarget:
    _, found, after = path.partition(f"/{_STAND_INS}/")
    host, _, rest = after.partition("/")
    if _ACCOUNT.fullmatch(host):
        host, _, rest = rest.partition("/")
    if not found or "." not in host:  # a provider of nobody's in particular, which has no name elsewhere
        return CallTarget(f"{netloc}{path}")
    return CallTarget(f"{host}/{rest}", netloc)
