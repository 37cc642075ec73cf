"""Sign in with Apple: https://developer.apple.com/documentation/signinwithapplerestapi."""

from __future__ import annotations

import hashlib
import json
import secrets
import string
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.core.facts import Lab
from sandbox.core.later import later
from sandbox.idp.oauth2.base import ID_TOKEN_CLAIMS, OAuth2StandIn
from sandbox.idp.sign_in import mistakes, page
from sandbox.idp.sign_in.mistakes import apply_mistake
from sandbox.idp.sign_in.page import Panel
from sandbox.idp.sign_in.people import PEOPLE, Person, digest
from sandbox.idp.sign_in.stand_in import Route
from sandbox.idp.storage.records import Consent
from sandbox.user_pools.tokens import at_hash

if TYPE_CHECKING:
    import flask
    import jwt
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from sandbox.idp.oauth2 import authlib_server
else:
    flask = later("flask")
    jwt = later("jwt")
    authlib_server = later("sandbox.idp.oauth2.authlib_server")
    serialization = later("cryptography.hazmat.primitives.serialization")
    ec = later("cryptography.hazmat.primitives.asymmetric.ec")

ISSUER = "https://appleid.apple.com"
TEAM_ID = "LABTEAM001"
KEY_ID = "LABKEY0001"
LONGEST_SECRET_LIFE = 15_777_000  # six months, as Apple documents it
ID_TOKEN_SECONDS = 86_400  # as observed


def client_key(lab: Lab) -> ec.EllipticCurvePrivateKey:
    """The P-256 key that signs the client secret, derived from a phrase, so in no file.

    A developer downloads such a key from Apple once and keeps it secret; this one is the same on every machine.
    """
    phrase = f"identity-pools-lab local stand-in for Apple{'' if lab.is_home else f' in account {lab.account}'}"
    scalar = int.from_bytes(hashlib.sha256(phrase.encode()).digest(), "big")
    return ec.derive_private_key(scalar, ec.SECP256R1())


def client_key_pem(lab: Lab) -> str:
    """`client_key` as the PKCS#8 text that Apple's console would have offered as a .p8 file."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return client_key(lab).private_bytes(*form).decode()


def team_id(lab: Lab) -> str:
    """Ten capitals and digits, as Apple numbers teams; an account's number has as many in hexadecimal digits."""
    return TEAM_ID if lab.is_home else f"{int(lab.account):010X}"


