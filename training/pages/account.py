"""Accounts of the sandbox that a person has: what is in them, the key for the CLI, and the resets."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import Request
from flows.exchange.context import TemporaryCredentials
from flows.exchange.own_accounts import OwnAccount
from flows.exchange.sandbox_requests import NotDone, administrators_key
from flows.programs.environment import ForTools
from training.models import Purpose, Role, SandboxAccount
from training.services import sandbox_accounts
from training.services.errors import Refused
from training.services.own_accounts import active_membership, own_account, sandbox_accounts_of
from web import sandboxes
from web.errors import too_many
from web.logs import note
from web.ratelimit import Limit, address_of, hit

_NEW_PER_MINUTE = 60  # own accounts from one address: a class shares one


@dataclass(frozen=True, slots=True)
class Key(ForTools):
    """The administrator's key of one account in the forms in which tools take it. It is shown and kept nowhere."""

    credentials: TemporaryCredentials
    region: str
    cli_url: str

    @property
    def variables(self) -> list[tuple[str, str]]:
        return [
            ("AWS_ACCESS_KEY_ID", self.credentials.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", self.credentials.secret_access_key),
            ("AWS_DEFAULT_REGION", self.region),
            ("AWS_ENDPOINT_URL", self.cli_url),
        ]


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account as its page shows it; `key` only in the answer to the form that asks for it."""

    row: SandboxAccount
    own: OwnAccount
    key: Key | None

    @property
    def is_second(self) -> bool:
        """Whether it is there for exercises that need two accounts."""
        return self.row.purpose == Purpose.OPPONENT

    @property
    def stand_ins_url(self) -> str:
        return f"{sandboxes.of_account(self.row.account_id).public_url}{settings.STAND_INS_PATH}/{self.row.account_id}/"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: Request) -> HttpResponse:
    """The accounts of this person. A POST shows the key of one: it is asked of the sandbox for that answer alone."""
    if settings.APP_MODE != "sandbox":
        raise Http404("Accounts for everybody need the sandbox.")
    rows = sandbox_accounts_of(request.owner)
    shown = _named(request, rows) if request.method == "POST" else None
    key = None
    if shown is not None:
        note(request, key_shown=True)
        try:
            key = Key(
                administrators_key(shown.account_id), shown.region, sandboxes.of_account(shown.account_id).cli_url
            )
        except NotDone as failed:
            messages.error(request, str(failed))
    member = active_membership(request.owner)
    context = {
        "area": "class",
        "accounts": [AccountView(row, own_account(row), key if row == shown else None) for row in rows],
        "member": member,
        "needs_sign_in": member is None and not request.user.is_authenticated,
    }
    response = render(request, "training/account.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def account_open(request: Request) -> HttpResponse:
    """Make an account of one's own: outside of classes, or that of the seat or trainer where it is missing."""
    member = active_membership(request.owner)
    if member is None and not request.user.is_authenticated:
        limit = Limit("own account from an address", address_of(request), _NEW_PER_MINUTE)
        if wait := hit(limit):
            return too_many(request, wait, "accounts")
    try:
        made = (
            sandbox_accounts.ready_account(member)
            if member is not None
            else sandbox_accounts.open_own_account(request.owner)
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        if made is not None:
            messages.success(request, f"Account {made.account_id} is yours.")
    return redirect("training:account")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account_reset(request: Request) -> HttpResponse:
    """Reset an account: its environment, or everything. Asked once, since neither can be undone."""
    # The second account is reset with the first one.
    rows = [row for row in sandbox_accounts_of(request.owner) if row.purpose != Purpose.OPPONENT]
    row = _named(request, rows)
    everything = request.POST.get("what", request.GET.get("what", "")) == "everything"
    if request.method != "POST":
        context = {"area": "class", "account": own_account(row), "everything": everything}
        return render(request, "training/account_reset.html", context)
    if not own_account(row).writable:
        messages.error(request, "This class has ended, so its accounts stay as they are.")
        return redirect("training:account")
    try:
        if everything:
            sandbox_accounts.reset_everything(row)
        else:
            sandbox_accounts.reset_environment(row)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        progress = ", and your progress with the exercises starts again" if everything else ""
        messages.success(request, f"Account {row.account_id} has been reset and has a new key{progress}.")
    member = row.membership
    seat = member is not None and member.role == Role.LEARNER
    return redirect("training:me" if seat else "training:account")


def _named(request: Request, rows: list[SandboxAccount]) -> SandboxAccount:
    """Which of the accounts the form or link names. Raises Http404 for any that is not among them."""
    number = request.POST.get("account", request.GET.get("account", ""))
    found = next((row for row in rows if row.account_id == number), None)
    if found is None:
        raise Http404("This account is not one of yours.")
    return found
