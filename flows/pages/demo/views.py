"""The interactive demo: choose, read what will happen, start."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows import services
from flows.exchange.pools import UnknownPool, chosen_pool, pools_for
from flows.models import Run
from flows.pages.demo.forms import RunForm, flow_of
from flows.pages.demo.providers import provider_groups
from flows.pages.demo.state import DemoState
from flows.pages.run.lookup import not_done
from flows.pages.run.parameters import LONGEST, PACE_STEP
from flows.pages.run.sign_in import to_sign_in
from lessons.flow_differences import FACTS
from lessons.guests import ACCESS, WARNING, WHAT_TO_DO
from providers.registry import PROVIDERS
from web.logs import note
from web.ratelimit import limit_anonymous_runs


@require_safe
def demo(request: Request) -> HttpResponse:
    """The demo as far as the address says. Nothing is sent and nothing is stored before a run begins."""
    state = DemoState.from_query(request.GET)
    pools = pools_for(request.owner)
    wanted = request.GET.get("pool", "")
    pool = next((pool.key for pool in pools if pool.key == wanted), pools[0].key if pools else "")
    # What a link from a shown request brings along: the values as they were sent.
    given = {field.name: request.GET.get(field.name, "")[:LONGEST] for field in state.flow.editable}
    guest = state.access == "guest"
    form = RunForm(None, flow=state.flow, pools=pools, guest=guest, initial={**given, "pool": pool})
    return render_demo(request, state, form)


def render_demo(request: Request, state: DemoState, form: RunForm, status: int = 200) -> HttpResponse:
    """The page, for the first time or with what was wrong with the form."""
    # A pool that was asked for goes along with every choice; the one that would be taken anyway need not.
    context: dict[str, Any] = {"area": "demo", "state": state, "form": form, "pool_key": _asked_for(request, form)}
    context["open_settings"] = bool(form.errors) or "change" in request.GET
    context["access_texts"] = ACCESS
    context["facts"] = FACTS[state.access][state.flow.variant]
    if state.access == "guest":
        context |= {"guest_warning": WARNING, "guest_advice": WHAT_TO_DO}
    if state.access == "authenticated":
        groups = list(provider_groups(request.owner, state.flow, form.account_id))
        context["provider_groups"] = groups
        context["all_configured"] = all(card.status.is_configured for group in groups for card in group.cards)
    return render(request, "flows/demo.html", context, status=status)


def _asked_for(request: Request, form: RunForm) -> str:
    wanted = str(form["pool"].value() or "")
    return wanted if wanted in (request.GET.get("pool"), request.POST.get("pool")) else ""


@limit_anonymous_runs
def run_create(request: Request) -> HttpResponse:
    """Open the chosen run, and make all of its calls unless it goes step by step.

    A button may name the other flow than its form: in the address that the form is sent to.
    """
    chosen_there = {"flow": request.GET["flow"]} if "flow" in request.GET else {}
    data = {**request.POST.dict(), **chosen_there}
    flow = flow_of(data)
    guest = data.get("access") == "guest"
    form = RunForm(data, flow=flow, pools=pools_for(request.owner), guest=guest)
    if form.is_valid():
        chosen = form.cleaned_data
        provider, step_by_step = PROVIDERS[chosen["provider"]], chosen["pace"] == PACE_STEP
        make = services.run_through if provider.access == "guest" and not step_by_step else services.run_open
        try:
            run = make(
                owner=request.owner,
                access=provider.access,
                flow=flow.key,
                provider=provider.key,
                pool=chosen_pool(form.pool_choices, chosen["pool"]),
                parameters=form.parameters,
            )
        except (services.ChoiceRefused, UnknownPool) as refused:
            form.add_error(None, str(refused))
        except services.RunError as error:
            return not_done(request, error, "flows:demo")
        else:
            return _started(request, run, step_by_step=step_by_step)
    return render_demo(request, DemoState.from_query(data), form, status=422)


def _started(request: Request, run: Run, *, step_by_step: bool) -> HttpResponse:
    note(request, run=run.pk)
    if run.access != "guest":
        return to_sign_in(run, step_by_step=step_by_step)
    return redirect("flows:run_view", run.code, "calls") if step_by_step else redirect(run)
