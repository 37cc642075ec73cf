"""Facebook Login: https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow.

Its own dialect of OAuth 2.0: scopes with commas, a token call by GET, errors in an `error` object.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import string
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.core.facts import Lab
from sandbox.core.later import later
from sandbox.idp.oauth2.base import OAuth2StandIn
from sandbox.idp.sign_in import mistakes
from sandbox.idp.sign_in.page import Panel, pretty
from sandbox.idp.sign_in.people import Person, digits
from sandbox.idp.sign_in.stand_in import Route, View
from sandbox.idp.storage.records import Consent, TokenRow

if TYPE_CHECKING:
    import flask

    from sandbox.idp.oauth2 import authlib_server
else:
    flask = later("flask")

SIXTY_DAYS = 5_184_000
FOREIGN_APP_ID = "100000000000001"
DEFAULT_FIELDS = "id,name"
EXPIRED = "Error validating access token: Session has expired."


class Facebook(OAuth2StandIn):
    slug = "facebook"
    order = 20
    title = "Facebook"
    colour = "#0866ff"
    monogram = "f"
    layout = "band"
    artifact_name = "access token"
    signs = "profile"
    misbehaviours = mistakes.OPAQUE
    has_keys = False
    client_id = "900100200300400"
    client_secret = "local-stand-in-facebook"  # noqa: S105 (a secret that everybody may know)
    account_client_id = "901{account}"
    client_settings = ("FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET")
    backend = "facebook"
    scopes = {"public_profile": "see your name and picture", "email": "see your e-mail address"}
    reserved = frozenset()
    subject_claim = "id"
    artifact = "access_token"
    access_seconds = SIXTY_DAYS
    refreshes = False

    @classmethod
    def hosts(cls, lab: Lab) -> tuple[str, ...]:
        return ("www.facebook.com", "graph.facebook.com")

    @classmethod
    def logins_key(cls, lab: Lab) -> str:
        return "graph.facebook.com"

    @staticmethod
    def subject(person: Person) -> str:
        """The app-scoped id: 17 digits."""
        return digits("facebook", person, 17, "10")

    @classmethod
    def routes(cls) -> Iterator[Route]:
        for version in ("", "/v<int:major>.<int:minor>"):
            graph = f"/graph.facebook.com{version}"
            dialog = f"/www.facebook.com{version}/dialog/oauth"
            yield Route(dialog, _any_version(cls.authorize), methods=("GET", "POST"))
            yield Route(f"{graph}/oauth/access_token", _any_version(cls.token), methods=("GET", "POST"))
            yield Route(f"{graph}/me", _any_version(cls.me))
            yield Route(f"{graph}/app", _any_version(cls.app))
            yield Route(f"{graph}/debug_token", _any_version(cls.debug_token))
            yield Route(f"{graph}/me/permissions", _any_version(cls.revoke_all), methods=("DELETE",))

    def claims(self, person: Person, scopes: set[str]) -> dict[str, Any]:
        email = {"email": person.email} if "email" in scopes else {}
        return {
            "id": self.subject(person),
            "name": person.name,
            "first_name": person.given_name,
            "last_name": person.family_name,
            **email,
        }

    def normalise(self, params: authlib_server.Params) -> authlib_server.Params:
        """Facebook's spelling in OAuth's: no response type or grant type needed, commas between scopes."""
        plain = params.copy()
        if "response_type" not in plain:
            plain["response_type"] = "code"
        if "grant_type" not in plain:
            plain["grant_type"] = "authorization_code"
        asked = plain.get("scope", "").replace(",", " ").split()
        plain["scope"] = " ".join(dict.fromkeys(["public_profile", *asked]))
        return plain

    def decline_params(self) -> dict[str, str]:
        return {
            "error": "access_denied",
            "error_code": "200",
            "error_description": "Permissions error",
            "error_reason": "user_denied",
        }

    def token(self) -> flask.Response:
        """By GET as documented, or by POST. Errors take the Graph API's shape."""
        answer = self.token_answer(self.normalise(flask.request.values.copy()))
        if answer.status_code < 400:
            return answer
        document = json.loads(answer.get_data())
        messages = {
            "invalid_client": "Error validating client secret.",
            "invalid_grant": "This authorization code has been used, has expired, or does not fit the redirect_uri.",
        }
        code = 1 if document["error"] == "invalid_client" else 100
        return _graph_error(messages.get(document["error"], document.get("error_description", "")), code)

    def mint(self, consent: Consent, refresh: bool) -> dict[str, Any]:
        alphabet = string.ascii_letters + string.digits
        access_token = "EAA" + "".join(secrets.choice(alphabet) for _ in range(180))
        expires_in = self.record(access_token, "access", consent, self.access_seconds)
        return {"access_token": access_token, "token_type": "bearer", "expires_in": expires_in}

    def preview(self, consent: Consent) -> list[Panel]:
        now = self.records.now()
        expires = {"expired": now.start - 60, "short_lived": now.start + 10}
        row = TokenRow(
            "access",
            consent,
            now.start,
            expires.get(consent.misbehaviour, now.end_base + self.access_seconds),
            "misbehaviour" if consent.misbehaviour == "revoked" else None,
        )
        note = "The token itself is opaque: EAA and random characters. Whoever gets it has to ask."
        return [
            Panel("What debug_token will say about the token", pretty({"data": self._described(row)}), note),
            Panel("What /me will say with the token", pretty(consent.claims)),
        ]

    def _app_id(self, consent: Consent) -> str:
        return FOREIGN_APP_ID if consent.misbehaviour == "wrong_audience" else consent.client_id

    def _described(self, row: TokenRow) -> dict[str, Any]:
        """https://developers.facebook.com/docs/graph-api/reference/debug_token."""
        problem = self._problem(row)
        described: dict[str, Any] = {
            "app_id": self._app_id(row.consent),
            "type": "USER",
            "application": self.registered.name,
            "data_access_expires_at": int(row.issued) + 90 * 86_400,
            "expires_at": int(row.expires),
            "is_valid": not problem,
            "issued_at": int(row.issued),
            "scopes": sorted(row.consent.scope.split(), reverse=True),
            "user_id": row.consent.subject,
        }
        if problem:
            described["error"] = {"code": 190, "message": problem}
        return described

    def _problem(self, row: TokenRow) -> str:
        if row.revoked:
            return "Error validating access token: The user has not authorized the application."
        if row.expires <= self.records.now().account:
            return EXPIRED
        return ""

    def debug_token(self) -> flask.Response:
        """Introspection: for the application itself (`APP_ID|APP_SECRET`), and for whoever holds the token."""
        inspected, shown = flask.request.args.get("input_token", ""), self.shown_token()
        app_token = f"{self.registered.client_id}|{self.registered.secret}"
        if not secrets.compare_digest(shown.encode(), app_token.encode()) and shown != inspected:
            return _graph_error("Invalid OAuth access token signature.", 190)
        row = self.records.find_token(self.slug, inspected)
        if row is None:
            error = {"code": 190, "message": "Invalid OAuth access token."}
            return flask.jsonify({"data": {"error": error, "is_valid": False, "scopes": []}})
        return flask.jsonify({"data": self._described(row)})

    def me(self) -> flask.Response:
        row, refusal = self._graph_caller()
        if row is None:
            return refusal
        known = {**row.consent.claims, "id": row.consent.subject}
        fields = flask.request.args.get("fields", DEFAULT_FIELDS).split(",")
        return flask.jsonify({name: known[name] for name in ("id", *fields) if name in known})

    def app(self) -> flask.Response:
        """Which application the token was issued to: all that can be asked without the application's secret."""
        row, refusal = self._graph_caller()
        if row is None:
            return refusal
        name = self.registered.name
        return flask.jsonify({"id": self._app_id(row.consent), "name": name, "link": self.context.config.app_url})

    def revoke_all(self) -> flask.Response:
        row, refusal = self._graph_caller()
        if row is None:
            return refusal
        self.records.revoke_grant(self.slug, row.consent.grant_id, "revoked")
        return flask.jsonify({"success": True})

    def _graph_caller(self) -> tuple[TokenRow | None, flask.Response]:
        token = self.shown_token()
        row = self.records.find_token(self.slug, token)
        if row is None:
            return None, _graph_error("Invalid OAuth access token - Cannot parse access token", 190)
        if problem := self._problem(row):
            return None, _graph_error(problem, 190, 463 if problem == EXPIRED else 458)
        proof = flask.request.values.get("appsecret_proof")
        if proof is not None and not hmac.compare_digest(proof.encode(), self._proof(row, token).encode()):
            return None, _graph_error("Invalid appsecret_proof provided in the API argument", 100)
        return row, flask.Response()

    def _proof(self, row: TokenRow, token: str) -> str:
        """HMAC of the token with the secret of the application it was issued to; another's secret nobody knows."""
        if self._app_id(row.consent) != self.registered.client_id:
            return secrets.token_hex(32)
        return hmac.new(self.registered.secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _any_version(view: View) -> View:
    """The same view below `/v24.0/` as without a version."""

    return lambda stand_in, major=0, minor=0: view(stand_in)


def _graph_error(message: str, code: int, subcode: int | None = None) -> flask.Response:
    """https://developers.facebook.com/docs/graph-api/guides/error-handling."""
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
    if subcode:
        error["error_subcode"] = subcode
    error["fbtrace_id"] = "A" + secrets.token_hex(11)
    answer = flask.jsonify({"error": error})
    answer.status_code = 400
    return answer


STAND_IN = Facebook
