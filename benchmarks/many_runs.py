"""Many runs in the application's database: copied, by the database itself, of a few that were really made.

Used by `benchmarks.pages` and by tests, with Django set up and a sandbox at hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core.management.color import no_style
from django.db import connection, models
from django.utils import timezone

from accounts.models import User
from accounts.owners import Owner
from flows import services
from flows.exchange.pools import pool_for
from flows.models import ApiCall, Run
from lessons.sample_calls import SAMPLES
from providers.models import SignIn
from training.models import Cohort, SandboxAccount
from training.services.classes import cohort_make
from training.services.joining import join
from training.services.sandbox_accounts import make_ready

LENGTHS = (2, 10, 50)  # calls of the runs that are looked at
RARE = "amazon"  # provider of the oldest runs alone
_OTHERS = 500  # other accounts, and as many browsers without one
_WHOLE = 1_000  # of the newest runs keep the bodies of their calls; of the others, nobody reads them here
_SECONDS = 30  # between two runs
_SIGN_INS = 2  # of so many runs, one began with a sign-in
_LEARNERS_RUNS = 40
_SEATS = 24


@dataclass(frozen=True)
class Crowd:
    """Who is there.

    Attributes:
        reader: may do everything, and has every `every`th run.
        trainer: of a class with learners.
        learner: one of them, who has a few runs.
        runs: of the reader, two for each of LENGTHS.
        visitor: a browser that has as many runs as each of the other accounts.
    """

    reader: User
    trainer: User
    learner: User
    runs: dict[int, tuple[Run, Run]]
    cohort: Cohort
    visitor: UUID


def crowd(size: int, *, every: int) -> Crowd:
    """Make `size` runs with their calls, and the sign-ins of some.

    Args:
        every: how many of the runs are the reader's: 1 for all, 10 for a tenth. The others are of 500 accounts and 500
            browsers, half and half.
    """
    reader = User.objects.create_superuser(f"reader-{uuid4().hex[:8]}")
    others = User.objects.bulk_create(User(username=f"other-{uuid4().hex}") for _ in range(_OTHERS))
    owner = Owner(user_id=reader.pk, visitor=uuid4())
    sources = [_run(owner, "enhanced", 2), _run(owner, "basic", 3), _run(owner, "enhanced", 4), _refused(owner)]
    _copy_runs(sources, size, reader, every, others)
    _copy_sign_ins(size, reader, every, others)
    _go_on_counting()
    cohort, learner = _class()
    for _ in range(_LEARNERS_RUNS):
        _run(Owner(user_id=learner.pk, visitor=uuid4()), "enhanced", 2)
    runs = {length: (_run(owner, "enhanced", length), _run(owner, "enhanced", length)) for length in LENGTHS}
    _settle()
    assert cohort.created_by is not None
    return Crowd(reader, cohort.created_by, learner, runs, cohort, UUID(int=7))


def _class() -> tuple[Cohort, User]:
    """A class in which everybody has a seat, and one of its learners, whose account is there."""
    trainer = User.objects.create_user(f"trainer-{uuid4().hex[:8]}")
    cohort = cohort_make(trainer=trainer, name="Oslo, Monday", seats=_SEATS, preset="one-day", seed_soon=False)
    seats = [join(cohort, [f"Learner {number}"]) for number in range(_SEATS)]
    member = seats[0].membership
    make_ready(SandboxAccount.objects.get(cohort=cohort, seat=member.seat))
    return cohort, member.user


def _run(owner: Owner, flow: str, calls: int) -> Run:
    """A guest's run, whose credentials are used until it has so many calls."""
    run = services.run_open(
        owner=owner, access="guest", flow=flow, provider="guest", pool=pool_for(owner, "lab"), parameters={}
    )
    services.run_all(run=run)
    samples = [SAMPLES[key] for key in ("who-am-i", "list-bucket", "read-parameter")]
    for number in range(calls - len(run.recorded())):
        services.run_use(run=run, sample=samples[number % len(samples)])
    return run


def _refused(owner: Owner) -> Run:
    """A run of the basic flow, at a pool that does not allow it."""
    pool = pool_for(owner, "no-classic")
    run = services.run_open(owner=owner, access="guest", flow="basic", provider="guest", pool=pool, parameters={})
    return services.run_all(run=run)


# --- Copies -----------------------------------------------------------------------------------------------------------


