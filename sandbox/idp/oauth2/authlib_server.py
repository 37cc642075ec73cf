"""Authlib's authorization server, fitted to the stand-ins: requests, clients, codes, and the grants."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from authlib.oauth2 import AuthorizationServer as AuthlibServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.base import invalid_error_characters
from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    ClientMixin,
    InvalidRequestError,
    OAuth2Payload,
    OAuth2Request,
    TokenMixin,
    grants,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Response, json
from werkzeug.datastructures import Headers, MultiDict

from sandbox.idp.sign_in.stand_in import RegisteredClient
from sandbox.idp.storage.records import Consent, Records, TokenRow

Params = MultiDict[str, str]


class Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib has no annotations, here and below
    """The parameters of one request, already in the provider-independent spelling."""

    def __init__(self, params: Params) -> None:
        self._params = params

    @property
    def data(self) -> Params:
        return self._params

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return defaultdict(list, {name: self._params.getlist(name) for name in self._params})


class ProtocolRequest(OAuth2Request):  # type: ignore[misc]
    """A request for Authlib, made only of parameters.

    Raises:
        InvalidRequestError: a parameter that Authlib would quote in an error holds characters that are forbidden there.
    """

    def __init__(self, method: str, params: Params, headers: Headers) -> None:
        # Authlib refuses plain http except on loopback; which address is served is the sandbox's decision, not ours.
        super().__init__(method=method, uri="https://stand-in.invalid/", headers=headers)
        for name in ("client_id", "redirect_uri", "response_type", "grant_type", "scope"):
            if any(invalid_error_characters(value) for value in params.getlist(name)):
                raise InvalidRequestError(f"{name} holds characters that are not allowed.")
        self.payload = Payload(params)
        self._params = params

    @property
    def args(self) -> Params:
        return self._params

    @property
    def form(self) -> Params:
        return self._params


class AuthlibClient(ClientMixin):  # type: ignore[misc]
    """A registered client as Authlib sees it. `prove` checks what the client sent as its secret."""

    def __init__(
        self, registered: RegisteredClient, prove: Callable[[str], bool], scopes: tuple[str, ...], *, refresh: bool
    ) -> None:
        self.registered = registered
        self.client_id = registered.client_id
        self._prove = prove
        self._scopes = scopes
        self._refresh = refresh

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: a redirect URI is never guessed, since all these providers demand one."""
        return

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scopes asked for, in their order; None when one of them is unknown here."""
        asked = (scope or "").split()
        return " ".join(asked) if set(asked) <= set(self._scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.registered.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return self._prove(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code" or (grant_type == "refresh_token" and self._refresh)


class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """A code that was taken, as Authlib sees it."""

    def __init__(self, consent: Consent) -> None:
        self.consent = consent
        self.code_challenge = consent.code_challenge
        self.code_challenge_method = consent.code_challenge_method or None

    def get_redirect_uri(self) -> str:
        return self.consent.redirect_uri

    def get_scope(self) -> str:
        return self.consent.scope


class IssuedToken(TokenMixin):  # type: ignore[misc]
    """A refresh or access token of ours, as Authlib sees it."""

    def __init__(self, value: str, row: TokenRow) -> None:
        self.value = value
        self.row = row

    def check_client(self, client: AuthlibClient) -> bool:
        return bool(self.row.consent.client_id == client.client_id)

    def get_scope(self) -> str:
        return self.row.consent.scope


# (consent, whether a refresh token is wanted) -> the token response
Minter = Callable[[Consent, bool], dict[str, Any]]


class OAuth2Server(AuthlibServer):  # type: ignore[misc]
    """One authorization server: one issuer, its clients, its codes and tokens.

    Args:
        mint: makes and records the tokens for a consent.
        pkce_required: refuse an authorization request without a code challenge.
    """

    def __init__(
        self, issuer: str, records: Records, clients: dict[str, AuthlibClient], mint: Minter, *, pkce_required: bool
    ) -> None:
        super().__init__()
        self.issuer = issuer
        self.records = records
        self._clients = clients
        self._mint = mint
        self.register_token_generator("default", self._generate)
        self.register_grant(CodeGrant, [ProofKey(demanded=pkce_required)])
        self.register_grant(RefreshGrant)
        self.register_endpoint(Revocation)

    def query_client(self, client_id: str) -> AuthlibClient | None:
        return self._clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Nothing: `mint` has recorded what it made."""

    def _generate(self, user: Consent, include_refresh_token: bool, **_: object) -> dict[str, Any]:
        return self._mint(user, include_refresh_token)

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        return Response(json.dumps(body) if isinstance(body, dict) else body, status, headers)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """RFC 6749, section 4.1, with codes in the records."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        self.server.records.save_code(self.server.issuer, code, request.user)

    def query_authorization_code(self, code: str, client: AuthlibClient) -> Code | None:
        # Taken whoever asks: a code that was shown to the wrong client is burnt.
        consent = self.server.records.take_code(self.server.issuer, code)
        return Code(consent) if consent and consent.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Nothing: taking it has spent it."""

    def authenticate_user(self, authorization_code: Code) -> Consent:
        return authorization_code.consent


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """RFC 6749, section 6. The refresh token stays the same, as with all the providers played here."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
    INCLUDE_NEW_REFRESH_TOKEN = False

    def authenticate_refresh_token(self, refresh_token: str) -> IssuedToken | None:
        row = self.server.records.live_token(self.server.issuer, refresh_token, "refresh")
        return IssuedToken(refresh_token, row) if row else None

    def authenticate_user(self, refresh_token: IssuedToken) -> Consent:
        return refresh_token.row.consent

    def revoke_old_credential(self, refresh_token: IssuedToken) -> None:
        """Nothing: it may be used again."""


class ProofKey(CodeChallenge):  # type: ignore[misc]
    """PKCE (RFC 7636): S256 only, enforced when a challenge was sent; where `demanded`, one must be."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def __init__(self, *, demanded: bool) -> None:
        super().__init__(required=True)
        self._demanded = demanded

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if self._demanded and not data.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge' in request.")
        if data.get("code_challenge") and not data.get("code_challenge_method"):
            raise InvalidRequestError("Only code_challenge_method S256 is supported.")
        super().validate_code_challenge(grant, redirect_uri)


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """RFC 7009: taking back a refresh token takes back the access tokens of the same sign-in."""

    CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def query_token(self, token_string: str, token_type_hint: str | None) -> IssuedToken | None:
        row = self.server.records.find_token(self.server.issuer, token_string)
        return IssuedToken(token_string, row) if row else None

    def revoke_token(self, token: IssuedToken, request: OAuth2Request) -> None:
        self.server.records.revoke_grant(self.server.issuer, token.row.consent.grant_id, "revoked")

    def create_endpoint_request(self, request: ProtocolRequest) -> ProtocolRequest:
        return request


__all__ = ["AuthlibClient", "Code", "Minter", "OAuth2Error", "OAuth2Server", "Params", "ProtocolRequest"]
