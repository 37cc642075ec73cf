"""`/_sandbox/accounts`, `archive`, `backup`, `calls` and its `accounts`, `clock`, `faults`, `reset` and more.

Signed by the administrator of the account that they concern; of the whole sandbox by that of the home account.

The signature is SigV4 for the service name `sandbox`. Bodies and answers are JSON, but for archives, which are files.

They are not for pages in browsers. The administrator's keys are well known, so any page that is open on this machine
could sign a request: browsers send an Authorization header to another origin only after a preflight (Fetch Standard,
4.9), which is not granted here, and a signature in the address, which needs none, is not taken.
"""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from sandbox.aws.access.authenticate import authenticate
from sandbox.aws.endpoint.call_log import LONGEST_APP, CallLog
from sandbox.aws.endpoint.faults import Fault, Faults
from sandbox.aws.endpoint.replies import refusal_reply
from sandbox.aws.endpoint.request_limits import ARCHIVE
from sandbox.aws.wire.error_codes import WORDING, worded_refusal
from sandbox.controls.accounts import administrators_key, change_accounts, list_accounts, require_home
from sandbox.controls.archives import export_archive, import_archive
from sandbox.controls.backup import take_backup
from sandbox.controls.pools import change_pools, list_pools
from sandbox.controls.reset import reset_account
from sandbox.controls.stand_ins import change_stand_ins, list_stand_ins
from sandbox.controls.tokens import issue_login
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance
from sandbox.core.limits import MB
from sandbox.user_pools.mailbox import empty_mailbox, list_messages

PREFIX = "/_sandbox/"
SERVICE = "sandbox"
_CALLS = f"{PREFIX}calls"
_CALLING = f"{_CALLS}/accounts"
_LARGEST_BODY = 256 * 1024
_LARGEST_BODIES = {"pools": MB}  # a pool's whole configuration
_LONGEST_CURSOR = 64
_MOST_FAULTS = 100
_LONGEST = 100 * 365 * 86_400.0  # seconds by which a clock may be moved in all
_FAULT_FIELDS: dict[str, tuple[type, ...]] = {
    "operation": (str,),
    "pool": (str,),
    "delay": (int, float),
    "rate": (int,),
    "code": (str,),
    "message": (str,),
    "status": (int,),
    "times": (int,),
}

Switch = Callable[[Instance, str, dict[str, Any]], Awaitable[dict[str, Any]]]


def is_switch(path: str) -> bool:
    return path in (ARCHIVE, _CALLS, _CALLING) or (
        path.startswith(PREFIX) and path.removeprefix(PREFIX) in {name for _, name in SWITCHES}
    )


async def switch_page(instance: Instance, request: Request) -> Response:
    """Answer one signed request, and no browser's question whether it may send one."""
    try:
        signed = "authorization" in request.headers
        caller = authenticate(instance, request, SERVICE, "json", Decisions()) if signed else None
        if caller is None:
            raise worded_refusal(WORDING["json"].missing)
        if caller.session is not None:
            raise AwsError("AccessDeniedException", "Only an account's administrator may use the switches.")
        if (request.method, request.raw_path) == ("GET", ARCHIVE):
            return await _exported(instance, caller.account, request)
        if (request.method, request.raw_path) == ("PUT", ARCHIVE):
            return _json(await import_archive(instance, caller.account, request.body))
        if (request.method, request.raw_path) == ("GET", _CALLS):
            return _calls(instance, caller.account, request)
        if (request.method, request.raw_path) == ("GET", _CALLING):
            return _json(_calling(instance, caller.account, request))
        switch = SWITCHES.get((request.method, request.raw_path.removeprefix(PREFIX)))
        if switch is None:
            raise AwsError("MethodNotAllowed", "This switch does not have that method.", 405)
        params = _params(request)
        _require_known(request, params)
        answer = await switch(instance, caller.account, params)
    except AwsError as error:
        refused = refusal_reply("json", SERVICE, error, request)
        kept = [(name, value) for name, value in refused.headers if not name.startswith("access-control-")]
        return Response(refused.status, refused.body, kept)
    return _json(answer)


def _json(answer: dict[str, Any]) -> Response:
    return Response(200, json.dumps(answer).encode(), [("content-type", "application/json")])


async def _exported(instance: Instance, account: str, request: Request) -> Response:
    """The archive of the account that the query names, or of the own one."""
    number = _account_asked_for(account, request)
    archive = await export_archive(instance, account, number)
    headers = [
        ("content-type", "application/zip"),
        ("content-disposition", f'attachment; filename="account-{number}.zip"'),
        ("cache-control", "no-store"),
    ]
    return Response(200, archive, headers)


def _calls(instance: Instance, account: str, request: Request) -> Response:
    """The latest calls of the account that the query names, or of the own one, after those up to the cursor `after`."""
    number = _account_asked_for(account, request)
    if number != account:
        require_home(instance, account)
    page = instance.part(CallLog).after(number, *_from_where(request))
    about = json.dumps({"account": number, "cursor": page.cursor, "missed": page.missed, "more": page.more})
    body = about[:-1].encode() + b', "calls": [' + b",".join(page.calls) + b"]}"
    return Response(200, body, [("content-type", "application/json"), ("cache-control", "no-store")])


def _calling(instance: Instance, account: str, request: Request) -> dict[str, Any]:
    """Of all accounts those that were called after the cursor `after`, with the cursor of the latest call of each."""
    require_home(instance, account)
    accounts, cursor = instance.part(CallLog).accounts_after(*_from_where(request))
    return {"accounts": accounts, "cursor": cursor}


