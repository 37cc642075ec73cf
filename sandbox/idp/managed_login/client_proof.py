"""Which client asks, and its proof: a secret in the header or in the form, or nothing for a public client."""

import base64
import binascii
import json
import secrets
from typing import Any
from urllib.parse import unquote_plus

import flask

from sandbox.idp.managed_login.site import LoginSite
from sandbox.user_pools.clients import Client, find_client

# A browser's application asks from an origin of its own; it shows no cookie, so any origin may.
CORS = {"Access-Control-Allow-Origin": "*"}
_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenRefusal(Exception):
    """A refusal of the token or the revocation endpoint (RFC 6749, section 5.2)."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, **({"error_description": description} if description else {})}


def proved_client(site: LoginSite) -> Client:
    """The client of the pool that sent the current request.

    Raises:
        TokenRefusal: invalid_client; invalid_request for two ways of proof at once, or a parameter given twice.
    """
    form = flask.request.form
    if any(len(form.getlist(name)) > 1 for name in form):
        raise TokenRefusal("invalid_request", "A parameter stands there twice.")
    client_id, secret = form.get("client_id", ""), form.get("client_secret")
    header = flask.request.headers.get("Authorization")
    if header is not None:
        basic = _basic(header)
        if secret is not None or client_id not in ("", basic[0]):
            raise TokenRefusal("invalid_request", "The client proves itself in one way.")
        client_id, secret = basic
    client = find_client(site.connection, client_id) if client_id else None
    if client is None or client.pool_id != site.pool.pool_id:
        raise TokenRefusal("invalid_client")
    if not secrets.compare_digest(client.secret.encode(), (secret or "").encode()):
        raise TokenRefusal("invalid_client", "invalid_client_secret")
    return client


def json_answer(body: dict[str, Any] | None, status: int = 200, **headers: str) -> flask.Response:
    """JSON that nobody keeps and any origin may read; with None, nothing."""
    text = "" if body is None else json.dumps(body)
    return flask.Response(
        text, status, {"Content-Type": "application/json;charset=UTF-8", **_NOT_KEPT, **CORS, **headers}
    )


def preflight() -> flask.Response:
    """Yes to a browser that asks whether it may send a request to these endpoints (Fetch Standard, 4.8)."""
    allowed = {
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Amz-User-Agent",
        "Access-Control-Max-Age": "86400",
    }
    return flask.Response("", 200, {**CORS, **allowed})


def _basic(header: str) -> tuple[str, str]:
    """Client ID and secret, which are form-encoded before they are base64-encoded (RFC 6749, section 2.3.1)."""
    scheme, _, value = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError
        client_id, colon, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise TokenRefusal("invalid_client") from None
    if not colon:
        raise TokenRefusal("invalid_client")
    return unquote_plus(client_id), unquote_plus(secret)
