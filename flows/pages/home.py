"""The front page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.models import Run
from flows.pages.first_steps import first_steps
from flows.pages.run.run_view import RunView


@require_safe
def home(request: Request) -> HttpResponse:
    """What an identity pool is, what to try first, and the way on to the visitor's last run when there is one."""
    last = Run.objects.owned_by(request.owner).first()
    context = {"last_run": RunView(last) if last else None, "first_steps": first_steps(request.owner, last)}
    return render(request, "flows/home.html", context)
