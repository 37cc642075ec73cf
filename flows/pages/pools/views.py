"""The pools that a person may see, and the pages of one: read, judged and, in one's own account, changed."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from flows import services
from flows.exchange import own_accounts, sandbox_requests
from flows.exchange.pool_facts import PoolFacts
from flows.exchange.pools import Pool, UnknownPool, pools_for
from flows.exchange.unlisted_pools import pool_anywhere, unlisted_pools
from flows.models import Outcome, Run
from flows.pages.pools.access import PoolsAccess, access_to, look_into
from flows.pages.pools.commands import reading_commands
from flows.pages.pools.edits import change_of
from flows.pages.pools.form_values import PoolChange
from flows.pages.pools.policy_text import refused_text
from flows.pages.pools.tabs import TABS, TRY, PoolRequest, RefusedPolicy, changes_of, commands, content
from flows.pages.pools.trying import entered
from flows.pages.run.lookup import own_run
from web.ratelimit import limit_anonymous_runs, limit_pages


@dataclass(frozen=True, slots=True)
class Wrong:
    """A form that came back: which it was (`what`, and `place` among several), the field to blame, what was entered."""

    what: str
    place: str
    field: str
    entered: QueryDict


@never_cache
@require_safe
@limit_pages
def pool_list(request: Request) -> HttpResponse:
    """The pools that this person may see, those of their own account first."""
    listed = []
    accesses: dict[tuple[str, str], PoolsAccess] = {}
    own = own_accounts.accounts_of(request.owner)
    unlisted = [pool for account in own for pool in unlisted_pools(request.owner, account)]
    for pool in [*pools_for(request.owner), *unlisted]:
        # One key is asked for an account, however many pools it has.
        place = (pool.account_id, pool.region)
        access = accesses[place] = accesses.get(place) or access_to(request, pool)
        facts = access.read(pool)
        listed.append({"pool": pool, "facts": facts, "own": access.own})
    context = {"area": "pools", "pools": listed, "door": _door(any(one["own"] for one in listed))}
    return render(request, "flows/pools/list.html", context)


@never_cache
@require_safe
@limit_pages
def pool_detail(request: Request, key: str, tab: str = "who") -> HttpResponse:
    """One pool, from one side."""
    if tab not in TABS:
        raise Http404(f"A pool has no page “{tab}”.")
    pool = _pool(request, key)
    access = access_to(request, pool)
    if tab == TRY and not access.writable:
        raise Http404("Tokens are signed in accounts of one’s own.")
    return _render(request, access, tab)


@never_cache
@require_safe
@limit_pages
def pool_of_another(request: Request, account: str, key: str, tab: str = "who") -> HttpResponse:
    """A pool of somebody whom this person helps: only to be looked at."""
    found = own_accounts.account_seen_by(request.owner, account)
    pool = next((pool for pool in found.pools if pool.key == key), None) if found else None
    if found is None or pool is None or tab not in TABS or tab == TRY:
        raise Http404("There is no such pool.")
    return _render(request, look_into(found, pool), tab)


@require_POST
@limit_anonymous_runs
def pool_change(request: Request, key: str) -> HttpResponse:
    """One change in one's own account, recorded as a run."""
    pool = _pool(request, key)
    tab = request.POST.get("tab", "")
    tab = tab if tab in TABS else "who"
    try:
        change = change_of(request.POST)
        run = services.pool_change(
            owner=request.owner,
            pool=pool,
            kind=change.kind,
            target=change.target,
            edit=change.edit,
            title=change.title,
        )
    except (services.RunError, own_accounts.NotYours, sandbox_requests.NotDone) as problem:
        if isinstance(problem, services.ChoiceRefused) and problem.field:
            wrong = Wrong(request.POST.get("what", ""), request.POST.get("place", ""), problem.field, request.POST)
            return _render(request, access_to(request, pool), tab, status=422, wrong=wrong, wrong_text=str(problem))
        messages.error(request, str(problem))
        return _back(request, pool, tab)
    if run.outcome == Outcome.REFUSED and change.kind in ("trust", "policy") and "document" in request.POST:
        return _refused(request, pool, change, run)
    _tell(request, run)
    return _back(request, pool, tab)


