"""Joining a class, and coming back to one's seat. Whoever has the code may: no e-mail, no password.

Codes come by POST. The one exception is the link to join, which the QR code on the projector carries.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.backends import ACCOUNTS
from accounts.http import Request
from training.models import Cohort, Membership, NameStyle, ReturnRequest, Role, SeatName
from training.models.cohorts import MOST_NAMES, NAME_LENGTH
from training.services import codes, joining, sandbox_accounts
from training.services.errors import Full, NameTaken, NoSuchCode, NotOpen, Refused
from web.errors import too_many
from web.ratelimit import Limit, address_of, hit, spent

WHO = "training_name"  # in the session: the key of the name, of those at a seat, that this browser came as
IN_CLASS = "training_class"  # in the session: the class whose news every page shows
_ALIKE_PER_MINUTE = 150  # wrong codes of one address with the same first two characters
_NO_RETURN_CODE = "This code is not valid. Compare it with what you noted; your trainer may have made a new one."
_NAMES_PER_MINUTE = 300  # of one address, that are in no class


class CodeForm(forms.Form):
    """One field for both kinds of codes: their lengths differ."""

    code = forms.CharField(
        max_length=40,
        label="Code",
        help_text="Upper or lower case, with or without the hyphen.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "mono code"}
        ),
        error_messages={"required": "Enter the code."},
    )


class NamesForm(forms.Form):
    """Who sits down. Up to three people share one seat."""

    name = forms.CharField(max_length=NAME_LENGTH, label="Your name", error_messages={"required": "Enter your name."})
    second = forms.CharField(max_length=NAME_LENGTH, required=False, label="Second person at this screen")
    third = forms.CharField(max_length=NAME_LENGTH, required=False, label="Third person at this screen")
    people = forms.TypedChoiceField(
        choices=[(number, str(number)) for number in range(1, MOST_NAMES + 1)],
        coerce=int,
        required=False,
        label="How many of you share this screen?",
    )

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if cohort.names == NameStyle.PSEUDONYM:
            for name in ("name", "second", "third"):
                del self.fields[name]
            return
        del self.fields["people"]
        self.fields["name"].widget.attrs["autocomplete"] = "nickname"
        if cohort.names == NameStyle.NICKNAME:
            self.fields["name"].help_text = "Any name by which others in the room know you."
        else:
            self.fields["name"].help_text = "As the people in the room know you: first and last name."

    def names(self) -> list[str]:
        return [self.cleaned_data.get(name, "") for name in ("name", "second", "third")]


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Request) -> HttpResponse:
    """Type a code: one to join leads to the class's own address, a personal one straight back to the seat."""
    return _code_page(request, "training/join.html")


def _code_page(request: Request, template: str, wrong_words: str = "") -> HttpResponse:
    """Where a code of either kind is typed.

    Args:
        wrong_words: what is said to somebody whose code is none; empty for what is said of any.
    """
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["code"]
        if wait := spent(*_limits(request, typed)):
            return too_many(request, wait, "codes")
        try:
            if len(codes.normalised(typed)) == codes.RETURN_LENGTH:
                return _enter(request, joining.seat_of_return_code(typed))
            cohort = joining.cohort_of_code(typed)
        except NoSuchCode as wrong:
            _count_wrong(request, typed)
            form.add_error("code", wrong_words or str(wrong))
        else:
            return redirect("training:join_class", codes.join_code(cohort))
    return render(request, template, {"form": form, "area": "class"}, status=400 if form.errors else 200)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: Request) -> HttpResponse:
    """The form for a personal code; a script fills it in from what stands behind `#` of the address."""
    return _code_page(request, "training/come_back.html", _NO_RETURN_CODE)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_class(request: Request, code: str) -> HttpResponse:
    """Say who one is, and be in."""
    if wait := spent(*_limits(request, code)):
        return too_many(request, wait, "codes")
    try:
        cohort = joining.cohort_of_code(code)
    except NoSuchCode as wrong:
        _count_wrong(request, code)
        form = CodeForm({"code": ""})
        form.errors["code"] = form.error_class([str(wrong)])
        return render(request, "training/join.html", {"form": form, "area": "class"}, status=404)
    if member := _member(request, cohort):
        joining.choose(member)
        return redirect(_home_of(member))
    if request.method == "POST":
        return _join(request, cohort)
    return _join_page(request, cohort, NamesForm(cohort=cohort))


