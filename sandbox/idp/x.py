"""X: sign-in with OAuth 1.0a (RFC 5849), signatures really verified, on Authlib's core.

https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens. What an identity pool gets of it
is `token;secret`. The tokens do not expire; the person, or a misbehaving stand-in, takes them back.
"""

import secrets
import time
import uuid
from typing import Any
from urllib.parse import urlencode

from authlib.oauth1 import AuthorizationServer, ClientMixin, OAuth1Request, ResourceProtector, TemporaryCredentialMixin
from authlib.oauth1.errors import InvalidRequestError, InvalidTokenError, OAuth1Error
from flask import Blueprint, Response, jsonify, request

from sandbox.idp import clients, misbehaviour, signin
from sandbox.idp.context import IdpContext
from sandbox.idp.people import Person, subject
from sandbox.idp.records import Consent, Records
from sandbox.idp.signin import Face, Panel, Turn, pretty

TEMPORARY_SECONDS = 600
CLOCK_SKEW = 300  # seconds either way, as X allows them
FOREIGN_CONSUMER_KEY = "anotherApplicationsKey001"


class Credential(TemporaryCredentialMixin):  # type: ignore[misc]  # Authlib has no annotations, here and below
    """A row of idp_oauth1_credential: a request token (`temporary`) or an access token (`token`)."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.consent = Consent.from_json(row["consent"]) if row["consent"] else None

    def get_client_id(self) -> str:
        return str(self.row["client_id"])

    def get_redirect_uri(self) -> str:
        return str(self.row["callback"])

    def check_verifier(self, verifier: str) -> bool:
        expected = self.row["verifier"]
        return bool(expected) and secrets.compare_digest(str(expected).encode(), verifier.encode())

    def get_oauth_token(self) -> str:
        return str(self.row["token"])

    def get_oauth_token_secret(self) -> str:
        return str(self.row["secret"])


class Consumer(ClientMixin):  # type: ignore[misc]
    def __init__(self, registered: clients.RegisteredClient) -> None:
        self.registered = registered
        self.client_id = registered.client_id

    def get_default_redirect_uri(self) -> str:
        return self.registered.redirect_uris[0]

    def get_client_secret(self) -> str:
        return self.registered.secret

    def get_rsa_public_key(self) -> None:
        return


class SignedRequest(OAuth1Request):  # type: ignore[misc]
    """The request as it was signed. Authlib refuses plain http except on loopback; see sandbox.idp.oauth2."""

    def __init__(self) -> None:
        body = request.form.to_dict(flat=True) if request.method == "POST" else None
        query = request.query_string.decode("ascii", "replace")
        super().__init__(request.method, f"https://stand-in.invalid/?{query}", body, request.headers)
        self.uri = request.base_url


class Credentials:
    """The credentials in the records."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def find(self, token: str, kind: str) -> Credential | None:
        row = self._records.connection.execute(
            "SELECT * FROM idp_oauth1_credential WHERE account = ? AND token = ? AND kind = ? AND revoked = 0"
            " AND (expires IS NULL OR expires > ?)",
            (self._records.account, token, kind, self._records.now().machine),
        ).fetchone()
        return Credential(row) if row else None

    def add_temporary(self, client_id: str, callback: str) -> Credential:
        now = self._records.now().machine
        self._records.connection.execute("DELETE FROM idp_oauth1_credential WHERE expires < ?", (now,))
        return self._add(secrets.token_urlsafe(20), "temporary", client_id, callback, None, now + TEMPORARY_SECONDS)

    def add_token(self, consent: Consent) -> Credential:
        token = f"{consent.subject}-{secrets.token_hex(20)}"
        return self._add(token, "token", consent.client_id, None, consent, None)

    def _add(
        self,
        token: str,
        kind: str,
        client_id: str,
        callback: str | None,
        consent: Consent | None,
        expires: float | None,
    ) -> Credential:
        row = self._records.connection.execute(
            "INSERT INTO idp_oauth1_credential (account, token, kind, secret, client_id, callback, consent, expires)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                self._records.account,
                token,
                kind,
                secrets.token_urlsafe(32),
                client_id,
                callback,
                consent.to_json() if consent else None,
                expires,
            ),
        ).fetchone()
        return Credential(row)

    def approve(self, token: str, consent: Consent) -> str | None:
        """Bind the consent to the request token, once. The verifier; None when somebody was faster."""
        verifier = secrets.token_urlsafe(24)
        row = self._records.connection.execute(
            "UPDATE idp_oauth1_credential SET verifier = ?, consent = ? WHERE account = ? AND token = ?"
            " AND kind = 'temporary' AND verifier IS NULL RETURNING token",
            (verifier, consent.to_json(), self._records.account, token),
        ).fetchone()
        return verifier if row else None

    def spend(self, token: str) -> bool:
        """Remove a request token; False when it was gone already."""
        row = self._records.connection.execute(
            "DELETE FROM idp_oauth1_credential WHERE account = ? AND token = ? AND kind = 'temporary' RETURNING token",
            (self._records.account, token),
        ).fetchone()
        return row is not None

    def revoke(self, token: str) -> None:
        self._records.connection.execute(
            "UPDATE idp_oauth1_credential SET revoked = 1 WHERE account = ? AND token = ?",
            (self._records.account, token),
        )

    def is_replayed(self, client_id: str, token: str, stamp: int, nonce: str) -> bool:
        """Whether this nonce came before with the same timestamp and credentials; remembers it if not."""
        self._records.connection.execute(
            "DELETE FROM idp_oauth1_nonce WHERE stamp < ?", (int(time.time()) - 3 * CLOCK_SKEW,)
        )
        row = self._records.connection.execute(
            "INSERT OR IGNORE INTO idp_oauth1_nonce (account, client_id, token, stamp, nonce) VALUES (?, ?, ?, ?, ?)"
            " RETURNING nonce",
            (self._records.account, client_id, token, stamp, nonce),
        ).fetchone()
        return row is None


