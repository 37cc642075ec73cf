"""Login with Amazon: https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.core.facts import Lab
from sandbox.core.later import later
from sandbox.idp.oauth2.base import OAuth2StandIn
from sandbox.idp.sign_in import mistakes
from sandbox.idp.sign_in.page import Panel, pretty
from sandbox.idp.sign_in.people import Person, digest
from sandbox.idp.sign_in.stand_in import Route
from sandbox.idp.storage.records import Consent, TokenRow

if TYPE_CHECKING:
    import flask
else:
    flask = later("flask")

ISSUER = "https://www.amazon.com"
FOREIGN_CLIENT_ID = "amzn1.application-oa2-client.ffffffffffffffffffffffffffffffff"


class Amazon(OAuth2StandIn):
    slug = "amazon"
    order = 30
    title = "Login with Amazon"
    colour = "#ff9900"
    monogram = "a"
    layout = "band"
    artifact_name = "access token"
    signs = "profile"
    misbehaviours = mistakes.OPAQUE
    has_keys = False
    client_id = "amzn1.application-oa2-client.1ab0000000000000000000000000001a"
    client_secret = "amzn1.oa2-cs.v1.local-stand-in-amazon"  # noqa: S105 (a secret that everybody may know)
    account_client_id = "amzn1.application-oa2-client.1ac0000000000000000{account}a"
    client_settings = ("AMAZON_CLIENT_ID", "AMAZON_CLIENT_SECRET")
    backend = "amazon"
    scopes = {
        "profile": "see your name and e-mail address",
        "profile:user_id": "know you by an id",
        "postal_code": "see your postal code",
    }
    reserved = frozenset()
    subject_claim = "user_id"
    artifact = "access_token"

    @classmethod
    def hosts(cls, lab: Lab) -> tuple[str, ...]:
        return ("www.amazon.com", "api.amazon.com")

    @classmethod
    def logins_key(cls, lab: Lab) -> str:
        return ISSUER.removeprefix("https://")

    @staticmethod
    def subject(person: Person) -> str:
        """`amzn1.account.` and 28 capitals."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
        return "amzn1.account.A" + "".join(alphabet[byte % 32] for byte in digest("amazon", person)[:27])

    @classmethod
    def routes(cls) -> Iterator[Route]:
        yield Route("/www.amazon.com/ap/oa", cls.authorize, methods=("GET", "POST"))
        yield Route("/api.amazon.com/auth/o2/token", cls.token, methods=("POST",))
        yield Route("/api.amazon.com/auth/o2/tokeninfo", cls.tokeninfo)
        yield Route("/api.amazon.com/user/profile", cls.profile)

    def claims(self, person: Person, scopes: set[str]) -> dict[str, Any]:
        claims: dict[str, Any] = {"user_id": self.subject(person)}
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
            "app_id": _profile_id(self.context.lab),
            "iat": int(row.issued),
        }

    def tokeninfo(self) -> flask.Response:
        row = self.records.live_token(self.slug, flask.request.args.get("access_token", ""), "access")
        return flask.jsonify(self._described(row)) if row else _refused()

    def profile(self) -> flask.Response:
        token = flask.request.headers.get("x-amz-access-token", "") or self.shown_token()
        row = self.records.live_token(self.slug, token, "access")
        return flask.jsonify({**row.consent.claims, "user_id": row.consent.subject}) if row else _refused()


def _profile_id(lab: Lab) -> str:
    """Of the security profile, which holds clients."""
    return f"amzn1.application.{'1ab0000000000000000000000000001' if lab.is_home else f'1ac{lab.account:0>28}'}b"


_INVALID = {
    "error": "invalid_token",
    "error_description": "The request has an invalid parameter : access_token",
}


def _refused() -> flask.Response:
    answer = flask.jsonify({**_INVALID, "request_id": secrets.token_hex(16)})
    answer.status_code = 400
    return answer


STAND_IN = Amazon
