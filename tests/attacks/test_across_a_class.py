"""One person of a class at everything of another: every address of classes and of the lab, with the other's ids.

Nothing of the other may be answered, and nothing of theirs may be changed. The addresses come from the resolver: one
for which nobody has said what of the other belongs into it fails test_bounds_of_classes.py, which is quick.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone
from pytest_django import Settings

import flows.urls
import training.urls
from accounts.models import User
from flows.exchange.clients import client_for
from flows.exchange.context import TemporaryCredentials
from flows.exchange.sandbox_requests import administrators_key, ask
from flows.models import Run
from flows.services import note_write, run_secrets, run_share
from sandbox.testing import RunningSandbox
from tests.flows.history.conftest import call_row, run_row
from tests.training.rows import a_class, client_of, learners_of
from training.models import (
    AccountState,
    Attempt,
    AttemptState,
    Broadcast,
    CheckResult,
    Cohort,
    HelpRequest,
    Membership,
    ReturnRequest,
    Role,
    SandboxAccount,
    SeatName,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# What is the other person's, and what is their class's: who is in the class may know the second.
THEIRS, ROOM = "zqtheirs", "zqtheirroom"
SECRET = "zqtheirs-secret-zqtheirs-secret-zqtheirs"
EXERCISE = "guest-in-two-calls"
NAMES = ("tora", "otto", "olga", "site")


@dataclass(frozen=True)
class Stage:
    """A class with two learners, and a second class. `numbers` and `forms` name things of the first learner."""

    cohort: Cohort
    seat: Membership
    run: Run
    values: dict[str, Any]
    numbers: dict[str, int]
    form: dict[str, str]
    people: dict[str, User | None]


@pytest.fixture
def stage(sandbox: RunningSandbox, settings: Settings) -> Stage:
    settings.RUNS_PER_MINUTE = settings.RUNS_PER_MINUTE_PER_ADDRESS = settings.WRONG_CODES_PER_MINUTE = 10_000
    people = {name: User.objects.create_user(name, password="!") for name in NAMES}
    cohort = a_class(people["tora"], learners=2, exercises=1, name=f"{ROOM} class")
    other = a_class(people["otto"], learners=1, exercises=1, name="Another class")
    Membership.objects.create(cohort=cohort, user=people["olga"], role=Role.OBSERVER, display_name="Olga")
    seat, neighbour = learners_of(cohort)
    Membership.objects.filter(pk=seat.pk).update(display_name=THEIRS, made_for_seat=True)
    SeatName.objects.filter(membership=seat).update(name=THEIRS)
    account = _account(seat)
    _account(neighbour)
    _account(learners_of(other)[0])
    pool = client_for("cognito-identity", "us-east-1", administrators_key(account.account_id), "").create_identity_pool(
        IdentityPoolName=THEIRS, AllowUnauthenticatedIdentities=True
    )["IdentityPoolId"]
    run = _run(seat, account, pool)
    attempt = Attempt.objects.create(
        membership=seat, user_id=seat.user_id, account=account, exercise=EXERCISE, state=AttemptState.WORKING,
        last_refusal=THEIRS, assignment=cohort.assignments.first(),
    )  # fmt: skip
    CheckResult.objects.create(attempt=attempt, check_id="one", done=True, run=run)
    note = note_write(run=run, author=people["tora"], text=THEIRS)
    asked = HelpRequest.objects.create(membership=seat, text=THEIRS, run=run, attempt=attempt)
    back = ReturnRequest.objects.create(seat_name=seat.seat_names.get(), visitor=uuid4())
    run_share(run=run)
    said = Broadcast.objects.create(cohort=cohort, text=ROOM, author=people["tora"], share=run.share)
    name = seat.seat_names.get()
    values = {
        "public_id": cohort.public_id, "code": run.code, "slug": EXERCISE, "account": account.account_id,
        "key": pool.partition(":")[2], "tab": "roles", "view": "json", "token": "x" * 24, "operation": "GetId",
    }  # fmt: skip
    numbers = {
        "return_wait": back.pk, "return_decide": back.pk, "seat_code": name.pk, "seat_remove": seat.pk,
        "help_take": asked.pk, "help_hand_over": asked.pk, "help_resolve": asked.pk, "said_run": said.pk,
        "seat": seat.pk, "hint": seat.pk, "begin_again": seat.pk, "seat_reset": seat.pk, "seat_solve": seat.pk,
        "note_delete": note.pk,
    }  # fmt: skip
    assert set(numbers) == NUMBERED
    assert set(values) | {"number"} == KNOWN
    form = {
        "attempt": str(attempt.pk), "run": run.code, "member": str(seat.pk), "account": account.account_id,
        "seat": str(seat.pk), "assignment": str(attempt.assignment_id), "call": "1", "position": "1", "text": "x",
        "to": run.code, "what": "everything", "username": "otto", "role": "trainer", "pool": values["key"],
        "sender": str(run.pk), "service": "cognito-identity", "operation": "GetOpenIdToken", "sample": "whoami",
        "p-IdentityId": f"@{run.pk}.identity", "p-Logins": f'{{"x": "@{run.pk}.token"}}', "kind": "switch",
        "flow": "basic", "provider": "guest", "pace": "all", "question": "why", "option": "1", "word": "clear",
        "hours": "1", "seats": "1", "names": "real", "hints": "free", "hint_minutes": "1", "retention_days": "0",
    }  # fmt: skip
    who: dict[str, User | None] = {
        "neighbour": neighbour.user, "learner elsewhere": learners_of(other)[0].user, "stranger": None,
        "trainer elsewhere": people["otto"], "observer": people["olga"], "of the site": people["site"],
        "trainer": people["tora"], "owner": seat.user,
    }  # fmt: skip
    return Stage(cohort, seat, run, values, numbers, form, who)


def _account(seat: Membership) -> SandboxAccount:
    made = ask("POST", "/_sandbox/accounts", {"action": "make", "name": f"Seat {seat.seat}"}, account="")
    return SandboxAccount.objects.create(
        account_id=made["account"], region="us-east-1", state=AccountState.READY, cohort=seat.cohort, seat=seat.seat,
        membership=seat,
    )  # fmt: skip


def _run(seat: Membership, account: SandboxAccount, pool: str) -> Run:
    run = run_row(user=seat.user, visitor=None, account_id=account.account_id, pool_id=pool, created_at=timezone.now(),
                  subject=THEIRS, identity_id="us-east-1:zqtheirs", access_key_id="zqtheirskey")  # fmt: skip
    run.save()
    call_row(run, 1, response_body=THEIRS, request_body=THEIRS).save()
    expiry = timezone.now() + timedelta(minutes=30)
    run_secrets.keep_credentials(run, TemporaryCredentials("zqtheirskey", SECRET, SECRET, expiry))
    run_secrets.keep_token(run, SECRET)
    return run


# --- The addresses ----------------------------------------------------------------------------------------------------

# In these, `<int:number>` or `<str:code>` is something else than elsewhere; of the codes to join none is known.
JOINING = {"join_class": "AAAA-AAAA", "ask_to_return": "AAAA-AAAA"}
# Where `<int:number>` is in an address, `stage` says of which row of the other's.
NUMBERED = {
    *("return_wait", "return_decide", "seat_code", "seat_remove", "help_take", "help_hand_over", "help_resolve"),
    *("said_run", "seat", "hint", "begin_again", "seat_reset", "seat_solve", "note_delete"),
}
KNOWN = {"public_id", "code", "slug", "account", "key", "tab", "view", "token", "operation", "number"}
# What a form asks for beside the ids above.
ACTIONS: dict[str, list[dict[str, str]]] = {
    "cohort_act": [{"do": one} for one in ("end", "reopen", "join-open", "join-close", "new-code", "accounts")],
    "staff_act": [{"do": one} for one in ("add", "remove", "trainer", "observer")],
    "return_decide": [{"do": "grant"}, {"do": "deny"}],
    "seat_reset": [{"kind": "environment"}, {"kind": "everything"}],
    "unlock": [{}, {"lock": "1"}, {"assignment": "next"}],
    "help_ask": [{}, {"withdraw": "1"}],
    "broadcast": [{}, {"withdraw": "1"}],
    "pool_change": [{"do": "guests", "change": "guests", "kind": one} for one in ("pool", "trust", "policy", "person")],
    "send_call": [
        {},
        {"sender": "administrator"},
        {"sender": "nobody"},
        {"sender": "nobody", "p-IdentityId": "us-east-1:x"},
    ],
}


Answer = tuple[Any, set[str]]


def patterns() -> list[tuple[str, URLPattern]]:
    found = [("training", one) for one in training.urls.urlpatterns] + [
        ("flows", one) for one in flows.urls.urlpatterns
    ]
    return [(area, one) for area, one in found if isinstance(one, URLPattern)]


def addresses(stage: Stage) -> Iterator[tuple[str, str]]:
    """Name and address of every page, with the first learner's things in it."""
    for area, pattern in patterns():
        wanted = pattern.pattern.converters
        given = {name: stage.numbers[str(pattern.name)] if name == "number" else stage.values[name] for name in wanted}
        if pattern.name in JOINING:
            given["code"] = JOINING[pattern.name]
        yield str(pattern.name), reverse(f"{area}:{pattern.name}", kwargs=given)


