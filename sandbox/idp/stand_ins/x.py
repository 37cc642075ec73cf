"""X: sign-in with OAuth 1.0a.

https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens. What an identity pool gets of it
is `token;secret`. The tokens do not expire; the person, or a misbehaving stand-in, takes them back.
"""

import uuid
from typing import Any
from urllib.parse import urlencode

from authlib.oauth1.errors import OAuth1Error
from flask import Blueprint, Response, jsonify, request

from sandbox.core import facts
from sandbox.idp.oauth1.authlib_server import Consumer, Protector, Server, SignedRequest, refusal
from sandbox.idp.oauth1.credentials import Credentials
from sandbox.idp.sign_in import mistakes, page
from sandbox.idp.sign_in.context import IdpContext
from sandbox.idp.sign_in.logins import Login, Wish
from sandbox.idp.sign_in.page import Face, Panel, Turn, pretty
from sandbox.idp.sign_in.people import Person, subject
from sandbox.idp.storage.records import Consent

LOGINS_KEY = "api.twitter.com"
FOREIGN_CONSUMER_KEY = "anotherApplicationsKey001"


class X:
    """The stand-in for X."""

    face = Face("x", "X", "token and secret", "profile", (mistakes.REVOKED, mistakes.WRONG_AUDIENCE))

    def __init__(self, context: IdpContext) -> None:
        self.records = context.records
        self.consumer = Consumer(facts.registered_client("x", context.config.app_url))
        self.credentials = Credentials(context.records)
        self.server = Server(self.credentials, self.consumer)
        self.protector = Protector(self.credentials, self.consumer)

    def register(self, blueprint: Blueprint) -> None:
        for host, name in (("api.twitter.com", "x_old"), ("api.x.com", "x")):
            rule = blueprint.add_url_rule
            rule(f"/{host}/oauth/request_token", f"{name}_request", self.request_token, methods=["POST"])
            rule(f"/{host}/oauth/authenticate", f"{name}_authenticate", self.authenticate, methods=["GET", "POST"])
            rule(f"/{host}/oauth/authorize", f"{name}_authorize", self.authenticate, methods=["GET", "POST"])
            rule(f"/{host}/oauth/access_token", f"{name}_access", self.access_token, methods=["GET", "POST"])
            rule(f"/{host}/1.1/account/verify_credentials.json", f"{name}_verify", self.verify_credentials)

    def claims(self, person: Person) -> dict[str, Any]:
        return {
            "id_str": subject("x", person),
            "screen_name": person.key,
            "name": person.name,
            "email": person.email,
        }

    def request_token(self) -> Response:
        try:
            signed = SignedRequest()
        except (OAuth1Error, ValueError):
            return refusal(32, "Could not authenticate you.", status=401)
        if not self._callback_registered(signed.redirect_uri or ""):
            return refusal(415, "Callback URL not approved for this client application.", status=403)
        answer: Response = self.server.create_temporary_credentials_response(signed)
        return answer

    def _callback_registered(self, callback: str) -> bool:
        """X compares what is registered with the callback up to its query, in which applications keep their state."""
        return callback.partition("?")[0] in self.consumer.registered.redirect_uris

    def authenticate(self) -> Response:
        """The page. `oauth_token` in the address is the request token."""
        token = request.args.get("oauth_token", "")
        credential = self.credentials.find(token, "temporary")
        if credential is None or credential.row["verifier"]:
            description = "The request token for this page is unknown, used or has expired."
            return page.render("refused.html", status=400, face=self.face, error="", description=description)
        callback = credential.get_redirect_uri()
        turn = page.read_turn(self.face, self.claims)
        if turn.step == "deny":
            self.credentials.spend(token)
            return _back(callback, {"denied": token})
        if turn.step == "choose" or turn.person is None or turn.problem:
            return self._ask(turn, callback)
        consent = self._consent(turn)
        if turn.step == "preview":
            return self._ask(turn, callback, self._preview(consent))
        verifier = self.credentials.approve(token, consent)
        if verifier is None:
            return _back(callback, {"denied": token})
        return _back(callback, {"oauth_token": token, "oauth_verifier": verifier})

    def _ask(self, turn: Turn, callback: str, panels: list[Panel] | None = None) -> Response:
        scopes = [("read", "see your profile and e-mail address")]
        return page.show(
            self.face,
            turn,
            leads_to=[callback],
            panels=panels or [],
            scopes=scopes,
            client=self.consumer.registered,
        )

    def _consent(self, turn: Turn) -> Consent:
        assert turn.person is not None
        digits = str(turn.claims.get("id_str", ""))
        return Consent(
            grant_id=str(uuid.uuid4()),
            person=turn.person.key,
            subject=digits if digits.isdecimal() else subject("x", turn.person),
            claims=turn.claims,
            client_id=self.consumer.client_id,
            misbehaviour=turn.misbehaviour,
            auth_time=self.records.now().start,
        )

    def _preview(self, consent: Consent) -> list[Panel]:
        wrong = FOREIGN_CONSUMER_KEY if consent.misbehaviour == "wrong_audience" else consent.client_id
        token = {"oauth_token": f"{consent.subject}-…", "oauth_token_secret": "…", "issued to": wrong}
        said: Any = _profile(consent) if not consent.misbehaviour else _TOKEN_INVALID
        return [
            Panel(
                "What the application will get", pretty(token), "Both parts are random. An identity pool wants both."
            ),
            Panel("What verify_credentials will say", pretty(said)),
        ]

    def login(self, wish: Wish) -> Login:
        """Token and secret as the application would hand them to an identity pool, without the page.

        Raises:
            WishRefused
        """
        turn = page.granted_turn(self.face, wish, self.claims)
        issued = self.credentials.add_token(self._consent(turn))
        return Login(LOGINS_KEY, f"{issued.get_oauth_token()};{issued.get_oauth_token_secret()}", None)

    def access_token(self) -> Response:
        """Exchange of the approved request token. Authlib spends the request token whether or not it succeeds."""
        try:
            signed = SignedRequest()
            answer: Response = self.server.create_token_response(signed)
        except (OAuth1Error, ValueError):
            return refusal(32, "Could not authenticate you.", status=401)
        if answer.status_code == 200:
            consent: Consent = signed.credential.consent
            screen_name = str(consent.claims.get("screen_name", consent.person))
            extra = urlencode({"user_id": consent.subject, "screen_name": screen_name})
            answer.set_data(answer.get_data(as_text=True) + "&" + extra)
        return answer

    def verify_credentials(self) -> Response:
        try:
            credential = self.protector.caller()
        except (OAuth1Error, ValueError):
            answer = jsonify(_TOKEN_INVALID)
            answer.status_code = 401
            return answer
        assert credential.consent is not None
        profile = _profile(credential.consent)
        if request.args.get("include_email") != "true":
            profile.pop("email", None)
        return jsonify(profile)


_TOKEN_INVALID = {"errors": [{"code": 89, "message": "Invalid or expired token."}]}


def _profile(consent: Consent) -> dict[str, Any]:
    return {"id": int(consent.subject), **consent.claims, "id_str": consent.subject}


def _back(callback: str, params: dict[str, str]) -> Response:
    address = f"{callback}{'&' if '?' in callback else '?'}{urlencode(params)}"
    return Response("", 302, {"Location": address})
