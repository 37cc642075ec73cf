"""Login with Amazon: https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html."""

import secrets
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.idp.oauth2.base import OAuth2Provider
from sandbox.idp.sign_in import mistakes
from sandbox.idp.sign_in.page import Face, Panel, pretty
from sandbox.idp.sign_in.people import Person, subject
from sandbox.idp.storage.records import Consent, TokenRow

ISSUER = "https://www.amazon.com"
FOREIGN_CLIENT_ID = "amzn1.application-oa2-client.ffffffffffffffffffffffffffffffff"


class Amazon(OAuth2Provider):
    face = Face("amazon", "Login with Amazon", "access token", "profile", mistakes.OPAQUE)
    scopes = {
        "profile": "see your name and e-mail address",
        "profile:user_id": "know you by an id",
        "postal_code": "see your postal code",
    }
    reserved = frozenset()
    subject_claim = "user_id"
    logins_key = ISSUER.removeprefix("https://")
    artifact = "access_token"

    def register(self, blueprint: Blueprint) -> None:
        rule = blueprint.add_url_rule
        rule("/www.amazon.com/ap/oa", "amazon_oa", self.authorize, methods=["GET", "POST"])
        rule("/api.amazon.com/auth/o2/token", "amazon_token", self.token, methods=["POST"])
        rule("/api.amazon.com/auth/o2/tokeninfo", "amazon_tokeninfo", self.tokeninfo)
        rule("/api.amazon.com/user/profile", "amazon_profile", self.profile)

    def claims(self, person: Person, scopes: set[str]) -> dict[str, Any]:
        claims: dict[str, Any] = {"user_id": subject("amazon", person)}
        if "profile" in scopes:
            claims |= {"name": person.name, "email": person.email}
        if "postal_code" in scopes:
            claims["postal_code"] = "00000"
        return claims

    def decline_params(self) -> dict[str, str]:
        return {"error": "access_denied", "error_description": "Access not permitted."}

    def mint(self, consent: Consent, refresh: bool) -> dict[str, Any]:
        access_token = "Atza|" + secrets.token_urlsafe(150)
        answer: dict[str, Any] = {"access_token": access_token, "token_type": "bearer"}
        answer["expires_in"] = self.record(access_token, "access", consent, self.access_seconds)
        if refresh:
            answer["refresh_token"] = "Atzr|" + secrets.token_urlsafe(150)
            self.record(answer["refresh_token"], "refresh", consent, 365 * 86_400)
        return answer

    def preview(self, consent: Consent) -> list[Panel]:
        now = self.records.now()
        lifetimes = {"expired": 0, "short_lived": 10, "revoked": 0}
        left = lifetimes.get(consent.misbehaviour, self.access_seconds)
        described = self._described(TokenRow("access", consent, now.start, now.account + left, None))
        said = pretty(described) if left else pretty(_INVALID)
        note = "The token itself is opaque: Atza| and random characters. Whoever gets it has to ask."
        return [
            Panel("What tokeninfo will say about the token", said, note),
            Panel("What /user/profile will say with the token", pretty(consent.claims)),
        ]

    def _described(self, row: TokenRow) -> dict[str, Any]:
        """The documented answer; `exp` is in seconds from now."""
        wrong = row.consent.misbehaviour == "wrong_audience"
        return {
            "aud": FOREIGN_CLIENT_ID if wrong else row.consent.client_id,
            "user_id": row.consent.subject,
            "iss": ISSUER,
            "exp": int(row.expires - self.records.now().account),
            "app_id": "amzn1.application.1ab0000000000000000000000000001b",
            "iat": int(row.issued),
        }

    def tokeninfo(self) -> Response:
        row = self.records.live_token(self.slug, request.args.get("access_token", ""), "access")
        return jsonify(self._described(row)) if row else _refused()

    def profile(self) -> Response:
        token = request.headers.get("x-amz-access-token", "") or self.shown_token()
        row = self.records.live_token(self.slug, token, "access")
        return jsonify({**row.consent.claims, "user_id": row.consent.subject}) if row else _refused()


_INVALID = {
    "error": "invalid_token",
    "error_description": "The request has an invalid parameter : access_token",
}


def _refused() -> Response:
    answer = jsonify({**_INVALID, "request_id": secrets.token_hex(16)})
    answer.status_code = 400
    return answer
