"""The address `/runs/`: a form sent there makes a run, anything else reads the history."""

from django.http import HttpResponse

from accounts.http import Request
from flows.pages.demo.views import run_create
from flows.pages.history.views import run_list


def runs(request: Request) -> HttpResponse:
    """A POST makes a run."""
    return run_create(request) if request.method == "POST" else run_list(request)
