"""An Amazon Cognito user pool with its managed login.

https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html and
.../amazon-cognito-user-pools-using-tokens-with-identity-providers.html for the tokens. People sign in with a user name
and a password; a session of an hour follows, as with the real one.
"""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.core import facts
from sandbox.core.errors import AwsError
from sandbox.core.facts import Lab
from sandbox.core.later import later
from sandbox.idp import seeded_user_pool
from sandbox.idp.oauth2.base import ID_TOKEN_CLAIMS, OAuth2StandIn, at_hash, bearer_error
from sandbox.idp.sign_in import mistakes, page
from sandbox.idp.sign_in.logins import Login, LoginRefused, LoginRequest
from sandbox.idp.sign_in.mistakes import apply_mistake
from sandbox.idp.sign_in.page import Choice, Panel
from sandbox.idp.sign_in.people import GROUPS, PEOPLE, Person
from sandbox.idp.sign_in.stand_in import Route, View
from sandbox.idp.storage.records import Consent, TokenRow
from sandbox.user_pools.clients import Client, client_of
from sandbox.user_pools.grants import find_grant, open_grant
from sandbox.user_pools.passwords import check_password
from sandbox.user_pools.pools import UserPool as Pool
from sandbox.user_pools.tokens import person_claims
from sandbox.user_pools.users import User, find_user

if TYPE_CHECKING:
    import flask

    from sandbox.idp.oauth2 import authlib_server
else:
    flask = later("flask")

SESSION_COOKIE = "standin_userpool"
SESSION_SECONDS = 3600
REFRESH_SECONDS = 30 * 86_400
IDENTITY_PROVIDERS = {"COGNITO"}


