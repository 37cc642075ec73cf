"""The paths of the sandbox that are not AWS's API: published keys, health, the latest requests, switches, stand-ins."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.aws.endpoint.replies import CORS, preflight_reply
from sandbox.aws.endpoint.request_log import PATH as REQUESTS
from sandbox.aws.endpoint.request_log import RequestLog
from sandbox.aws.snapshots.snapshots import Snapshots
from sandbox.controls.pages import is_switch, switch_page
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance
from sandbox.idp.mount import PREFIX as STAND_INS
from sandbox.idp.mount import idp_page, is_user_pool_page, managed_login, user_pool_page

_MOST_PROBLEMS = 20
_NEVER_KEPT = [
    "Faults: those that a switch set end with the process.",
    "Requests: the decisions of the latest ones, under /_sandbox/requests/, and accounts' calls, at /_sandbox/calls.",
    "DynamoDB: iterators over streams. The streams' records are kept.",
]

Page = Callable[[Instance, Request], Awaitable[Response]]
ISSUER = "https://cognito-identity.amazonaws.com"


def page_for(request: Request) -> Page | None:
    """The page behind a path, or None when the request is for AWS."""
    path = request.raw_path
    site = request.site
    if site.login:
        return managed_login
    if site.service or site.bucket:
        return _page_of_aws(request)
    if path.startswith(STAND_INS):
        return idp_page
    if request.method in ("GET", "HEAD") and is_user_pool_page(path):
        return user_pool_page
    if not path.startswith(("/.well-known/", "/_sandbox/")):
        return _welcome if path == "/" and _is_visit(request) else None
    if is_switch(path):
        return switch_page
    if request.method == "OPTIONS":
        return _preflight
    exact = _PAGES.get(path)
    if exact is not None and request.method in ("GET", "HEAD"):
        return exact
    if path.startswith(REQUESTS) and request.method in ("GET", "HEAD"):
        return _request
    return _not_found


def _page_of_aws(request: Request) -> Page | None:
    """At a host name of AWS's there are the pages that AWS has there, and its API."""
    if request.method not in ("GET", "HEAD"):
        return None
    if request.site.service == "cognito-identity" and request.raw_path.startswith("/.well-known/"):
        return _PAGES.get(request.raw_path, _not_found)
    if request.site.service == "cognito-idp" and is_user_pool_page(request.raw_path):
        return user_pool_page
    return None


def _is_visit(request: Request) -> bool:
    """A person who typed the address into a browser: what SDKs send is signed, or is a POST."""
    return (
        request.method in ("GET", "HEAD")
        and not request.query_string
        and "authorization" not in request.headers
        and "text/html" in request.headers.get("accept", "")
    )


async def _welcome(instance: Instance, request: Request) -> Response:
    """S3 sends such visitors on to its product page; what is to be seen here are the stand-ins."""
    return Response(307, b"", [("location", STAND_INS), ("cache-control", "no-store")])


def json_response(status: int, document: Any, *headers: tuple[str, str]) -> Response:
    body = json.dumps(document, indent=2).encode() + b"\n"
    return Response(status, body, [("content-type", "application/json"), *CORS, *headers])


async def _jwks(instance: Instance, request: Request) -> Response:
    return json_response(200, instance.keys.jwks(), ("cache-control", "max-age=2592000"))


async def _discovery(instance: Instance, request: Request) -> Response:
    """What `https://cognito-identity.amazonaws.com/.well-known/openid-configuration` says, with our own JWKS."""
    document = {
        "issuer": ISSUER,
        "jwks_uri": f"{instance.config.public_url}/.well-known/jwks_uri",
        "subject_types_supported": ["public"],
        "response_types_supported": ["id_token"],
        "id_token_signing_alg_values_supported": ["RS512"],
    }
    return json_response(200, document, ("cache-control", "max-age=2592000"))


async def _health(instance: Instance, request: Request) -> Response:
    """Who answers, since which start, and what will not be there after the next one."""
    problems = instance.part(Snapshots).problems()
    document = {
        "status": "ok",
        "product": "Identity Pools Lab sandbox",
        "region": instance.config.region,
        "boot": instance.boot,
        "notKept": {
            "always": _NEVER_KEPT,
            "now": [
                {"account": account, "service": service, "problem": problem}
                for (account, service), problem in list(problems.items())[:_MOST_PROBLEMS]
            ],
        },
    }
    return json_response(200, document, ("cache-control", "no-store"))


async def _request(instance: Instance, request: Request) -> Response:
    found = instance.part(RequestLog).find(request.raw_path.removeprefix(REQUESTS))
    if found is None:
        return await _not_found(instance, request)
    return Response(200, found, [("content-type", "application/json"), ("cache-control", "no-store"), *CORS])


async def _preflight(instance: Instance, request: Request) -> Response:
    return preflight_reply(request)


async def _not_found(instance: Instance, request: Request) -> Response:
    return json_response(404, {"error": "There is no such page in the sandbox."})


_PAGES: dict[str, Page] = {
    "/.well-known/jwks_uri": _jwks,
    "/.well-known/openid-configuration": _discovery,
    "/_sandbox/health": _health,
}
