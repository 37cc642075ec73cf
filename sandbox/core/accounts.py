"""The accounts of the sandbox: which were made, how often each was reset, and what its administrator signs with.

There are three kinds. The home account is the one of the configured administrator, whose secret is the master. Accounts
that were made here (`POST /_sandbox/accounts`) each have a secret of their own. Every other number of twelve digits is
an account that nobody made: it takes the master while the sandbox is open to this machine only, and nothing otherwise.
"""

import asyncio
import base64
import time
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from sqlite3 import Connection, Row
from weakref import WeakValueDictionary

from sandbox.core.config import SandboxConfig
from sandbox.core.keys import Keys
from sandbox.core.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    account TEXT PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    epoch INTEGER NOT NULL DEFAULT 0, -- how often it was reset
    made REAL, -- machine's time at which it was made here; NULL where nobody did, or it was removed again
    seeded TEXT -- what it was seeded for (sandbox.seed); NULL where it is not to be seeded
) WITHOUT ROWID;
"""
# In one of these is a row, found by its account, of whoever has anything: pools and roles, stand-ins' keys and logins,
# samples in S3, DynamoDB and Systems Manager.
_BEGUN = (
    "identity_pool",
    "user_pool",
    "iam_role",
    "iam_policy",
    "iam_oidc_provider",
    "iam_saml_provider",
    "idp_key",
    "idp_token",
    "idp_oauth1_credential",
    "sample_region",
)


class NoAdministrator(Exception):
    """Nobody can sign for this account as its administrator."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of which something is known; `made` in epoch seconds, None where nobody made it here."""

    number: str
    name: str = ""
    epoch: int = 0
    made: float | None = None
    seeded: str | None = None


class Accounts:
    """The accounts of an instance, and who administers them.

    Attributes:
        home: the number of the configured administrator's account.
    """

    def __init__(self, store: Store, keys: Keys, config: SandboxConfig) -> None:
        self._store = store
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.home = config.account_id
        self._master, self._open = config.secret_access_key, config.accounts_are_open
        # The master may be as well known as `test`, so the secrets come from the installation's key as much as from it.
        self._key = digest(keys.secret("account administrators"), self._master.encode(), sha256)
        self._known = {row["account"]: _account(row) for row in store.connection.execute("SELECT * FROM account")}

    def turn(self, number: str) -> asyncio.Lock:
        """Held by whoever makes, seeds, empties or removes the account: one after the other."""
        return self._turns.setdefault(number, asyncio.Lock())

    def is_new(self, number: str) -> bool:
        """Whether the number was never heard of."""
        return number not in self._known

    def find(self, number: str) -> Account:
        return self._known.get(number) or Account(number)

    def made(self) -> list[Account]:
        """The accounts that were made here, in the order of their making."""
        return sorted((one for one in self._known.values() if one.made is not None), key=lambda one: one.made or 0)

    def to_be_seeded(self) -> list[Account]:
        return [one for one in self._known.values() if one.seeded is not None]

    def epoch(self, number: str) -> int:
        """How often the account was reset. Sessions of an earlier epoch are over."""
        known = self._known.get(number)
        return known.epoch if known else 0

    def is_there(self, number: str, connection: Connection) -> bool:
        """Whether the account is there for requests that nobody signed. For any thread.

        One that nobody made is there once its administrator has made something in it. Otherwise any page in a browser
        could have keys and people made for as many numbers as it likes.

        Args:
            connection: to the sandbox's file, of this thread.
        """
        if number == self.home or self.find(number).made is not None:
            return True
        query = " UNION ALL ".join(f"SELECT 1 FROM {table} WHERE account = :number" for table in _BEGUN)  # noqa: S608
        return self._open and connection.execute(f"{query} LIMIT 1", {"number": number}).fetchone() is not None

    def secret_access_key(self, number: str) -> str:
        """With what the account's administrator signs, now.

        Raises:
            NoAdministrator
        """
        if number == self.home:
            return self._master
        account = self.find(number)
        if account.made is not None:
            derived = digest(self._key, f"{number}|{account.epoch}".encode(), sha256)
            return base64.b64encode(derived[:30]).decode()
        if self._open:
            return self._master
        raise NoAdministrator(
            f"Account {number} has no administrator: in this sandbox an account is created first, with its own secret "
            "(POST /_sandbox/accounts, by the administrator of the home account)."
        )

    def make(self, number: str, name: str) -> Account:
        """Create an account, or take over one that nobody created. What was signed for it before is no longer valid."""
        return self._write(Account(number, name, self.epoch(number) + 1, time.time()))

    def remove(self, number: str) -> Account:
        """Forget that the account was made. Its epoch stays, raised, so that nothing of before is good again."""
        return self._write(Account(number, "", self.epoch(number) + 1))

    def raise_epoch(self, number: str) -> Account:
        known = self.find(number)
        return self._write(Account(number, known.name, known.epoch + 1, known.made, known.seeded))

    def set_seeded(self, number: str, seeded: str | None) -> Account:
        known = self.find(number)
        return self._write(Account(number, known.name, known.epoch, known.made, seeded))

    def reload(self, number: str) -> None:
        """Follow the account's row: what was written last was undone."""
        row = self._store.connection.execute("SELECT * FROM account WHERE account = ?", (number,)).fetchone()
        self._known.pop(number, None)
        if row is not None:
            self._known[number] = _account(row)

    def _write(self, account: Account) -> Account:
        self._store.connection.execute(
            "INSERT OR REPLACE INTO account (account, name, epoch, made, seeded) VALUES (?, ?, ?, ?, ?)",
            (account.number, account.name, account.epoch, account.made, account.seeded),
        )
        self._known[account.number] = account
        return account


def _account(row: Row) -> Account:
    return Account(row["account"], row["name"], row["epoch"], row["made"], row["seeded"])