@require_POST
@limit_anonymous_runs
def pool_try(request: Request, key: str) -> HttpResponse:
    """A run with a token that says what was chosen, in one's own account."""
    pool, trying = _pool(request, key), entered(request.POST)
    try:
        run = services.run_with_token(
            owner=request.owner,
            pool=pool,
            login=trying.login,
            claims=trying.read_claims(),
            role=trying.role,
            client=trying.client,
            user=trying.user,
        )
    except (services.RunError, own_accounts.NotYours, sandbox_requests.NotDone) as problem:
        access = access_to(request, pool)
        if not access.writable:
            raise Http404("Tokens are signed in accounts of one’s own.") from None
        return _render(request, access, TRY, status=422, problem=str(problem), trying=trying)
    return redirect(run.get_absolute_url())


@require_POST
@limit_anonymous_runs
def pool_set_back(request: Request, key: str) -> HttpResponse:
    """Undo the change `run`; that is a change as well. The code stands in the form: addresses are logged."""
    pool, run = _pool(request, key), own_run(request, request.POST.get("run", ""))
    try:
        _tell(request, services.pool_set_back(owner=request.owner, pool=pool, run=run))
    except (services.RunError, own_accounts.NotYours, sandbox_requests.NotDone) as problem:
        messages.error(request, str(problem))
    return redirect("flows:pool_tab", pool.key, "changes")


def _pool(request: Request, key: str) -> Pool:
    try:
        return pool_anywhere(request.owner, key)
    except UnknownPool as unknown:
        raise Http404(str(unknown)) from None


def _tell(request: Request, run: Run) -> None:
    title = run.parameters["title"]
    if run.outcome == Outcome.SUCCEEDED:
        messages.success(request, f"{title}. It is recorded as run {run.short_code}.")
    else:
        messages.error(
            request, f"Not done: {run.error_message or run.error_code} It is recorded as run {run.short_code}."
        )


def _back(request: Request, pool: Pool, tab: str) -> HttpResponse:
    query = {"role": request.POST["role"]} if tab == "roles" and "role" in request.POST else {}
    address = reverse("flows:pool_tab", args=[pool.key, tab])
    return redirect(f"{address}?{urlencode(query)}" if query else address)


def _refused(request: Request, pool: Pool, change: PoolChange, run: Run) -> HttpResponse:
    """The text area again with what was entered, and the service's sentence at its line."""
    text = refused_text(request.POST["document"].replace("\r\n", "\n"), run.error_message)
    name = "trust" if change.kind == "trust" else change.target[1]
    return _render(
        request, access_to(request, pool), "roles", refused=RefusedPolicy(name, text), status=422, refused_run=run
    )


def _render(
    request: Request,
    access: PoolsAccess,
    tab: str,
    *,
    refused: RefusedPolicy | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    pool = access.pool
    facts = access.read(pool)
    urls = {key: _address(access, key) for key in TABS}
    context: dict[str, Any] = {
        "area": "pools",
        "pool": pool,
        "access": access,
        "facts": facts,
        "tabs": [(key, label, urls[key]) for key, label in TABS.items() if key != TRY or access.writable],
        "urls": urls,
        "door": _door(access.own is not None),
        "tab": tab,
        "tab_template": f"flows/pools/{tab}.html",
        "change_count": 0 if access.looking else changes_of(request, pool.account_id).count(),
        **more,
    }
    if access.reader is not None and _readable(facts):
        asked = PoolRequest(request, access, access.reader, facts, refused)
        shown = content(tab, asked)
        context |= shown | more | {"commands": commands(tab, asked, shown), "readable": True}
    else:
        context["commands"] = reading_commands(pool.pool_id)
    context["problems"] = access.reader.problems if access.reader else [access.closed]
    return render(request, "flows/pools/pool.html", context, status=status)


def _door(has_one: bool) -> str:
    """Where somebody without an account of their own gets one; empty where there are none to be had."""
    name = own_accounts.door()
    return reverse(name) if name and not has_one and settings.APP_MODE == "sandbox" else ""


def _address(access: PoolsAccess, tab: str) -> str:
    if access.looking:
        return reverse("flows:pool_of_another", args=[access.pool.account_id, access.pool.key, tab])
    return reverse("flows:pool_tab", args=[access.pool.key, tab])


def _readable(facts: PoolFacts) -> bool:
    return bool(facts.definition)
