"""A generic OpenID provider, whose issuer is its own local address (OpenID Connect Core and Discovery 1.0)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sandbox.core.facts import Lab
from sandbox.core.later import later
from sandbox.idp.oauth2.base import OAuth2StandIn, at_hash, bearer_error
from sandbox.idp.sign_in import mistakes
from sandbox.idp.sign_in.mistakes import apply_mistake
from sandbox.idp.sign_in.page import Panel
from sandbox.idp.sign_in.people import Person, digest
from sandbox.idp.storage.records import Consent

if TYPE_CHECKING:
    import flask
else:
    flask = later("flask")


def issuer(public_url: str) -> str:
    """The issuer is a local address to begin with. As a logins key it loses its scheme."""
    return f"{public_url}/idp/oidc"


class GenericOidc(OAuth2StandIn):
    slug = "oidc"
    order = 70
    title = "an OpenID Connect provider"
    real_name = "a real identity provider"
    artifact_name = "ID token"
    signs = "claims"
    misbehaviours = mistakes.OIDC
    client_id = "identity-pools-lab"
    client_secret = "local-stand-in-oidc"  # noqa: S105 (a secret that everybody may know)
    backend = "oidc"
    role_mappings = ("Rules",)
    department_claim = "department"
    scopes = {
        "openid": "know who you are",
        "profile": "see your name, department and groups",
        "email": "see your e-mail address",
        "offline_access": "stay signed in without you",
    }
    pkce_required = True

    @classmethod
    def local_addresses(cls, lab: Lab) -> dict[str, str]:
        return {"OpenID Connect issuer": f"{issuer(lab.public_url)}/.well-known/openid-configuration"}

    @classmethod
    def logins_key(cls, lab: Lab) -> str:
        return issuer(lab.public_url).partition("://")[2]

    @classmethod
    def role_mapping_key(cls, lab: Lab) -> str:
        return f"arn:aws:iam::{lab.account}:oidc-provider/{cls.logins_key(lab)}"

    @classmethod
    def application_settings(cls, lab: Lab) -> dict[str, str]:
        return {
            "OIDC_CLIENT_ID": cls.client_id,
            "OIDC_CLIENT_SECRET": cls.client_secret,
            "OIDC_ISSUER": issuer(lab.public_url),
        }

    @classmethod
    def oidc_provider(cls, lab: Lab) -> dict[str, Any]:
        return {
            "Url": issuer(lab.public_url),
            "ClientIDList": [cls.client_id],
            # Over plain HTTP there is no certificate; IAM wants a thumbprint all the same.
            "ThumbprintList": ["0" * 40],
        }

    @classmethod
    def identity_pool_members(cls, lab: Lab) -> dict[str, Any]:
        return {"OpenIdConnectProviderARNs": [cls.role_mapping_key(lab)]}

    @classmethod
    def amr(cls, lab: Lab) -> str:
        return f"arn:aws:iam::{lab.account}:oidc-provider/*"

    @staticmethod
    def subject(person: Person) -> str:
        return f"{person.key}-{digest('oidc', person)[:8].hex()}"

    @property
    def issuer(self) -> str:
        return issuer(self.context.lab.public_url)

    def register(self, blueprint: flask.Blueprint) -> None:
        rule = blueprint.add_url_rule
        rule("/oidc/.well-known/openid-configuration", "oidc_discovery", self.discovery)
        rule("/oidc/authorize", "oidc_authorize", self.authorize, methods=["GET", "POST"])
        rule("/oidc/token", "oidc_token", self.token, methods=["POST"])
        rule("/oidc/revoke", "oidc_revoke", self.revoke, methods=["POST"])
        rule("/oidc/userinfo", "oidc_userinfo", self.userinfo, methods=["GET", "POST"])
        rule("/oidc/jwks", "oidc_jwks", self.jwks)

    def claims(self, person: Person, scopes: set[str]) -> dict[str, Any]:
        claims: dict[str, Any] = {"sub": self.subject(person)}
        if "profile" in scopes:
            claims |= {
                "name": person.name,
                "given_name": person.given_name,
                "family_name": person.family_name,
                "preferred_username": person.key,
                "department": person.department,
                "tenant": person.tenant,
                "groups": list(person.groups),
            }
        if "email" in scopes:
            claims |= {"email": person.email, "email_verified": person.email_verified}
        return claims

    def id_claims(self, consent: Consent, access_token: str) -> dict[str, Any]:
        now = self.records.now()
        nonce = {"nonce": consent.nonce} if consent.nonce else {}
        return {
            "iss": self.issuer,
            "aud": consent.client_id,
            "azp": consent.client_id,
            "iat": now.start,
            "exp": now.end_base + 3600,
            "auth_time": consent.auth_time,
            **nonce,
            "at_hash": at_hash(access_token),
            **consent.claims,
        }

    def mint(self, consent: Consent, refresh: bool) -> dict[str, Any]:
        access_token = secrets.token_urlsafe(48)
        answer: dict[str, Any] = {"access_token": access_token, "token_type": "Bearer", "scope": consent.scope}
        answer["expires_in"] = self.record(access_token, "access", consent, self.access_seconds)
        scopes = consent.scope.split()
        if refresh and "offline_access" in scopes:
            answer["refresh_token"] = secrets.token_urlsafe(48)
            self.record(answer["refresh_token"], "refresh", consent, 30 * 86_400)
        if "openid" in scopes:
            claims = apply_mistake(self.id_claims(consent, access_token), consent.misbehaviour)
            signed = self.sign(claims, consent.misbehaviour, {"typ": "JWT"})
            answer["id_token"] = access_token if consent.misbehaviour == "access_token" else signed
        return answer

    def preview(self, consent: Consent) -> list[Panel]:
        if consent.misbehaviour == "access_token":
            return [Panel("In place of the ID token", "…", "An opaque access token, which is no JWT at all.")]
        return [self.preview_of(self.id_claims(consent, "preview"), consent)]

    def discovery(self) -> flask.Response:
        return flask.jsonify(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "revocation_endpoint": f"{self.issuer}/revoke",
                "jwks_uri": f"{self.issuer}/jwks",
                "scopes_supported": list(self.scopes),
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "claims_supported": [
                    *("sub", "iss", "aud", "azp", "exp", "iat", "auth_time", "nonce", "at_hash", "name"),
                    *("given_name", "family_name", "preferred_username", "department", "tenant", "groups"),
                    *("email", "email_verified"),
                ],
            }
        )

    def userinfo(self) -> flask.Response:
        row = self.bearer()
        return flask.jsonify(row.consent.claims) if row else bearer_error()


STAND_IN = GenericOidc
