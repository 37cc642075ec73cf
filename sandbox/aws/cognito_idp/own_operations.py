"""What users do with themselves, each by an access token that may."""

from typing import Any

from sandbox.aws.cognito_idp.named import bearer_of, connection_of
from sandbox.core.call import Call
from sandbox.core.store import atomic
from sandbox.user_pools.attributes import as_list, check_writable, checked, readable
from sandbox.user_pools.grants import sign_out_everywhere
from sandbox.user_pools.passwords import check_password, check_policy, set_password
from sandbox.user_pools.profiles import delete_attributes, send_attribute_code, update_attributes, verify_attribute
from sandbox.user_pools.users import CONFIRMED, delete_user


async def get_user(call: Call) -> dict[str, Any]:
    """The attributes that the client of the token may read."""
    bearer = bearer_of(call)
    user = bearer.user
    attributes = as_list(user.sub, user.attributes, readable(bearer.pool, bearer.client))
    return {"Username": user.username, "UserAttributes": attributes}


async def update_user_attributes(call: Call) -> dict[str, Any]:
    """Change what the client of the token may write."""
    bearer = bearer_of(call)
    given = checked(bearer.pool, call.params["UserAttributes"], new=False)
    check_writable(bearer.pool, bearer.client, given)
    _, deliveries = update_attributes(connection_of(call), bearer.pool, bearer.user, given, by_administrator=False)
    return {"CodeDeliveryDetailsList": [delivery.public() for delivery in deliveries]}


async def delete_user_attributes(call: Call) -> dict[str, Any]:
    bearer = bearer_of(call)
    names = call.params["UserAttributeNames"]
    check_writable(bearer.pool, bearer.client, names)
    delete_attributes(connection_of(call), bearer.pool, bearer.user, names)
    return {}


async def get_user_attribute_verification_code(call: Call) -> dict[str, Any]:
    bearer = bearer_of(call)
    attribute = call.params["AttributeName"]
    delivery = send_attribute_code(connection_of(call), bearer.pool, bearer.user, attribute)
    return {"CodeDeliveryDetails": delivery.public()}


async def verify_user_attribute(call: Call) -> dict[str, Any]:
    bearer = bearer_of(call)
    verify_attribute(connection_of(call), bearer.pool, bearer.user, call.params["AttributeName"], call.params["Code"])
    return {}


async def change_password(call: Call) -> dict[str, Any]:
    """A new password for somebody who knows the old one; guesses at it count like those at a sign-in."""
    bearer, connection = bearer_of(call), connection_of(call)
    previous = call.params.get("PreviousPassword", "")
    user = check_password(connection, bearer.pool, bearer.user.username, previous, hides_users=True)
    check_policy(bearer.pool, call.params["ProposedPassword"])
    with atomic(connection):
        set_password(connection, user, call.params["ProposedPassword"], status=CONFIRMED)
    return {}


async def delete_own_user(call: Call) -> dict[str, Any]:
    bearer = bearer_of(call)
    with atomic(connection_of(call)):
        delete_user(connection_of(call), bearer.user)
    return {}


async def global_sign_out(call: Call) -> dict[str, Any]:
    sign_out_everywhere(connection_of(call), bearer_of(call).user)
    return {}
