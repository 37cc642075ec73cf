"""The interactive demo: choose, read what will happen, start."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.exchange.pools import pools_for
from flows.pages.demo.state import DemoState
from flows.pages.run.forms import RunForm
from flows.pages.run.sign_in import fresh_sign_ins, provider_groups


@require_safe
def demo(request: Request) -> HttpResponse:
    """The demo as far as the address says. Nothing is sent and nothing is stored before a run begins."""
    state = DemoState.from_query(request.GET)
    pools = pools_for(request.owner)
    wanted = request.GET.get("pool", "")
    pool = next((pool.key for pool in pools if pool.key == wanted), pools[0].key if pools else "")
    form = RunForm(None, flow=state.flow, pools=pools, initial={"pool": pool})
    return render_demo(request, state, form)


def render_demo(request: Request, state: DemoState, form: RunForm, status: int = 200) -> HttpResponse:
    """The page, for the first time or with what was wrong with the form."""
    context: dict[str, Any] = {"area": "demo", "state": state, "form": form}
    if state.access == "authenticated":
        groups = list(provider_groups(request.owner, state.flow))
        context["provider_groups"] = groups
        context["all_configured"] = all(card.status.is_configured for group in groups for card in group.cards)
        context["fresh_sign_ins"] = fresh_sign_ins(request.owner)
    return render(request, "flows/demo.html", context, status=status)
