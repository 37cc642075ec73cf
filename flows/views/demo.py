"""The interactive demo: choose, read what will happen, start."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.forms import RunForm
from flows.pools import pools_for
from flows.presentation.demo import DemoState


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
    return render(request, "flows/demo.html", {"area": "demo", "state": state, "form": form}, status=status)
