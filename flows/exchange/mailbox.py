"""What the user pools of an account have sent, read from the sandbox: codes that would otherwise be in an e-mail.

Nothing of it is kept here: whoever has a code can confirm an account or set its password.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accounts.owners import Owner
from flows.exchange.own_accounts import NotYours, administrator_of
from flows.exchange.sandbox_requests import NotDone, ask


class UnreadableMailbox(Exception):
    """The sandbox did not give the mailbox. Its text is meant for the visitor."""


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail or text message. `medium`: `EMAIL` or `SMS`."""

    user_pool_id: str
    username: str
    medium: str
    recipient: str
    subject: str
    body: str
    sent: datetime


def messages_of(owner: Owner, account_id: str) -> list[Message]:
    """The messages of the home account, or of an own one of this person's, the latest first.

    Raises:
        UnreadableMailbox: the sandbox does not answer, or the account has an administrator of its own, somebody else.
    """
    try:
        home = account_id == settings.SANDBOX_ACCOUNT_ID
        credentials = None if home else administrator_of(owner, account_id)
        answer = ask("GET", "/_sandbox/mailbox", account=account_id, credentials=credentials)
        return [_message(one) for one in answer["messages"]]
    except NotYours:
        raise UnreadableMailbox(f"This site does not sign for the administrator of account {account_id}.") from None
    except (NotDone, ValueError, KeyError, TypeError):
        raise UnreadableMailbox("The sandbox did not say what its user pools have sent. Is it running?") from None


def _message(given: dict[str, Any]) -> Message:
    return Message(
        str(given["userPoolId"]),
        str(given["username"]),
        str(given["medium"]),
        str(given["recipient"]),
        str(given["subject"]),
        str(given["body"]),
        datetime.fromtimestamp(float(given["sent"]), UTC),
    )
