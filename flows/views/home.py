"""The front page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.models import Run
from flows.presentation.run import RunView


@require_safe
def home(request: Request) -> HttpResponse:
    """What an identity pool is, and the way on: to the visitor's last run when there is one."""
    last = Run.objects.owned_by(request.owner).first()
    return render(request, "flows/home.html", {"last_run": RunView(last) if last else None})
