"""Google: https://developers.google.com/identity/openid-connect/openid-connect."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.core.facts import Lab
from sandbox.core.later import later
from sandbox.idp.oauth2.base import OAuth2StandIn, bearer_error
from sandbox.idp.sign_in import mistakes
from sandbox.idp.sign_in.mistakes import apply_mistake
from sandbox.idp.sign_in.page import Panel
from sandbox.idp.sign_in.people import Person, digits
from sandbox.idp.sign_in.stand_in import Route
from sandbox.idp.storage.records import Consent
from sandbox.user_pools.tokens import at_hash

if TYPE_CHECKING:
    import flask
else:
    flask = later("flask")

ISSUER = "https://accounts.google.com"


class Google(OAuth2StandIn):
    slug = "google"
    order = 10
    title = "Google"
    colour = "#1967d2"
    artifact_name = "ID token"
    signs = "claims"
    misbehaviours = mistakes.OIDC
    client_id = "100000000001-identitypoolslab.apps.googleusercontent.com"
    client_secret = "GOCSPX-local-stand-in-google"  # noqa: S105 (a secret that everybody may know)
    account_client_id = "{account}-account.apps.googleusercontent.com"
    client_settings = ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET")
    backend = "google-openidconnect"
    scopes = {
        "openid": "know who you are at Google",
        "email": "see your e-mail address",
        "profile": "see your name and picture",
        "https://www.googleapis.com/auth/userinfo.email": "see your e-mail address",
        "https://www.googleapis.com/auth/userinfo.profile": "see your name and picture",
    }
    pkce_required = True

    @classmethod
    def hosts(cls, lab: Lab) -> tuple[str, ...]:
        return (
            "accounts.google.com",
            "oauth2.googleapis.com",
            "www.googleapis.com",
            "openidconnect.googleapis.com",
        )

    @classmethod
    def logins_key(cls, lab: Lab) -> str:
        return ISSUER.removeprefix("https://")

    @staticmethod
    def subject(person: Person) -> str:
        """21 digits."""
        return digits("google", person, 21, "1")

    @classmethod
    def routes(cls) -> Iterator[Route]:
        yield Route("/accounts.google.com/o/oauth2/v2/auth", cls.authorize, methods=("GET", "POST"))
        yield Route("/accounts.google.com/o/oauth2/auth", cls.authorize, methods=("GET", "POST"))
        yield Route("/accounts.google.com/.well-known/openid-configuration", cls.discovery)
        yield Route("/oauth2.googleapis.com/token", cls.token, methods=("POST",))
        yield Route("/oauth2.googleapis.com/revoke", cls.revoke_shown, methods=("POST",))
        yield Route("/oauth2.googleapis.com/tokeninfo", cls.tokeninfo)
        yield Route("/www.googleapis.com/oauth2/v3/certs", cls.jwks)
        yield Route("/www.googleapis.com/oauth2/v3/userinfo", cls.userinfo, methods=("GET", "POST"))
        yield Route("/openidconnect.googleapis.com/v1/userinfo", cls.userinfo, methods=("GET", "POST"))

    def claims(self, person: Person, scopes: set[str]) -> dict[str, Any]:
        claims: dict[str, Any] = {"sub": self.subject(person)}
        if scopes & {"email", "https://www.googleapis.com/auth/userinfo.email"}:
            claims |= {"hd": f"{person.tenant}.example", "email": person.email}
            claims["email_verified"] = person.email_verified
        if scopes & {"profile", "https://www.googleapis.com/auth/userinfo.profile"}:
            claims |= {
                "name": person.name,
                "picture": f"{self.context.portraits}/{person.key}.svg",
                "given_name": person.given_name,
                "family_name": person.family_name,
            }
        return claims

    def id_claims(self, consent: Consent, access_token: str) -> dict[str, Any]:
        now = self.records.now()
        nonce = {"nonce": consent.nonce} if consent.nonce else {}
        return {
            "iss": ISSUER,
            "azp": consent.client_id,
            "aud": consent.client_id,
            **consent.claims,
            "at_hash": at_hash(access_token),
            **nonce,
            "iat": now.start,
            "exp": now.end_base + 3600,
        }

    def mint(self, consent: Consent, refresh: bool) -> dict[str, Any]:
        access_token = "ya29." + secrets.token_urlsafe(120)
        expires_in = self.record(access_token, "access", consent, self.access_seconds - 1)
        answer: dict[str, Any] = {"access_token": access_token, "expires_in": expires_in}
        if refresh and consent.extra.get("offline"):
            answer["refresh_token"] = "1//" + secrets.token_urlsafe(70)
            self.record(answer["refresh_token"], "refresh", consent, 180 * 86_400)
        answer |= {"scope": consent.scope, "token_type": "Bearer"}
        if "openid" in consent.scope.split():
            claims = apply_mistake(self.id_claims(consent, access_token), consent.misbehaviour)
            signed = self.sign(claims, consent.misbehaviour, {"typ": "JWT"})
            answer["id_token"] = access_token if consent.misbehaviour == "access_token" else signed
        return answer

    def consent(self, choice: Any, params: Any) -> Consent:
        base = super().consent(choice, params)
        # Google gives a refresh token only to an application that asks for offline access.
        base.extra["offline"] = params.get("access_type") == "offline"
        return base

    def preview(self, consent: Consent) -> list[Panel]:
        if consent.misbehaviour == "access_token":
            return [Panel("In place of the ID token", "ya29.…", "An opaque access token, which is no JWT at all.")]
        return [self.preview_of(self.id_claims(consent, "ya29.preview"), consent)]

    def discovery(self) -> flask.Response:
        accounts, oauth2 = self.context.local("accounts.google.com"), self.context.local("oauth2.googleapis.com")
        return flask.jsonify(
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"{accounts}/o/oauth2/v2/auth",
                "token_endpoint": f"{oauth2}/token",
                "userinfo_endpoint": f"{self.context.local('openidconnect.googleapis.com')}/v1/userinfo",
                "revocation_endpoint": f"{oauth2}/revoke",
                "jwks_uri": f"{self.context.local('www.googleapis.com')}/oauth2/v3/certs",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "email", "profile"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                "claims_supported": [
                    *("aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss"),
                    *("name", "picture", "sub"),
                ],
                "code_challenge_methods_supported": ["S256"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
            }
        )

    def userinfo(self) -> flask.Response:
        row = self.bearer()
        return flask.jsonify(row.consent.claims) if row else bearer_error()

    def tokeninfo(self) -> flask.Response:
        """What Google tells about an access token: for whom, of whom, how long."""
        row = self.bearer()
        if row is None:
            return _json_error("invalid_token")
        consent = row.consent
        left = int(row.expires - self.records.now().account)
        email = {name: str(consent.claims[name]) for name in ("email", "email_verified") if name in consent.claims}
        return flask.jsonify(
            {
                "azp": consent.client_id,
                "aud": consent.client_id,
                "sub": consent.subject,
                "scope": consent.scope,
                "exp": str(int(row.expires)),
                "expires_in": str(left),
                **email,
            }
        )

    def revoke_shown(self) -> flask.Response:
        """Google asks for no client authentication: whoever has the token may take it back."""
        token = flask.request.values.get("token", "")
        row = self.records.find_token(self.slug, token)
        if row is None or row.revoked:
            return _json_error("invalid_token")
        self.records.revoke_grant(self.slug, row.consent.grant_id, "revoked")
        return flask.jsonify({})


def _json_error(error: str) -> flask.Response:
    answer = flask.jsonify({"error": error, "error_description": "Invalid Value"})
    answer.status_code = 400
    return answer


STAND_IN = Google
