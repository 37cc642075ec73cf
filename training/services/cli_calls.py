"""Calls by CLI and SDK in people's accounts: fetched from the sandbox, and stored as runs.

The sandbox keeps the latest calls of each account, without their secrets, and a cursor says how far they were read.
Writing cursor and calls is one transaction, which one reader of the same page wins, and a request ID is stored once. A
run goes on until the next GetId, or until five minutes were quiet.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.owned import belonging_to
from accounts.owners import Owner
from flows.exchange import sandbox_requests
from flows.exchange.chosen_role import chosen_role_arn
from flows.models import ApiCall, Origin, Outcome, Run
from flows.services.endings import tell_of_end
from providers.registry import PROVIDERS
from providers.sign_in.registration import registration_for
from training.models import CliCall, SandboxAccount
from training.services.own_accounts import pools_in, sandbox_accounts_of

log = logging.getLogger("lab.training")

QUIET = timedelta(minutes=5)
MOST_OF_A_RUN = 200
MOST_OF_AN_ACCOUNT = 5000  # calls: a program that never stops would fill the disk of everybody
_SECONDS_BETWEEN = 2  # questions about one account
_MOST_PAGES = 10
_BEGINS = ("GetId", "GetOpenIdTokenForDeveloperIdentity")
_EXCHANGE = {
    *("GetId", "GetCredentialsForIdentity", "GetOpenIdToken", "GetOpenIdTokenForDeveloperIdentity"),
    "AssumeRoleWithWebIdentity",
    "AssumeRoleWithSAML",
}
STEP = "cli"  # what these calls are called where others name their step
_TEXTS = {
    "service": 40,
    "operation": 64,
    "protocol": 16,
    "method": 8,
    "url": 20_000,
    "request_body": 300_000,
    "response_body": 300_000,
    "request_id": 128,
    "error_code": 128,
    "error_message": 20_000,
}
_DOCUMENTS = ("request_headers", "request_params", "response_headers", "response_params")
_LISTS = ("attempts", "decisions", "tokens")

Heard = Mapping[str, Any]


def bring_in(owner: Owner, *, at_once: bool = False) -> None:
    """Store what this person did by CLI or SDK in the accounts that they work in now.

    Args:
        at_once: ask although somebody asked a moment ago: before work is checked, say.
    """
    for row in sandbox_accounts_of(owner):
        if cache.add(f"cli-calls-{row.pk}", True, _SECONDS_BETWEEN) or at_once:
            try:
                fetch(row)
            except sandbox_requests.NotDone as failed:
                log.info("Calls of account %s could not be read: %s", row.account_id, failed)


def fetch(row: SandboxAccount) -> list[Run]:
    """Store the account's calls that are new; the runs that they are in.

    Raises:
        NotDone: the sandbox does not answer.
    """
    changed: dict[int, Run] = {}
    for _ in range(_MOST_PAGES):
        asked = f"account={row.account_id}&after={row.calls_cursor}&without-app={settings.APPLICATION_ID}"
        page = sandbox_requests.ask("GET", f"/_sandbox/calls?{asked}", account=row.account_id)
        try:
            cursor, calls, more = str(page["cursor"])[:64], list(page["calls"]), bool(page["more"])
        except (KeyError, TypeError):
            raise sandbox_requests.NotDone("The sandbox’s list of calls cannot be read.") from None
        if cursor == row.calls_cursor or not (calls or more):
            break
        changed |= {run.pk: run for run in _store_page(row, cursor, calls)}
        if not more:
            break
    return list(changed.values())


def _store_page(row: SandboxAccount, cursor: str, calls: list[Heard]) -> list[Run]:
    """Move the cursor and store the calls, all or nothing. Who comes second finds the cursor moved, and stores none."""
    owner = _owner_of(row)
    ours = _made_here(calls)
    theirs = [call for call in calls if owner is not None and call.get("request_id") not in ours]
    runs: dict[int, Run] = {}
    with transaction.atomic():
        moved = SandboxAccount.objects.filter(pk=row.pk, calls_cursor=row.calls_cursor).update(calls_cursor=cursor)
        if moved and owner is not None:
            for call in theirs:
                if run := _store(row, owner, call):
                    runs[run.pk] = run
            for run in runs.values():
                _conclude(run)
                tell_of_end(run)
            _make_room(row)
    if not moved:
        row.refresh_from_db(fields=["calls_cursor"])
        return []
    row.calls_cursor = cursor
    return list(runs.values())


def _owner_of(row: SandboxAccount) -> Owner | None:
    """Whose account it is now: the seat's, or that of a person without a class; None while nobody sits there."""
    if row.membership is not None:
        return Owner(row.membership.user_id, row.owner.visitor)
    return row.owner if row.user_id is not None or row.visitor is not None else None


