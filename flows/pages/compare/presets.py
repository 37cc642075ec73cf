"""What a run is usually compared with, found among its owner's runs, and a list to choose from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from accounts.owners import Owner
from flows.exchange.steps import FLOWS
from flows.models import Origin, Outcome, Run
from flows.pages.history.row import HistoryRow
from flows.pages.run.run_view import run_title

_NEAR = 100  # runs before, and as many after, among which one is looked for
_OFFERED = 25
_NEEDED = ("code", "mode", "account_id", "pool_id", "access", "provider", "flow", "parameters", "origin", "created_at")
_NOT_OVER = (Outcome.OPEN, Outcome.RUNNING)  # a run that has come to nothing yet says nothing about another


@dataclass(frozen=True, slots=True)
class ComparisonPreset:
    """`href`: the comparison; where there is no such run yet, the way to make one, or empty where there is none."""

    title: str
    text: str
    href: str
    found: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """A run to choose. `label`: as a list names it."""

    run: Run
    label: str


def compare_url(a: Run, b: Run) -> str:
    """The address of a comparison."""
    return f"{reverse('flows:compare')}?{urlencode({'a': a.code, 'b': b.code})}"


def offered(owner: Owner) -> list[Offered]:
    """The person's newest runs."""
    runs = Run.objects.owned_by(owner).by_people().order_by("-created_at", "-pk")[:_OFFERED]
    return [Offered(run, _label(run)) for run in runs]


def presets(run: Run) -> list[ComparisonPreset]:
    """What this run is usually compared with. Of a run that is no exchange, nothing."""
    flow = FLOWS.get(run.flow)
    if flow is None:
        return []
    other = "basic" if flow.variant == "enhanced" else "enhanced"
    others = _near(run)
    found = [
        _preset(
            run,
            _first(others, lambda one: _same_choices(run, one) and one.pk < run.pk),
            "With the run before it",
            "the same choices, made earlier",
            "",
        ),
        _preset(
            run,
            _first(others, lambda one: _same_place(run, one) and _same_person(run, one) and _variant(one) == other),
            "Enhanced against basic",
            f"the same by the {other} flow",
            _demo(run, flow=other),
        ),
        _preset(
            run,
            _first(
                others,
                lambda one: (
                    _same_place(run, one)
                    and _variant(one) == flow.variant
                    and (one.access == "guest") != (run.access == "guest")
                ),
            ),
            "Guest against signed in",
            "the same flow as a guest" if run.access != "guest" else "the same flow by somebody who signed in",
            _demo(run, access="authenticated" if run.access == "guest" else "guest"),
        ),
    ]
    if run.origin != Origin.SOLUTION:
        solution = _first(
            others, lambda one: one.origin == Origin.SOLUTION and _same_place(run, one) and one.flow in FLOWS
        )
        if solution:
            found.append(_preset(run, solution, "Mine against the solution", "the exercise, as it was solved", ""))
    return [preset for preset in found if preset.href]


def _preset(run: Run, other: Run | None, title: str, text: str, make: str) -> ComparisonPreset:
    """The earlier run is A."""
    if other is None:
        return ComparisonPreset(title, f"{text}: there is none yet. Make one", make, False)
    first, second = (other, run) if other.pk < run.pk else (run, other)
    return ComparisonPreset(title, f"{text}: run {other.short_code}", compare_url(first, second), True)


def _near(run: Run) -> list[Run]:
    """Its owner's runs around it that are over, the nearest first. Two queries, each by an index."""
    runs = Run.objects.owned_by(run.owner).by_people().exclude(pk=run.pk).exclude(outcome__in=_NOT_OVER).only(*_NEEDED)
    before = runs.filter(created_at__lte=run.created_at).order_by("-created_at", "-pk")[:_NEAR]
    after = runs.filter(created_at__gt=run.created_at).order_by("created_at", "pk")[:_NEAR]
    return [*before, *after]


def _first(runs: Sequence[Run], fits: Callable[[Run], bool]) -> Run | None:
    return next((run for run in runs if fits(run)), None)


def _same_choices(run: Run, other: Run) -> bool:
    return (
        _same_place(run, other)
        and (run.access, run.provider, run.flow) == (other.access, other.provider, other.flow)
        and run.parameters == other.parameters
    )


def _same_place(run: Run, other: Run) -> bool:
    return (run.mode, run.account_id, run.pool_id) == (other.mode, other.account_id, other.pool_id)


def _same_person(run: Run, other: Run) -> bool:
    return (run.access, run.provider) == (other.access, other.provider)


def _variant(run: Run) -> str:
    flow = FLOWS.get(run.flow)
    return flow.variant if flow and not flow.key.endswith("link") else ""


def _demo(run: Run, **changed: str) -> str:
    """The demo with the choices of the run but for what is changed."""
    flow = FLOWS[run.flow]
    chosen = {"access": run.access, "flow": flow.variant, "pool": run.pool_key, **changed}
    return f"{reverse('flows:demo')}?{urlencode(chosen)}"


def _label(run: Run) -> str:
    row = HistoryRow(run)
    return f"{run.short_code} · {run.created_at:%Y-%m-%d %H:%M} · {run_title(run)} · {row.outcome}"
