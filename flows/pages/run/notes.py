"""Notes of trainers and reviewers on a run."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.http import Request
from accounts.models import User
from flows import services
from flows.models import Run
from flows.pages.run.lookup import not_done, readable_run, sent_by_post


@sent_by_post()
def note_write(request: Request, code: str) -> HttpResponse:
    """Write a note: `text` and, where it is about a call, its position as `call`."""
    run, author = _annotated(request, code)
    given = request.POST.get("call", "")
    call = int(given) if given.isascii() and given.isdigit() and len(given) < 5 else None
    try:
        services.note_write(run=run, author=author, text=request.POST.get("text", ""), call=call)
    except services.RunError as error:
        return not_done(request, error, _place(run, call))
    messages.success(request, "Your note is on the run. The person whose run it is can read it.")
    return redirect(_place(run, call))


@sent_by_post()
def note_delete(request: Request, code: str, number: int) -> HttpResponse:
    """Take back a note of one's own."""
    run, author = _annotated(request, code)
    if not services.note_delete(run=run, author=author, number=number):
        raise Http404("There is no such note of yours.")
    messages.success(request, "The note is deleted.")
    return redirect(run)


def _annotated(request: Request, code: str) -> tuple[Run, User]:
    """A run that this person may write notes on. Raises Http404 where they may not."""
    run, reader = readable_run(request, code)
    if reader is None or not reader.notes or not isinstance(request.user, User):
        raise Http404("There is no such run for your notes.")
    return run, request.user


def _place(run: Run, call: int | None) -> str:
    """Where the note stands: beside its call, or with the overview."""
    if call is None:
        return run.get_absolute_url()
    return f"{reverse('flows:run_view', args=[run.code, 'calls'])}?call={call}#call-{call}"
