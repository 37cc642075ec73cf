"""A sign-in used again: for a run with the other flow, or to link its login to another identity."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.http import Request
from flows import services
from flows.exchange.pools import UnknownPool, pool_for
from flows.exchange.steps import Flow, flow_for
from flows.models import Run
from flows.pages.run.lookup import not_done, own_run, sent_by_post
from flows.pages.run.parameters import PACE_STEP, ParametersForm
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact
from web.ratelimit import limit_anonymous_runs


@dataclass(frozen=True, slots=True)
class Reuse:
    """What else the sign-in of a run can be used for while it is fresh."""

    artifact: Artifact
    other_variant: str
    variant: str
    linkable: list[Run]


def reuse_of(run: Run, flow: Flow | None) -> Reuse | None:
    """None where there is nothing to use again: no sign-in, an expired one, or one that is spent with its use."""
    if run.access == "guest" or not run.is_over or flow is None:
        return None
    artifact = services.run_artifact(run=run)
    if artifact is None:
        return None
    other = "basic" if flow.variant == "enhanced" else "enhanced"
    return Reuse(artifact, other, flow.variant, services.runs_linkable(run=run))


@sent_by_post()
@limit_anonymous_runs
def run_again(request: Request, code: str) -> HttpResponse:
    """A new run with the sign-in of this one."""
    source = own_run(request, code)
    try:
        run = services.run_again(
            source=source,
            variant=request.POST.get("flow", ""),
            pool=pool_for(request.owner, request.POST.get("pool") or source.pool_key),
            parameters=_parameters(request, source),
        )
        return _make_its_calls(request, run)
    except (services.RunError, UnknownPool) as error:
        return not_done(request, error, source)


def _parameters(request: Request, source: Run) -> dict[str, str]:
    """Values that were set for the calls, as the demo's form sends them. Raises ChoiceRefused for one without end."""
    try:
        flow = flow_for(request.POST.get("flow", ""), PROVIDERS[source.provider].kind)
    except KeyError:
        return {}  # there is no such flow: the service says so
    form = ParametersForm(request.POST, flow.editable)
    if not form.is_valid():
        raise services.ChoiceRefused("A value is too long.")
    return form.parameters


@sent_by_post()
@limit_anonymous_runs
def run_link(request: Request, code: str) -> HttpResponse:
    """A new run that links this one's login to the identity of another."""
    source = own_run(request, code)
    target = own_run(request, request.POST.get("to", ""))
    try:
        run = services.run_link(source=source, target=target, pool=pool_for(request.owner, source.pool_key))
        return _make_its_calls(request, run)
    except (services.RunError, UnknownPool) as error:
        return not_done(request, error, source)


def _make_its_calls(request: Request, run: Run) -> HttpResponse:
    """Make the new run's calls, or stop before the first."""
    if request.POST.get("pace") == PACE_STEP:
        return redirect("flows:run_view", run.code, "calls")
    services.run_all(run=run)
    return redirect(run)
