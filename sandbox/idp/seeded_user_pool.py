"""The user pool that each account has from the start: its client, its domain, and the cast as its users.

Seeded once: what people change about it stays, and who is deleted stays so. Only the client's addresses follow the
application's.
"""

import sqlite3
import uuid
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from sandbox.core import facts
from sandbox.core.facts import Lab, role_arn
from sandbox.core.store import atomic
from sandbox.idp.sign_in.people import GROUPS, PEOPLE, Person, digest
from sandbox.idp.sign_in.stand_in import RegisteredClient
from sandbox.idp.storage.records import Records
from sandbox.user_pools import groups
from sandbox.user_pools.clients import Client, change_client, create_client, find_client, move_client
from sandbox.user_pools.domains import create_domain
from sandbox.user_pools.grants import sign_out_everywhere as end_sign_ins
from sandbox.user_pools.passwords import keep_verifier
from sandbox.user_pools.pools import UserPool, create_pool, find_pool
from sandbox.user_pools.srp import Verifier, make_verifier
from sandbox.user_pools.users import CONFIRMED, User, create_user, delete_user, find_user

_ISSUER = "userpool"  # under which earlier versions kept who was deleted
_CUSTOM = ("department", "tenant")
_DEFINITION: dict[str, Any] = {
    "PoolName": "IdentityPoolsLab",
    "AutoVerifiedAttributes": ["email"],
    "AliasAttributes": ["email"],
    "UsernameConfiguration": {"CaseSensitive": False},
    "Schema": [{"Name": name, "AttributeDataType": "String", "Mutable": True} for name in _CUSTOM],
}
_CLIENT: dict[str, Any] = {
    "ExplicitAuthFlows": [
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    ],
    "SupportedIdentityProviders": ["COGNITO"],
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid", "email", "profile", "phone", "aws.cognito.signin.user.admin"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "PreventUserExistenceErrors": "ENABLED",
    "EnableTokenRevocation": True,
}


def home_subject(person: Person) -> str:
    """What the home account's pool knows a person by: the same for ever."""
    return _uuid("userpool", person)


def subject_in(lab: Lab, person: Person) -> str:
    """What an account's pool knows a person by: the same for ever, and other than in any other account."""
    return home_subject(person) if lab.is_home else _uuid(f"userpool:{lab.account}", person)


def _uuid(provider: str, person: Person) -> str:
    return str(uuid.UUID(bytes=digest(provider, person)[:16], version=4))


def verifier_of(lab: Lab, person: Person) -> Verifier:
    """What an account's pool keeps of a person's password."""
    return make_verifier(facts.seeded_user_pool(lab).pool_id, person.key, person.password)


def seed_user_pool(
    connection: sqlite3.Connection,
    lab: Lab,
    registered: RegisteredClient,
    verifiers: Mapping[str, Verifier] | None = None,
) -> UserPool:
    """Give an account its user pool, if it has none. Idempotent.

    Args:
        registered: the application.
        verifiers: person's key -> verifier, where those were made before.
    """
    seeded = facts.seeded_user_pool(lab)
    with atomic(connection):
        pool = find_pool(connection, seeded.pool_id)
        if pool is None:
            pool = create_pool(connection, lab.account, lab.region, _DEFINITION, pool_id=seeded.pool_id)
            create_domain(connection, pool, seeded.domain)
            for group in GROUPS.values():
                role = role_arn(lab.account, group.role)
                groups.create_group(connection, pool, group.name, role_arn=role, precedence=group.precedence)
            for person in PEOPLE.values():
                sub = subject_in(lab, person)
                if not _was_deleted(connection, lab.account, sub):
                    kept = (verifiers or {}).get(person.key) or verifier_of(lab, person)
                    add_person(connection, pool, person, sub, kept)
            if find_client(connection, registered.client_id) is None:
                _create_client(connection, pool, registered)
        client = find_client(connection, registered.client_id)
        if client is not None and client.pool_id != pool.pool_id and client.account == pool.account:
            move_client(connection, client, pool)  # AWS_REGION was another one; the client is the application's
        follow_the_application(connection, registered)
    return pool