def _from_where(request: Request) -> tuple[str, str]:
    """The cursor after which calls are asked for, and the application whose calls are left out; both may be empty."""
    query = parse_qs(request.query_string)
    (cursor, *more) = query.get("after", [""])
    if more or len(cursor) > _LONGEST_CURSOR:
        raise AwsError("ValidationException", "'after' must be the cursor of an earlier answer.")
    (app, *more) = query.get("without-app", [""])
    if more or len(app) > LONGEST_APP:
        raise AwsError("ValidationException", f"'without-app' must be an application ID, at most {LONGEST_APP} long.")
    return cursor, app


def _account_asked_for(account: str, request: Request) -> str:
    (number, *more) = parse_qs(request.query_string).get("account", [account])
    if more or not re.fullmatch(r"[0-9]{12}", number):
        raise AwsError("ValidationException", "'account' must be twelve digits.")
    return number


async def _clock(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"account": account, "now": instance.clock.now(account), "advanced": instance.clock.advanced(account)}


async def _advance(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    seconds = params.get("advance")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise AwsError("ValidationException", "'advance' must be a number of seconds.")
    # Compared before anything is added: JSON's whole numbers know no limit, and no number is within any.
    if not (abs(seconds) <= 2 * _LONGEST and abs(instance.clock.advanced(account) + seconds) <= _LONGEST):
        raise AwsError("ValidationException", "The clock cannot be moved that far.")
    instance.clock.advance(account, seconds)
    return await _clock(instance, account, params)


async def _reset_clock(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    instance.clock.reset(account)
    return await _clock(instance, account, params)


async def _faults(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"faults": [fault.public() for fault in instance.part(Faults).of(account)]}


async def _add_fault(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    for name, value in params.items():
        kinds = _FAULT_FIELDS.get(name)
        if kinds is None or isinstance(value, bool) or not isinstance(value, kinds):
            raise AwsError("ValidationException", f"'{name[:40]}' is unknown or of the wrong type.")
        if isinstance(value, int | float) and not 0 <= value < 1e9:
            raise AwsError("ValidationException", f"'{name}' is out of range.")
    if not 400 <= params.get("status", 400) <= 599:
        raise AwsError("ValidationException", "'status' must be an error's HTTP status.")
    if len(instance.part(Faults).of(account)) >= _MOST_FAULTS:
        raise AwsError("LimitExceededException", f"An account has at most {_MOST_FAULTS} faults.")
    instance.part(Faults).add(Fault(account=account, **params))
    return await _faults(instance, account, params)


async def _clear_faults(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    instance.part(Faults).clear(account)
    return await _faults(instance, account, params)


async def _mailbox(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """What the account's user pools have sent, the latest first."""
    messages = list_messages(instance.store.connection, account)
    return {"account": account, "messages": [message.public() for message in messages]}


async def _empty_mailbox(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    if params != {"action": "empty"}:
        raise AwsError("ValidationException", "'action' must be empty: it removes every message.")
    empty_mailbox(instance.store.connection, account)
    return await _mailbox(instance, account, params)


async def _reset(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    await reset_account(instance, account)
    answer = {"account": account, "reset": True}
    if instance.accounts.find(account).made is not None:
        # The key that signed this is over.
        answer |= administrators_key(instance, account)
    return answer


def _require_known(request: Request, params: dict[str, Any]) -> None:
    """Let no switch pass over what it does not know: who names another account must not change the own one.

    Raises:
        AwsError: ValidationException: a query, or a member of the body that the switch does not take. Those that are
            not in `_MEMBERS` look at theirs themselves.
    """
    if request.query_string:
        raise AwsError("ValidationException", "This switch takes no query parameters.")
    known = _MEMBERS.get((request.method, request.raw_path.removeprefix(PREFIX)))
    if known is not None and (unknown := sorted(params.keys() - known)):
        raise AwsError("ValidationException", f"'{unknown[0][:40]}' is unknown here.")


def _params(request: Request) -> dict[str, Any]:
    body = request.body
    largest = _LARGEST_BODIES.get(request.raw_path.removeprefix(PREFIX), _LARGEST_BODY)
    if len(body) > largest:
        raise AwsError("RequestEntityTooLarge", f"This switch takes at most {largest} bytes.", 413)
    try:
        params = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        params = None
    if not isinstance(params, dict):
        raise AwsError("SerializationException", "The request body is not a JSON object.")
    return params


SWITCHES: dict[tuple[str, str], Switch] = {
    ("GET", "clock"): _clock,
    ("POST", "clock"): _advance,
    ("DELETE", "clock"): _reset_clock,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "mailbox"): _mailbox,
    ("POST", "mailbox"): _empty_mailbox,
    ("POST", "reset"): _reset,
    ("GET", "accounts"): list_accounts,
    ("POST", "accounts"): change_accounts,
    ("POST", "backup"): take_backup,
    ("GET", "pools"): list_pools,
    ("POST", "pools"): change_pools,
    ("POST", "tokens"): issue_login,
    ("GET", "stand-ins"): list_stand_ins,
    ("POST", "stand-ins"): change_stand_ins,
}
_MEMBERS: dict[tuple[str, str], frozenset[str]] = {
    **{(method, name): frozenset() for method, name in SWITCHES if method != "POST"},
    ("POST", "clock"): frozenset({"advance"}),
    ("POST", "reset"): frozenset(),
}
