"""Identities and the logins that own them: rows, found by index.

An identity is unique per (pool, provider, user key). What a user key is depends on the provider (`sub`, a user id, a
NameID); it is never the text of a token.
"""

import secrets
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Any

from msgspec import Struct

from sandbox.aws.cognito_identity.records.pools import Pool
from sandbox.aws.cognito_identity.records.refusals import identity_not_found
from sandbox.core.instance import Instance
from sandbox.core.regions import region_of_id

LoginKey = tuple[str, str]  # provider name, user key


class Identity(Struct, frozen=True):
    """One identity of a pool.

    Attributes:
        authenticated: it has or had a login; there is no way back to a guest.
        disabled: merged into another identity.
    """

    sequence: int
    identity_id: str
    pool_id: str
    account: str
    authenticated: bool
    disabled: bool
    created: float
    modified: float


class Identities:
    def __init__(self, instance: Instance) -> None:
        self._store = instance.store
        self._connection = instance.store.connection
        self._region = instance.config.region

    def find(self, identity_id: str) -> Identity:
        """The identity, in whichever pool.

        Raises:
            AwsError: ResourceNotFoundException.
        """
        row = self._connection.execute("SELECT * FROM identity WHERE identity_id = ?", (identity_id,)).fetchone()
        if row is None:
            raise identity_not_found(identity_id)
        return _identity(row)

    def find_in(self, region: str, identity_id: str) -> Identity:
        """The identity of this region, in whichever pool.

        Raises:
            AwsError: ResourceNotFoundException.
        """
        if (region_of_id(identity_id) or self._region) != region:
            raise identity_not_found(identity_id)
        return self.find(identity_id)

    def exists(self, pool_id: str, identity_id: str) -> bool:
        """Whether the pool has the identity, disabled or not."""
        query = "SELECT 1 FROM identity WHERE identity_id = ? AND pool_id = ?"
        return self._connection.execute(query, (identity_id, pool_id)).fetchone() is not None

    def create(self, pool: Pool, logins: Iterable[LoginKey], now: float) -> Identity:
        """A new identity that owns `logins`; a guest when there are none."""
        logins = list(logins)
        identity_id = _new_id(pool.region, pool.pool_id)
        values = (identity_id, pool.pool_id, pool.account, bool(logins), now, now)
        statement = (
            "INSERT INTO identity (identity_id, pool_id, account, authenticated, created, modified)"
            " VALUES (?, ?, ?, ?, ?, ?)"
        )
        if not logins:
            sequence = self._connection.execute(statement, values).lastrowid or 0
        else:
            with self._store.transaction() as connection:
                sequence = connection.execute(statement, values).lastrowid or 0
                self._insert_logins(pool, identity_id, logins)
        return Identity(sequence, identity_id, pool.pool_id, pool.account, bool(logins), False, now, now)

    def owner(self, pool: Pool, login: LoginKey) -> str | None:
        """The id of the identity that owns a login."""
        row = self._connection.execute(
            "SELECT identity_id FROM identity_login WHERE pool_id = ? AND provider = ? AND user_key = ?",
            (pool.pool_id, *login),
        ).fetchone()
        return row["identity_id"] if row else None

    def logins(self, identity_id: str) -> list[LoginKey]:
        rows = self._connection.execute(
            "SELECT provider, user_key FROM identity_login WHERE identity_id = ? ORDER BY provider, user_key",
            (identity_id,),
        )
        return [(row["provider"], row["user_key"]) for row in rows]

    def link(self, pool: Pool, identity: Identity, logins: Iterable[LoginKey], now: float) -> None:
        """Give logins that nobody owns to an identity, which is authenticated from then on."""
        with self._store.transaction():
            self._insert_logins(pool, identity.identity_id, logins)
            self._touch(identity.identity_id, now, authenticated=True)

    def merge(
        self, pool: Pool, losers: Iterable[Identity], winner: Identity, links: Iterable[LoginKey], now: float
    ) -> None:
        """All logins of `losers`, and `links` that nobody owns, go to `winner`; the losers are disabled."""
        with self._store.transaction() as connection:
            for loser in losers:
                connection.execute(
                    "UPDATE identity_login SET identity_id = ? WHERE identity_id = ?",
                    (winner.identity_id, loser.identity_id),
                )
                connection.execute(
                    "UPDATE identity SET disabled = 1, modified = ? WHERE identity_id = ?", (now, loser.identity_id)
                )
            self._insert_logins(pool, winner.identity_id, links)
            self._touch(winner.identity_id, now, authenticated=True)

    def unlink(self, identity: Identity, logins: Iterable[LoginKey], now: float) -> None:
        """Take logins from an identity; each of them is a new user the next time."""
        with self._store.transaction() as connection:
            for login in logins:
                connection.execute(
                    "DELETE FROM identity_login"
                    " WHERE pool_id = ? AND provider = ? AND user_key = ? AND identity_id = ?",
                    (identity.pool_id, *login, identity.identity_id),
                )
            self._touch(identity.identity_id, now, authenticated=identity.authenticated)

    def delete(self, identity_id: str) -> None:
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM identity_login WHERE identity_id = ?", (identity_id,))
            connection.execute("DELETE FROM identity WHERE identity_id = ?", (identity_id,))

    def page(self, pool_id: str, limit: int, after: int, *, hide_disabled: bool) -> list[Identity]:
        """At most `limit` identities of a pool with a sequence number above `after`."""
        condition = "AND disabled = 0 " if hide_disabled else ""
        rows = self._connection.execute(
            f"SELECT * FROM identity WHERE pool_id = ? AND sequence > ? {condition}ORDER BY sequence LIMIT ?",  # noqa: S608
            (pool_id, after, limit),
        )
        return [_identity(row) for row in rows]

    def developer_users(self, identity_id: str, provider: str, limit: int, after: str) -> list[str]:
        """At most `limit` developer user identifiers of an identity that sort after `after`."""
        rows = self._connection.execute(
            "SELECT user_key FROM identity_login WHERE identity_id = ? AND provider = ? AND user_key > ?"
            " ORDER BY user_key LIMIT ?",
            (identity_id, provider, after, limit),
        )
        return [row["user_key"] for row in rows]

    def _insert_logins(self, pool: Pool, identity_id: str, logins: Iterable[LoginKey]) -> None:
        self._connection.executemany(
            "INSERT INTO identity_login (pool_id, provider, user_key, identity_id, account) VALUES (?, ?, ?, ?, ?)",
            [(pool.pool_id, provider, user_key, identity_id, pool.account) for provider, user_key in logins],
        )

    def _touch(self, identity_id: str, now: float, *, authenticated: bool) -> None:
        self._connection.execute(
            "UPDATE identity SET authenticated = ?, modified = ? WHERE identity_id = ?",
            (authenticated, now, identity_id),
        )


def _identity(row: Any) -> Identity:
    return Identity(
        sequence=row["sequence"],
        identity_id=row["identity_id"],
        pool_id=row["pool_id"],
        account=row["account"],
        authenticated=bool(row["authenticated"]),
        disabled=bool(row["disabled"]),
        created=row["created"],
        modified=row["modified"],
    )


def _new_id(region: str, pool_id: str) -> str:
    """An id shaped like those made since about 2022: ten hex digits of the pool, a third group that begins with c."""
    tail = secrets.token_hex(11)
    return f"{region}:{_pool_digits(pool_id)}{tail[:2]}-c{tail[2:5]}-{tail[5:9]}-{tail[9:21]}"


@lru_cache(maxsize=1024)
def _pool_digits(pool_id: str) -> str:
    digits = sha256(pool_id.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:10]}"
