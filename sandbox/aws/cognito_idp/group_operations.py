"""Groups and who is in them."""

from typing import Any

from sandbox.aws.cognito_idp.described import described_group, described_user
from sandbox.aws.cognito_idp.named import connection_of, pool_named, user_named
from sandbox.aws.wire.paging import page_by_name, page_of, position
from sandbox.core.call import Call
from sandbox.core.store import atomic
from sandbox.user_pools import groups
from sandbox.user_pools.user_lists import list_members


async def create_group(call: Call) -> dict[str, Any]:
    made = groups.create_group(
        connection_of(call),
        pool_named(call),
        call.params["GroupName"],
        description=call.params.get("Description", ""),
        role_arn=call.params.get("RoleArn", ""),
        precedence=call.params.get("Precedence"),
    )
    return {"Group": described_group(made)}


async def get_group(call: Call) -> dict[str, Any]:
    found = groups.find_group(connection_of(call), pool_named(call), call.params["GroupName"])
    return {"Group": described_group(found)}


async def update_group(call: Call) -> dict[str, Any]:
    changed = groups.change_group(
        connection_of(call),
        pool_named(call),
        call.params["GroupName"],
        description=call.params.get("Description"),
        role_arn=call.params.get("RoleArn"),
        precedence=call.params.get("Precedence"),
    )
    return {"Group": described_group(changed)}


async def delete_group(call: Call) -> dict[str, Any]:
    with atomic(connection_of(call)):
        groups.delete_group(connection_of(call), pool_named(call), call.params["GroupName"])
    return {}


async def list_groups(call: Call) -> dict[str, Any]:
    return _page(call, groups.list_groups(connection_of(call), pool_named(call)))


async def admin_list_groups_for_user(call: Call) -> dict[str, Any]:
    _, user = user_named(call)
    return _page(call, sorted(groups.groups_of(connection_of(call), user), key=lambda group: group.name))


async def admin_add_user_to_group(call: Call) -> dict[str, Any]:
    pool, user = user_named(call)
    group = groups.find_group(connection_of(call), pool, call.params["GroupName"])
    groups.add_to_group(connection_of(call), user, group)
    return {}


async def admin_remove_user_from_group(call: Call) -> dict[str, Any]:
    pool, user = user_named(call)
    group = groups.find_group(connection_of(call), pool, call.params["GroupName"])
    groups.remove_from_group(connection_of(call), user, group)
    return {}


async def list_users_in_group(call: Call) -> dict[str, Any]:
    pool, connection, limit = pool_named(call), connection_of(call), call.params.get("Limit") or 60
    group = groups.find_group(connection, pool, call.params["GroupName"])
    after = position(call.params.get("NextToken"))
    found = list_members(connection, pool, group.name, after=after, limit=limit + 1)
    page, more = page_of(found, limit, lambda user: user.sequence)
    return {"Users": [described_user(user) for user in page], **more}


def _page(call: Call, every: list[groups.Group]) -> dict[str, Any]:
    """A page of groups, which are in the order of their names."""
    page, more = page_by_name(every, call.params, call.params.get("Limit") or 60, lambda group: group.name)
    return {"Groups": [described_group(group) for group in page], **more}
