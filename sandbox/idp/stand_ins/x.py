"""X: sign-in with OAuth 1.0a.

https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens. What an identity pool gets of it
is `token;secret`. The tokens do not expire; the person, or a misbehaving stand-in, takes them back.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.core.facts import Lab
from sandbox.core.later import later
from sandbox.core.played_issuers import secret_of_client
from sandbox.idp.sign_in import mistakes, page
from sandbox.idp.sign_in.context import IdpContext
from sandbox.idp.sign_in.logins import Login, LoginRequest
from sandbox.idp.sign_in.page import Panel, SignInChoice, pretty
from sandbox.idp.sign_in.people import Person, digits
from sandbox.idp.sign_in.stand_in import Route, StandIn
from sandbox.idp.storage.records import Consent

if TYPE_CHECKING:
    import flask

    from sandbox.idp.oauth1 import authlib_server, credentials
else:
    flask = later("flask")
    authlib_server = later("sandbox.idp.oauth1.authlib_server")
    credentials = later("sandbox.idp.oauth1.credentials")

FOREIGN_CONSUMER_KEY = "anotherApplicationsKey001"


class X(StandIn):
    """The stand-in for X."""

    slug = "x"
    order = 50
    title = "X"
    colour = "#0f1419"
    layout = "band"
    artifact_name = "token and secret"
    signs = "profile"
    misbehaviours = (mistakes.REVOKED, mistakes.WRONG_AUDIENCE)
    has_keys = False
    client_id = "localStandInConsumerKey01"
    client_secret = "local-stand-in-x"  # noqa: S105 (a secret that everybody may know)
    account_client_id = "labConsumerOf{account}"
    client_settings = ("X_CONSUMER_KEY", "X_CONSUMER_SECRET")
    backend = "twitter"

    def __init__(self, context: IdpContext) -> None:
        super().__init__(context)
        self.consumer = authlib_server.Consumer(self.client(context.lab), self._secret_of_another)
        self.credentials = credentials.CredentialRecords(context.records)
        self.server = authlib_server.OAuth1Server(self.credentials, self.consumer)
        self.protector = authlib_server.Protector(self.credentials, self.consumer)

    def _secret_of_another(self, client_id: str) -> str | None:
        return secret_of_client(self.records.connection, self.records.account, self.slug, client_id)

    @classmethod
    def hosts(cls, lab: Lab) -> tuple[str, ...]:
        return ("api.twitter.com", "api.x.com")

    @classmethod
    def logins_key(cls, lab: Lab) -> str:
        return "api.twitter.com"

    @classmethod
    def identity_pool_members(cls, lab: Lab) -> dict[str, Any]:
        client = cls.client(lab)
        return {"SupportedLoginProviders": {cls.logins_key(lab): f"{client.client_id};{client.secret}"}}

    @staticmethod
    def subject(person: Person) -> str:
        """Up to 19 digits."""
        return digits("x", person, 19, "1")

    @classmethod
    def routes(cls) -> Iterator[Route]:
        for host in ("api.twitter.com", "api.x.com"):
            yield Route(f"/{host}/oauth/request_token", cls.request_token, methods=("POST",))
            yield Route(f"/{host}/oauth/authenticate", cls.authenticate, methods=("GET", "POST"))
            yield Route(f"/{host}/oauth/authorize", cls.authenticate, methods=("GET", "POST"))
            yield Route(f"/{host}/oauth/access_token", cls.access_token, methods=("GET", "POST"))
            yield Route(f"/{host}/1.1/account/verify_credentials.json", cls.verify_credentials)

    def claims(self, person: Person) -> dict[str, Any]:
        return {
            "id_str": self.subject(person),
            "screen_name": person.key,
            "name": person.name,
            "email": person.email,
        }

    def request_token(self) -> flask.Response:
        try:
            signed = authlib_server.SignedRequest()
        except (authlib_server.OAuth1Error, ValueError):
            return authlib_server.oauth1_refusal(32, "Could not authenticate you.", status=401)
        if not self._callback_registered(signed.redirect_uri or ""):
            return authlib_server.oauth1_refusal(
                415, "Callback URL not approved for this client application.", status=403
            )
        answer: flask.Response = self.server.create_temporary_credentials_response(signed)
        return answer

    def _callback_registered(self, callback: str) -> bool:
        """X compares what is registered with the callback up to its query, in which applications keep their state."""
        return callback.partition("?")[0] in self.consumer.registered.redirect_uris

    def authenticate(self) -> flask.Response:
        """The page. `oauth_token` in the address is the request token."""
        token = flask.request.args.get("oauth_token", "")
        credential = self.credentials.find(token, "temporary")
        if credential is None or credential.row["verifier"]:
            description = "The request token for this page is unknown, used or has expired."
            return page.render("refused.html", status=400, stand_in=self, error="", description=description)
        callback = credential.get_redirect_uri()
        choice = page.read_choice(self, self.claims)
        if choice.step == "deny":
            self.credentials.spend(token)
            return _back(callback, {"denied": token})
        if choice.step == "choose" or choice.person is None or choice.problem:
            return self._ask(choice, callback)
        consent = self._consent(choice)
        if choice.step == "preview":
            return self._ask(choice, callback, self._preview(consent))
        verifier = self.credentials.approve(token, consent)
        if verifier is None:
            return _back(callback, {"denied": token})
        return _back(callback, {"oauth_token": token, "oauth_verifier": verifier})

    def _ask(self, choice: SignInChoice, callback: str, panels: list[Panel] | None = None) -> flask.Response:
        scopes = [("read", "see your profile and e-mail address")]
        return page.show(
            self,
            choice,
            leads_to=[callback],
            panels=panels or [],
            scopes=scopes,
            client=self.consumer.registered,
        )

    def _consent(self, choice: SignInChoice, client_id: str = "") -> Consent:
        assert choice.person is not None
        edited = str(choice.claims.get("id_str", ""))
        return Consent(
            grant_id=str(uuid.uuid4()),
            person=choice.person.key,
            subject=edited if edited.isdecimal() else self.subject(choice.person),
            claims=choice.claims,
            client_id=client_id or self.consumer.client_id,
            misbehaviour=choice.misbehaviour,
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

    def login(self, wanted: LoginRequest) -> Login:
        """Token and secret as the application would hand them to an identity pool, without the page.

        Raises:
            LoginRefused
        """
        choice = page.choice_for(self, wanted, self.claims)
        issued = self.credentials.add_token(self._consent(choice, wanted.client_id))
        return Login(
            self.logins_key(self.context.lab), f"{issued.get_oauth_token()};{issued.get_oauth_token_secret()}", None
        )

    def access_token(self) -> flask.Response:
        """Exchange of the approved request token. Authlib spends the request token whether or not it succeeds."""
        try:
            signed = authlib_server.SignedRequest()
            answer: flask.Response = self.server.create_token_response(signed)
        except (authlib_server.OAuth1Error, ValueError):
            return authlib_server.oauth1_refusal(32, "Could not authenticate you.", status=401)
        if answer.status_code == 200:
            consent: Consent = signed.credential.consent
            screen_name = str(consent.claims.get("screen_name", consent.person))
            extra = urlencode({"user_id": consent.subject, "screen_name": screen_name})
            answer.set_data(answer.get_data(as_text=True) + "&" + extra)
        return answer

    def verify_credentials(self) -> flask.Response:
        try:
            credential = self.protector.caller()
        except (authlib_server.OAuth1Error, ValueError):
            answer = flask.jsonify(_TOKEN_INVALID)
            answer.status_code = 401
            return answer
        assert credential.consent is not None
        profile = _profile(credential.consent)
        if flask.request.args.get("include_email") != "true":
            profile.pop("email", None)
        return flask.jsonify(profile)


_TOKEN_INVALID = {"errors": [{"code": 89, "message": "Invalid or expired token."}]}


def _profile(consent: Consent) -> dict[str, Any]:
    return {"id": int(consent.subject), **consent.claims, "id_str": consent.subject}


def _back(callback: str, params: dict[str, str]) -> flask.Response:
    address = f"{callback}{'&' if '?' in callback else '?'}{urlencode(params)}"
    return flask.Response("", 302, {"Location": address})


STAND_IN = X