def _copy_runs(sources: Sequence[Run], size: int, reader: User, every: int, others: Sequence[User]) -> None:
    """Each copy `n`, the newest 1, is of one of the sources; of calls it has as many."""
    base = max(source.pk for source in sources) + 1
    number = f"{base} + {size} - numbers.n"
    owned = _owned(reader, every, others)
    _insert(
        Run,
        {
            "id": number,
            "code": _text("copy-%s", "numbers.n"),
            **owned,
            "identity_id": _text("us-east-1:00000000-0000-4000-8000-%s", _hexadecimal("numbers.n", 12)),
            # Few sign in with one of the providers, and that was long ago.
            "provider": f"CASE WHEN numbers.n > {size - 30} THEN '{RARE}' WHEN numbers.n % 7 = 3 THEN 'google'"
            " ELSE source.provider END",
            "outcome": f"CASE WHEN numbers.n > {size - 30} THEN 'failed' ELSE source.outcome END",
            "created_at": _ago(f"numbers.n * {_SECONDS}"),
            "finished_at": _ago(f"numbers.n * {_SECONDS} - 1"),
        },
        size,
        _chosen(Run, "id", sources),
    )
    whole = {field.name: field for field in ApiCall._meta.concrete_fields if isinstance(field, models.JSONField)}
    of_text = dict.fromkeys(("request_body", "response_body"), "''")
    empty = of_text | {name: "'[]'" if field.default is list else "'{}'" for name, field in whole.items()}
    kept = {
        name: f"CASE WHEN numbers.n <= {_WHOLE} THEN source.{name} ELSE {value}{_as_json(name in whole)} END"
        for name, value in empty.items()
    }
    _insert(
        ApiCall,
        {
            **kept,
            "run": number,
            "request_id": _text("copy-%s", "numbers.n"),
            "started_at": _ago(f"numbers.n * {_SECONDS}"),
        },
        size,
        _chosen(ApiCall, "run_id", sources),
    )


def _copy_sign_ins(size: int, reader: User, every: int, others: Sequence[User]) -> None:
    now = timezone.now()
    source = SignIn.objects.create(
        user=reader, provider="google", outcome=SignIn.Outcome.SUCCEEDED, subject="google-ada", issuer="https://idp",
        address="127.0.0.1", user_agent="Browser", expires_at=now, finished_at=now,
        checks=[{"check": "issuer", "expected": "https://idp", "actual": "https://idp", "verdict": "passed"}] * 6,
    )  # fmt: skip
    count = size // _SIGN_INS
    _insert(
        SignIn,
        {
            "id": None,
            "code": _text("copy-%s", "numbers.n"),
            **_owned(reader, every, others),
            "run_code": _text("copy-%s", f"(numbers.n * {_SIGN_INS})"),
            "provider": f"CASE WHEN numbers.n > {count - 30} THEN '{RARE}' ELSE source.provider END",
            "outcome": f"CASE WHEN numbers.n > {count - 30} THEN 'declined' WHEN numbers.n % 5 = 1 THEN 'refused'"
            " ELSE source.outcome END",
            "created_at": _ago(f"numbers.n * {_SECONDS * _SIGN_INS}"),
            "finished_at": _ago(f"numbers.n * {_SECONDS * _SIGN_INS} - 1"),
        },
        count,
        _chosen(SignIn, "id", [source]),
    )


def _owned(reader: User, every: int, others: Sequence[User]) -> dict[str, str]:
    first = min(other.pk for other in others)
    if every == 1:
        return {"user": str(reader.pk), "visitor": "NULL"}
    is_readers, has_account = f"numbers.n % {every} = 1", "(numbers.n / 3) % 2 = 0"
    number = f"numbers.n % {len(others)}"
    return {
        "user": f"CASE WHEN {is_readers} THEN {reader.pk} WHEN {has_account} THEN {first} + {number} END",
        "visitor": f"CASE WHEN {is_readers} OR {has_account} THEN NULL ELSE {_visitor(number)} END",
    }


def _chosen(model: type[models.Model], key: str, sources: Sequence[models.Model]) -> tuple[str, int]:
    """The rows to copy, with their places; and how many places there are."""
    places = " ".join(f"WHEN {source.pk} THEN {place}" for place, source in enumerate(sources))
    keys = ", ".join(str(source.pk) for source in sources)
    chosen = f"SELECT *, CASE {key} {places} END AS place FROM {model._meta.db_table} WHERE {key} IN ({keys})"
    return chosen, len(sources)


def _insert(model: type[models.Model], given: dict[str, str | None], size: int, chosen: tuple[str, int]) -> None:
    """Write copies. `given`: SQL for the fields that are not as in the source; None for what the database gives."""
    fields: dict[str, Any] = {field.name: field for field in model._meta.concrete_fields}
    if given.get("id", "") is None or "id" not in given:
        fields.pop("id")
    columns = ", ".join(f'"{field.column}"' for field in fields.values())
    values = ", ".join(given.get(name) or f'source."{field.column}"' for name, field in fields.items())
    rows, places = chosen
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {size}) "
            f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {values} FROM numbers "
            f"JOIN ({rows}) source ON source.place = numbers.n % {places}"
        )


# --- What the databases write differently -----------------------------------------------------------------------------


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _text(form: str, number: str) -> str:
    before, after = form.split("%s")
    return f"'{before}' || {number} || '{after}'"


def _hexadecimal(number: str, digits: int) -> str:
    if _is_postgresql():
        return f"lpad(to_hex(({number})::bigint), {digits}, '0')"
    return f"printf('%0{digits}x', {number})"


def _visitor(number: str) -> str:
    return f"({_hexadecimal(number, 32)}){'::uuid' if _is_postgresql() else ''}"


def _ago(seconds: str) -> str:
    if _is_postgresql():
        return f"now() - make_interval(secs => {seconds})"
    return f"strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || ({seconds}) || ' seconds')"


def _as_json(is_json: bool) -> str:
    return "::jsonb" if is_json and _is_postgresql() else ""


def _go_on_counting() -> None:
    """Have new rows get numbers after those of the copies."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Run, ApiCall, SignIn]):
            cursor.execute(statement)


def _settle() -> None:
    """As autovacuum leaves a table that has had its rows for a while."""
    if _is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
