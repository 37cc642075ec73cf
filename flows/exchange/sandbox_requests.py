"""Requests at the sandbox's own addresses, `/_sandbox/...`, signed by an administrator: JSON in, JSON out."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.conf import settings

import httpget
from flows.exchange import reached
from flows.exchange.context import TemporaryCredentials
from web import sandboxes

_SERVICE = "sandbox"  # what an administrator's signature for the sandbox's own addresses is made for
_LARGEST = 8_000_000
SECONDS = 10.0
_NEVER = datetime.max.replace(tzinfo=UTC)  # an administrator's key does not expire


_OTHER_CLOCK = re.compile("Signature (expired|not yet current)")


class NotDone(Exception):
    """The sandbox did not do what it was asked for. Its text is meant for people.

    Attributes:
        code: as AWS names errors; empty where no answer came.
        status: of the answer, 0 where none came.
    """

    def __init__(self, message: str, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def ask(
    method: str,
    path: str,
    body: Any = None,
    *,
    account: str,
    credentials: TemporaryCredentials | None = None,
    seconds: float = SECONDS,
) -> Any:
    """Send one request and return what was answered.

    Args:
        path: with its query, as in `/_sandbox/accounts`.
        body: what JSON can hold; None for a request without a body.
        account: in whose sandbox (web.sandboxes); empty for the site's own.
        credentials: whose signature; without them the home account's administrator's.

    Raises:
        NotDone: no answer, a refusal, or something that is no JSON.
    """
    return ask_at(sandboxes.of_account(account).endpoint, method, path, body, credentials=credentials, seconds=seconds)


def ask_at(
    endpoint: str | None,
    method: str,
    path: str,
    body: Any = None,
    *,
    credentials: TemporaryCredentials | None = None,
    seconds: float = SECONDS,
) -> Any:
    """The same of a sandbox that is known by its address.

    Raises:
        NotDone: as `ask`.
    """
    address = f"{endpoint}{path}"
    data = b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} if data else {}
    request = AWSRequest(method, address, headers=headers, data=data)
    SigV4Auth(_keys(credentials), _SERVICE, settings.AWS_REGION).add_auth(request)
    signed = {str(name): str(value) for name, value in request.headers.items()}
    try:
        answer = httpget.ask(method, address, signed, data, seconds=seconds, largest=_LARGEST)
        read = answer.json() if answer.body else {}
    except (httpget.NoAnswer, ValueError):
        reached.nobody(endpoint)
        raise NotDone("The sandbox does not answer. Is it running?") from None
    reached.somebody(endpoint)
    if answer.status >= 300:
        raise _refusal(answer.status, read)
    return read


def administrators_key(account_id: str) -> TemporaryCredentials:
    """What the administrator of an account that was made in the sandbox signs with.

    Raises:
        NotDone
    """
    return key_in(ask("POST", "/_sandbox/accounts", {"action": "key", "account": account_id}, account=account_id))


def key_in(answer: Any) -> TemporaryCredentials:
    """The key in the sandbox's answer about an account.

    Raises:
        NotDone: there is none.
    """
    try:
        return TemporaryCredentials(str(answer["AccessKeyId"]), str(answer["SecretAccessKey"]), "", _NEVER)
    except (KeyError, TypeError):
        raise NotDone("The sandbox did not tell the account’s key.") from None


def _keys(credentials: TemporaryCredentials | None) -> Credentials:
    if credentials is None:
        return Credentials(settings.SANDBOX_ACCESS_KEY_ID, settings.SANDBOX_SECRET_ACCESS_KEY)
    return Credentials(credentials.access_key_id, credentials.secret_access_key, credentials.session_token or None)


def _refusal(status: int, read: Any) -> NotDone:
    told = read if isinstance(read, dict) else {}
    code = str(told.get("__type") or told.get("code") or told.get("Code") or "").rpartition("#")[2]
    message = str(told.get("message") or told.get("Message") or f"The sandbox answered with status {status}.")
    if _OTHER_CLOCK.match(message):
        message = f"The clock of the sandbox and that of this application differ. It says: {message}"
    return NotDone(message[:300], code, status)
