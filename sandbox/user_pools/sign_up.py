"""Signing up, confirming an address, and getting a new password: what people do for themselves before they sign in.

What a client that hides its users answers for names that nobody has: Developer Guide, "Managing user existence error
responses". Here they are also asked for codes and tries like everybody's, so that no order of calls tells them apart.
"""

import sqlite3
import uuid
from collections.abc import Iterable, Mapping

from sandbox.core.errors import AwsError
from sandbox.core.store import atomic
from sandbox.user_pools.attributes import VERIFIED, check_required, check_writable, checked
from sandbox.user_pools.clients import Client
from sandbox.user_pools.codes import Delivery, Purpose, masked, new_code, send_code, take_code
from sandbox.user_pools.grants import sign_out_everywhere
from sandbox.user_pools.mailbox import MEDIA
from sandbox.user_pools.passwords import check_policy, keep_verifier
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import code_expired, code_mismatch, invalid_parameter, name_not_found, user_disabled
from sandbox.user_pools.srp import make_verifier
from sandbox.user_pools.unknown_users import made_up_address, made_up_sub
from sandbox.user_pools.users import (
    CONFIRMED,
    RESET_REQUIRED,
    UNCONFIRMED,
    User,
    change_user,
    create_user,
    find_user,
    renew_aliases,
    username_of,
)


