"""How often somebody may do something: fixed windows of one minute, counted in the database.

The database is the one place that all processes and machines of an installation share. The default cache is the memory
of one process, so that four processes would allow four times as much, and a cache may evict a counter. One statement
counts a hit against all of its limits and reads the results, so parallel requests cannot pass together. A window is
fixed: across its border at most twice the limit passes within sixty seconds.

The minute is that of the database's clock, one for all machines: of PostgreSQL's own, and of this machine's with
SQLite. What was counted in a minute that is still to come was counted by a clock that has been set right since, and
counts no more: nobody waits for an hour because a clock was an hour ahead.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from ipaddress import IPv6Address, ip_network
from typing import Concatenate, ParamSpec, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from web.errors import too_many
from web.prepared import cursor_of_plans
from web.proxies import address
from web.rate_counter import RateCounter

WINDOW_SECONDS = 60
P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `per_minute` times for `subject` (an address, a visitor, a name) within `scope` (what is being done)."""

    scope: str
    subject: str
    per_minute: int

    @property
    def key(self) -> str:
        text = f"{self.scope}\n{self.subject}"
        return salted_hmac("cognitodemo.ratelimit", text, algorithm="sha256").hexdigest()[:32]


def hit(*limits: Limit) -> int:
    """Count one event against each limit. Returns 0 when it is allowed, else the seconds until the next window."""
    allowed = {limit.key: limit.per_minute for limit in limits}
    hits, now = _count(sorted(allowed))
    if 1 in hits.values():
        minute = int(now // WINDOW_SECONDS)
        RateCounter.objects.filter(Q(minute__lt=minute - 1) | Q(minute__gt=minute + 1)).delete()
    if all(hits[key] <= most for key, most in allowed.items()):
        return 0
    return _seconds_left(now)


def spent(*limits: Limit) -> int:
    """The seconds until the next window where one of the limits is reached already, else 0; counts nothing.

    For what is counted only when it fails, by `hit`, and must cost those who do it right no more than a look: of
    requests that are answered at the same moment each may be one too many.
    """
    if not limits:
        return 0  # PostgreSQL takes no empty list
    allowed = {limit.key: limit.per_minute for limit in limits}
    now, keys = _now(), ", ".join(["%s"] * len(allowed))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT subject, hits, {now} FROM cognitodemo_ratecounter WHERE subject IN ({keys})"  # noqa: S608
            f" AND minute BETWEEN {_minute_of(now)} AND {_minute_of(now)} + 1",
            list(allowed),
        )
        reached = [float(moment) for key, hits, moment in cursor.fetchall() if hits >= allowed[key]]
    return _seconds_left(reached[0]) if reached else 0


def give_back(*limits: Limit) -> None:
    """Uncount one event: a sign-in that succeeded is no guess, and a class behind one address signs in together."""
    keys = ", ".join(["%s"] * len(limits))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE cognitodemo_ratecounter SET hits = hits - 1 WHERE hits > 0 AND subject IN ({keys})",  # noqa: S608
            [limit.key for limit in limits],
        )


def address_of(request: HttpRequest) -> str:
    """The network address to count by. Where proxies are trusted, web.proxies has put the client's in place.

    An IPv6 network of 64 bits counts as one address, since one household or host has the whole of it (RFC 6177).
    """
    return counted(str(request.META.get("REMOTE_ADDR", "")))


def counted(text: str) -> str:
    """As `address_of`, of an address as text."""
    found = address(text)
    if found is None:
        return "unknown"
    return str(ip_network((found, 64), strict=False) if isinstance(found, IPv6Address) else found)


def limit_anonymous_runs(
    view: Callable[Concatenate[R, P], HttpResponse],
) -> Callable[Concatenate[R, P], HttpResponse]:
    """Decorator of views whose POST makes calls: people without an account are counted by browser and by address.

    A browser that drops its cookie is a new visitor; the address's limit, which a whole class shares, still holds it.
    """

    @wraps(view)
    def limited(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            visitor = request.owner.visitor  # type: ignore[attr-defined]
            wait = hit(
                Limit("run of a visitor", str(visitor), settings.RUNS_PER_MINUTE),
                Limit("run of an address", address_of(request), settings.RUNS_PER_MINUTE_PER_ADDRESS),
            )
            if wait:
                return too_many(request, wait, "runs")
        return view(request, *args, **kwargs)

    return limited


def limit_pages(
    view: Callable[Concatenate[R, P], HttpResponse],
) -> Callable[Concatenate[R, P], HttpResponse]:
    """Decorator of views that ask AWS, or the sandbox, to be shown at all: people without an account are counted by
    address, as often as their class may begin runs there."""

    @wraps(view)
    def limited(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            limit = Limit("page of an address", address_of(request), settings.RUNS_PER_MINUTE_PER_ADDRESS)
            if wait := hit(limit):
                return too_many(request, wait, "pages")
        return view(request, *args, **kwargs)

    return limited


def _count(keys: Iterable[str]) -> tuple[dict[str, int], float]:
    """One more hit for each key; its hits in this minute, and the time by the clock that counts.

    A statement that began before another one and comes after it counts into that one's minute.
    """
    keys, now = list(keys), _now()
    values = ", ".join([f"(%s, {_minute_of(now)}, 1)"] * len(keys))
    counts = "kept.minute BETWEEN excluded.minute AND excluded.minute + 1"
    with cursor_of_plans(connection) as cursor:
        cursor.execute(
            "INSERT INTO cognitodemo_ratecounter AS kept (subject, minute, hits)"  # noqa: S608
            f" VALUES {values} ON CONFLICT (subject) DO UPDATE SET"
            f" hits = CASE WHEN {counts} THEN kept.hits + 1 ELSE 1 END,"
            f" minute = CASE WHEN {counts} THEN kept.minute ELSE excluded.minute END"
            f" RETURNING subject, hits, {now}",
            keys,
        )
        rows = cursor.fetchall()
    return {str(subject): int(hits) for subject, hits, _ in rows}, float(rows[0][2])


def _now() -> str:
    """The time by the database's clock, in seconds since 1970, as an expression of SQL."""
    return "extract(epoch FROM clock_timestamp())" if connection.vendor == "postgresql" else f"{time.time():.3f}"


def _minute_of(now: str) -> str:
    """The minute of such an expression, as one of SQL: PostgreSQL's CAST alone rounds."""
    return f"CAST(floor({now} / {WINDOW_SECONDS}) AS bigint)"


def _seconds_left(now: float) -> int:
    """Until the next window."""
    return WINDOW_SECONDS - int(now % WINDOW_SECONDS)
