"""Accounts of the sandbox: made ahead of the people who get them, looked after, reset and removed.

A row is written first, with its number, and then the sandbox is asked; so whoever finds a row that was left in the
middle can go on with it. A lease says who does, and making an account again that is there is no mistake.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

import httpget
from accounts.owned import belonging_to
from accounts.owners import Owner
from flows.exchange.sandbox_requests import NotDone, ask, ask_at
from flows.models import Run
from flows.services import holders, run_secrets
from training.models import AccountState, Attempt, Cohort, Membership, Purpose, SandboxAccount
from training.services.errors import Refused
from training.services.pinned import classes_pinned
from training.services.versions import touch
from web import sandboxes

log = logging.getLogger("lab.training")

_LEASE = timedelta(seconds=60)
_BOOT_SECONDS = 5.0
_ACCOUNTS = "/_sandbox/accounts"
# Of people without an account of the site and without a class: whoever drops a cookie is another one, and a sandbox
# holds some two thousand accounts in all, which classes need.
MOST_OF_VISITORS = 500
MOST_OUTSIDE = 1200  # with those of people who signed up, and those that are still to be removed
_UNUSED = timedelta(days=7)
_boots: dict[str | None, tuple[float, str]] = {}  # by the sandbox's address


def want_accounts(cohort: Cohort, seats: Iterable[int] | None = None) -> int:
    """Write the rows of the seats that have no account yet; returns how many there were. `make_wanted` makes them."""
    if settings.APP_MODE != "sandbox":
        return 0
    wanted = set(range(1, cohort.seats + 1) if seats is None else seats)
    had = SandboxAccount.objects.filter(cohort=cohort, purpose=Purpose.OWN).values_list("seat", flat=True)
    members = {member.seat: member for member in Membership.objects.filter(cohort=cohort, seat__isnull=False)}
    rows = [
        SandboxAccount(
            account_id=_new_number(),
            region=settings.AWS_REGION,
            cohort=cohort,
            seat=seat,
            membership=members.get(seat),
        )
        for seat in sorted(wanted - set(had))
    ]
    SandboxAccount.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def account_of_seat(membership: Membership, purpose: Purpose = Purpose.OWN) -> SandboxAccount:
    """The row of a seat's account of that purpose; written now where there is none. A trainer's has no seat."""
    found = SandboxAccount.objects.filter(membership=membership, purpose=purpose).first()
    if found is None:
        found, _ = SandboxAccount.objects.get_or_create(
            membership=membership,
            purpose=purpose,
            defaults={
                "account_id": _new_number(),
                "region": settings.AWS_REGION,
                "cohort_id": membership.cohort_id,
                "seat": membership.seat,
            },
        )
    return found


def own_account_for(owner: Owner, purpose: Purpose = Purpose.OWN) -> SandboxAccount:
    """The row of the account of that purpose that somebody has outside of classes; written now where there is none.

    Raises:
        Refused: there are enough accounts outside of classes.
    """
    mine = {"purpose": purpose, "cohort": None, "membership": None}
    found = SandboxAccount.objects.owned_by(owner).filter(**mine).exclude(state=AccountState.RETIRED).first()
    if found is not None:
        return found
    if owner.user_id is None and _of_visitors().count() >= MOST_OF_VISITORS:
        raise Refused("Too many people without a class have an account here. Sign in to the site to get one.")
    outside = SandboxAccount.objects.filter(cohort=None, membership=None)
    if outside.count() >= MOST_OUTSIDE and not (remove_retired() and outside.count() < MOST_OUTSIDE):
        raise Refused("Too many people without a class have an account here. Join a class to get one.")
    row = SandboxAccount(account_id=_new_number(), region=settings.AWS_REGION, purpose=purpose, **belonging_to(owner))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return SandboxAccount.objects.owned_by(owner).filter(**mine).get()
    return row


def make_ready(row: SandboxAccount) -> SandboxAccount:
    """Have the sandbox hold this account, seeded, in its present start. Costs nothing where it is known to.

    Raises:
        Refused: the sandbox did not do it, or somebody else is at it.
    """
    boot = boot_id(row.account_id)
    if row.state == AccountState.READY and boot and row.boot_id == boot:
        return row
    if row.state == AccountState.RESETTING:
        return _reset(row, unfinished=True)
    there = row.state == AccountState.READY
    if not _claim(row, AccountState.READY if there else AccountState.SEEDING):
        row.refresh_from_db()
        if row.state == AccountState.READY:
            return row
        raise Refused("Your account in the sandbox is being made. Try again in a moment.")
    try:
        _ask_for(row)
    except NotDone as failed:
        # One that was there is no other for a sandbox that does not answer: it is looked after when it does.
        _release(row, state=AccountState.READY if there else AccountState.FAILED, failure=str(failed)[:300])
        raise Refused(f"Your account in the sandbox could not be made: {failed}") from None
    _release(row, state=AccountState.READY, failure="", boot_id=boot, made_at=row.made_at or timezone.now())
    return row


def reset_environment(row: SandboxAccount) -> SandboxAccount:
    """Empty the account and seed it again, and the second one with it, where there is one.

    Its key, sessions and tokens are over, earlier runs do not count.

    Raises:
        Refused: the sandbox did not do it, or somebody else is at it.
    """
    for other in _second_accounts(row):
        _reset(other)
    return _reset(row)


def _second_accounts(row: SandboxAccount) -> "QuerySet[SandboxAccount]":
    """Of whoever has the account, for exercises that ask for one."""
    others = SandboxAccount.objects.filter(purpose=Purpose.OPPONENT).exclude(pk=row.pk)
    others = others.exclude(state=AccountState.RETIRED)
    if row.membership_id is not None:
        return others.filter(membership_id=row.membership_id)
    others = others.filter(cohort=None, membership=None)
    if row.cohort_id is not None or (row.user_id is None and row.visitor is None):
        return others.none()
    return others.filter(user=row.user) if row.user_id is not None else others.filter(user=None, visitor=row.visitor)


def _reset(row: SandboxAccount, *, unfinished: bool = False) -> SandboxAccount:
    """Reset this account. `unfinished`: only where somebody began to, and was killed."""
    if not _claim(row, AccountState.RESETTING, found=AccountState.RESETTING if unfinished else None):
        raise Refused("This account is being made or reset just now. Try again in a moment.")
    try:
        try:
            ask("POST", _ACCOUNTS, {"action": "reset", "account": row.account_id}, account=row.account_id)
        except NotDone as refused:
            if refused.status != 404:
                raise
            _ask_for(row)
    except NotDone as failed:
        _release(row, state=AccountState.FAILED, failure=str(failed)[:300])
        raise Refused(f"The account could not be reset: {failed}") from None
    run_secrets.forget_account(row.account_id)
    boot = boot_id(row.account_id)
    _release(row, state=AccountState.READY, failure="", boot_id=boot, epoch=F("epoch") + 1, more_pools=[])
    row.refresh_from_db()
    if row.cohort_id:
        touch(row.cohort_id)
    return row


def reset_everything(row: SandboxAccount) -> SandboxAccount:
    """Reset the account and forget the progress of whoever has it. Runs stay in their history and do not count.

    Raises:
        Refused
    """
    row = reset_environment(row)
    attempts = Attempt.objects.filter(account=row)
    if row.membership_id:
        attempts = Attempt.objects.filter(membership_id=row.membership_id)
    attempts.delete()
    if row.cohort_id:
        touch(row.cohort_id)
    return row


def retire(rows: "QuerySet[SandboxAccount]") -> int:
    """Have these accounts removed from the sandbox as soon as it can be asked; returns how many there are."""
    return rows.update(
        state=AccountState.RETIRED, membership=None, seat=None, user=None, visitor=None, lease_until=None
    )


def purge_unused() -> int:
    """Remove the accounts of browsers that have made no run for a week; returns how many."""
    since = timezone.now() - _UNUSED
    runs = Run.objects.filter(visitor=OuterRef("visitor"), user=None, created_at__gte=since)
    unused = _of_visitors().filter(~Exists(runs), created_at__lt=since)
    Attempt.objects.filter(account__in=unused, membership=None, user=None).delete()
    found = retire(unused)
    if found:
        remove_retired()
    return found


def _of_visitors() -> "QuerySet[SandboxAccount]":
    return SandboxAccount.objects.filter(cohort=None, membership=None, user=None, visitor__isnull=False)


def remove_retired() -> int:
    """Remove what was retired from the sandbox, then its rows; returns how many. What fails stays for the next time."""
    removed = 0
    for row in SandboxAccount.objects.filter(state=AccountState.RETIRED):
        # Of a class that is deleted nothing says any more to which one it was pinned.
        places = [sandboxes.of_account(row.account_id)] if row.cohort_id else sandboxes.every()
        still_there = [place for place in places if not _is_removed_from(place, row.account_id)]
        if not still_there:
            row.delete()
            removed += 1
    return removed


def _is_removed_from(place: sandboxes.Place, account_id: str) -> bool:
    try:
        ask_at(place.endpoint, "POST", _ACCOUNTS, {"action": "remove", "account": account_id})
    except NotDone as failed:
        if failed.status != 404:
            log.warning("Account %s could not be removed: %s", account_id, failed)
            return False
    return True


def make_wanted(cohort: Cohort | None = None) -> int:
    """Make the accounts that are still to be made, and look after those that a restart of the sandbox left behind.

    Returns how many there were. Several processes may do it at once: each account is made by one of them.
    """
    done = 0
    rows = SandboxAccount.objects.exclude(state=AccountState.RETIRED)
    if cohort is not None:
        rows = rows.filter(cohort=cohort)
    for place, its_rows in _by_sandbox(rows):
        boot = boot_of(place)
        for row in its_rows.filter(~Q(state=AccountState.READY) | ~Q(boot_id=boot)).order_by("pk"):
            try:
                make_ready(row)
            except Refused as refused:
                # Somebody else who is at it says by themself what becomes of it.
                level = logging.WARNING if row.state == AccountState.FAILED else logging.INFO
                log.log(level, "Account %s: %s", row.account_id, refused)
            else:
                done += 1
    return done


def _by_sandbox(
    rows: "QuerySet[SandboxAccount]",
) -> "list[tuple[sandboxes.Place, QuerySet[SandboxAccount]]]":
    """The rows of each sandbox that there is."""
    pinned = classes_pinned()
    of_classes = [(sandboxes.of_class(one), rows.filter(cohort__public_id=one)) for one in pinned]
    return [(sandboxes.home(), rows.exclude(cohort__public_id__in=pinned) if pinned else rows), *of_classes]


def make_wanted_soon(cohort: Cohort) -> None:
    """The same beside the request that is under way. If this process dies, the next look at the class begins again."""

    def work() -> None:
        # Who joins and leaves again and again would fill the sandbox with accounts that nobody enters.
        remove_retired()
        make_wanted(cohort)
        touch(cohort.pk)

    _beside(work, f"Accounts of class {cohort.pk} could not be made")


def remove_retired_soon() -> None:
    """`remove_retired` beside the request that is under way. If this process dies, `manage.py purge` does it."""
    _beside(remove_retired, "Accounts that are over could not be removed")


def _beside(work: Callable[[], object], failed: str) -> None:
    """Do something with the sandbox in a thread of its own, once what was written is committed."""
    if settings.APP_MODE != "sandbox":
        return

    def done() -> None:
        try:
            work()
        except Exception:  # a thread's exception would be seen by nobody
            log.exception(failed)
        finally:
            connection.close()

    transaction.on_commit(lambda: threading.Thread(target=done, name="accounts", daemon=True).start())


def boot_id(account_id: str) -> str:
    """The present start of the sandbox that an account is in; empty where it does not answer."""
    return boot_of(sandboxes.of_account(account_id))


def boot_of(place: sandboxes.Place) -> str:
    """A sandbox's present start, asked for every few seconds; empty where it does not answer."""
    asked, known = _boots.get(place.endpoint, (0.0, ""))
    if time.monotonic() - asked < _BOOT_SECONDS and known:
        return known
    try:
        answer = httpget.get(f"{place.endpoint}/_sandbox/health", seconds=3.0, largest=200_000)
        known = str(answer.json()["boot"])
    except (httpget.NoAnswer, ValueError, KeyError, TypeError):
        return ""
    _boots[place.endpoint] = time.monotonic(), known
    return known


