"""The time of each account: the machine's, plus what the account's clock was advanced by.

Expiry of tokens, assertions and credentials follows it. The dates in SigV4 signatures follow the machine's clock, since
that is what the SDK that signs looks at.
"""

import time

from sandbox.core.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (
    account TEXT PRIMARY KEY,
    advanced REAL NOT NULL
) WITHOUT ROWID;
"""


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
