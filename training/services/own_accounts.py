"""The sandbox accounts that somebody has, as the lab's pages meet them: pools of one's own, and who may change them."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import BigIntegerField
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.owned import PreparedOfOwner
from accounts.owners import Owner
from flows.exchange.own_accounts import YOURS, NotThere, OwnAccount
from flows.exchange.pool import Pool, pool_of
from training.exercises.format import opponents_key
from training.models import AccountState, CohortState, Membership, Purpose, Role, SandboxAccount
from training.services.cohorts import cohorts_visible_to
from training.services.sandbox_accounts import account_of_seat, make_wanted_soon
from web.prepared import Prepared

_SECONDS_BETWEEN = 5  # tries to make what a class is missing
_USABLE = (AccountState.READY, AccountState.RESETTING)
_CHOSEN_LAST = Prepared(
    lambda user: (
        Membership.objects.filter(user_id=user)
        .exclude(cohort__state=CohortState.ARCHIVED)
        .select_related("cohort")
        .order_by("-chosen_at", "-pk")[:1]
    ),
    BigIntegerField(),
)
_OF_SEAT = Prepared(
    lambda member: SandboxAccount.objects.filter(membership_id=member, state__in=_USABLE), BigIntegerField()
)
_OUTSIDE = PreparedOfOwner(
    lambda whose: SandboxAccount.objects.filter(whose, membership=None, cohort=None, state__in=_USABLE)
)
_LABELS = {
    Purpose.OWN: YOURS,
    Purpose.OPPONENT: "The other account",
    Purpose.TRAINER: YOURS,
}


def active_membership(owner: Owner) -> Membership | None:
    """The class that this person works in: the one chosen last of those that are not deleted."""
    return None if owner.user_id is None else _CHOSEN_LAST.first(owner.user_id)


def sandbox_accounts_of(owner: Owner) -> list[SandboxAccount]:
    """The rows of the accounts that this person works in now: those of the class chosen last, else their own."""
    if settings.APP_MODE != "sandbox":
        return []
    return _accounts_in(active_membership(owner), owner)


def _accounts_in(membership: Membership | None, owner: Owner) -> list[SandboxAccount]:
    found = _OUTSIDE.rows(owner) if membership is None else _OF_SEAT.rows(membership.pk)
    for account in found:
        account.membership = membership  # which has its class with it
    return sorted(found, key=lambda account: account.purpose == Purpose.OPPONENT)


def own_accounts_of(owner: Owner) -> list[OwnAccount]:
    """The same for flows.exchange.own_accounts.

    Raises:
        NotThere: the account of their seat is still to be made, which is tried again beside this request.
    """
    if settings.APP_MODE != "sandbox":
        return []
    member = active_membership(owner)
    found = _accounts_in(member, owner)
    waits = member is not None and member.role == Role.LEARNER and member.cohort.is_open
    if member is not None and waits and all(row.purpose == Purpose.OPPONENT for row in found):
        raise _not_there(member)
    return [own_account(row) for row in found]


def _not_there(member: Membership) -> NotThere:
    row = account_of_seat(member)
    if cache.add(f"accounts-wanted-{member.cohort_id}", True, _SECONDS_BETWEEN):
        make_wanted_soon(member.cohort)
    if row.state == AccountState.FAILED and row.failure:
        return NotThere(f"Your AWS account in the sandbox could not be made: {row.failure}")
    return NotThere("Your AWS account in the sandbox is being made.")


def account_of_a_learner(owner: Owner, account_id: str) -> OwnAccount | None:
    """An account in a class that this person trains or observes, for flows.exchange.own_accounts."""
    if owner.user_id is None or settings.APP_MODE != "sandbox":
        return None
    user = User.objects.get(pk=owner.user_id)
    rows = SandboxAccount.objects.filter(account_id=account_id, state__in=_USABLE)
    row = rows.filter(membership__cohort__in=cohorts_visible_to(user)).select_related("membership__cohort").first()
    return None if row is None else own_account(row)


def own_account(row: SandboxAccount) -> OwnAccount:
    """One account as its owner meets it."""
    cohort = row.membership.cohort if row.membership is not None else None
    return OwnAccount(
        account_id=row.account_id,
        region=row.region,
        label=_LABELS[Purpose(row.purpose)],
        pools=pools_in(row),
        writable=row.state == AccountState.READY and (cohort is None or cohort.is_open),
    )


def pools_in(row: SandboxAccount) -> tuple[Pool, ...]:
    """The identity pools of an account: what it is seeded with, then what exercises have added.

    All keys of one person differ: those of the second account are `opponents_key`s. What that is seeded with is not
    offered: it is there for exercises, and would stand beside one's own under the same labels.
    """
    seeded: Callable[[str], list[dict[str, Any]]] = import_string(settings.POOLS_AT_ACCOUNT)
    second, label = row.purpose == Purpose.OPPONENT, _LABELS[Purpose(row.purpose)]
    rows, key = ([], opponents_key) if second else (seeded(row.account_id), str)
    return tuple(pool_of({**one, "key": key(one["key"]), "whose": label}) for one in [*rows, *row.more_pools])
