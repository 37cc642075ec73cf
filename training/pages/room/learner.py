"""What a learner is told and asks: the broadcast, what is new, and for help."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from flows.models import Run
from flows.pages.run.sharing import shared_page
from training.models import Attempt, Broadcast, Membership
from training.pages.joining import IN_CLASS
from training.pages.room.lookup import acting, number_in, own_seat
from training.services import room
from training.services.errors import Refused
from training.services.news import news_of, nothing_is_new


@require_POST
def help_ask(request: Request, public_id: str) -> HttpResponse:
    """Ask for help, or take that back (`withdraw`). `attempt` and `run` (its code) say what it is about."""
    seat = own_seat(request, public_id)
    if "withdraw" in request.POST:
        if room.help_withdraw(membership=seat):
            messages.success(request, "Your request for help is taken back.")
        return _back(request, seat)
    attempt = run = None
    if request.POST.get("attempt"):
        attempt = Attempt.objects.filter(membership=seat, pk=number_in(request.POST["attempt"])).first()
    if request.POST.get("run"):
        run = Run.objects.owned_by(request.owner).filter(code=request.POST["run"]).first()
    try:
        room.help_ask(membership=seat, text=request.POST.get("text", ""), attempt=attempt, run=run)
    except Refused as refused:
        messages.error(request, str(refused))
        return _back(request, seat)
    messages.success(request, "A trainer will come. You can go on in the meantime.")
    return _back(request, seat)


@never_cache
@require_safe
def news(request: Request, public_id: str) -> HttpResponse:
    """What is new for a learner since `since`, or 204: asked every 15 seconds, by everybody."""
    since = request.GET.get("since", "")
    try:
        if nothing_is_new(acting(request), public_id, since):
            return HttpResponse(status=204)
        seat = own_seat(request, public_id)
    except Http404:
        # Who has left a class is told nothing any more: the place for it goes away with this answer.
        request.session.pop(IN_CLASS, None)
        if request.htmx:
            return HttpResponse()
        raise
    found = news_of(seat)
    context = {"news": found, "cohort": seat.cohort, "area": "class"}
    if since.rpartition(".")[2] == found.mark:
        if not request.htmx:
            return HttpResponse(status=204)
        # The same words, and what is asked with the next time: nothing is read out again, no focus is lost.
        answer = render(request, "training/_news_since.html", context | {"oob": True})
        answer["HX-Reswap"] = "none"
        return answer
    template = "training/_news.html" if request.htmx else "training/news.html"
    return render(request, template, context)


@never_cache
@require_safe
def said_run(request: Request, public_id: str, number: int) -> HttpResponse:
    """The run to which a broadcast points, for members of the class and as long as its owner shares it."""
    mine = Membership.objects.filter(user=acting(request), cohort__public_id=public_id)
    said = (
        Broadcast.objects.filter(Q(cohort__in=mine.values("cohort")), pk=number)
        .select_related("share__run", "cohort")
        .first()
    )
    if said is None or said.share is None or said.withdrawn_at is not None:
        raise Http404("There is no such run, or it is not shared any more.")
    back = reverse("training:cohort", args=[public_id])
    return shared_page(request, said.share.run, back_url=back, shared_as=f"shared with {said.cohort.name}")


def _back(request: Request, seat: Membership) -> HttpResponse:
    """To the page of ours that the form was on."""
    page = request.POST.get("next", "")
    known = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    home = reverse("training:cohort", args=[seat.cohort.public_id])
    return redirect(page if known and page.startswith("/") else home)