def _ask_for(row: SandboxAccount) -> None:
    """Have the account made, or what is missing in it seeded where it was made before.

    Raises:
        NotDone
    """
    name = f"Seat {row.seat}" if row.seat else "Own account"
    try:
        if row.made_at is not None:
            ask("POST", _ACCOUNTS, {"action": "seed", "account": row.account_id}, account=row.account_id)
            return
    except NotDone as missing:
        if missing.status != 404:
            raise
    try:
        ask("POST", _ACCOUNTS, {"action": "make", "account": row.account_id, "name": name}, account=row.account_id)
    except NotDone as there:
        if there.status != 409:
            raise
        ask("POST", _ACCOUNTS, {"action": "seed", "account": row.account_id}, account=row.account_id)


def _claim(row: SandboxAccount, state: AccountState, *, found: AccountState | None = None) -> bool:
    """Take the row for a while, unless somebody has it, or it is not in the state in which it is to be `found`."""
    now = timezone.now()
    free = SandboxAccount.objects.filter(pk=row.pk).filter(Q(lease_until=None) | Q(lease_until__lt=now))
    free = free.filter(state=found) if found else free.exclude(state=AccountState.RETIRED)
    if not free.update(state=state, lease_until=now + _LEASE, lease_holder=holders.this_process()):
        return False
    row.state = state
    return True


