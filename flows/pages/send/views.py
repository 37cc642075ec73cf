"""Send a call: choose a service, an operation and who sends it, fill in its members, and it is sent and recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts.http import Request
from flows import services
from flows.exchange import clients, own_accounts, sandbox_requests
from flows.exchange.pool_facts import AccountReader, user_pools_of
from flows.exchange.pools import Pool, UnknownPool, pools_for
from flows.exchange.unlisted_pools import pool_anywhere
from flows.pages.send.members import InputMember, UnusableValue, members_of, operations_of, parameters_of
from lessons.operations import OPERATIONS
from web.ratelimit import limit_anonymous_runs

_LABELS = {
    "cognito-identity": "Cognito identity pools",
    "sts": "STS",
    "s3": "S3",
    "dynamodb": "DynamoDB",
    "ssm": "Systems Manager",
    "cognito-idp": "Cognito user pools",
}
# These answer nobody, mostly: the latest run in the pool is offered as the sender.
_SIGNED = ("s3", "dynamodb", "ssm")
_KEPT = tuple(f"p-{name}" for name in ("Bucket", "Key", "TableName", "IdentityId"))
_LONGEST_KEPT = 200  # characters of a value that an address carries


@dataclass(frozen=True, slots=True)
class MemberField:
    """A member with what stands in its field, and what is wrong with that."""

    member: InputMember
    value: str
    error: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is seen at once, and not folded away."""
        return self.member.required or self.member.usual or bool(self.value)


@dataclass(frozen=True, slots=True)
class CallChoice:
    """What is to be sent, as far as it is chosen."""

    pool: Pool
    service: str
    operation: str
    sender: str


@never_cache
@limit_anonymous_runs
def send_call(request: Request) -> HttpResponse:
    """The form for an operation, and sending it."""
    data = request.POST if request.method == "POST" else request.GET
    try:
        choice = _choice(request, data)
    except UnknownPool as unknown:
        return render(request, "flows/send/send.html", {"area": "pools", "problem": str(unknown)}, status=404)
    if request.method != "POST":
        return _page(request, choice, data)
    try:
        members = members_of(choice.service, choice.operation)
        run = services.call_send(
            owner=request.owner,
            pool=choice.pool,
            sender=choice.sender,
            service=choice.service,
            operation=choice.operation,
            params=parameters_of(members, data),
        )
    except (UnusableValue, services.RunError, own_accounts.NotYours, sandbox_requests.NotDone) as problem:
        at = problem.field if isinstance(problem, UnusableValue) else ""
        return _page(request, choice, data, problem=str(problem), at=at, status=422)
    return redirect("flows:run_view", run.code, "calls")


def _choice(request: Request, data: Mapping[str, str]) -> CallChoice:
    """What the address or the form says; what does not exist becomes the first that does."""
    pool = pool_anywhere(request.owner, data.get("pool", ""))
    service = data.get("service", "")
    here = services.services_here()
    service = service if service in here else here[0]
    listed = operations_of(service)
    operation = data.get("operation", "")
    operation = operation if operation in listed else listed[0]
    return CallChoice(pool, service, operation, data.get("sender", "nobody"))


def _page(
    request: Request, choice: CallChoice, data: Mapping[str, str], *, problem: str = "", at: str = "", status: int = 200
) -> HttpResponse:
    own = next(
        (one for one in own_accounts.accounts_of(request.owner) if one.account_id == choice.pool.account_id), None
    )
    senders = services.senders_for(
        request.owner, choice.pool, with_administrator=bool(own and own.writable and settings.APP_MODE == "sandbox")
    )
    if "sender" not in data and choice.service in _SIGNED:
        latest = next((one.key for one in senders if one.of_pool), choice.sender)
        choice = replace(choice, sender=latest)
    fields = [
        MemberField(
            member,
            data.get(member.field, "") or _default(choice, member, first=not problem),
            problem if member.field == at else "",
        )
        for member in members_of(choice.service, choice.operation)
    ]
    context: dict[str, Any] = {
        "area": "pools",
        "choice": choice,
        "pools": list(dict.fromkeys([*pools_for(request.owner), choice.pool])),
        "services": {key: (_LABELS[key], operations_of(key)) for key in services.services_here()},
        "service_label": _LABELS[choice.service],
        "operations": operations_of(choice.service),
        "open_fields": [field for field in fields if field.is_open],
        "folded_fields": [field for field in fields if not field.is_open],
        "senders": senders,
        "offers": services.offers_for(request.owner),
        "clients": _app_clients(request, choice) if own else {},
        "kept_query": f"&{urlencode(_kept(choice, data))}",
        "lesson": OPERATIONS.get(choice.operation),
        "problem": problem,
        "problem_at": at,
        "own": own,
    }
    return render(request, "flows/send/send.html", context, status=status)


def _kept(choice: CallChoice, data: Mapping[str, str]) -> dict[str, str]:
    """What stays when another operation of the service is chosen: who sends, and what operations ask for alike."""
    named = {name: data.get(name, "") for name in _KEPT}
    return {"sender": choice.sender} | {name: value for name, value in named.items() if 0 < len(value) <= _LONGEST_KEPT}


def _app_clients(request: Request, choice: CallChoice) -> dict[str, str]:
    """The app clients that the pool trusts, where a call may name one: ID -> its user pool's."""
    if choice.service != "cognito-idp":
        return {}
    try:
        credentials = own_accounts.administrator_of(request.owner, choice.pool.account_id)
    except (own_accounts.NotYours, sandbox_requests.NotDone):
        return {}
    reader = AccountReader(
        choice.pool, lambda name: clients.client_for(name, choice.pool.region, credentials, choice.pool.account_id)
    )
    trusted = user_pools_of(reader.pool().definition)
    return {client: user_pool for user_pool, listed in trusted.items() for client in listed}


def _default(choice: CallChoice, member: InputMember, *, first: bool) -> str:
    """What mostly stands there: the pool's own ids."""
    if not first:
        return ""
    return {
        "IdentityPoolId": choice.pool.pool_id,
        "RoleSessionName": "by-hand",
    }.get(member.name, "")