def is_open(pool: UserPool) -> bool:
    """Whether people may sign up by themselves."""
    return not (pool.definition.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly")


def sign_up(
    connection: sqlite3.Connection,
    pool: UserPool,
    client: Client,
    name: str,
    password: str,
    attributes: Iterable[Mapping[str, str]],
) -> tuple[User, Delivery | None]:
    """Make an unconfirmed user; a code goes to the address that the pool verifies, if there is one.

    Args:
        attributes: `{Name, Value}` each.

    Raises:
        AwsError: NotAuthorizedException, UsernameExistsException, InvalidPasswordException, InvalidParameterException.
    """
    if not is_open(pool):
        raise AwsError("NotAuthorizedException", "SignUp is not permitted for this user pool")
    given = checked(pool, attributes, new=True)
    check_writable(pool, client, given)
    check_policy(pool, password)
    sub = str(uuid.uuid4())
    kept = make_verifier(pool.pool_id, username_of(pool, name, sub), password)  # before: it takes long
    with atomic(connection):
        user = create_user(connection, pool, name, given, status=UNCONFIRMED, sub=sub)
        check_required(pool, user.attributes)
        user = keep_verifier(connection, user, kept, status=UNCONFIRMED, first=True)
        attribute = _verified_by_code(pool, user)
        delivery = send_code(connection, pool, user, "sign_up", attribute) if attribute else None
    return user, delivery


def confirm_sign_up(
    connection: sqlite3.Connection, pool: UserPool, client: Client, name: str, code: str, *, force_alias: bool = False
) -> User:
    """Confirm a user by the code that was sent, which verifies the address as well.

    Raises:
        AwsError: CodeMismatchException, ExpiredCodeException, LimitExceededException, AliasExistsException,
            UserNotFoundException, NotAuthorizedException.
    """
    user = find_user(connection, pool, name)
    if user is None and not client.hides_users:
        raise name_not_found()
    if user is not None and user.status != UNCONFIRMED and not client.hides_users:
        raise AwsError("NotAuthorizedException", f"User cannot be confirmed. Current status is {user.status}")
    about = take_code(connection, pool, user.sub if user else made_up_sub(connection, pool, name), "sign_up", code)
    if user is None or not about:
        raise code_mismatch()  # It was sent to nobody.
    if user.status != UNCONFIRMED:
        raise code_expired()
    return confirm(connection, pool, user, verified=about.partition("="), force_alias=force_alias)


def confirm(
    connection: sqlite3.Connection,
    pool: UserPool,
    user: User,
    *,
    verified: tuple[str, str, str] = ("", "", ""),
    force_alias: bool = False,
) -> User:
    """Let a user who signed up sign in.

    Args:
        verified: attribute, `=` and the address that was proved by a code; it counts while it is still the user's.
    """
    attribute, _, value = verified
    attributes = dict(user.attributes)
    if attribute and attributes.get(attribute) == value:
        attributes[VERIFIED[attribute]] = "true"
    with atomic(connection):
        user = change_user(connection, user, attributes=attributes, status=CONFIRMED)
        renew_aliases(connection, pool, user, force=force_alias)
    return user


def resend_code(connection: sqlite3.Connection, pool: UserPool, client: Client, name: str) -> Delivery:
    """Send another code to somebody who signed up.

    Raises:
        AwsError: UserNotFoundException, InvalidParameterException, LimitExceededException.
    """
    user = find_user(connection, pool, name)
    attribute = _verified_by_code(pool, user) if user else ""
    if user is None or (client.hides_users and (user.status != UNCONFIRMED or not attribute)):
        return _to_nobody(connection, pool, client, name, "sign_up", user)
    if user.status != UNCONFIRMED:
        raise invalid_parameter("User is already confirmed.")
    if not attribute:
        raise invalid_parameter("Cannot resend codes. Auto verification not turned on.")
    return send_code(connection, pool, user, "sign_up", attribute)


def forgot_password(connection: sqlite3.Connection, pool: UserPool, client: Client, name: str) -> Delivery:
    """Send a code with which a new password can be set.

    Raises:
        AwsError: UserNotFoundException, NotAuthorizedException, InvalidParameterException, LimitExceededException.
    """
    user = find_user(connection, pool, name)
    attribute = recovery_attribute(pool, user) if user else ""
    can = user is not None and user.enabled and user.status in (CONFIRMED, RESET_REQUIRED) and bool(attribute)
    if user is None or (client.hides_users and not can):
        return _to_nobody(connection, pool, client, name, "reset", user)
    if not user.enabled:
        raise user_disabled()
    if user.status not in (CONFIRMED, RESET_REQUIRED):
        raise AwsError("NotAuthorizedException", "User password cannot be reset in the current state.")
    if not attribute:
        if _recovery_names(pool) == ["admin_only"]:
            raise AwsError("NotAuthorizedException", "Contact administrator to reset password.")
        raise invalid_parameter(
            "Cannot reset password for the user as there is no registered/verified email or phone_number"
        )
    return send_code(connection, pool, user, "reset", attribute)


def confirm_forgot_password(
    connection: sqlite3.Connection, pool: UserPool, client: Client, name: str, code: str, password: str
) -> User:
    """Set a new password by the code that was sent. Sign-ins that exist end.

    Raises:
        AwsError: CodeMismatchException, ExpiredCodeException, LimitExceededException, InvalidPasswordException,
            UserNotFoundException, NotAuthorizedException.
    """
    check_policy(pool, password)
    user = find_user(connection, pool, name)
    if user is None and not client.hides_users:
        raise name_not_found()
    if user is not None and not user.enabled and not client.hides_users:
        raise user_disabled()
    about = take_code(connection, pool, user.sub if user else made_up_sub(connection, pool, name), "reset", code)
    attribute, _, address = about.partition("=")
    if user is None or not user.enabled or not attribute:
        raise code_mismatch()
    if user.attributes.get(attribute) != address:
        raise code_expired()  # It went to an address that is the user's no longer.
    kept = make_verifier(pool.pool_id, user.username, password)  # before: it takes long
    with atomic(connection):
        user = keep_verifier(connection, user, kept, status=CONFIRMED)
        sign_out_everywhere(connection, user)
    return user


def recovery_attribute(pool: UserPool, user: User) -> str:
    """Where a code for a new password may go: the first verified address by AccountRecoverySetting; empty for none."""
    attributes = [name.removeprefix("verified_") for name in _recovery_names(pool) if name.startswith("verified_")]
    return next((attribute for attribute in attributes if user.is_verified(attribute)), "")


def _recovery_names(pool: UserPool) -> list[str]:
    """Without the setting a phone number comes first (API reference, AccountRecoverySettingType)."""
    mechanisms = (pool.definition.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms") or (
        {"Name": "verified_phone_number", "Priority": 1},
        {"Name": "verified_email", "Priority": 2},
    )
    return [str(one["Name"]) for one in sorted(mechanisms, key=lambda one: int(one["Priority"]))]


def _verified_by_code(pool: UserPool, user: User) -> str:
    """The address to which a code for the confirmation goes: a phone number before an e-mail address."""
    automatic = pool.definition.get("AutoVerifiedAttributes") or ()
    wanted = [attribute for attribute in ("phone_number", "email") if attribute in automatic]
    return next((attribute for attribute in wanted if user.attributes.get(attribute)), "")


def _to_nobody(
    connection: sqlite3.Connection, pool: UserPool, client: Client, name: str, purpose: Purpose, user: User | None
) -> Delivery:
    """What looks like a delivery, for nobody or for who gets none; their tries are counted like everybody's.

    The code is told to nobody and is about no address, so it is good for nothing (`confirm_forgot_password`).
    """
    if not client.hides_users:
        raise name_not_found()
    new_code(connection, pool, user.sub if user else made_up_sub(connection, pool, name), purpose)
    attribute, address = made_up_address(connection, pool, name, purpose)
    return Delivery(masked(attribute, address), MEDIA[attribute], attribute)