# --- The attacks ------------------------------------------------------------------------------------------------------


def _rows() -> dict[str, str]:
    """Every row of classes, runs and accounts, by what it is."""
    areas = [apps.get_app_config(name) for name in ("accounts", "training", "flows")]
    return {
        f"{model.__name__} {row['pk']}": str(row)
        for area in areas
        for model in area.get_models()
        for row in model._default_manager.values("pk", *(field.name for field in model._meta.concrete_fields))
    }


def _try(user: User | None, method: str, address: str, form: dict[str, str], theirs: dict[str, str]) -> Answer:
    """The answer, and which of the rows that there were it has changed; then all is as before."""
    with transaction.atomic():
        browser = client_of(user) if user else Client()
        answer = browser.post(address, form) if method == "POST" else browser.get(address, form)
        now = _rows()
        transaction.set_rollback(True)
    return answer, {name for name, row in theirs.items() if now.get(name) != row}


def _own(user: User | None) -> set[str]:
    """Rows that somebody may change: their membership, their seat's account, and with each their class's version."""
    if user is None:
        return set()
    members = list(Membership.objects.filter(user=user))
    rows: list[Model] = [*members, *SandboxAccount.objects.filter(membership__in=members)]
    rows += [*SeatName.objects.filter(membership__in=members), *Attempt.objects.filter(membership__in=members), user]
    return {f"{type(row).__name__} {row.pk}" for row in rows}