class Checks:
    """What both halves of RFC 5849 check alike, mixed into Authlib's classes. Expects `credentials` and `consumer`."""

    credentials: Credentials
    consumer: Consumer

    def get_client_by_id(self, client_id: str) -> Consumer | None:
        return self.consumer if client_id == self.consumer.client_id else None

    def validate_timestamp_and_nonce(self, signed: SignedRequest) -> None:
        """Authlib's own check knows timestamps that are too old, but none that are ahead."""
        super().validate_timestamp_and_nonce(signed)  # type: ignore[misc]
        if int(signed.timestamp) > time.time() + CLOCK_SKEW:
            raise InvalidRequestError('Invalid "oauth_timestamp" value')

    def exists_nonce(self, nonce: str, signed: SignedRequest) -> bool:
        stamp = int(signed.timestamp)
        return self.credentials.is_replayed(signed.client_id, signed.token or "", stamp, nonce)


class Server(Checks, AuthorizationServer):  # type: ignore[misc]
    def __init__(self, credentials: Credentials, consumer: Consumer) -> None:
        self.credentials = credentials
        self.consumer = consumer

    def create_oauth1_request(self, signed: SignedRequest) -> SignedRequest:
        return signed

    def handle_response(self, status: int, payload: Any, headers: Any) -> Response:
        if status >= 400:
            return _error(32, "Could not authenticate you.", status=401, detail=dict(payload).get("error_description"))
        return Response(urlencode([(name, _text(value)) for name, value in payload]), status, headers)

    def create_temporary_credential(self, signed: SignedRequest) -> Credential:
        return self.credentials.add_temporary(signed.client_id, signed.redirect_uri)

    def get_temporary_credential(self, signed: SignedRequest) -> Credential | None:
        return self.credentials.find(signed.token, "temporary")

    def delete_temporary_credential(self, signed: SignedRequest) -> None:
        if signed.token:
            self.credentials.spend(signed.token)

    def create_token_credential(self, signed: SignedRequest) -> Credential:
        # Of two exchanges at the same moment one finds the request token gone.
        if not self.credentials.spend(signed.token):
            raise InvalidTokenError
        consent: Consent = signed.credential.consent
        credential = self.credentials.add_token(consent)
        if consent.misbehaviour == "revoked":
            self.credentials.revoke(credential.get_oauth_token())
        return credential


class Protector(Checks, ResourceProtector):  # type: ignore[misc]
    def __init__(self, credentials: Credentials, consumer: Consumer) -> None:
        self.credentials = credentials
        self.consumer = consumer

    def get_token_credential(self, signed: SignedRequest) -> Credential | None:
        credential = self.credentials.find(signed.token, "token")
        foreign = credential and credential.consent and credential.consent.misbehaviour == "wrong_audience"
        # A token of another application fails with this one's key, as it does at X.
        return None if foreign else credential

    def caller(self) -> Credential:
        """Whose token signed the current request. Raises OAuth1Error."""
        signed = SignedRequest()
        if not signed.client_id or not signed.token:
            raise InvalidRequestError("Missing parameters")
        signed.client = self.get_client_by_id(signed.client_id)
        signed.credential = self.get_token_credential(signed)
        if signed.client is None or signed.credential is None:
            raise InvalidRequestError("Unknown key or token")
        self.validate_timestamp_and_nonce(signed)
        self.validate_oauth_signature(signed)
        credential: Credential = signed.credential
        return credential


class X:
    """The stand-in for X."""

    face = Face("x", "X", "token and secret", "profile", (misbehaviour.REVOKED, misbehaviour.WRONG_AUDIENCE))

    def __init__(self, context: IdpContext) -> None:
        self.records = context.records
        self.consumer = Consumer(clients.registered_client("x", context.config.app_url))
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
            return _error(32, "Could not authenticate you.", status=401)
        if not self._callback_registered(signed.redirect_uri or ""):
            return _error(415, "Callback URL not approved for this client application.", status=403)
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
            return signin.render("refused.html", status=400, face=self.face, error="", description=description)
        callback = credential.get_redirect_uri()
        turn = signin.read_turn(self.face, self.claims)
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
        return signin.show(
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

    def access_token(self) -> Response:
        """Exchange of the approved request token. Authlib spends the request token whether or not it succeeds."""
        try:
            signed = SignedRequest()
            answer: Response = self.server.create_token_response(signed)
        except (OAuth1Error, ValueError):
            return _error(32, "Could not authenticate you.", status=401)
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


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _back(callback: str, params: dict[str, str]) -> Response:
    address = f"{callback}{'&' if '?' in callback else '?'}{urlencode(params)}"
    return Response("", 302, {"Location": address})


def _error(code: int, message: str, *, status: int, detail: str | None = None) -> Response:
    entry = {"code": code, "message": message, **({"detail": detail} if detail else {})}
    answer = jsonify({"errors": [entry]})
    answer.status_code = status
    return answer
