"""Codes that prove an address: six digits, delivered into the mailbox, good once and for a while, with few tries."""

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Literal

from sandbox.core.clock import moment_of
from sandbox.user_pools.mailbox import MEDIA, deliver
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.refusals import attempt_limit, code_expired, code_mismatch
from sandbox.user_pools.users import User

Purpose = Literal["sign_up", "reset", "email", "phone_number"]

# Developer Guide, "Quotas": a day for sign-up and attributes, an hour for a new password.
_SECONDS: dict[Purpose, int] = {"sign_up": 86_400, "reset": 3600, "email": 86_400, "phone_number": 86_400}
_MOST_TRIES = 5
_MOST_SENT = 20  # in an hour, of one kind to one user
_KEPT_AFTER_EXPIRY = 86_400


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a code went, the address masked: CodeDeliveryDetails."""

    destination: str
    medium: str
    attribute: str

    def public(self) -> dict[str, str]:
        return {"Destination": self.destination, "DeliveryMedium": self.medium, "AttributeName": self.attribute}


def send_code(
    connection: sqlite3.Connection, pool: UserPool, user: User, purpose: Purpose, attribute: str, *, value: str = ""
) -> Delivery:
    """Make a code and deliver it. Those that were sent before for the same purpose are good no longer.

    Args:
        attribute: `email` or `phone_number`, where it goes.
        value: the address, where it is not (yet) the user's.

    Raises:
        AwsError: LimitExceededException.
    """
    recipient = value or user.attributes[attribute]
    code = new_code(connection, pool, user.sub, purpose, about=f"{attribute}={recipient}")
    text = _written(pool, attribute, purpose, code, user.username)
    deliver(connection, pool, user.username, medium=MEDIA[attribute], recipient=recipient, text=text)
    return Delivery(masked(attribute, recipient), MEDIA[attribute], attribute)


def new_code(connection: sqlite3.Connection, pool: UserPool, sub: str, purpose: Purpose, *, about: str = "") -> str:
    """A code that is delivered by the caller; or to nobody, where `sub` is made up.

    Raises:
        AwsError: LimitExceededException: twenty were sent within the hour.
    """
    now = moment_of(connection, pool.account).account
    connection.execute("DELETE FROM user_pool_code WHERE expires < ?", (now - _KEPT_AFTER_EXPIRY,))
    key = (pool.pool_id, sub, purpose)
    row = connection.execute(
        "SELECT sent, sent_since FROM user_pool_code WHERE pool_id = ? AND sub = ? AND purpose = ?", key
    ).fetchone()
    sent, since = (row["sent"], row["sent_since"]) if row and row["sent_since"] > now - 3600 else (0, now)
    if sent >= _MOST_SENT:
        raise attempt_limit()
    code = f"{secrets.randbelow(1_000_000):06d}"
    connection.execute(
        "INSERT OR REPLACE INTO user_pool_code"
        " (pool_id, sub, purpose, account, digest, about, expires, tries, sent, sent_since)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
        (*key, pool.account, _digest(*key, code), about, now + _SECONDS[purpose], sent + 1, since),
    )
    return code


def take_code(connection: sqlite3.Connection, pool: UserPool, sub: str, purpose: Purpose, code: str) -> str:
    """What the code was about (`email=ana@...`), once. Not to be called inside a transaction: wrong ones are counted.

    Raises:
        AwsError: CodeMismatchException; ExpiredCodeException where there is none that is good;
            LimitExceededException after five wrong ones, and then no code is good until another was sent.
    """
    now, key = moment_of(connection, pool.account).account, (pool.pool_id, sub, purpose)
    row = connection.execute(
        "UPDATE user_pool_code SET tries = tries + 1 WHERE pool_id = ? AND sub = ? AND purpose = ?"
        " RETURNING digest, about, expires, tries",
        key,
    ).fetchone()
    if row is None or row["expires"] <= now or not row["digest"]:
        raise code_expired()
    if row["tries"] > _MOST_TRIES:
        raise attempt_limit()
    if not secrets.compare_digest(row["digest"], _digest(*key, code)):
        raise code_mismatch()
    # The row stays, without a code: it counts what was sent within the hour.
    taken = connection.execute(
        "UPDATE user_pool_code SET digest = '' WHERE pool_id = ? AND sub = ? AND purpose = ? AND digest = ?",
        (*key, row["digest"]),
    )
    if not taken.rowcount:
        raise code_expired()
    return str(row["about"])


def void_code(connection: sqlite3.Connection, user: User, purpose: Purpose) -> None:
    """Have a code that was sent to a user be good no longer."""
    connection.execute(
        "UPDATE user_pool_code SET digest = '' WHERE pool_id = ? AND sub = ? AND purpose = ?",
        (user.pool_id, user.sub, purpose),
    )


def masked(attribute: str, value: str) -> str:
    """An address as CodeDeliveryDetails shows it."""
    if attribute == "phone_number":
        return f"+{'*' * max(0, len(value) - 5)}{value[-4:]}"
    name, _, host = value.rpartition("@")
    return f"{name[:1]}***@{host[:1]}***"


def _written(pool: UserPool, attribute: str, purpose: Purpose, code: str, username: str) -> tuple[str, str]:
    """Subject and body, by the pool's templates."""
    template = pool.definition.get("VerificationMessageTemplate") or {}
    about = "password reset code" if purpose == "reset" else "confirmation code"
    if attribute == "phone_number":
        text = template.get("SmsMessage") or pool.definition.get("SmsVerificationMessage")
        subject = ""
    else:
        text = template.get("EmailMessage") or pool.definition.get("EmailVerificationMessage")
        subject = template.get("EmailSubject") or pool.definition.get("EmailVerificationSubject") or f"Your {about}"
    body = text or f"Your {about} is {{####}}"
    return subject, body.replace("{####}", code).replace("{username}", username)


def _digest(pool_id: str, sub: str, purpose: str, code: str) -> str:
    return hashlib.sha256(f"{pool_id}:{sub}:{purpose}:{code}".encode()).hexdigest()