WHO = ("neighbour", "learner elsewhere", "stranger", "trainer elsewhere", "observer", "of the site")
# An observer reads the room, and changes nothing in it.
READS = {"observer"}
# A run that its owner shares, and that the trainer shows to the class.
SHOWN_TO_THE_CLASS = {"said_run"}


@pytest.mark.parametrize("who", WHO)
def test_nothing_of_another_is_answered_or_changed(stage: Stage, who: str) -> None:
    user = stage.people[who]
    hidden = [] if who in READS else [THEIRS, stage.values["account"]] + ([] if who == "neighbour" else [ROOM])
    theirs, mine = _rows(), _own(user) | {f"Cohort {one.pk}" for one in _member_of(user)}
    wrong = []
    for name, address in addresses(stage):
        posts = [{**stage.form, **more} for more in ACTIONS.get(name, [{}])]
        for method, form in [("GET", {**stage.form, "sender": ""}), *(("POST", form) for form in posts)]:
            answer, changed = _try(user, method, address, form, theirs)
            # Their own words, not ours: an address of before leads on with the query that was sent, and a page that is
            # not there leads by way of the sign-in to its address again.
            asked = answer.request["QUERY_STRING"] or " "
            text = answer.content.decode().replace(quote(address, safe=""), " ")
            text += str(answer.headers).replace(asked, " ")
            leaks = [mark for mark in hidden if mark in text]
            if who == "neighbour" and name in SHOWN_TO_THE_CLASS:
                leaks = []
            if answer.status_code >= 500 or changed - mine or leaks or SECRET in text:
                wrong.append((method, name, answer.status_code, sorted(changed - mine), leaks))
    assert wrong == []


def _member_of(user: User | None) -> list[Cohort]:
    return [] if user is None else [one.cohort for one in Membership.objects.filter(user=user, role=Role.LEARNER)]


def test_the_same_things_are_there_for_their_owner_and_the_trainer(stage: Stage) -> None:
    """Else the matrix could not fail."""
    shown: dict[str, set[str]] = {}
    for who in ("owner", "trainer"):
        user = stage.people[who]
        assert user is not None
        client = client_of(user)
        answers = {name: client.get(address) for name, address in addresses(stage)}
        shown[who] = {name for name, answer in answers.items() if THEIRS in answer.content.decode()}
    assert shown["owner"] >= {
        "me",
        "me_export",
        "run_detail",
        "run_view",
        "run_export",
        "pool_detail",
        "pool_tab",
        "said_run",
    }
    assert shown["trainer"] >= {"cohort", "board", "seat", "run_detail", "run_export", "export", "said_run"}
    assert SECRET in client_of(stage.seat.user).post(f"{stage.run.get_absolute_url()}reveal/").content.decode()
