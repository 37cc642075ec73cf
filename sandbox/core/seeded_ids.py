"""The ids of the identity pools that an account is seeded with. Each belongs to that account, seeded yet or not."""

import re

# The ids are the same on every machine, because the configuration of clients is static.
_FAMILY = "5a4db000"
_SEEDED = re.compile(rf"[^:]+:{_FAMILY}-([0-9]{{4}})-c000-8000-([0-9]{{12}})")
_HOME = "0000"


def seeded_pool_id(region: str, account: str, home: str, number: int) -> str:
    """The id: of the sandbox's home account `...-000000000001`, of another the account's digits at its end."""
    if account == home:
        return f"{region}:{_FAMILY}-{_HOME}-c000-8000-{number:012d}"
    return f"{region}:{_FAMILY}-{number:04d}-c000-8000-{account}"


def reserved_for(pool_id: str, home: str) -> str | None:
    """The only account that may have this id, when it is one of the family."""
    found = _SEEDED.fullmatch(pool_id)
    if found is None:
        return None
    number, account = found.groups()
    return home if number == _HOME else account
