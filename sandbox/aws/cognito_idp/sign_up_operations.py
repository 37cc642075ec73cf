"""Signing up, confirming, and getting a new password, by clients without a signature."""

from typing import Any

from sandbox.aws.cognito_idp.named import client_named, connection_of
from sandbox.aws.cognito_idp.secret_hash import check_secret_hash
from sandbox.core.call import Call
from sandbox.user_pools import sign_up as core
from sandbox.user_pools.clients import Client
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import invalid_parameter


async def sign_up(call: Call) -> dict[str, Any]:
    client, pool = _proved_client(call)
    if not call.params.get("Password"):
        raise invalid_parameter("Password is required: this sandbox has no sign-up without one.")
    user, delivery = core.sign_up(
        connection_of(call),
        pool,
        client,
        call.params["Username"],
        call.params["Password"],
        call.params.get("UserAttributes") or (),
    )
    details = {"CodeDeliveryDetails": delivery.public()} if delivery else {}
    return {"UserConfirmed": False, "UserSub": user.sub, **details}


async def confirm_sign_up(call: Call) -> dict[str, Any]:
    client, pool = _proved_client(call)
    core.confirm_sign_up(
        connection_of(call),
        pool,
        client,
        call.params["Username"],
        call.params["ConfirmationCode"],
        force_alias=bool(call.params.get("ForceAliasCreation")),
    )
    return {}


async def resend_confirmation_code(call: Call) -> dict[str, Any]:
    client, pool = _proved_client(call)
    delivery = core.resend_code(connection_of(call), pool, client, call.params["Username"])
    return {"CodeDeliveryDetails": delivery.public()}


async def forgot_password(call: Call) -> dict[str, Any]:
    client, pool = _proved_client(call)
    delivery = core.forgot_password(connection_of(call), pool, client, call.params["Username"])
    return {"CodeDeliveryDetails": delivery.public()}


async def confirm_forgot_password(call: Call) -> dict[str, Any]:
    client, pool = _proved_client(call)
    core.confirm_forgot_password(
        connection_of(call),
        pool,
        client,
        call.params["Username"],
        call.params["ConfirmationCode"],
        call.params["Password"],
    )
    return {}


def _proved_client(call: Call) -> tuple[Client, UserPool]:
    client, pool = client_named(call)
    check_secret_hash(client, call.params.get("SecretHash"), call.params["Username"])
    return client, pool
