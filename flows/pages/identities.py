"""The identities that a person's runs have met, in order, and why each is another one than the last."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.models import ApiCall, Outcome, Run
from flows.pages.history.row import HistoryRow
from flows.pages.identity_lanes import NARROW, WIDE, Lanes, Life, Mark, Visit, drawn_lanes
from providers.registry import in_a_sentence

_MOST_RUNS = 100  # the newest
END = 12  # hexadecimal digits of an identity ID
_WITH_IDENTITY = ("GetCredentialsForIdentity", "GetOpenIdToken", "GetOpenIdTokenForDeveloperIdentity")
_TAKING_AWAY = ("UnlinkIdentity", "UnlinkDeveloperIdentity")


@dataclass
class MetIdentity:
    """One identity.

    Attributes:
        why: why it was this one when it was first met, in a sentence.
        logins: as whom somebody came to it, or to one that was merged into it, by provider.
        merged_into: the identity that it went into, which it cannot be used after.
        merged_by: the run that saw it.
        unlinked: names of providers whose logins were taken away from it.
    """

    identity_id: str
    why: str
    first: Run
    runs: list[Run] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    merged_into: str = ""
    merged_by: Run | None = None
    unlinked: list[str] = field(default_factory=list)
    taken_by: set[int] = field(default_factory=set)  # keys of the runs that took a login away

    @property
    def last(self) -> Run:
        return self.runs[-1]

    @property
    def pool(self) -> str:
        return HistoryRow(self.first).pool

    @property
    def end(self) -> str:
        """Of its ID, as much as tells it from others."""
        return self.identity_id[-END:]

    @property
    def anchor(self) -> str:
        """Of its row."""
        return f"i-{self.identity_id.rpartition(':')[2]}"

    @property
    def merged_anchor(self) -> str:
        return f"i-{self.merged_into.rpartition(':')[2]}"


@never_cache
@require_safe
def identities(request: Request) -> HttpResponse:
    """All that the person's newest runs have met, the latest first."""
    newest = Run.objects.owned_by(request.owner).by_people().exclude(identity_id="").select_related("reuses", "links")
    runs = list(newest.order_by("-created_at", "-pk")[:_MOST_RUNS])
    asked = (*_WITH_IDENTITY, *_TAKING_AWAY)
    calls = ApiCall.objects.filter(run__in=[run.pk for run in runs], operation__in=asked, status=200)
    calls = calls.only("run_id", "position", "kind", "operation", "request_params", "response_params")
    met = met_by(list(reversed(runs)), calls.order_by("run_id", "position"))
    context = {
        "area": "runs",
        "met": list(reversed(met)),
        "lanes": _drawings(_lives(met, runs)),
        "some_left_out": len(runs) == _MOST_RUNS,
        "most": _MOST_RUNS,
    }
    return render(request, "flows/identities.html", context)


def _drawings(lives: Sequence[Life]) -> list[Lanes]:
    """The wide and the narrow one; none where there is nothing to draw."""
    return [drawing for shape in (WIDE, NARROW) if (drawing := drawn_lanes(lives, shape))]


def met_by(runs: Sequence[Run], calls: Iterable[ApiCall]) -> list[MetIdentity]:
    """The identities of runs, the earliest first.

    Args:
        runs: those with an identity, the earliest first.
        calls: of these runs, answered, in order.
    """
    by_run: defaultdict[int, list[ApiCall]] = defaultdict(list)
    for call in calls:
        by_run[call.run_id].append(call)
    met: dict[str, MetIdentity] = {}
    for run in runs:
        merged = _merged(run, by_run[run.pk])
        gone = [one for one in met.values() if one.identity_id in merged]
        for old in gone:
            old.merged_into, old.merged_by = run.identity_id, run
        one = met.get(run.identity_id)
        if one is None:
            one = met[run.identity_id] = MetIdentity(run.identity_id, _why_new(run, list(met.values())), run)
        _add(one, run, by_run[run.pk])
        one.logins += [login for old in gone for login in old.logins if login not in one.logins]
    return list(met.values())


def _lives(met: Sequence[MetIdentity], runs: Sequence[Run]) -> list[Life]:
    """The same for the drawing. `runs`: all of them, the latest first."""
    places = {run.pk: place for place, run in enumerate(reversed(runs))}
    return [
        Life(
            name=one.end,
            came_as=", ".join(one.logins) or "guest",
            visits=tuple(_visit(one, run, places[run.pk]) for run in one.runs),
            merged_into=one.merged_into[-END:],
            merged_at=places[one.merged_by.pk] if one.merged_by else 0,
        )
        for one in met
    ]


def _visit(one: MetIdentity, run: Run, place: int) -> Visit:
    mark: Mark = "away" if run.pk in one.taken_by else "guest" if run.access == "guest" else "login"
    row = HistoryRow(run)
    words = "a login was taken away" if mark == "away" else row.what
    return Visit(place, run.short_code, mark, f"Run {run.short_code}: {words}, {row.outcome.lower()}")


def _add(one: MetIdentity, run: Run, calls: Sequence[ApiCall]) -> None:
    row = HistoryRow(run)
    one.runs.append(run)
    if row.provider and row.provider not in one.logins and not row.by_hand:
        one.logins.append(row.provider)
    if run.access_key_id and run.role not in ("", *one.roles):
        one.roles.append(run.role)
    for call in calls:
        if call.operation in _TAKING_AWAY:
            named = call.request_params.get("DeveloperProviderName", "")
            removed = call.request_params.get("LoginsToRemove") or [named]
            one.taken_by.add(run.pk)
            one.unlinked += [str(name) for name in removed if name not in one.unlinked]


def _merged(run: Run, calls: Iterable[ApiCall]) -> set[str]:
    """Identities in whose place the run was answered with its own: sent and answered otherwise, or linked by it."""
    pairs = [(call.request_params.get("IdentityId"), call.response_params.get("IdentityId")) for call in calls]
    found = {str(asked) for asked, answered in pairs if asked and answered and asked != answered}
    if run.flow.endswith("link") and run.outcome == Outcome.SUCCEEDED:
        found |= {other.identity_id for other in (run.reuses, run.links) if other is not None}
    return found - {run.identity_id, ""}


def _why_new(run: Run, before: Sequence[MetIdentity]) -> str:
    """Why it is a new one to this person. `before`: those that were met earlier."""
    here = [one for one in before if one.first.pool_id == run.pool_id]
    if run.access == "guest":
        again = any(one.first.access == "guest" for one in here)
        return (
            "A guest who brings no identity ID is a new one each time: GetId was asked without one."
            if again
            else "The first time as a guest of this pool."
        )
    merged = [one for one in here if one.merged_into == run.identity_id]
    if merged:
        return f"The pool answered with it instead of …{merged[-1].identity_id[-END:]}: the two were merged."
    row = HistoryRow(run)
    provider = in_a_sentence(run.provider) if row.provider else "this login"
    earlier = [one for one in here if _came(one, run)]
    if earlier:
        return (
            f"The same login at {provider} led to …{earlier[-1].identity_id[-END:]} before. That identity was deleted, "
            "or the login was taken away from it."
        )
    if any(one.first.access == "guest" for one in here):
        return (
            f"The first sign-in with {provider}. The guest’s identity ID was not sent along, "
            "so the login got one of its own."
        )
    return f"The first sign-in with {provider} at this pool: each login has an identity of its own."


def _came(one: MetIdentity, run: Run) -> bool:
    """Whether the same person came to that identity with the same provider."""
    return any((run.provider, run.subject) == (other.provider, other.subject) for other in one.runs)
