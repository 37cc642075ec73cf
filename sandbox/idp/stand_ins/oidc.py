"""A generic OpenID provider, whose issuer is its own local address (OpenID Connect Core and Discovery 1.0)."""

import secrets
from typing import Any

from flask import Blueprint, Response, jsonify

from sandbox.core import facts
from sandbox.idp.oauth2.base import OAuth2Provider, bearer_error
from sandbox.idp.sign_in import mistakes
from sandbox.idp.sign_in.mistakes import bend
from sandbox.idp.sign_in.page import Face, Panel
from sandbox.idp.sign_in.people import Person, subject
from sandbox.idp.storage.keys import at_hash
from sandbox.idp.storage.records import Consent


class GenericOidc(OAuth2Provider):
    face = Face("oidc", "an OpenID Connect provider", "ID token", "claims", mistakes.OIDC)
    scopes = {
        "openid": "know who you are",
        "profile": "see your name, department and groups",
        "email": "see your e-mail address",
        "offline_access": "stay signed in without you",
    }
    pkce_required = True

    @property
    def issuer(self) -> str:
        return facts.oidc_issuer(self.context.config.public_url)

    @property
    def logins_key(self) -> str:
        return self.issuer.partition("://")[2]

    def register(self, blueprint: Blueprint) -> None:
        rule = blueprint.add_url_rule
        rule("/oidc/.well-known/openid-configuration", "oidc_discovery", self.discovery)
        rule("/oidc/authorize", "oidc_authorize", self.authorize, methods=["GET", "POST"])
        rule("/oidc/token", "oidc_token", self.token, methods=["POST"])
        rule("/oidc/revoke", "oidc_revoke", self.revoke, methods=["POST"])
        rule("/oidc/userinfo", "oidc_userinfo", self.userinfo, methods=["GET", "POST"])
        rule("/oidc/jwks", "oidc_jwks", self.jwks)

    def claims(self, person: Person, scopes: set[str]) -> dict[str, Any]:
        claims: dict[str, Any] = {"sub": subject("oidc", person)}
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
            claims = bend(self.id_claims(consent, access_token), consent.misbehaviour)
            signed = self.sign(claims, consent.misbehaviour, {"typ": "JWT"})
            answer["id_token"] = access_token if consent.misbehaviour == "access_token" else signed
        return answer

    def preview(self, consent: Consent) -> list[Panel]:
        if consent.misbehaviour == "access_token":
            return [Panel("In place of the ID token", "…", "An opaque access token, which is no JWT at all.")]
        return [self.preview_of(self.id_claims(consent, "preview"), consent)]

    def discovery(self) -> Response:
        return jsonify(
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

    def userinfo(self) -> Response:
        row = self.bearer()
        return jsonify(row.consent.claims) if row else bearer_error()
