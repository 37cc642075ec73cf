"""What the user pools of an account have sent, read from the sandbox: codes that would otherwise be in an e-mail.

Nothing of it is kept here: whoever has a code can confirm an account or set its password.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.conf import settings

import httpget

_SERVICE = "sandbox"  # what an administrator's signature for the sandbox's own addresses is made for
_SECONDS = 3.0
_LARGEST = 2_000_000


class Unreadable(Exception):
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


def messages_of(account_id: str) -> list[Message]:
    """The messages of an account, the latest first.

    Raises:
        Unreadable: the sandbox does not answer, or the account has an administrator of its own.
    """
    if account_id != settings.SANDBOX_ACCOUNT_ID:
        raise Unreadable(f"This site does not sign for the administrator of account {account_id}.")
    address = f"{settings.AWS_ENDPOINT}/_sandbox/mailbox"
    request = AWSRequest("GET", address)
    keys = Credentials(settings.SANDBOX_ACCESS_KEY_ID, settings.SANDBOX_SECRET_ACCESS_KEY)
    SigV4Auth(keys, _SERVICE, settings.AWS_REGION).add_auth(request)
    headers = {str(name): str(value) for name, value in request.headers.items()}
    try:
        answer = httpget.get(address, seconds=_SECONDS, largest=_LARGEST, headers=headers)
        return [_message(one) for one in answer.json()["messages"]]
    except (httpget.NoAnswer, ValueError, KeyError, TypeError):
        raise Unreadable("The sandbox did not say what its user pools have sent. Is it running?") from None


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
