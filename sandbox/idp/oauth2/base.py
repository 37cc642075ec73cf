"""What all OAuth 2.0 stand-ins have in common: the authorization page, the token endpoint, and how they misbehave."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from sandbox.core.later import later
from sandbox.idp.sign_in import page
from sandbox.idp.sign_in.context import IdpContext
from sandbox.idp.sign_in.logins import Login, LoginRequest
from sandbox.idp.sign_in.mistakes import apply_mistake
from sandbox.idp.sign_in.page import Panel, SignInChoice
from sandbox.idp.sign_in.people import Person
from sandbox.idp.sign_in.stand_in import StandIn
from sandbox.idp.storage.records import Consent, TokenRow

if TYPE_CHECKING:
    import flask
    import jwt

    from sandbox.idp.oauth2 import authlib_server
    from sandbox.idp.storage import keys
else:
    flask = later("flask")
    jwt = later("jwt")
    authlib_server = later("sandbox.idp.oauth2.authlib_server")
    keys = later("sandbox.idp.storage.keys")

ID_TOKEN_CLAIMS = frozenset(("iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "auth_time", "jti"))


class OAuth2StandIn(StandIn):
    """One stand-in. Subclasses say what is peculiar to theirs and register their routes.

    Attributes:
        scopes: scope -> what the consent page says about it.
        reserved: claims that the provider sets itself.
        artifact: the member of the token response that identity pools take.
        access_seconds: life of an access token.
        pkce_required: refuse a request without a code challenge. Where one was sent it is compared in any case, and a
            verifier without one is refused.
    """

    scopes: ClassVar[dict[str, str]]
    reserved: ClassVar[frozenset[str]] = ID_TOKEN_CLAIMS
    subject_claim: ClassVar[str] = "sub"
    artifact: ClassVar[str] = "id_token"
    access_seconds: ClassVar[int] = 3600
    pkce_required: ClassVar[bool] = False
    refreshes: ClassVar[bool] = True

    def __init__(self, context: IdpContext) -> None:
        super().__init__(context)
        self.keys = keys.SigningKeys(context.records, self.slug, self.new_key_id)
        self.registered = self.client(context.lab)
        client = authlib_server.AuthlibClient(
            self.registered, self.prove_client, tuple(self.scopes), refresh=self.refreshes
        )
        self.server = authlib_server.OAuth2Server(
            self.slug,
            context.records,
            {client.client_id: client},
            self.mint,
            pkce_required=self.pkce_required,
        )

    # --- To be said by each provider ---

    def claims(self, person: Person, scopes: set[str]) -> dict[str, Any]:
        """What the provider says about a person, given the scopes: the editable part."""
        raise NotImplementedError

    def mint(self, consent: Consent, refresh: bool) -> dict[str, Any]:
        """Make and record the tokens of a consent; the token response."""
        raise NotImplementedError

    def preview(self, consent: Consent) -> list[Panel]:
        """What the application would get if the consent were given now."""
        raise NotImplementedError

    def prove_client(self, secret: str) -> bool:
        """Whether the secret is the registered client's."""
        expected = self.registered.secret
        return secrets.compare_digest(secret.encode(), expected.encode())

    def decline_params(self) -> dict[str, str]:
        """The error that the provider sends back when the person says no."""
        return {"error": "access_denied"}

    def normalise(self, params: authlib_server.Params) -> authlib_server.Params:
        """The provider's spelling of an authorization or token request in OAuth's own."""
        return params

    # --- Authorization ---

    def authorize(self) -> flask.Response:
        """The authorization endpoint and its page. The request is the query; the form answers the page."""
        params = self.normalise(flask.request.args.copy())
        try:
            protocol_request = authlib_server.ProtocolRequest("GET", params, flask.request.headers)
            grant = self.server.get_consent_grant(protocol_request)
        except authlib_server.OAuth2Error as error:
            return self.refused(error)
        if "none" in params.get("prompt", "").split():
            return self.back(params, {"error": "login_required"})
        choice = self.choice(params)
        if choice.step == "deny":
            return self.back(params, self.decline_params())
        if choice.step == "choose" or choice.person is None or choice.problem:
            return self.ask(choice, params)
        consent = self.consent(choice, params)
        if choice.step == "preview":
            return self.ask(choice, params, panels=self.preview(consent))
        return self.granted(protocol_request, grant, consent)

    def granted(self, protocol_request: authlib_server.ProtocolRequest, grant: Any, consent: Consent) -> flask.Response:
        answer: flask.Response = self.server.create_authorization_response(
            protocol_request, grant_user=consent, grant=grant
        )
        return answer

    def choice(self, params: authlib_server.Params) -> SignInChoice:
        scopes = set(params.get("scope", "").split())
        return page.read_choice(self, lambda person: self.claims(person, scopes), self.reserved)

    def ask(
        self, choice: SignInChoice, params: authlib_server.Params, *, panels: Sequence[Panel] = ()
    ) -> flask.Response:
        """The page. It may redirect to the application, hence the form's target."""
        scopes = [(name, self.scopes[name]) for name in params.get("scope", "").split() if name in self.scopes]
        return page.show(
            self,
            choice,
            leads_to=[params["redirect_uri"]],
            panels=panels,
            scopes=scopes,
            client=self.registered,
        )

    def consent(self, choice: SignInChoice, params: Mapping[str, str]) -> Consent:
        """What the person agreed to."""
        assert choice.person is not None
        claims = choice.claims
        return Consent(
            grant_id=str(uuid.uuid4()),
            person=choice.person.key,
            subject=str(claims.get(self.subject_claim) or self.subject(choice.person)),
            claims=claims,
            client_id=params["client_id"],
            redirect_uri=params["redirect_uri"],
            scope=params.get("scope", ""),
            nonce=params.get("nonce", ""),
            code_challenge=params.get("code_challenge", ""),
            code_challenge_method=params.get("code_challenge_method", ""),
            misbehaviour=choice.misbehaviour,
            auth_time=self.records.now().start,
        )

    def back(self, params: authlib_server.Params, answer: dict[str, str]) -> flask.Response:
        """Redirect to the application with an answer and its state."""
        state = {"state": params["state"]} if "state" in params else {}
        target = params["redirect_uri"]
        return _redirect(f"{target}{'&' if '?' in target else '?'}{urlencode({**answer, **state})}")

    def refused(self, error: authlib_server.OAuth2Error) -> flask.Response:
        """A wrong authorization request: told to the application if its address is beyond doubt, else shown."""
        if error.redirect_uri:
            answer: flask.Response = self.server.handle_error_response(None, error)
            return answer
        return page.render(
            "refused.html", status=400, stand_in=self, error=error.error, description=error.description or ""
        )

    # --- Tokens ---

    def token(self) -> flask.Response:
        """The token endpoint."""
        return self.token_answer(self.normalise(flask.request.form.copy()))

    def token_answer(self, params: authlib_server.Params) -> flask.Response:
        try:
            protocol_request = authlib_server.ProtocolRequest("POST", params, flask.request.headers)
        except authlib_server.OAuth2Error as error:
            refusal: flask.Response = self.server.handle_error_response(None, error)
            return refusal
        answer: flask.Response = self.server.create_token_response(protocol_request)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def revoke(self) -> flask.Response:
        """RFC 7009."""
        try:
            protocol_request = authlib_server.ProtocolRequest("POST", flask.request.form.copy(), flask.request.headers)
        except authlib_server.OAuth2Error as error:
            refusal: flask.Response = self.server.handle_error_response(None, error)
            return refusal
        answer: flask.Response = self.server.create_endpoint_response("revocation", protocol_request)
        return answer

    def login(self, wanted: LoginRequest) -> Login:
        """What the application would hand to an identity pool after a sign-in with every scope, without the page.

        Raises:
            LoginRefused
        """
        choice = page.choice_for(self, wanted, lambda who: self.claims(who, set(self.scopes)), self.reserved)
        registered = self.registered
        asked = {
            "client_id": wanted.client_id or registered.client_id,
            "redirect_uri": registered.redirect_uris[0],
            "scope": " ".join(self.scopes),
            "nonce": secrets.token_urlsafe(16),
        }
        token = self.mint(self.consent(choice, asked), False)[self.artifact]
        return Login(self.logins_key(self.context.lab), token, self._expiry(token))

    def _expiry(self, token: str) -> int:
        """Of a token that was just issued: as it is recorded, or as it says itself."""
        row = self.records.find_token(self.slug, token)
        if row is not None:
            return int(row.expires)
        return int(jwt.decode(token, options={"verify_signature": False})["exp"])

    def record(self, token: str, kind: str, consent: Consent, seconds: int) -> int:
        """Keep a token for `seconds` by the account's clock, less if it is to misbehave. Returns `expires_in`."""
        now = self.records.now()
        if kind == "access" and consent.misbehaviour == "expired":
            self.records.save_token(self.slug, token, kind, consent, now.start - seconds - 60, now.start - 60)
            return seconds
        if kind == "access" and consent.misbehaviour == "short_lived":
            seconds = 10
        self.records.save_token(self.slug, token, kind, consent, now.start, now.end_base + seconds)
        if kind == "access" and consent.misbehaviour == "revoked":
            self.records.revoke_token(self.slug, token, "misbehaviour")
        return seconds

    def bearer(self) -> TokenRow | None:
        """The live access token that the request shows, in its header or as `access_token`."""
        return self.records.live_token(self.slug, self.shown_token(), "access")

    def shown_token(self) -> str:
        scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else flask.request.values.get("access_token", "")

    # --- ID tokens ---

    def sign(self, claims: dict[str, Any], misbehaviour: str = "", header: dict[str, Any] | None = None) -> str:
        """RS256 with the active key; with a key that nobody published when that is the misbehaviour."""
        kid, key = self.keys.active()
        signer = self.keys.foreign() if misbehaviour == "wrong_key" else key
        headers: dict[str, Any] = {"kid": kid, "typ": None, **(header or {})}
        return jwt.encode(claims, signer, algorithm="RS256", headers=headers)

    def jwks(self) -> flask.Response:
        answer = flask.jsonify(self.keys.jwks())
        answer.headers["Cache-Control"] = "public, max-age=60"
        return answer

    def preview_of(self, claims: dict[str, Any], consent: Consent, title: str = "ID token") -> Panel:
        """The claims as they would be signed now, and by which key."""
        kid, _ = self.keys.active()
        key = "a key that nobody published" if consent.misbehaviour == "wrong_key" else f"key {kid}"
        note = f"RS256, {key}. Times, at_hash and ids get new values when the application exchanges its code."
        return Panel(f"{title} as it will be signed", page.pretty(apply_mistake(claims, consent.misbehaviour)), note)


def _redirect(address: str) -> flask.Response:
    answer = flask.redirect(address)
    return flask.Response(answer.get_data(), answer.status_code, dict(answer.headers))


def bearer_error(status: int = 401, error: str = "invalid_token") -> flask.Response:
    """RFC 6750, section 3.1."""
    body = json.dumps({"error": error, "error_description": "The access token is missing, expired or revoked."})
    headers = {"Content-Type": "application/json", "WWW-Authenticate": f'Bearer error="{error}"'}
    return flask.Response(body, status, headers)
