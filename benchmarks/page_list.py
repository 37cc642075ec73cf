"""The pages that people look at, with many runs behind them: who opens which address.

Used by `benchmarks.pages` and by tests, with Django set up.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts.models import User
from benchmarks.many_runs import LENGTHS, RARE, Crowd
from flows.admin.evidence import ReadOnlyAdmin
from flows.models import ApiCall, Run
from flows.pages.history.pagination import Cursor
from flows.pages.run.run_view import VIEWS
from providers.models import SignIn
from web.admin_lists import MOST_COUNTED


@dataclass(frozen=True, slots=True)
class Page:
    """One address, and the browser of whoever opens it."""

    name: str
    path: str
    browser: Client

    def open(self) -> None:
        """Raises AssertionError where it does not answer with the page."""
        answer = self.browser.get(self.path)
        assert answer.status_code in (200, 204), f"{self.name}: {self.path} answered {answer.status_code}"


def pages(crowd: Crowd) -> list[Page]:
    """All of them."""
    reader, trainer, learner = (_browser(user) for user in (crowd.reader, crowd.trainer, crowd.learner))
    visitor = _without_account(crowd)
    return [
        *_of("learner", learner, _front()),
        *_of("visitor", visitor, _front()),
        *_of("reader", reader, _front()),
        *_of("reader", reader, _history(crowd)),
        *_of("reader", reader, _runs(crowd)),
        *_of("reader", reader, _sign_ins(crowd)),
        *_of("trainer", trainer, _class(crowd, trainer)),
        *_of("admin", reader, _admin(crowd)),
    ]


def _of(who: str, browser: Client, addresses: Iterator[tuple[str, str]]) -> list[Page]:
    return [Page(f"{who}: {name}", path, browser) for name, path in addresses]


def _browser(user: User) -> Client:
    browser = Client(HTTP_HOST=urlsplit(settings.PUBLIC_URL).netloc)
    browser.force_login(user)
    return browser


def _without_account(crowd: Crowd) -> Client:
    browser = Client(HTTP_HOST=urlsplit(settings.PUBLIC_URL).netloc)
    name = settings.VISITOR_COOKIE_NAME
    browser.cookies[name] = signing.get_cookie_signer(salt=name).sign(str(crowd.visitor))
    return browser


def _front() -> Iterator[tuple[str, str]]:
    yield "home", reverse("flows:home")
    yield "demo", f"{reverse('flows:demo')}?access=guest&flow=enhanced&pool=lab"
    yield "pools", reverse("flows:pool_list")
    yield "exercises", reverse("training:exercise_list")
    yield "history", reverse("flows:run_list")
    yield "identities", reverse("flows:identities")
    yield "sign-ins", reverse("providers:sign_in_list")
    yield "compare", reverse("flows:compare")


def _history(crowd: Crowd) -> Iterator[tuple[str, str]]:
    first = reverse("flows:run_list")
    mine = Run.objects.filter(user=crowd.reader).order_by("-created_at", "-pk")
    middle = mine[mine.count() // 2]
    for scope in ("", "everybody", "visitors"):
        of_scope = {"scope": scope} if scope else {}
        for name, query in _filters(middle):
            yield f"history, {scope or 'own'}, {name}", f"{first}?{urlencode(of_scope | query)}"
    yield "history of an account", f"{first}?{urlencode({'owner': crowd.learner.username})}"


def _filters(middle: Run) -> Iterator[tuple[str, dict[str, str]]]:
    yield "all", {}
    yield "before", {"before": str(Cursor.at(middle))}
    yield "after", {"after": str(Cursor.at(middle))}
    for outcome in ("succeeded", "refused", "failed", "interrupted", "unfinished"):
        yield f"outcome {outcome}", {"outcome": outcome}
    for provider in ("guest", "google", RARE, "facebook"):
        yield f"provider {provider}", {"provider": provider}
    for flow in ("enhanced", "basic", "configure"):
        yield f"flow {flow}", {"flow": flow}
    yield "provider and outcome", {"provider": "google", "outcome": "failed"}
    day = f"{middle.created_at:%Y-%m-%d}"
    yield "a day", {"since": day, "until": day}
    yield "until a day, rare", {"until": day, "provider": "facebook"}
    for name, term in _terms(middle):
        yield f"search {name}", {"q": term}


def _terms(run: Run) -> Iterator[tuple[str, str]]:
    yield "a role", "LabGuest"
    yield "a word of none", "nothing of the kind"
    yield "a number", f"#{run.pk}"
    yield "an identity", run.identity_id
    yield "an identity’s end", run.identity_id[-12:]
    yield "a request", run.recorded()[0].request_id


def _runs(crowd: Crowd) -> Iterator[tuple[str, str]]:
    for length in LENGTHS:
        run, other = crowd.runs[length]
        yield f"run of {length}", reverse("flows:run_detail", args=[run.code])
        for view in VIEWS:
            yield f"run of {length}, {view}", reverse("flows:run_view", args=[run.code, view])
        yield f"run of {length}, presented", f"{reverse('flows:run_detail', args=[run.code])}?present=1"
        yield f"run of {length}, exported", reverse("flows:run_export", args=[run.code])
        yield f"run of {length}, HAR", reverse("flows:run_export_har", args=[run.code])
        yield f"two runs of {length} compared", f"{reverse('flows:compare')}?a={run.code}&b={other.code}"
    yield "compare with one", f"{reverse('flows:compare')}?a={crowd.runs[LENGTHS[0]][0].code}"


def _sign_ins(crowd: Crowd) -> Iterator[tuple[str, str]]:
    first = reverse("providers:sign_in_list")
    for name, query in (
        ("last page", "page=last"), ("provider google", "provider=google"), ("provider rare", f"provider={RARE}"),
        ("provider of none", "provider=facebook"), ("outcome refused", "outcome=refused"),
        ("outcome rare", "outcome=declined"), ("search", "q=ada"), ("search for nothing", "q=nothing+of+the+kind"),
    ):  # fmt: skip
        yield f"sign-ins, {name}", f"{first}?{query}"
    newest = SignIn.objects.filter(user=crowd.reader).first()
    assert newest is not None
    yield "sign-in", reverse("providers:sign_in_detail", args=[newest.code])


def _class(crowd: Crowd, trainer: Client) -> Iterator[tuple[str, str]]:
    which = [crowd.cohort.public_id]
    board = trainer.get(reverse("training:board", args=which)).content.decode()
    since = re.findall(r'id="board-since"\s+name="since"\s+value="([^"]+)"', board)[0]
    for name in ("cohort", "board", "progress", "report"):
        yield name, reverse(f"training:{name}", args=which)
    yield "board, changes", f"{reverse('training:board_changes', args=which)}?{urlencode({'since': since})}"
    member = crowd.cohort.memberships.get(user=crowd.learner)
    yield "seat", reverse("training:seat", args=[*which, member.pk])


def _admin(crowd: Crowd) -> Iterator[tuple[str, str]]:
    run = crowd.runs[LENGTHS[-1]][0]
    yield "first page", reverse("admin:index")
    runs = reverse("admin:flows_run_changelist")
    for name, query in _narrowed(run):
        yield f"runs, {name}", f"{runs}?{query}"
    for name, term in _terms(run):
        yield f"runs, search {name}", f"{runs}?{urlencode({'q': term})}"
    yield "run", reverse("admin:flows_run_change", args=[run.pk])
    yield "export", reverse("admin:flows_run_export")
    calls = reverse("admin:flows_apicall_changelist")
    for query in ("", "kind=use", "kind=provider", "state=not_sent", "q=nothing", f"p={_last(ApiCall)}"):
        yield f"calls, {query or 'all'}", f"{calls}?{query}"
    yield "call", reverse("admin:flows_apicall_change", args=[run.recorded()[0].pk])
    sign_ins = reverse("admin:providers_signin_changelist")
    for query in (
        "",
        "outcome=refused",
        "outcome=declined",
        f"provider={RARE}",
        "q=ada",
        "q=nothing",
        f"p={_last(SignIn)}",
    ):
        yield f"sign-ins, {query or 'all'}", f"{sign_ins}?{query}"
    newest = SignIn.objects.filter(user=crowd.reader).first()
    assert newest is not None
    yield "sign-in", reverse("admin:providers_signin_change", args=[newest.pk])
    yield "accounts", reverse("admin:accounts_user_changelist")


def _last(model: type[Run | ApiCall | SignIn]) -> int:
    """The last page of the admin's list, which has no more than it counts."""
    return min(model.objects.count(), MOST_COUNTED) // ReadOnlyAdmin.list_per_page


def _narrowed(run: Run) -> Iterator[tuple[str, str]]:
    yield "all", ""
    yield "the last page", f"p={_last(Run)}"
    for value in ("yes", "no"):
        yield f"reviewed {value}", f"reviewed={value}"
    for outcome in ("succeeded", "refused", "failed", "interrupted"):
        yield f"outcome {outcome}", f"outcome__exact={outcome}"
    for when in ("today", "month"):
        yield f"when {when}", f"when={when}"
    yield "person", f"person={run.user_id}"
    yield "person without account", "person=none"
    yield "pool", urlencode({"pool": run.pool_id})
    yield "pool of none", "pool=us-east-1:nothing"
    yield "role", "role=LabGuest"
    yield "role of none", "role=Nothing"
    for provider in ("google", RARE, "facebook"):
        yield f"provider {provider}", f"provider={provider}"
    for flow in ("basic", "configure"):
        yield f"flow {flow}", f"flow={flow}"
    for mode in ("sandbox", "aws"):
        yield f"mode {mode}", f"mode={mode}"
    yield "by time, oldest first", "o=1"
