"""What administrators do with users."""

from typing import Any

from sandbox.aws.cognito_idp.described import dates_and_status, described_user
from sandbox.aws.cognito_idp.named import connection_of, pool_named, user_named
from sandbox.aws.wire.paging import page_of, position
from sandbox.core.call import Call
from sandbox.core.errors import AwsError
from sandbox.core.store import atomic
from sandbox.user_pools.attributes import as_list, checked
from sandbox.user_pools.codes import send_code
from sandbox.user_pools.grants import sign_out_everywhere
from sandbox.user_pools.invitations import invite
from sandbox.user_pools.passwords import check_policy, random_password, set_password
from sandbox.user_pools.profiles import delete_attributes, update_attributes
from sandbox.user_pools.refusals import invalid_parameter
from sandbox.user_pools.sign_up import confirm, recovery_attribute
from sandbox.user_pools.user_lists import list_users as listed_users
from sandbox.user_pools.users import (
    CONFIRMED,
    FORCE_CHANGE_PASSWORD,
    RESET_REQUIRED,
    UNCONFIRMED,
    change_user,
    create_user,
    delete_user,
    renew_aliases,
    user_in,
)


async def admin_create_user(call: Call) -> dict[str, Any]:
    """A user with a temporary password, which is delivered to the mailbox unless MessageAction is SUPPRESS."""
    pool, connection = pool_named(call), connection_of(call)
    password = call.params.get("TemporaryPassword") or random_password(pool)
    check_policy(pool, password)
    action = call.params.get("MessageAction")
    if action == "RESEND":
        user = user_in(connection, pool, call.params["Username"])
        if user.status != FORCE_CHANGE_PASSWORD:
            raise AwsError(
                "UnsupportedUserStateException", "Resend not possible. User status is not FORCE_CHANGE_PASSWORD"
            )
    with atomic(connection):
        if action != "RESEND":
            attributes = checked(pool, call.params.get("UserAttributes") or (), new=True)
            user = create_user(
                connection,
                pool,
                call.params["Username"],
                attributes,
                status=FORCE_CHANGE_PASSWORD,
                exists="User account already exists",
                force_alias=bool(call.params.get("ForceAliasCreation")),
            )
        user = set_password(connection, user, password, status=FORCE_CHANGE_PASSWORD, first=action != "RESEND")
        if action != "SUPPRESS":
            invite(connection, pool, user, password, call.params.get("DesiredDeliveryMediums") or ())
    return {"User": described_user(user)}


async def admin_get_user(call: Call) -> dict[str, Any]:
    _, user = user_named(call)
    attributes = as_list(user.sub, user.attributes)
    return {"Username": user.username, "UserAttributes": attributes, **dates_and_status(user)}


async def list_users(call: Call) -> dict[str, Any]:
    pool, limit = pool_named(call), call.params.get("Limit") or 60
    names = set(call.params["AttributesToGet"]) if call.params.get("AttributesToGet") else None
    found = listed_users(
        connection_of(call),
        pool,
        wanted=call.params.get("Filter", ""),
        after=position(call.params.get("PaginationToken")),
        limit=limit + 1,
    )
    page, more = page_of(found, limit, lambda user: user.sequence, "PaginationToken")
    return {"Users": [described_user(user, names) for user in page], **more}


async def admin_set_user_password(call: Call) -> dict[str, Any]:
    pool, user = user_named(call)
    check_policy(pool, call.params["Password"])
    status = CONFIRMED if call.params.get("Permanent") else FORCE_CHANGE_PASSWORD
    with atomic(connection_of(call)):
        user = set_password(connection_of(call), user, call.params["Password"], status=status)
        renew_aliases(connection_of(call), pool, user)
    return {}


async def admin_reset_user_password(call: Call) -> dict[str, Any]:
    """The password is good no longer, and a code for another one is sent."""
    pool, user = user_named(call)
    if user.status in (UNCONFIRMED, FORCE_CHANGE_PASSWORD):
        raise AwsError("NotAuthorizedException", "User password cannot be reset in the current state.")
    attribute = recovery_attribute(pool, user)
    if not attribute:
        raise invalid_parameter(
            "Cannot reset password for the user as there is no registered/verified email or phone_number"
        )
    with atomic(connection_of(call)):
        user = change_user(connection_of(call), user, status=RESET_REQUIRED)
        send_code(connection_of(call), pool, user, "reset", attribute)
    return {}


async def admin_confirm_sign_up(call: Call) -> dict[str, Any]:
    pool, user = user_named(call)
    if user.status != UNCONFIRMED:
        raise AwsError("NotAuthorizedException", f"User cannot be confirmed. Current status is {user.status}")
    confirm(connection_of(call), pool, user)
    return {}


async def admin_update_user_attributes(call: Call) -> dict[str, Any]:
    pool, user = user_named(call)
    given = checked(pool, call.params["UserAttributes"], new=False)
    update_attributes(connection_of(call), pool, user, given, by_administrator=True)
    return {}


async def admin_delete_user_attributes(call: Call) -> dict[str, Any]:
    pool, user = user_named(call)
    delete_attributes(connection_of(call), pool, user, call.params["UserAttributeNames"])
    return {}


async def admin_enable_user(call: Call) -> dict[str, Any]:
    _, user = user_named(call)
    change_user(connection_of(call), user, enabled=True)
    return {}


async def admin_disable_user(call: Call) -> dict[str, Any]:
    """Nothing that the user was given is good while they are disabled."""
    _, user = user_named(call)
    change_user(connection_of(call), user, enabled=False)
    return {}


async def admin_delete_user(call: Call) -> dict[str, Any]:
    _, user = user_named(call)
    with atomic(connection_of(call)):
        delete_user(connection_of(call), user)
    return {}


async def admin_user_global_sign_out(call: Call) -> dict[str, Any]:
    _, user = user_named(call)
    sign_out_everywhere(connection_of(call), user)
    return {}
