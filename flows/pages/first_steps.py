"""What to try first, and what of it a visitor has done: the list on the front page."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from accounts.owners import Owner
from flows.models import ApiCall, Outcome, Run

_LATEST = 200  # runs that are looked at


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One thing to try: where it begins, and whether a run of the visitor's shows that it was done."""

    title: str
    text: str
    url: str
    done: bool


def first_steps(owner: Owner, last: Run | None) -> list[FirstStep]:
    """In the order in which they explain one another. `last` is the visitor's newest run, if there is one."""
    # The newest will do, and the page takes as long for somebody with a hundred thousand runs.
    latest = Run.objects.owned_by(owner)[:_LATEST]
    made = set(latest.values_list("access", "flow", "outcome")) if last else set()
    succeeded = {(access, flow) for access, flow, outcome in made if outcome == Outcome.SUCCEEDED}
    demo = reverse("flows:demo")
    steps = [
        FirstStep(
            "Be a guest",
            "Two calls, no sign-in: the enhanced flow.",
            f"{demo}?access=guest&flow=enhanced",
            ("guest", "enhanced") in succeeded,
        ),
        FirstStep(
            "Choose the role yourself",
            "Three calls, and a token to look into: the basic flow.",
            f"{demo}?access=guest&flow=basic",
            any("basic" in flow for _, flow in succeeded),
        ),
        FirstStep(
            "Sign in as somebody",
            "A provider’s proof becomes an identity that stays the same.",
            f"{demo}?access=authenticated",
            any(access == "authenticated" for access, _ in succeeded),
        ),
        FirstStep(
            "Use what you got",
            "Read from S3 with the credentials, and meet the role’s limits.",
            _use_url(last) or f"{demo}?access=guest",
            bool(made) and ApiCall.objects.filter(kind=ApiCall.Kind.USE, run__in=latest.values("pk")).exists(),
        ),
    ]
    if settings.APP_MODE == "sandbox":
        steps.append(
            FirstStep(
                "Be refused",
                "Ask a pool that takes no guests, and read why it says no.",
                f"{demo}?access=guest&pool=no-guests",
                any(outcome == Outcome.REFUSED for _, _, outcome in made),
            )
        )
    return steps


def _use_url(last: Run | None) -> str:
    """Where the newest run's credentials can be used; empty where it has none."""
    return reverse("flows:run_view", args=[last.code, "use"]) if last and last.outcome == Outcome.SUCCEEDED else ""
