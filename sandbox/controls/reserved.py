"""IDs that are one account's alone, whether it has them yet or not."""

import re

from sandbox.core.facts import domain_reserved_for, reserved_for
from sandbox.idp.stand_ins.userpool import UserPool

# User pools that are seeded: for the home account, or for the one whose number is in the ID.
_SEEDED_USER_POOL = re.compile(r"[a-z0-9-]+_Lab(?:Pool01|([0-9]{12}))")


def is_reserved(value: str, number: str, home: str) -> bool:
    """Whether an ID is seeded for one account, which is another one."""
    owner = reserved_for(value, home) or domain_reserved_for(value, home) or UserPool.client_reserved_for(value, home)
    if owner is None and (seeded := _SEEDED_USER_POOL.fullmatch(value)):
        owner = seeded[1] or home
    return owner not in (None, number)
