"""Authorization requests: what a client asks for, held against its settings, and the way back to it.

https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html. Every page of a managed login is
opened with the same parameters, which stay in its address.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

import flask
from werkzeug.datastructures import MultiDict

from sandbox.idp.managed_login.site import LoginSite
from sandbox.user_pools.brandings import branding_of_client
from sandbox.user_pools.clients import Client, find_client
from sandbox.user_pools.domains import domain_of

OWN_PROVIDER = "COGNITO"
OPENID = "openid"
DONE = "done"  # a parameter of ours: what has just been done, for the sign-in page to say
_WITH_OPENID = {"email", "phone", "profile"}  # may only be asked for together with it
_FLOWS = {"code": "code", "token": "implicit"}
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))  # what an address is left as
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256 (RFC 7636, section 4.2)


class ShownRefusal(Exception):
    """A request that is answered with a page: it is not certain that a client of this pool sent it."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description


class ToldRefusal(Exception):
    """A refusal that the client is told, at an address that it has registered."""

    def __init__(self, way: "WayBack", error: str, description: str = "") -> None:
        super().__init__(error)
        self.way = way
        self.answer = {"error": error, **({"error_description": description} if description else {})}


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where the browser goes with the answer: an address that the client has registered.

    Attributes:
        in_fragment: whether the answer stands behind `#`, as tokens do (RFC 6749, section 4.2.2).
    """

    redirect_uri: str
    state: str | None
    in_fragment: bool

    def answer(self, members: Mapping[str, str]) -> flask.Response:
        """The redirect that carries an answer, with the request's state."""
        state = {} if self.state is None else {"state": self.state}
        separator = "#" if self.in_fragment else "&" if "?" in self.redirect_uri else "?"
        return redirect(f"{self.redirect_uri}{separator}{urlencode({**members, **state})}")


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that a client of the pool may make.

    Attributes:
        response_type: `code` or `token`.
        scope: scopes with spaces between, as granted.
        code_challenge: of the method S256; empty for none.
        query: the parameters as they came, for the addresses of pages that go on with the request.
    """

    client: Client
    way: WayBack
    response_type: str
    scope: str
    nonce: str
    code_challenge: str
    prompt: frozenset[str]
    login_hint: str
    query: str

    def query_for(self, username: str, **more: str) -> str:
        """The parameters with that name for the sign-in page to begin with."""
        kept = [(name, value) for name, value in parse_qsl(self.query, True) if name != "login_hint"]
        return urlencode([*kept, ("login_hint", username), *more.items()])


def read_request(site: LoginSite, params: MultiDict[str, str]) -> AuthorizationRequest:
    """The request in an address of the managed login.

    Raises:
        ShownRefusal: no such client, or not its address.
        ToldRefusal: everything else.
    """
    client, redirect_uri = _known_client(site, params)
    response_type = params.get("response_type", "")
    way = WayBack(redirect_uri, params.get("state"), response_type == "token")
    if any(len(params.getlist(name)) > 1 for name in params):
        raise ToldRefusal(way, "invalid_request", "A parameter stands there twice.")
    if not response_type:
        raise ToldRefusal(way, "invalid_request", "response_type is missing.")
    if response_type not in ("code", "token"):
        raise ToldRefusal(way, "unsupported_response_type")
    if _FLOWS[response_type] not in (client.definition.get("AllowedOAuthFlows") or ()):
        raise ToldRefusal(way, "unauthorized_client")
    _check_provider(way, client, params)
    return AuthorizationRequest(
        client,
        way,
        response_type,
        _granted_scope(way, client, params.get("scope", "")),
        params.get("nonce", ""),
        _challenge(way, params) if response_type == "code" else "",
        frozenset(params.get("prompt", "").split()),
        params.get("login_hint", ""),
        urlencode([(name, value) for name, value in params.items(multi=True) if name != DONE]),
    )


def client_at(site: LoginSite, client_id: str) -> Client:
    """The client of that id of the pool, where it may use the endpoints of the domain.

    Raises:
        ShownRefusal
    """
    client = find_client(site.connection, client_id) if client_id else None
    if client is None or client.pool_id != site.pool.pool_id:
        raise ShownRefusal("invalid_request", f"User pool client {client_id} does not exist.")
    if not client.definition.get("AllowedOAuthFlowsUserPoolClient"):
        raise ShownRefusal("invalid_request", "Client is not enabled for OAuth2.0 flows.")
    return client


def redirect(address: str) -> flask.Response:
    """A redirect to an address that is as registered, or a path of this site."""
    return flask.Response("", 302, {"Location": quote(address, safe=_PRINTABLE)})


def _known_client(site: LoginSite, params: MultiDict[str, str]) -> tuple[Client, str]:
    """The client and its address, beyond doubt: each stands there once, and the address is registered to the letter."""
    for name in ("client_id", "redirect_uri"):
        if len(params.getlist(name)) != 1:
            raise ShownRefusal("invalid_request", f"Required String parameter '{name}' is not present")
    client = client_at(site, params["client_id"])
    _check_style(site, client)
    if params["redirect_uri"] not in (client.definition.get("CallbackURLs") or ()):
        raise ShownRefusal("redirect_mismatch", "The redirect_uri is none of the client's CallbackURLs.")
    return client, params["redirect_uri"]


def _check_style(site: LoginSite, client: Client) -> None:
    """What AWS shows where a domain has version 2 and nobody gave the client a style, be it the console's own."""
    domain = domain_of(site.connection, site.pool)
    needs_style = domain is not None and domain.definition.get("ManagedLoginVersion") == 2
    if needs_style and branding_of_client(site.connection, site.pool, client.client_id) is None:
        raise ShownRefusal("invalid_request", "Login pages unavailable. Please contact an administrator.")


def _check_provider(way: WayBack, client: Client, params: MultiDict[str, str]) -> None:
    wanted = params.get("identity_provider") or params.get("idp_identifier") or OWN_PROVIDER
    if wanted != OWN_PROVIDER:
        raise ToldRefusal(way, "invalid_request", "In the sandbox user pools sign people in themselves (COGNITO) only.")
    if OWN_PROVIDER not in (client.definition.get("SupportedIdentityProviders") or ()):
        # What the managed login says when a client has no provider to choose from.
        unavailable = "Login pages unavailable: the client's SupportedIdentityProviders lack COGNITO."
        raise ShownRefusal("invalid_request", unavailable)


def _granted_scope(way: WayBack, client: Client, asked: str) -> str:
    """The scopes asked for; all that the client may have where it asked for none."""
    allowed = [str(scope) for scope in client.definition.get("AllowedOAuthScopes") or ()]
    scopes = list(dict.fromkeys(asked.split())) or allowed
    if not set(scopes) <= set(allowed):
        raise ToldRefusal(way, "invalid_scope")
    if OPENID not in scopes and _WITH_OPENID & set(scopes):
        raise ToldRefusal(way, "invalid_scope", "email, phone and profile go with openid only.")
    return " ".join(scopes)


def _challenge(way: WayBack, params: MultiDict[str, str]) -> str:
    challenge, method = params.get("code_challenge", ""), params.get("code_challenge_method", "")
    if not challenge and not method:
        return ""
    if method != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise ToldRefusal(way, "invalid_request", "A code_challenge is of the method S256 and 43 characters long.")
    return challenge