def give_groups_their_roles(connection: sqlite3.Connection, lab: Lab, shared: AbstractSet[str]) -> None:
    """Have groups that name one of these roles, which served all identity pools, name the role of their own.

    Args:
        shared: names of the main pool's roles.
    """
    pool = find_seeded_pool(connection, lab)
    if pool is None:
        return
    for group in groups.list_groups(connection, pool):
        known = GROUPS.get(group.name)
        former = facts.pool_role(facts.MAIN_POOL, known.kind) if known else ""
        if known and former in shared and group.role_arn == role_arn(lab.account, former):
            groups.change_group(connection, pool, group.name, role_arn=role_arn(lab.account, known.role))


def add_person(connection: sqlite3.Connection, pool: UserPool, person: Person, sub: str, kept: Verifier) -> User:
    """Make somebody of the cast a user of the pool, with groups and password.

    Raises:
        AwsError: UsernameExistsException: the name is somebody's.
    """
    attributes = {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "name": person.name,
        "email": person.email,
        "email_verified": "true" if person.email_verified else "false",
        "custom:department": person.department,
        "custom:tenant": person.tenant,
    }
    with atomic(connection):
        user = create_user(connection, pool, person.key, attributes, status=CONFIRMED, sub=sub)
        for name in person.groups:
            groups.add_to_group(connection, user, groups.find_group(connection, pool, name))
        return keep_verifier(connection, user, kept, status=CONFIRMED)


def find_seeded_pool(connection: sqlite3.Connection, lab: Lab) -> UserPool | None:
    """The account's seeded pool; None where it was deleted, or never made."""
    return find_pool(connection, facts.seeded_user_pool(lab).pool_id)


def find_person(connection: sqlite3.Connection, lab: Lab, person: Person) -> User | None:
    """The user of the account's seeded pool who is somebody of the cast; None where that was deleted."""
    pool = find_seeded_pool(connection, lab)
    return find_user(connection, pool, person.key) if pool is not None else None


def sign_out_everywhere(records: Records, lab: Lab, person: Person) -> None:
    """End all sign-ins of a person that exist now, and their sessions, as GlobalSignOut does."""
    user = find_person(records.connection, lab, person)
    if user is not None:
        end_sign_ins(records.connection, user)


def delete(records: Records, lab: Lab, person: Person) -> None:
    """Delete a person from the pool, as AdminDeleteUser does. `restore` undoes it, which the real one does not."""
    user = find_person(records.connection, lab, person)
    if user is not None:
        with atomic(records.connection):
            delete_user(records.connection, user)


def restore(records: Records, lab: Lab, person: Person) -> None:
    """Bring a deleted person back, as they were at the start."""
    pool = find_seeded_pool(records.connection, lab)
    if pool is not None and find_person(records.connection, lab, person) is None:
        add_person(records.connection, pool, person, subject_in(lab, person), verifier_of(lab, person))


def is_deleted(records: Records, lab: Lab, person: Person) -> bool:
    """Whether the pool has no such user."""
    return find_person(records.connection, lab, person) is None


def _create_client(connection: sqlite3.Connection, pool: UserPool, registered: RegisteredClient) -> Client:
    members = {
        "ClientName": registered.name,
        **_CLIENT,
        "CallbackURLs": list(registered.redirect_uris),
        "LogoutURLs": list(registered.logout_uris),
    }
    return create_client(connection, pool, members, client_id=registered.client_id, secret=registered.secret)


def follow_the_application(connection: sqlite3.Connection, registered: RegisteredClient) -> None:
    """The application may be at another port than last time."""
    client = find_client(connection, registered.client_id)
    if client is None:
        return  # deleted, and that stays
    wanted = {"CallbackURLs": registered.redirect_uris, "LogoutURLs": registered.logout_uris}
    known = {name: client.definition.get(name) or [] for name in wanted}
    added = {name: [uri for uri in uris if uri not in known[name]] for name, uris in wanted.items()}
    if any(added.values()):
        definition = {**client.definition, **{name: [*known[name], *added[name]] for name in wanted}}
        change_client(connection, client, definition)


def _was_deleted(connection: sqlite3.Connection, account: str, sub: str) -> bool:
    """Whether an earlier version kept somebody as deleted from the pool, which was no row of its own then."""
    row = connection.execute(
        "SELECT 1 FROM idp_deleted_user WHERE account = ? AND issuer = ? AND subject = ?", (account, _ISSUER, sub)
    ).fetchone()
    return row is not None
