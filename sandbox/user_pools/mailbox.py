"""The mailbox of an account: every e-mail and text message that its user pools have sent, to be read by hand."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.core.clock import moment_of
from sandbox.user_pools.pools import UserPool

_MOST_KEPT = 500  # of one account; the oldest go
MEDIA = {"email": "EMAIL", "phone_number": "SMS"}


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `sent`: epoch seconds on the account's clock."""

    sequence: int
    pool_id: str
    username: str
    medium: str
    recipient: str
    subject: str
    body: str
    sent: float

    def public(self) -> dict[str, Any]:
        """The message as `/_sandbox/mailbox` gives it."""
        return {
            "userPoolId": self.pool_id,
            "username": self.username,
            "medium": self.medium,
            "recipient": self.recipient,
            "subject": self.subject,
            "body": self.body,
            "sent": self.sent,
        }


def deliver(
    connection: sqlite3.Connection, pool: UserPool, username: str, *, medium: str, recipient: str, text: tuple[str, str]
) -> None:
    """Put a message into the account's mailbox.

    Args:
        medium: `EMAIL` or `SMS`.
        text: its subject and its body.
    """
    now = moment_of(connection, pool.account).account
    connection.execute(
        "INSERT INTO user_pool_message (account, region, pool_id, username, medium, recipient, subject, body, sent)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (pool.account, pool.region, pool.pool_id, username, medium, recipient, *text, now),
    )
    connection.execute(
        "DELETE FROM user_pool_message WHERE account = ? AND sequence <="
        " (SELECT sequence FROM user_pool_message WHERE account = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?)",
        (pool.account, pool.account, _MOST_KEPT),
    )


def list_messages(connection: sqlite3.Connection, account: str) -> list[Message]:
    """The account's messages, the latest first."""
    rows = connection.execute("SELECT * FROM user_pool_message WHERE account = ? ORDER BY sequence DESC", (account,))
    return [
        Message(
            row["sequence"],
            row["pool_id"],
            row["username"],
            row["medium"],
            row["recipient"],
            row["subject"],
            row["body"],
            row["sent"],
        )
        for row in rows
    ]


def empty_mailbox(connection: sqlite3.Connection, account: str) -> None:
    connection.execute("DELETE FROM user_pool_message WHERE account = ?", (account,))
