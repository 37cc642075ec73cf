"""How the sandbox's file came to its present shape: numbered steps, each tried on a directory that `tests/kept` holds.

A step brings the file from one schema to the next by statements of SQL. New tables and indexes need no step: what is
declared with `CREATE ... IF NOT EXISTS` is there after every start. To change stored data: append a step, change the
declarations with it, and keep a data directory of the version before.
"""

from collections.abc import Sequence

Step = Sequence[str]

# FIRST: the schema of the oldest files that exist. STEPS[n] makes FIRST + n into FIRST + n + 1.
FIRST = 1
STEPS: tuple[Step, ...] = (
    # 2: accounts are made, have an epoch, and sessions without one count as of the first, which is 0.
    (
        """CREATE TABLE account (
            account TEXT PRIMARY KEY,
            name TEXT NOT NULL DEFAULT '',
            epoch INTEGER NOT NULL DEFAULT 0,
            made REAL,
            seeded TEXT
        ) WITHOUT ROWID""",
    ),
    # 3: whoever is signed out of a user pool, or has a session at its managed login, is so in the rows of the pool.
    ("DROP TABLE IF EXISTS user_pool_sign_out", "DROP TABLE IF EXISTS idp_session"),
)
SCHEMA_VERSION = FIRST + len(STEPS)