class Apple(OAuth2StandIn):
    slug = "apple"
    order = 40
    title = "Apple"
    colour = "#1d1d1f"
    artifact_name = "ID token"
    signs = "claims"
    misbehaviours = mistakes.OIDC
    client_id = "com.example.identitypoolslab.web"  # what Apple calls the Services ID
    account_client_id = "com.example.identitypoolslab.web-{account}"
    backend = "apple-id"
    scopes = {
        "openid": "know who you are at Apple",
        "name": "see your name (once)",
        "email": "see your e-mail address",
    }
    reserved = ID_TOKEN_CLAIMS | {"nonce_supported"}

    @classmethod
    def hosts(cls, lab: Lab) -> tuple[str, ...]:
        return ("appleid.apple.com",)

    @classmethod
    def logins_key(cls, lab: Lab) -> str:
        return ISSUER.removeprefix("https://")

    @classmethod
    def application_settings(cls, lab: Lab) -> dict[str, str]:
        return {
            "APPLE_CLIENT_ID": cls.client(lab).client_id,
            "APPLE_TEAM_ID": team_id(lab),
            "APPLE_KEY_ID": KEY_ID,
            "APPLE_PRIVATE_KEY": client_key_pem(lab),
        }

    @staticmethod
    def subject(person: Person) -> str:
        """`000000.HEX.0000`."""
        known = digest("apple", person)
        return f"00{1000 + known[0] * 7}.{known[1:17].hex()}.{known[17] % 24:02}{known[18] % 60:02}"

    @staticmethod
    def new_key_id() -> str:
        return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(10))

    @classmethod
    def routes(cls) -> Iterator[Route]:
        host = "/appleid.apple.com"
        yield Route(f"{host}/auth/authorize", cls.authorize, methods=("GET", "POST"))
        yield Route(f"{host}/auth/token", cls.token, methods=("POST",))
        yield Route(f"{host}/auth/revoke", cls.revoke, methods=("POST",))
        yield Route(f"{host}/auth/keys", cls.jwks)
        yield Route(f"{host}/.well-known/openid-configuration", cls.discovery)

    def prove_client(self, secret: str) -> bool:
        """A JWT that the application signed with its own key (ES256); see "Creating a client secret"."""
        try:
            header = jwt.get_unverified_header(secret)
            claims = jwt.decode(
                secret,
                client_key(self.context.lab).public_key(),
                algorithms=["ES256"],
                audience=ISSUER,
                issuer=team_id(self.context.lab),
                options={"require": ["iss", "iat", "exp", "aud", "sub"]},
            )
        except jwt.PyJWTError:
            return False
        whose, life = (header.get("kid"), claims["sub"]), claims["exp"] - claims["iat"]
        return whose == (KEY_ID, self.registered.client_id) and life <= LONGEST_SECRET_LIFE

    def normalise(self, params: authlib_server.Params) -> authlib_server.Params:
        """social-auth joins Apple's scopes with an encoded blank that is encoded once more."""
        plain = params.copy()
        if "scope" in plain:
            plain["scope"] = plain["scope"].replace("%20", " ")
        return plain

    def authorize(self) -> flask.Response:
        """Apple demands form_post as soon as a name or an e-mail address is asked for."""
        params = self.normalise(flask.request.args.copy())
        asked = set(params.get("scope", "").split())
        if asked & {"name", "email"} and params.get("response_mode") != "form_post":
            return page.render(
                "refused.html",
                status=400,
                stand_in=self,
                error="invalid_request",
                description="response_mode must be form_post when name or email scope is requested.",
            )
        return super().authorize()

    def back(self, params: authlib_server.Params, answer: dict[str, str]) -> flask.Response:
        if params.get("response_mode") != "form_post":
            return super().back(params, answer)
        state = {"state": params["state"]} if "state" in params else {}
        return page.post_back(self, params["redirect_uri"], {**answer, **state})

    def granted(self, protocol_request: authlib_server.ProtocolRequest, grant: Any, consent: Consent) -> flask.Response:
        params = protocol_request.args
        if params.get("response_mode") != "form_post":
            return super().granted(protocol_request, grant, consent)
        try:
            grant.validate_authorization_request()
        except authlib_server.OAuth2Error as error:
            return self.refused(error)
        code = grant.generate_authorization_code()
        self.records.save_code(self.slug, code, consent)
        return self.back(params, {"code": code, **self._user(consent)})

    def _user(self, consent: Consent) -> dict[str, str]:
        """The name, which Apple hands over beside the code and never in a token."""
        if "name" not in consent.scope.split():
            return {}
        person = PEOPLE[consent.person]
        name = {"firstName": person.given_name, "lastName": person.family_name}
        return {"user": json.dumps({"name": name, "email": person.email})}

    def decline_params(self) -> dict[str, str]:
        return {"error": "user_cancelled_authorize"}

    def claims(self, person: Person, scopes: set[str]) -> dict[str, Any]:
        claims: dict[str, Any] = {"sub": self.subject(person)}
        if "email" in scopes:
            claims |= {"email": person.email, "email_verified": True, "is_private_email": False}
        return claims

    def id_claims(self, consent: Consent, access_token: str) -> dict[str, Any]:
        now = self.records.now()
        nonce = {"nonce": consent.nonce} if consent.nonce else {}
        return {
            "iss": ISSUER,
            "aud": consent.client_id,
            "exp": now.end_base + ID_TOKEN_SECONDS,
            "iat": now.start,
            **consent.claims,
            **nonce,
            "at_hash": at_hash(access_token),
            "auth_time": consent.auth_time,
            "nonce_supported": True,
        }

    def mint(self, consent: Consent, refresh: bool) -> dict[str, Any]:
        access_token = f"a{secrets.token_hex(16)}.0.{secrets.token_urlsafe(40)}"
        answer: dict[str, Any] = {"access_token": access_token, "token_type": "Bearer"}
        answer["expires_in"] = self.record(access_token, "access", consent, self.access_seconds)
        if refresh:
            answer["refresh_token"] = f"r{secrets.token_hex(16)}.0.{secrets.token_urlsafe(40)}"
            self.record(answer["refresh_token"], "refresh", consent, 180 * 86_400)
        claims = apply_mistake(self.id_claims(consent, access_token), consent.misbehaviour)
        signed = self.sign(claims, consent.misbehaviour)
        answer["id_token"] = access_token if consent.misbehaviour == "access_token" else signed
        return answer

    def preview(self, consent: Consent) -> list[Panel]:
        if consent.misbehaviour == "access_token":
            return [Panel("In place of the ID token", "a….0.…", "An opaque access token, which is no JWT at all.")]
        return [self.preview_of(self.id_claims(consent, "a.0.preview"), consent)]

    def discovery(self) -> flask.Response:
        local = self.context.local("appleid.apple.com")
        return flask.jsonify(
            {
                "issuer": ISSUER,
                "authorization_endpoint": f"{local}/auth/authorize",
                "token_endpoint": f"{local}/auth/token",
                "revocation_endpoint": f"{local}/auth/revoke",
                "jwks_uri": f"{local}/auth/keys",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "email", "name"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "claims_supported": [
                    *("aud", "email", "email_verified", "exp", "iat", "is_private_email", "iss", "nonce"),
                    *("nonce_supported", "sub"),
                ],
            }
        )


STAND_IN = Apple
