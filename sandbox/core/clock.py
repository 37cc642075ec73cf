"""The time of each account: the machine's, plus what the account's clock was advanced by.

Expiry of tokens, assertions and credentials follows it. The dates in SigV4 signatures follow the machine's clock, since
that is what the SDK that signs looks at.
"""

import sqlite3
import time
from dataclasses import dataclass

from sandbox.core.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (
    account TEXT PRIMARY KEY,
    advanced REAL NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """Epoch seconds by the machine's clock, which the application follows, and by the account's, which may be ahead.

    What is issued is valid by both: it starts at the earlier and its lifetime counts from the later.
    """

    machine: float
    account: float

    @property
    def start(self) -> int:
        return int(min(self.machine, self.account))

    @property
    def end_base(self) -> int:
        return int(max(self.machine, self.account))


def moment_of(connection: sqlite3.Connection, account: str, machine: float | None = None) -> Moment:
    """Now, by any connection to the sandbox's file. `machine`: the machine's time, where that is not to be asked."""
    machine = time.time() if machine is None else machine
    row = connection.execute("SELECT advanced FROM clock WHERE account = ?", (account,)).fetchone()
    return Moment(machine, machine + (row[0] if row else 0.0))


class Clock:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._advanced: dict[str, float] = {
            row["account"]: row["advanced"] for row in store.connection.execute("SELECT account, advanced FROM clock")
        }

    def now(self, account: str) -> float:
        """Epoch seconds on the account's clock."""
        return time.time() + self._advanced.get(account, 0.0)

    def advanced(self, account: str) -> float:
        """Seconds by which the account is ahead of the machine."""
        return self._advanced.get(account, 0.0)

    def advance(self, account: str, seconds: float) -> None:
        """Put the account's clock forward (or, with a negative number, back) by `seconds`; outlives a restart."""
        ahead = self.advanced(account) + seconds
        self._store.connection.execute(
            "INSERT OR REPLACE INTO clock (account, advanced) VALUES (?, ?)", (account, ahead)
        )
        self._advanced[account] = ahead

    def reset(self, account: str) -> None:
        self._store.connection.execute("DELETE FROM clock WHERE account = ?", (account,))
        self._advanced.pop(account, None)

    def reload(self, account: str) -> None:
        """Follow the account's row, which was changed by another way."""
        row = self._store.connection.execute("SELECT advanced FROM clock WHERE account = ?", (account,)).fetchone()
        self._advanced.pop(account, None)
        if row is not None:
            self._advanced[account] = row["advanced"]