def _made_here(calls: Iterable[Heard]) -> set[str]:
    """The request IDs among these that this application recorded when it sent them, or has stored already."""
    ids = [str(call.get("request_id", "")) for call in calls]
    return set(ApiCall.objects.filter(request_id__in=ids).values_list("request_id", flat=True)) | set(
        CliCall.objects.filter(request_id__in=ids).values_list("request_id", flat=True)
    )


def _store(row: SandboxAccount, owner: Owner, call: Heard) -> Run | None:
    """The run that the call is in now; None where it was stored by somebody else meanwhile, or is none."""
    try:
        fields = _fields(call)
    except (KeyError, TypeError, ValueError):
        log.warning("A call in the list of account %s cannot be read", row.account_id)
        return None
    run = _run_for(row, owner, fields)
    try:
        with transaction.atomic():
            CliCall.objects.create(request_id=fields["request_id"], account=row, run=run, at=fields["started_at"])
            last = run.calls.aggregate(last=Max("position"))["last"] or 0
            ApiCall.objects.create(run=run, position=last + 1, step=STEP, **fields)
    except IntegrityError:
        return None
    return run


def _make_room(row: SandboxAccount) -> None:
    """Delete the oldest runs beyond what is kept of an account. Checks that they proved stay done."""
    kept = CliCall.objects.filter(account=row).order_by("-at", "-pk")
    if (last := kept[MOST_OF_AN_ACCOUNT : MOST_OF_AN_ACCOUNT + 1].first()) is not None:
        old = CliCall.objects.filter(account=row, at__lte=last.at).values("run")
        newer = CliCall.objects.filter(account=row, at__gt=last.at).values("run")
        Run.objects.filter(pk__in=old, origin=Origin.CLI).exclude(pk__in=newer).delete()


def _fields(call: Heard) -> dict[str, Any]:
    """The columns of a recorded call. What comes from the sandbox is held to the size of its column."""
    fields: dict[str, Any] = {name: str(call[name] or "")[:most] for name, most in _TEXTS.items()}
    fields |= {name: dict(call[name]) for name in _DOCUMENTS}
    fields |= {name: list(call[name]) for name in _LISTS}
    started = datetime.fromisoformat(str(call["started_at"]))
    if not fields["request_id"]:
        raise ValueError("no request ID")
    exchange = fields["operation"] in _EXCHANGE
    return fields | {
        "kind": ApiCall.Kind.EXCHANGE if exchange else ApiCall.Kind.USE,
        "state": ApiCall.State.ANSWERED,
        "signed": bool(call["signed"]),
        "scrubbed": bool(call["scrubbed"]),
        "status": int(call["status"]),
        "duration_ms": float(call["duration_ms"] or 0),
        "started_at": started if started.tzinfo else started.replace(tzinfo=UTC),
    }


def _run_for(row: SandboxAccount, owner: Owner, fields: Mapping[str, Any]) -> Run:
    """The account's run that goes on with this call, or a new one."""
    last = CliCall.objects.filter(account=row).select_related("run").order_by("-at", "-pk").first()
    if (
        last is not None
        and fields["operation"] not in _BEGINS
        and fields["started_at"] - last.at < QUIET
        and last.run.belongs_to(owner)
        and last.run.calls.count() < MOST_OF_A_RUN
    ):
        return last.run
    pools = pools_in(row)
    wanted = str(fields["request_params"].get("IdentityPoolId", ""))
    named = [each for each in pools if each.pool_id == wanted] if wanted else list(pools[:1])
    unknown = {"account_id": row.account_id, "region": row.region, "pool_id": wanted[:64]}
    return Run.objects.create(
        **belonging_to(owner),
        origin=Origin.CLI,
        mode=settings.APP_MODE,
        **(named[0].in_rows if named else unknown),
        access="guest",
        flow="call",
        provider="guest",
        parameters={"title": "Calls by CLI or SDK"},
        outcome=Outcome.SUCCEEDED,
    )