def _release(row: SandboxAccount, **fields: object) -> None:
    SandboxAccount.objects.filter(pk=row.pk).update(**fields, lease_until=None)
    for name, value in fields.items():
        setattr(row, name, value)


def _new_number() -> str:
    """Twelve digits that nobody has; the sandbox refuses a number that is somebody's."""
    while True:
        number = f"{secrets.randbelow(9 * 10**11) + 10**11}"
        if number != settings.SANDBOX_ACCOUNT_ID and not SandboxAccount.objects.filter(account_id=number).exists():
            return number


def ready_account(membership: Membership, purpose: Purpose = Purpose.OWN) -> SandboxAccount | None:
    """The account of a seat, seeded and in the sandbox's present start; None against AWS, where there are none.

    Raises:
        Refused: as `make_ready`.
    """
    if settings.APP_MODE != "sandbox":
        return None
    if membership.seat is None:
        purpose = Purpose.TRAINER if purpose == Purpose.OWN else purpose
    return make_ready(account_of_seat(membership, purpose))


def open_own_account(owner: Owner, purpose: Purpose = Purpose.OWN) -> SandboxAccount | None:
    """The account of that purpose that somebody has outside of classes, made now if need be; None against AWS.

    Raises:
        Refused: as `make_ready`.
    """
    return make_ready(own_account_for(owner, purpose)) if settings.APP_MODE == "sandbox" else None
