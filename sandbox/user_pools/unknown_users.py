"""What somebody who has no account seems to be, where a client must not tell (PreventUserExistenceErrors).

Everything is made of the name and a secret of the installation: the same at each try, and another in another pool.
"""

import hmac
import sqlite3
import uuid

from sandbox.core.keys import installation_secret
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.srp import Verifier, made_up_verifier

_SECRET = "user pools: unknown users"  # noqa: S105 (the name of a secret)
_LETTERS = "abcdefghiklmnoprstw"


def made_up_password(connection: sqlite3.Connection, pool: UserPool, name: str) -> Verifier:
    """A verifier that no password has."""
    return made_up_verifier(installation_secret(connection, _SECRET), pool.pool_id, pool.folded(name))


def made_up_sub(connection: sqlite3.Connection, pool: UserPool, name: str) -> str:
    return str(uuid.UUID(bytes=_digest(connection, pool, name)[:16], version=4))


def made_up_username(connection: sqlite3.Connection, pool: UserPool, name: str) -> str:
    """USER_ID_FOR_SRP: the name as it was given, where that is not an alias of somebody with another one."""
    alias = ("email" in pool.alias_attributes and "@" in name) or (
        "phone_number" in pool.alias_attributes and name.startswith("+")
    )
    return made_up_sub(connection, pool, name) if alias or pool.username_attributes else pool.folded(name)


def made_up_address(connection: sqlite3.Connection, pool: UserPool, name: str, purpose: str) -> tuple[str, str]:
    """Attribute and value of an address to which a code seems to go.

    Where people are known by an address, a name that is one is its own; for other names each purpose has another, since
    somebody who is there gets one code where their address is and the other not at all.
    """
    names = (*pool.username_attributes, *pool.alias_attributes)
    if "email" in names and "@" in name:
        return "email", name
    if "phone_number" in names and name.startswith("+"):
        return "phone_number", name
    digest = _digest(connection, pool, name, purpose)
    verified = pool.definition.get("AutoVerifiedAttributes") or ()
    if "phone_number" in verified and "email" not in verified:
        return "phone_number", f"+1{int.from_bytes(digest[:8], 'big') % 10**10:010d}"
    first, second = (_LETTERS[byte % len(_LETTERS)] for byte in digest[16:18])
    return "email", f"{first}@{second}"


def _digest(connection: sqlite3.Connection, pool: UserPool, name: str, purpose: str = "") -> bytes:
    text = f"{pool.pool_id}:{pool.folded(name)}{purpose and ':'}{purpose}"
    return hmac.digest(installation_secret(connection, _SECRET), text.encode(), "sha256")