def _conclude(run: Run) -> None:
    """Write on the run what its calls say: which flow it was, who asked, what came of it."""
    calls = list(run.calls.order_by("position"))
    operations = [call.operation for call in calls]
    run.flow = _flow(operations)
    logins = next((dict(params) for call in calls if (params := call.request_params.get("Logins"))), {})
    if logins:
        run.access, run.provider = "authenticated", _provider(run.account_id, next(iter(logins)))
    elif calls and calls[0].signed and _signer(calls[0]) == run.account_id:
        run.access, run.provider = "administrator", ""
    for call in calls:
        answer, asked = call.response_params, call.request_params
        run.identity_id = str(answer.get("IdentityId") or run.identity_id)[:64]
        if credentials := answer.get("Credentials"):
            run.access_key_id = str(credentials.get("AccessKeyId", ""))[:128]
            run.credentials_expire_at = _moment(credentials.get("Expiration"))
        if assumed := answer.get("AssumedRoleUser"):
            run.assumed_role_arn = str(assumed.get("Arn", ""))[:2048]
        elif chosen := chosen_role_arn(call.decisions):
            run.role_arn = chosen[:2048]
        # A role that was refused is said only where there are no credentials of another one.
        if call.operation.startswith("AssumeRole") and (not call.error_code or not run.access_key_id):
            run.role_arn = str(asked.get("RoleArn", ""))[:2048]
    exchanges = [call for call in calls if call.operation in _EXCHANGE] or calls
    _name_kinds(calls, exchanges)
    last = exchanges[-1]
    refused = bool(last.error_code)
    run.outcome = Outcome.REFUSED if refused and (last.status or 0) < 500 else Outcome.SUCCEEDED
    if refused and run.outcome != Outcome.REFUSED:
        run.outcome = Outcome.FAILED
    run.error_code, run.error_message = (last.error_code, last.error_message) if refused else ("", "")
    run.duration_ms = round(sum(call.duration_ms or 0 for call in exchanges))
    run.scrubbed = any(call.scrubbed for call in calls)
    run.created_at, run.finished_at = calls[0].started_at, calls[-1].started_at
    run.save()


def _name_kinds(calls: list[ApiCall], exchanges: list[ApiCall]) -> None:
    """Where no call is one of an exchange, what was asked is all that the run is: none of it is a later use."""
    for kind, of_kind in (
        (ApiCall.Kind.EXCHANGE, exchanges),
        (ApiCall.Kind.USE, [call for call in calls if call not in exchanges]),
    ):
        other = [call.pk for call in of_kind if call.kind != kind]
        if other:
            ApiCall.objects.filter(pk__in=other).update(kind=kind)


def _moment(value: Any) -> datetime | None:
    """When credentials expire, as cognito-identity (seconds) or STS (ISO 8601) writes it; None for neither."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            found = datetime.fromisoformat(value)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _flow(operations: list[str]) -> str:
    """The flow of the pool that these calls are, as far as they go; `call` for whatever is none."""
    developer = "developer-" if "GetOpenIdTokenForDeveloperIdentity" in operations else ""
    if "AssumeRoleWithWebIdentity" in operations or "GetOpenIdToken" in operations:
        return f"{developer}basic"
    if "GetCredentialsForIdentity" in operations:
        return f"{developer}enhanced"
    return "call"


def _provider(account_id: str, name: str) -> str:
    """The provider that has this name in a logins map of the account; empty for another."""
    registration = registration_for(account_id)
    known = (each for each in PROVIDERS.values() if each.is_configured(registration) and each.logins_key)
    return next((each.key for each in known if each.provider_name(registration) == name), "")


def _signer(call: ApiCall) -> str:
    """The access key ID in the call's signature."""
    header = next((text for name, text in call.request_headers.items() if name.lower() == "authorization"), "")
    return str(header).partition("Credential=")[2].partition("/")[0]