@never_cache
@require_POST
def ask_to_return(request: Request, code: str) -> HttpResponse:
    """`I was here already`: have a trainer let this browser into the seat of that name."""
    # Who has a code may not read the roster with it, and who reads it keeps nobody from joining.
    names = Limit("wrong name from an address", address_of(request), _NAMES_PER_MINUTE)
    if wait := spent(names, *_limits(request, code)):
        return too_many(request, wait, "codes")
    try:
        cohort = joining.cohort_of_code(code)
        asked = joining.ask_to_return(cohort, request.POST.get("name", ""), request.owner.visitor)
    except NoSuchCode:
        _count_wrong(request, code)
        return redirect("training:join")
    except Refused as refused:
        hit(names)
        messages.error(request, str(refused))
        return redirect("training:join_class", code)
    return redirect("training:return_wait", asked.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def return_wait(request: Request, number: int) -> HttpResponse:
    """Where somebody waits until a trainer has let them in. The browser that asked is known by its visitor id."""
    asked = get_object_or_404(
        ReturnRequest.objects.select_related("seat_name__membership__cohort", "seat_name__membership__user"),
        pk=number,
        visitor=request.owner.visitor,
    )
    if request.method == "POST" and joining.use_return(asked):
        return _enter(request, asked.seat_name)
    context = {"asked": asked, "cohort": asked.seat_name.membership.cohort, "states": ReturnRequest.State}
    return render(request, "training/return_wait.html", {**context, "area": "class"})


def _join(request: Request, cohort: Cohort) -> HttpResponse:
    if request.POST.get("with") == "account" and request.user.is_authenticated:
        try:
            member = joining.join_with_account(cohort, request.user)
        except Refused as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(request.path)
        _make_ready(request, member)
        messages.success(request, f"Welcome to {cohort.name}. You are at seat {member.seat}.")
        return redirect("training:me")
    form = NamesForm(request.POST, cohort=cohort)
    if not form.is_valid():
        return _join_page(request, cohort, form, status=400)
    again = request.POST.get("another") == "yes"
    try:
        people = form.cleaned_data.get("people") or 1
        name = joining.join(cohort, form.names(), again=again, people=people, visitor=request.owner.visitor)
    except NameTaken as taken:
        return _join_page(request, cohort, form, taken=taken.name)
    except (NotOpen, Full) as closed:
        return _join_page(request, cohort, form, closed=str(closed), status=409)
    except Refused as refused:
        form.add_error("name", str(refused))
        return _join_page(request, cohort, form, status=400)
    return _enter(request, name, new=True)


def _join_page(request: Request, cohort: Cohort, form: NamesForm, *, status: int = 200, **more: Any) -> HttpResponse:
    closed = ""
    try:
        joining.check_open(cohort)
    except NotOpen as reason:
        closed = str(reason)
    trainers = Membership.objects.filter(cohort=cohort, role=Role.TRAINER).values_list("display_name", flat=True)
    context: dict[str, Any] = {
        "cohort": cohort,
        "form": form,
        "code": codes.join_code(cohort),
        "trainers": list(trainers),
        "closed": closed,
        "made_up": cohort.names == NameStyle.PSEUDONYM,
        "own_account": _own_account_name(request),
        "area": "class",
    }
    return render(request, "training/join_class.html", context | more, status=status)


def _enter(request: Request, name: SeatName, *, new: bool = False) -> HttpResponse:
    """Sign the browser in to the seat's account, as this name."""
    member = name.membership
    login(request, member.user, backend=ACCOUNTS)
    request.session[WHO] = name.key
    request.session[IN_CLASS] = member.cohort.public_id
    joining.choose(member)
    if new:
        messages.success(request, f"Welcome, {name.name}. You are at seat {member.seat}.")
    else:
        messages.success(request, f"Welcome back, {name.name}.")
    _make_ready(request, member)
    return redirect("training:me")


def _make_ready(request: Request, member: Membership) -> None:
    """Mostly the account was made beforehand. Where the sandbox does not answer, the seat's page says so."""
    try:
        sandbox_accounts.ready_account(member)
    except Refused as refused:
        messages.warning(request, str(refused))


def _member(request: Request, cohort: Cohort) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    return Membership.objects.filter(cohort=cohort, user_id=request.user.pk).first()


def _own_account_name(request: Request) -> str:
    """The name of the site's account that this browser is signed in to, where it is somebody's own."""
    if not request.user.is_authenticated:
        return ""
    made = Membership.objects.filter(user_id=request.user.pk, made_for_seat=True).exists()
    return "" if made else request.user.get_username()


def _home_of(member: Membership) -> str:
    return reverse("training:me") if member.role == Role.LEARNER else member.cohort.get_absolute_url()


def _limits(request: Request, code: str) -> list[Limit]:
    """What holds up those who guess codes, and not the room that they sit in. Only wrong codes are counted.

    - Of one browser, `WRONG_CODES_PER_MINUTE` (20). Whoever tries by hand, or with one cookie, stops none but themself.
    - Of one address, those that begin alike, in the two characters that say which of 1,024 parts of all codes one is
      in: 150. Sixty people of a class who mistype twice each in the same minute are 120. Whoever guesses at random
      spreads over all parts and takes 6 of the 150 from the class beside them; whoever has seen half of a join code
      needs 2^20 / 150 minutes, five days, for the other half.
    - Of one address in all, `WRONG_CODES_PER_MINUTE_PER_ADDRESS` (6,000), for those who drop their cookies: about what
      a small machine answers. A join code has 40 bits: 2^40 / 6,000 minutes are 349 years for all of them. With a
      hundred classes open, a whole day of it (8.6 million codes) finds one with a probability of 100 * 8.6e6 / 2^40,
      0.08 %. A return code has 50 bits: with 500 seats taken, that day finds one with 0.0004 %.

    A text that cannot be a code is no guess.
    """
    typed = codes.normalised(code)
    if not typed:
        return []
    address = address_of(request)
    return [
        Limit("wrong code of a browser", str(request.owner.visitor), settings.WRONG_CODES_PER_MINUTE),
        Limit("wrong code that begins alike", f"{address} {typed[:2]}", _ALIKE_PER_MINUTE),
        Limit("wrong code from an address", address, settings.WRONG_CODES_PER_MINUTE_PER_ADDRESS),
    ]


def _count_wrong(request: Request, code: str) -> None:
    if limits := _limits(request, code):
        hit(*limits)