class UserPool(OAuth2StandIn):
    slug = "userpool"
    order = 60
    title = "Amazon Cognito managed login"
    artifact_name = "ID token"
    signs = "claims"
    misbehaviours = mistakes.OIDC
    client_id = "1lab2local3stand4in5client"
    client_secret = "local-stand-in-user-pool-client-secret-known-to-all"  # noqa: S105
    account_client_id = "1labclientofac{account}"
    backend = "cognito"
    role_mappings = ("Rules", "Token")
    department_claim = "custom:department"
    scopes = {
        "openid": "know who you are in the user pool",
        "email": "see your e-mail address",
        "profile": "see your profile",
        "phone": "see your phone number",
        "aws.cognito.signin.user.admin": "read and change your own attributes",
    }
    reserved = ID_TOKEN_CLAIMS | {"token_use", "origin_jti", "event_id"}
    pkce_required = True

    @classmethod
    def hosts(cls, lab: Lab) -> tuple[str, ...]:
        domain = facts.seeded_user_pool(lab).domain
        return (cls.logins_key(lab), f"{domain}.auth.{lab.region}.amazoncognito.com")

    @classmethod
    def logins_key(cls, lab: Lab) -> str:
        return f"cognito-idp.{lab.region}.amazonaws.com/{facts.seeded_user_pool(lab).pool_id}"

    @classmethod
    def role_mapping_key(cls, lab: Lab) -> str:
        """The key of a user pool includes its app client.

        https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_SetIdentityPoolRoles.html
        """
        return f"{cls.logins_key(lab)}:{cls.client(lab).client_id}"

    @classmethod
    def application_settings(cls, lab: Lab) -> dict[str, str]:
        return {
            "COGNITO_USER_POOL_ID": facts.seeded_user_pool(lab).pool_id,
            "COGNITO_APP_CLIENT_ID": cls.client(lab).client_id,
            "COGNITO_APP_CLIENT_SECRET": cls.client(lab).secret,
            "COGNITO_DOMAIN": facts.seeded_user_pool(lab).domain,
        }

    @classmethod
    def identity_pool_members(cls, lab: Lab) -> dict[str, Any]:
        client = cls.client(lab).client_id
        trusted = {"ProviderName": cls.logins_key(lab), "ClientId": client, "ServerSideTokenCheck": True}
        return {"CognitoIdentityProviders": [trusted]}

    @staticmethod
    def subject(person: Person) -> str:
        """A UUID, in the home account."""
        return seeded_user_pool.home_subject(person)

    @staticmethod
    def new_key_id() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    @property
    def issuer(self) -> str:
        return f"https://{self.logins_key(self.context.lab)}"

    @property
    def domain(self) -> str:
        """Local address of the managed login's domain."""
        return self.context.local(self.hosts(self.context.lab)[1])

    @classmethod
    def routes(cls) -> Iterator[Route]:
        pool, domain = "/cognito-idp.<region>.amazonaws.com/<name>", "/<name>.auth.<region>.amazoncognito.com"
        yield Route(f"{pool}/.well-known/openid-configuration", _own(cls.discovery))
        yield Route(f"{pool}/.well-known/jwks.json", _own(cls.jwks))
        yield Route(f"{domain}/oauth2/authorize", _own(cls.to_login))
        yield Route(f"{domain}/login", _own(cls.authorize), methods=("GET", "POST"))
        yield Route(f"{domain}/logout", _own(cls.logout))
        yield Route(f"{domain}/oauth2/token", _own(cls.token), methods=("POST",))
        yield Route(f"{domain}/oauth2/userInfo", _own(cls.userinfo), methods=("GET", "POST"))
        yield Route(f"{domain}/oauth2/revoke", _own(cls.revoke), methods=("POST",))

    # --- Managed login ---

    def to_login(self) -> flask.Response:
        """The authorize endpoint shows no page itself; it checks and redirects to the one that does."""
        answer = self.authorize()
        if answer.status_code != 200:
            return answer
        location = f"{self.domain}/login?{urlencode(list(flask.request.args.copy().items(multi=True)))}"
        return flask.Response("", 302, {"Location": location})

    def authorize(self) -> flask.Response:
        wanted = flask.request.args.get("identity_provider") or flask.request.args.get("idp_identifier")
        if wanted and wanted not in IDENTITY_PROVIDERS:
            params = flask.request.args.copy()
            if params.get("redirect_uri") in self.registered.redirect_uris:
                description = "The user pool has no identity provider of that name."
                return self.back(params, {"error": "invalid_request", "error_description": description})
        return super().authorize()

    def choice(self, params: authlib_server.Params) -> Choice:
        person = self._signed_in(params)
        scopes = set(params.get("scope", "").split())
        if flask.request.method == "POST" and flask.request.form.get("step") == "other":
            return Choice()
        # Whoever declines has not filled in the fields, which the browser sends all the same.
        if (
            flask.request.method == "POST"
            and "password" in flask.request.form
            and flask.request.form.get("step") != "deny"
        ):
            person, problem = self._password()
            if person is None:
                return Choice(problem=problem)
        elif flask.request.method == "POST" and flask.request.form.get("step") != "deny" and person is None:
            return Choice(problem="Sign in with user name and password.")
        choice = page.read_choice(self, lambda who: self.claims(who, scopes), self.reserved, person)
        return choice if flask.request.method == "POST" else Choice(person=person)

    def _password(self) -> tuple[Person | None, str]:
        """Who the user name and password belong to. The two reasons for refusing sound alike, as in the service."""
        if not page.form_is_ours():
            return None, "This page has expired. Sign in again."
        name, password = flask.request.form.get("username", "").strip(), flask.request.form["password"]
        try:
            user = check_password(self.records.connection, self.pool, name, password, hides_users=True)
        except AwsError as refused:
            return None, refused.message
        return PEOPLE.get(user.username), "" if user.username in PEOPLE else "Incorrect username or password."

    def _signed_in(self, params: authlib_server.Params) -> Person | None:
        """Who has a session in this browser, unless the application asked for a fresh sign-in (`prompt=login`)."""
        if "login" in params.get("prompt", "").split() and flask.request.method == "GET":
            return None
        session = self.records.find_session(self.slug, flask.request.cookies.get(SESSION_COOKIE, ""))
        return PEOPLE.get(session[0]) if session else None

    def ask(self, choice: Choice, params: authlib_server.Params, *, panels: Sequence[Panel] = ()) -> flask.Response:
        template = "preview.html" if choice.step == "preview" else "managed_login.html"
        scopes = [(name, self.scopes[name]) for name in params.get("scope", "").split() if name in self.scopes]
        answer = page.show(
            self,
            choice,
            template=template,
            leads_to=[params["redirect_uri"]],
            panels=panels,
            scopes=scopes,
            client=self.registered,
            hint=params.get("login_hint", ""),
            groups=GROUPS,
        )
        return self._with_session(answer, choice)

    def granted(self, protocol_request: Any, grant: Any, consent: Consent) -> flask.Response:
        answer = super().granted(protocol_request, grant, consent)
        return self._with_session(answer, Choice("allow", PEOPLE[consent.person]))

    def _with_session(self, answer: flask.Response, choice: Choice) -> flask.Response:
        """Start a session when this very request brought the password."""
        if choice.person is not None and "password" in flask.request.form and choice.step in ("allow", "preview"):
            secret = secrets.token_urlsafe(32)
            now = self.records.now().start
            self.records.save_session(self.slug, secret, choice.person.key, now, SESSION_SECONDS)
            answer.set_cookie(
                SESSION_COOKIE,
                secret,
                max_age=SESSION_SECONDS,
                path=page.cookie_path(),
                httponly=True,
                samesite="Lax",
                secure=flask.request.is_secure,
            )
        return answer

    def logout(self) -> flask.Response:
        """https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html."""
        self.records.end_session(self.slug, flask.request.cookies.get(SESSION_COOKIE, ""))
        registered = self.registered
        target = flask.request.args.get("logout_uri", "")
        if flask.request.args.get("client_id") != registered.client_id or target not in registered.logout_uris:
            return page.render(
                "refused.html",
                status=400,
                stand_in=self,
                error="invalid_request",
                description="client_id or logout_uri is not registered. You are signed out all the same.",
            )
        answer = flask.redirect(target)
        response = flask.Response("", answer.status_code, {"Location": target})
        response.delete_cookie(SESSION_COOKIE, path=page.cookie_path())
        return response

    # --- Tokens ---

    def login(self, wanted: LoginRequest) -> Login:
        if self.user(wanted.person) is None:
            page_of_all = f"{self.context.lab.stand_ins_path}/"
            told = (
                f"is deleted from the user pool. You can bring people back on the page of the stand-ins, {page_of_all}."
            )
            raise LoginRefused(f"{wanted.person.name} {told}")
        return super().login(wanted)

    def claims(self, person: Person, scopes: set[str]) -> dict[str, Any]:
        """What the rows say, whatever the scopes are: the page shows all there is to edit."""
        user = self.user(person)
        if user is None:
            return {"sub": seeded_user_pool.subject_in(self.context.lab, person)}
        return person_claims(self.records.connection, self.pool, self.client_row, user, "profile")

    @property
    def pool(self) -> Pool:
        """The account's pool, made now where the account was not seeded."""
        connection, lab = self.records.connection, self.context.lab
        found = seeded_user_pool.find_seeded_pool(connection, lab)
        return found or seeded_user_pool.seed_user_pool(connection, lab, self.registered)

    @property
    def client_row(self) -> Client:
        return client_of(self.records.connection, self.pool, self.registered.client_id)

    def user(self, person: Person) -> User | None:
        """The user who is somebody of the cast; None where that was deleted."""
        return find_user(self.records.connection, self.pool, person.key)

    def id_claims(self, consent: Consent, access_token: str, event_id: str) -> dict[str, Any]:
        now = self.records.now()
        nonce = {"nonce": consent.nonce} if consent.nonce else {}
        return {
            "at_hash": at_hash(access_token),
            **consent.claims,
            "iss": self.issuer,
            **nonce,
            "origin_jti": consent.grant_id,
            "aud": consent.client_id,
            "event_id": event_id,
            "token_use": "id",
            "auth_time": consent.auth_time,
            "exp": now.end_base + 3600,
            "iat": now.start,
            "jti": str(uuid.uuid4()),
        }

    def access_claims(self, consent: Consent, event_id: str) -> dict[str, Any]:
        now = self.records.now()
        groups = consent.claims.get("cognito:groups")
        return {
            "sub": consent.subject,
            **({"cognito:groups": groups} if groups else {}),
            "iss": self.issuer,
            "version": 2,
            "client_id": consent.client_id,
            "origin_jti": consent.grant_id,
            "event_id": event_id,
            "token_use": "access",
            "scope": consent.scope,
            "auth_time": consent.auth_time,
            "exp": now.end_base + 3600,
            "iat": now.start,
            "jti": str(uuid.uuid4()),
            "username": consent.claims.get("cognito:username", consent.person),
        }

    def mint(self, consent: Consent, refresh: bool) -> dict[str, Any]:
        self._note_sign_in(consent)
        event_id = str(uuid.uuid4())
        access_token = self.sign(self.access_claims(consent, event_id))
        answer: dict[str, Any] = {}
        if "openid" in consent.scope.split():
            claims = apply_mistake(self.id_claims(consent, access_token, event_id), consent.misbehaviour)
            signed = self.sign(claims, consent.misbehaviour)
            answer["id_token"] = access_token if consent.misbehaviour == "access_token" else signed
        answer["access_token"] = access_token
        if refresh:
            # The real one is an encrypted JWT; to the application both are opaque.
            answer["refresh_token"] = secrets.token_urlsafe(96)
            self.record(answer["refresh_token"], "refresh", consent, REFRESH_SECONDS)
        answer["expires_in"] = self.record(access_token, "access", consent, self.access_seconds)
        answer["token_type"] = "Bearer"  # noqa: S105
        return answer

    def _note_sign_in(self, consent: Consent) -> None:
        """The sign-in as the pool keeps it, once: ServerSideTokenCheck looks there."""
        connection, user = self.records.connection, self.user(PEOPLE[consent.person])
        if user is not None and find_grant(connection, consent.grant_id) is None:
            open_grant(
                connection,
                self.client_row,
                user,
                scope=consent.scope,
                auth_time=consent.auth_time,
                extra={"claims": consent.claims},
                origin_jti=consent.grant_id,
            )

    def preview(self, consent: Consent) -> list[Panel]:
        event_id = str(uuid.uuid4())
        access = Panel("Access token", page.pretty(self.access_claims(consent, event_id)), "Not for identity pools.")
        if consent.misbehaviour == "access_token":
            return [Panel("In place of the ID token", access.text, "Signed, genuine, and without an audience.")]
        return [self.preview_of(self.id_claims(consent, "preview", event_id), consent), access]

    def bearer(self) -> TokenRow | None:
        row = super().bearer()
        if row is None or self.user(PEOPLE[row.consent.person]) is None:
            return None
        found = find_grant(self.records.connection, row.consent.grant_id)
        return None if found is not None and found[1] else row

    def userinfo(self) -> flask.Response:
        """The attributes that are not the pool's own; `email_verified` is a text here, as in the service."""
        row = self.bearer()
        if row is None:
            return bearer_error()
        claims = {name: value for name, value in row.consent.claims.items() if not name.startswith("cognito:")}
        if "email_verified" in claims:
            claims["email_verified"] = str(claims["email_verified"]).lower()
        return flask.jsonify({**claims, "username": row.consent.claims.get("cognito:username", row.consent.person)})

    def discovery(self) -> flask.Response:
        return flask.jsonify(
            {
                "authorization_endpoint": f"{self.domain}/oauth2/authorize",
                "end_session_endpoint": f"{self.domain}/logout",
                "id_token_signing_alg_values_supported": ["RS256"],
                "issuer": self.issuer,
                "jwks_uri": self.context.local(self.logins_key(self.context.lab)) + "/.well-known/jwks.json",
                "response_types_supported": ["code", "token"],
                "revocation_endpoint": f"{self.domain}/oauth2/revoke",
                "scopes_supported": ["openid", "email", "phone", "profile"],
                "subject_types_supported": ["public"],
                "token_endpoint": f"{self.domain}/oauth2/token",
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "userinfo_endpoint": f"{self.domain}/oauth2/userInfo",
            }
        )


def _own(view: View) -> View:
    """The view, at the hosts of this account's pool and of no other."""

    def answer(stand_in: UserPool, **_: str) -> flask.Response:
        hosts = tuple(f"/{host}/" for host in stand_in.hosts(stand_in.context.lab))
        if not flask.request.path.startswith(hosts):
            flask.abort(404)
        answered: flask.Response = view(stand_in)
        return answered

    return answer


STAND_IN = UserPool
