"""What a class does, followed while somebody looks at its board: calls by CLI and SDK, and what runs prove.

One question to the sandbox finds which of all accounts were called since the last one, and only those of the class are
read. Then the attempts in which something was run are judged, as far as stored runs prove anything: a learner's *Check
my work* says what is missing and looks at the account, this does neither.

All of it happens beside the requests of boards, one class at a time and every few seconds at most, so that a board
which asks pays for none of it. A process that dies loses nothing: how far an account was read is in its row.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from flows.exchange.sandbox_requests import NotDone, ask_at
from training.models import Attempt, AttemptRun, AttemptState, Cohort, SandboxAccount
from training.services.belonging import COUNTED
from training.services.checking import attempt_follow
from training.services.cli_calls import fetch
from training.services.errors import Refused
from web import sandboxes

log = logging.getLogger("lab.training")

_SECONDS_BETWEEN = 4  # of one class
_REMEMBERED = 3600  # seconds for which it is known up to where the class was followed
_MOST_ACCOUNTS = 100  # read at a time; the others come next time
_MOST_ATTEMPTS = 60  # judged at a time


def follow_soon(cohort_id: int) -> None:
    """Have the class followed beside the request that is under way, unless that was done a moment ago."""
    if settings.APP_MODE == "sandbox" and cache.add(f"class-followed-{cohort_id}", True, _SECONDS_BETWEEN):
        transaction.on_commit(lambda: _executor().submit(_beside, cohort_id))


def follow(cohort_id: int) -> None:
    """Store what the class's accounts were called with since the last time, and judge what has moved.

    Raises:
        NotDone: the sandbox does not answer.
    """
    try:
        _read_calls(cohort_id)
    finally:
        judge_moved(cohort_id)


def judge_moved(cohort_id: int) -> int:
    """Judge the attempts of the class in which something was run since they were judged; returns how many."""
    runs = AttemptRun.objects.filter(attempt=OuterRef("pk"), kind__in=COUNTED)
    moved = (
        Attempt.objects.filter(Exists(runs), membership__cohort=cohort_id, current=True, state=AttemptState.WORKING)
        .filter(Q(checked_at=None) | Q(checked_at__lt=F("last_activity_at")))
        .select_related("account", "membership")
        .order_by("last_activity_at")
    )
    judged = 0
    for attempt in moved[:_MOST_ATTEMPTS]:
        try:
            attempt_follow(attempt=attempt)
        except Refused as refused:
            log.info("Attempt %s could not be judged: %s", attempt.pk, refused)
        else:
            judged += 1
    return judged


def _read_calls(cohort_id: int) -> None:
    known = f"class-calls-{cohort_id}"
    place = sandboxes.of_class(Cohort.objects.values_list("public_id", flat=True).get(pk=cohort_id))
    asked = f"/_sandbox/calls/accounts?after={cache.get(known, '')}&without-app={settings.APPLICATION_ID}"
    answer = ask_at(place.endpoint, "GET", asked)
    try:
        called = {str(account): str(latest) for account, latest in answer["accounts"].items()}
        cursor = str(answer["cursor"])[:64]
    except (KeyError, TypeError, AttributeError):
        raise NotDone("The sandbox’s list of accounts cannot be read.") from None
    rows = SandboxAccount.objects.filter(cohort=cohort_id, membership__isnull=False, account_id__in=list(called))
    unread = [
        row for row in rows.select_related("membership") if not _is_beyond(row.calls_cursor, called[row.account_id])
    ]
    for row in unread[:_MOST_ACCOUNTS]:
        fetch(row)
    if len(unread) <= _MOST_ACCOUNTS:
        cache.set(known, cursor, _REMEMBERED)


def _is_beyond(cursor: str, latest: str) -> bool:
    """Whether an account was read up to the call that `latest` names: both are a start of the sandbox and a number."""
    boot, _, number = cursor.partition(".")
    now, _, wanted = latest.partition(".")
    return boot == now and number.isdecimal() and wanted.isdecimal() and int(number) >= int(wanted)


@lru_cache(maxsize=1)
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "following")


def _beside(cohort_id: int) -> None:
    try:
        follow(cohort_id)
    except NotDone as failed:
        log.info("Calls of class %s could not be read: %s", cohort_id, failed)
    except Exception:  # a thread's exception would be seen by nobody
        log.exception("Class %s could not be followed", cohort_id)
    finally:
        connection.close()
