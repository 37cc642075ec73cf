"""The sign-in of a run: begun, come back from, and shown as the first entry of the run's trace.

The forms that lead here are never sent by htmx: what follows is another site, which takes the whole browser.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows import services
from flows.models import Outcome, Run
from flows.pages.run.calls import CallView
from flows.pages.run.lookup import not_done, own_run, sent_by_post
from flows.pages.run.parameters import PACE_STEP
from flows.pages.run.tokens import TokenView
from providers.registry import PROVIDERS, in_a_sentence
from providers.services import SignInOutcome, sign_in_outcome
from providers.sign_in.artifacts import Artifact, artifact_for
from providers.sign_in.provider import Provider
from redaction.tokens import ARTIFACTS, MASKED
from web.ratelimit import limit_anonymous_runs

_STATE_LABELS: Mapping[str, str] = {
    "declined": "Declined",
    "refused": "Refused",
    "failed": "Failed",
    "under_way": "Not finished",
    "abandoned": "Abandoned",
    "succeeded": "Signed in",
}
_SENT_ANYWAY = "Refused here, sent anyway"


@dataclass(frozen=True)
class RunSignIn:
    """The sign-in of a run. `calls` are those of the run's trace that belong to it."""

    run: Run
    calls: Sequence[CallView]

    @property
    def provider(self) -> Provider | None:
        return PROVIDERS.get(self.run.provider)

    @property
    def label(self) -> str:
        return self.provider.label if self.provider else self.run.provider

    @property
    def provider_in_a_sentence(self) -> str:
        return in_a_sentence(self.run.provider)

    @property
    def tokens(self) -> list[TokenView]:
        """The artifact first, then whatever else was exchanged on the way to it."""
        kind = ARTIFACTS.get(self.provider.artifact_kind, "") if self.provider else ""
        found = [token for call in self.calls for token in call.tokens]
        return sorted(found, key=lambda token: token.kind != kind)

    @property
    def username(self) -> str:
        """What a user pool calls the person whom its `sub` names, where the trace keeps that; else empty."""
        said = (claim.value for token in self.tokens for claim in token.claims if claim.name == "cognito:username")
        return next((name for name in said if name not in (MASKED, self.run.subject)), "")

    @property
    def is_developer(self) -> bool:
        return self.provider is not None and self.provider.kind == "developer"

    @cached_property
    def outcome(self) -> SignInOutcome | None:
        """How it ended, from the history of sign-ins; None when that is gone, or the sign-in was another run's."""
        return sign_in_outcome(owner=self.run.owner, run_code=self.run.code)

    @cached_property
    def artifact(self) -> Artifact | None:
        return artifact_for(owner=self.run.owner, run_code=self.run.code)

    @property
    def succeeded(self) -> bool:
        return bool(self.run.subject)

    @property
    def failed(self) -> bool:
        """The sign-in has ended the run, with no call to AWS."""
        return (
            self.run.is_over
            and not self.succeeded
            and not self.sent_anyway
            and self.outcome is not None
            and not self._ended_with_run
        )

    @property
    def sent_anyway(self) -> bool:
        """Our server refused what came, and the identity pool was asked about it all the same."""
        return bool(self.run.refused_here)

    @property
    def refusal(self) -> str:
        """The code with which the sign-in was refused; empty where it was not."""
        return self.run.error_code if self.failed else str(self.run.refused_here.get("code", ""))

    @cached_property
    def can_be_sent_anyway(self) -> bool:
        return services.can_be_sent_anyway(run=self.run)

    @property
    def _ended_with_run(self) -> bool:
        """Somebody cancelled on the run's page: the run has ended the sign-in."""
        return self.run.outcome == Outcome.CANCELLED and not self.run.error_code

    @property
    def state_label(self) -> str:
        """How far the sign-in got, in a word or two."""
        if self.run.reuses_id and not self.calls:
            return "Used again"
        if self.succeeded:
            return _STATE_LABELS["succeeded"]
        if self.sent_anyway:
            return _SENT_ANYWAY
        if self._ended_with_run and self.outcome:
            return _STATE_LABELS["under_way"]
        return _STATE_LABELS.get(self.outcome.outcome, "") if self.outcome else "Not started"

    @property
    def checks_words(self) -> str:
        """`8 passed, 1 failed`"""
        verdicts = [check["verdict"] for check in self.outcome.checks] if self.outcome else []
        counted = [(verdicts.count("pass"), "passed"), (len(verdicts) - verdicts.count("pass"), "failed")]
        return ", ".join(f"{number} {word}" for number, word in counted if number)

    @property
    def tone(self) -> str:
        return "is-ok" if self.succeeded else "is-no" if self.run.is_over or self.sent_anyway else "is-open"

    @property
    def is_awaited(self) -> bool:
        """The run stands still until somebody signs in."""
        waits = self.run.outcome == Outcome.OPEN and not self.run.position and not self.sent_anyway
        return waits and self.artifact is None

    @property
    def is_abandoned(self) -> bool:
        """The last attempt was left until its time was over; another one can be begun."""
        return self.outcome is not None and self.outcome.outcome == "abandoned"

    @property
    def is_back(self) -> bool:
        """Somebody has signed in, and the run has not taken notice yet."""
        waits = self.run.outcome == Outcome.OPEN and not self.succeeded and not self.sent_anyway
        return waits and self.artifact is not None


def to_sign_in(run: Run, *, step_by_step: bool) -> HttpResponse:
    """Send the browser on its way to the provider. How to go on afterwards is in the path back."""
    back = reverse("flows:run_signed_in", args=[run.code])
    return HttpResponseRedirect(
        services.run_sign_in(run=run, return_path=f"{back}?pace={PACE_STEP}" if step_by_step else back)
    )


@sent_by_post()
@limit_anonymous_runs
def run_sign_in(request: Request, code: str) -> HttpResponse:
    """Begin the sign-in of an open run once more: the earlier one was left, or has run out."""
    run = own_run(request, code)
    try:
        return to_sign_in(run, step_by_step=request.POST.get("pace") == PACE_STEP)
    except services.RunError as error:
        return not_done(request, error, run)


@sent_by_post()
@limit_anonymous_runs
def run_send_anyway(request: Request, code: str) -> HttpResponse:
    """Send the identity pool what our server refused at this run's sign-in."""
    run = own_run(request, code)
    try:
        return redirect(services.run_send_anyway(run=run))
    except services.RunError as error:
        return not_done(request, error, run)


@never_cache
@require_safe
def run_signed_in(request: Request, code: str) -> HttpResponse:
    """Back from the provider: go on with the exchange, or show why there is none."""
    run = own_run(request, code)
    try:
        if services.run_signed_in(run=run):
            if request.GET.get("pace") == PACE_STEP:
                return redirect("flows:run_view", run.code, "calls")
            services.run_all(run=run)
    except services.RunOver:
        pass  # somebody came back here by the browser's Back
    except services.RunError as error:
        return not_done(request, error, run)
    return redirect(run)
