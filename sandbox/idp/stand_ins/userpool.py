"""An Amazon Cognito user pool: the one that each account has from the start, as a provider of the application.

Its pages are those of every user pool (sandbox.idp.managed_login); who is in it stands in sandbox.idp.seeded_user_pool.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.core import facts
from sandbox.core.facts import Lab
from sandbox.core.later import later
from sandbox.idp import seeded_user_pool
from sandbox.idp.mistaken_tokens import MISBEHAVIOUR, mint_with_mistake
from sandbox.idp.oauth2.base import ID_TOKEN_CLAIMS
from sandbox.idp.sign_in import mistakes, page
from sandbox.idp.sign_in.context import IdpContext
from sandbox.idp.sign_in.logins import Login, LoginRefused, LoginRequest
from sandbox.idp.sign_in.people import Person
from sandbox.idp.sign_in.stand_in import Route, StandIn
from sandbox.user_pools.clients import Client, client_of
from sandbox.user_pools.grants import THROUGH_PAGE, open_grant
from sandbox.user_pools.keys import new_key_id
from sandbox.user_pools.pools import UserPool as Pool
from sandbox.user_pools.tokens import person_claims
from sandbox.user_pools.users import User, find_user

if TYPE_CHECKING:
    import jwt

    from sandbox.idp.storage import keys
else:
    jwt = later("jwt")
    keys = later("sandbox.idp.storage.keys")


class UserPool(StandIn):
    slug = "userpool"
    order = 60
    title = "Amazon Cognito managed login"
    colour = "#c7254e"
    monogram = "UP"
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

    def __init__(self, context: IdpContext) -> None:
        super().__init__(context)
        self.keys = keys.SigningKeys(context.records, self.slug, self.new_key_id)
        self.registered = self.client(context.lab)

    @classmethod
    def hosts(cls, lab: Lab) -> tuple[str, ...]:
        domain = facts.seeded_user_pool(lab).domain
        return (cls.logins_key(lab), f"{domain}.auth.{lab.region}.amazoncognito.com")

    @classmethod
    def client_reserved_for(cls, client_id: str, home: str) -> str | None:
        """The only account that may have an app client of this id, when it is one of the seeded pools'."""
        if client_id == cls.client_id:
            return home
        found = re.fullmatch(cls.account_client_id.format(account="([0-9]{12})"), client_id)
        return None if found is None else found[1]

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
        return new_key_id()

    @classmethod
    def routes(cls) -> Iterator[Route]:
        """None of its own: it has the pages that every user pool has."""
        yield from ()

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

    def login(self, wanted: LoginRequest) -> Login:
        user = self.user(wanted.person)
        if user is None:
            page_of_all = f"{self.context.lab.stand_ins_path}/"
            told = (
                f"is deleted from the user pool. You can bring people back on the page of the stand-ins, {page_of_all}."
            )
            raise LoginRefused(f"{wanted.person.name} {told}")
        connection, pool, client, scope = self.records.connection, self.pool, self.client_row, " ".join(self.scopes)
        claims = person_claims(connection, pool, client, user, scope)
        choice = page.choice_for(self, wanted, lambda _: claims, self.reserved)
        extra = {
            THROUGH_PAGE: True,
            "nonce": secrets.token_urlsafe(16),
            "claims": choice.claims,
            MISBEHAVIOUR: choice.misbehaviour,
        }
        grant = open_grant(connection, client, user, scope=scope, extra=extra)
        token = mint_with_mistake(connection, pool, client, user, grant).id_token
        expires = int(jwt.decode(token, options={"verify_signature": False})["exp"])
        return Login(self.logins_key(self.context.lab), token, expires)


STAND_IN = UserPool
