"""A generic OpenID provider (OpenID Connect Core and Discovery 1.0)."""

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
from sandbox.idp.sign_in.people import Person, digest
from sandbox.idp.sign_in.stand_in import Route
from sandbox.idp.storage.records import Consent
from sandbox.user_pools.tokens import at_hash

if TYPE_CHECKING:
    import flask
else:
    flask = later("flask")

PLACE = "oidc"


def address(lab: Lab) -> str:
    """Where it is served."""
    return f"{lab.stand_ins_url}/{PLACE}"


def issuer(lab: Lab) -> str:
    """The home account's is a local address to begin with; every other account's has a host that is found here only.

    As a logins key it loses its scheme.
    """
    return address(lab) if lab.is_home else f"https://{lab.own_host('oidc')}"


class GenericOidc(OAuth2StandIn):
    slug = "oidc"
    order = 70
    title = "an OpenID Connect provider"
    real_name = "a real identity provider"
    colour = "#5b4bb5"
    monogram = "ID"
    artifact_name = "ID token"
    signs = "claims"
    misbehaviours = mistakes.OIDC
    client_id = "identity-pools-lab"
    client_secret = "local-stand-in-oidc"  # noqa: S105 (a secret that everybody may know)
    account_client_id = "identity-pools-lab-{account}"
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
    def hosts(cls, lab: Lab) -> tuple[str, ...]:
        return () if lab.is_home else (lab.own_host("oidc"),)

    @classmethod
    def places(cls, lab: Lab) -> dict[str, str]:
        return dict.fromkeys(cls.hosts(lab), PLACE)

    @classmethod
    def local_addresses(cls, lab: Lab) -> dict[str, str]:
        return {"OpenID Connect issuer": f"{address(lab)}/.well-known/openid-configuration"}

    @classmethod
    def logins_key(cls, lab: Lab) -> str:
        return issuer(lab).partition("://")[2]

    @classmethod
    def role_mapping_key(cls, lab: Lab) -> str:
        return f"arn:aws:iam::{lab.account}:oidc-provider/{cls.logins_key(lab)}"

    @classmethod
    def application_settings(cls, lab: Lab) -> dict[str, str]:
        return {
            "OIDC_CLIENT_ID": cls.client(lab).client_id,
            "OIDC_CLIENT_SECRET": cls.client(lab).secret,
            "OIDC_ISSUER": issuer(lab),
        }

    @classmethod
    def oidc_provider(cls, lab: Lab) -> dict[str, Any]:
        return {
            "Url": issuer(lab),
            "ClientIDList": [cls.client(lab).client_id],
            # It is served over plain HTTP, so there is no certificate; IAM wants a thumbprint all the same.
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
        return issuer(self.context.lab)

    @classmethod
    def routes(cls) -> Iterator[Route]:
        yield Route("/oidc/.well-known/openid-configuration", cls.discovery)
        yield Route("/oidc/authorize", cls.authorize, methods=("GET", "POST"))
        yield Route("/oidc/token", cls.token, methods=("POST",))
        yield Route("/oidc/revoke", cls.revoke, methods=("POST",))
        yield Route("/oidc/userinfo", cls.userinfo, methods=("GET", "POST"))
        yield Route("/oidc/jwks", cls.jwks)

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
        found = address(self.context.lab)
        return flask.jsonify(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{found}/authorize",
                "token_endpoint": f"{found}/token",
                "userinfo_endpoint": f"{found}/userinfo",
                "revocation_endpoint": f"{found}/revoke",
                "jwks_uri": f"{found}/jwks",
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
