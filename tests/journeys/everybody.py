"""The one list of all pages and states, of everybody: what the tests of every page and `make screens` go through.

Whoever makes a page adds it here. `test_every_page.py` asks whether each address of the application is in the list.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, expect

from sandbox.testing import RunningSandbox
from tests.journeys.people import Person
from tests.journeys.visitor import Visitor, settled

TRAINER, REVIEWER, PASSWORD = "kari", "reviewer", "only for this test"
# What makes them, for the shell of the site.
STAFF = f"""
from accounts.models import User
User.objects.create_user("{TRAINER}", password="{PASSWORD}", is_staff=True)
User.objects.create_superuser("{REVIEWER}", password="{PASSWORD}")
"""
_OLDER = "which-pool"
# What makes an attempt one of an earlier version of its exercise, for the same shell, when everybody was there.
EARLIER = f"""
from training.models import Attempt
Attempt.objects.filter(exercise="{_OLDER}", version=1).update(version=0)
"""

_PUBLIC: tuple[str, ...] = ("/", "/demo/", "/demo/?access=guest&flow=basic", "/demo/?access=authenticated")
_PUBLIC += ("/pools/", "/pools/lab/", "/send/", "/open/", "/identities/", "/compare/", "/runs/")
_PUBLIC += ("/learn/flows/", "/learn/which-flow/", "/learn/which-flow/?who=saml&role=app", "/learn/providers/")
_PUBLIC += ("/learn/sdks/", "/learn/words/", "/learn/api/GetId/", "/learn/api/AssumeRoleWithWebIdentity/")
_PUBLIC += ("/learn/errors/", "/learn/errors/assume-role-denied/")
_PUBLIC += (
    "/accounts/sign-in/",
    "/accounts/sign-up/",
    "/accounts/signed-out/",
    "/sign-ins/",
    "/mailbox/",
    "/no-such-page/",
)
_PUBLIC += ("/join/", "/join/back/", "/exercises/", "/class/", "/class/account/", "/certificates/")
_VIEWS = ("", "credentials/", "calls/", "why/", "tokens/", "try/", "json/")
_TABS = (
    "",
    "try/",
    "scan/",
    "switches/",
    "logins/",
    "roles/",
    "mapping/",
    "tags/",
    "people/",
    "identities/",
    "changes/",
)
_WORKING, _SOLVED, _HINTED = "guest-takes-admin", "ready", "guest-in-two-calls"
_ADMIN = (
    "flows/run",
    "flows/apicall",
    "providers/signin",
    "training/cohort",
    "accounts/user",
    "auth/group",
    "accounts/companyidentity",
)

_GOOGLE, _OIDC, _AT_SAML, _AT_POOL = (
    f"Sign in with {name}" for name in ("Google", "OIDC provider", "SAML provider", "Amazon Cognito user pools")
)
_SIGN_UP, _FORGOT = "Create an account", "Forgot your password?"
_GET_OBJECT = "/send/?service=s3&operation=GetObject"
_SOME_OBJECT = {"Bucket (required)": "identity-pools-lab-public", "Key (required)": "no-such-key"}
_KNOWN = "NotAuthorizedException: Token is not from a supported provider of this identity pool."
_OTHERS = ("Sign in with Facebook", "Login with Amazon", "Sign in with Apple", "Sign in with X")


@dataclass(frozen=True)
class Place:
    """A page in one of its states.

    Attributes:
        address: a path of the site, or a whole address elsewhere: at a stand-in.
        state: what is done there, in a word or two; empty for the page as it opens.
        then: does it.
        by_script: it takes a script.
    """

    address: str
    state: str = ""
    then: Callable[[Page], None] | None = None
    by_script: bool = False

    @property
    def name(self) -> str:
        # Elsewhere it is the path that tells it: the rest is of one sign-in.
        parts = urlsplit(self.address)
        address = f"{parts.netloc}{parts.path}" if parts.netloc else self.address
        return f"{address}, {self.state}" if self.state else address

    def open(self, page: Page) -> None:
        """Go there. Nothing answers with an error of the server's."""
        answer = page.goto(self.address)
        assert answer is not None, self.name
        assert answer.status < 500, self.name
        if self.then:
            self.then(page)
        settled(page)


@dataclass(frozen=True)
class Somebody:
    """A kind of person: their cookies, and what they see."""

    cookies: list
    places: Sequence[Place]


Everybody = dict[str, Somebody]


def everybody_on(site: str, browser: Browser, sandbox: RunningSandbox) -> Everybody:
    """All kinds of people, who did in browsers what fills their pages.

    Args:
        site: the origin of a site of their own, with a `TRAINER` and a `REVIEWER`.
        sandbox: the one that the site works with.
    """
    return {
        "anybody": Somebody([], _anybody()),
        "guest": _guest(site, browser),
        "signed in": _signed_in(site, browser),
        **class_at_work(site, browser),
        **_other_classes(site, browser),
        "looked at": _looked_at(site, browser, sandbox),
        "reviewer": _reviewer(site, browser),
    }


def _places(addresses: Iterable[str]) -> list[Place]:
    return [Place(address) for address in addresses]


# --- Nobody in particular ---------------------------------------------------------------------------------------------


def _anybody() -> list[Place]:
    wrong = {"Name": "nobody", "Password": "something else"}
    return [
        *_places(_PUBLIC),
        Place("/learn/api/GetId/", "a word explained", _word),
        Place("/accounts/sign-in/", "refused", partial(_sent, fields=wrong, button="Sign in")),
        Place("/accounts/sign-up/", "refused", partial(_sent, fields={"Name": ""}, button="Sign up", checked=False)),
        Place("/join/", "no such class", partial(_sent, fields={"Code": "NOPE-NOPE"}, button="Go on")),
        Place("/join/back/", "no such code", partial(_sent, fields={"Code": "NOPE-NOPE-NOPE"}, button="Come back")),
        Place("/open/", "no file", partial(_sent, fields={}, button="Open it", checked=False)),
        Place("/runs/?since=then", "a filter that is none"),
        Place("/compare/?a=nothing&b=nothing", "no such runs"),
        Place("/shared/nothing/", "no such link"),
        Place("/pools/nothing/", "no such pool"),
        Place("/send/?service=s3&operation=GetObject", "of a service"),
        Place("/send/", "sent", partial(_sent, fields={}, button="Send this call", checked=False)),
        Place(_GET_OBJECT, "nothing filled in", partial(_sent, fields={}, button="Send this call", checked=False)),
        Place(_GET_OBJECT, "refused by S3", partial(_sent, fields=_SOME_OBJECT, button="Send this call")),
        Place("/learn/errors/", "an error known", partial(_sent, fields=_pasted(_KNOWN), button="What is it?")),
        Place("/learn/errors/", "one that is not", partial(_sent, fields=_pasted("Segfault"), button="What is it?")),
        Place("/certificates/", "none", partial(_sent, fields={"The whole text": "Name: Ana"}, button="Check")),
        Place("/class/check/", "", _checked),
        Place("/class/check/", "something to mend", _checked_in_a_bad_room, by_script=True),
        # The last one: the colours that are chosen stay.
        Place("/", "colours", lambda page: page.locator("[data-theme-toggle]").click(), by_script=True),
    ]


def _pasted(message: str) -> dict[str, str]:
    return {"Paste an error": message}


def _checked(page: Page) -> None:
    """The room check is over, where a script makes it."""
    summary = page.locator("#check-summary")
    if not summary.inner_text().startswith("Without JavaScript"):
        expect(summary).to_contain_text("on this device")


def _checked_in_a_bad_room(page: Page) -> None:
    """As in a room whose network keeps devices from the sandbox, and answers for the site."""
    here = urlsplit(page.url).netloc

    def blocked(route: Route) -> None:
        of = urlsplit(route.request.url)
        other = of.netloc != here or "echo" in of.path
        route.abort() if other else route.continue_()

    page.route("**/*", blocked)
    page.reload()
    expect(page.locator("#check-summary")).to_contain_text("to mend")
    page.unroute("**/*")


def _word(page: Page) -> None:
    page.locator("button.word").first.click()


def _sent(page: Page, *, fields: dict[str, str], button: str, checked: bool = True) -> None:
    """Send a form with these fields, whatever the browser would say about it."""
    main = page.get_by_role("main")
    for label, value in fields.items():
        main.get_by_label(label, exact=True).first.fill(value)
    if not checked:
        page.evaluate("document.querySelectorAll('main form').forEach(form => form.noValidate = true)")
    with page.expect_navigation():
        main.get_by_role("button", name=button, exact=True).first.click()


# --- Guests -----------------------------------------------------------------------------------------------------------


def _guest(site: str, browser: Browser) -> Somebody:
    """Somebody with a finished, a refused and an open run, and what they shared."""
    with browser.new_context(base_url=site) as context:
        guest = Visitor(context.new_page())
        page = guest.page
        guest.run("basic")
        guest.look("Try it")
        for sample in ("Call: Try to write to the bucket", "Call: Scan the SampleProducts table"):
            page.get_by_role("button", name=sample).click()
            expect(page.locator(f"#call-{4 if 'write' in sample else 5}")).to_be_visible()
        first = f"/runs/{guest.code}/"
        finished = [f"{first}{view}" for view in (*_VIEWS, "?present=1", "?present=1&call=2", "calls/?raw=1&open=all")]
        code = guest.code
        guest.run("basic", "no-classic")
        refused = [f"/runs/{guest.code}/{view}" for view in (*_VIEWS, "?present=1&call=2")]
        compared = [f"/compare/?a={code}&b={guest.code}", f"/compare/?a={code}"]
        shared = _shared(page)
        guest.begin("basic")
        opened = [f"/runs/{guest.code}/{view}" for view in ("", "calls/", "delete/")]
        lists = ["/", "/runs/", "/runs/?outcome=refused", "/runs/?q=nothing-like-it", "/identities/", "/send/"]
        states = [
            Place(first, "menu", lambda page: page.locator(".menu > summary").click()),
            Place(f"{first}credentials/", "revealed", _revealed),
        ]
        found = _places(finished + refused + compared + [shared] + opened + lists)
        return Somebody(context.cookies(), [*found, *states])


def _shared(page: Page) -> str:
    """Share the run whose page is open; the link."""
    page.get_by_role("button", name="Make a link").click()
    return urlsplit(page.locator("#share-link").inner_text()).path


def _revealed(page: Page) -> None:
    page.get_by_role("button", name="Reveal").first.click()
    expect(page.get_by_text("SecretAccessKey").first).to_be_visible()


# --- People who sign in -----------------------------------------------------------------------------------------------


def _signed_in(site: str, browser: Browser) -> Somebody:
    """Somebody with an account and sign-ins of all kinds, and who stands before each stand-in."""
    with browser.new_context(base_url=site) as context:
        ana = Person(context.new_page())
        ana.make_account(f"ana-{secrets.token_hex(3)}")
        ana.sign_in("Sign in with Facebook")
        ana.sign_in(_AT_POOL, "basic")
        pages = [f"/runs/{ana.code}/{view}" for view in _VIEWS]
        ana.sign_in(_AT_SAML, "basic")
        pages += [f"/runs/{ana.code}/{view}" for view in ("", "calls/", "why/")]
        pages += _between(ana, site)
        ana.choose_provider(_GOOGLE)
        ana.go_on()
        ana.sign_in_there(misbehave="Wrong audience")
        pages += [f"/runs/{ana.code}/{view}" for view in ("", "calls/", "why/")]
        ana.page.get_by_role("button", name="Send it to the identity pool anyway").click()
        expect(ana.page.get_by_role("heading", name="Overview")).to_be_visible()
        pages += [f"/runs/{ana.code}/{view}" for view in ("", "why/")]
        pages += ["/demo/?access=authenticated&flow=basic", "/runs/", "/identities/"]
        pages += ["/accounts/", "/accounts/password/", "/accounts/password/done/"]
        pages += ["/sign-ins/", *_links(ana.page, "/sign-ins/", "main table a[href^='/sign-ins/']", most=2)]
        return Somebody(context.cookies(), [*_places(pages), *_stand_ins(ana)])


def _between(ana: Person, site: str) -> list[str]:
    """The page before a stand-in, and the run that waits meanwhile."""
    ana.choose_provider(_OIDC)
    before = ana.page.url.removeprefix(site)
    ana.page.goto("/runs/")
    ana.page.locator(".unfinished > summary").click()
    ana.page.locator(".unfinished th[scope=row] a").first.click()
    return [before, *(f"/runs/{ana.code}/{view}" for view in ("", "calls/"))]


def _stand_ins(ana: Person) -> Iterator[Place]:
    """What is served elsewhere: each stand-in as it asks who one is, and its other pages."""
    at: dict[str, str] = {}
    for provider in (_GOOGLE, *_OTHERS, _OIDC, _AT_SAML, _AT_POOL):
        ana.choose_provider(provider)
        at[provider] = str(ana.page.get_by_role("link", name="Continue to").get_attribute("href"))
        yield Place(at[provider])
    yield Place(at[_GOOGLE], "a token looked at first", partial(_pressed, button=re.compile("^Look at the")))
    yield Place(at[_GOOGLE], "misbehaving", lambda page: page.get_by_text("Misbehave on purpose").click())
    yield Place(re.sub(r"redirect_uri=[^&]*", "redirect_uri=https://attacker.example/", at[_GOOGLE]), "refused")
    yield Place(at[_AT_SAML], "an answer to post", partial(_pressed, button="Continue"))
    yield Place(at[_AT_POOL], "a wrong password", _wrong_password)
    yield Place(at[_AT_POOL], "signing up", partial(_followed, link=_SIGN_UP))
    yield Place(at[_AT_POOL], "a code asked for", _signed_up_there)
    yield Place(at[_AT_POOL], "forgotten", partial(_followed, link=_FORGOT))
    yield Place(at[_AT_POOL], "a new password", _forgot_there)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(at[_OIDC]))
    yield from _places([f"{origin}/idp/", f"{origin}/idp/mailbox", f"{origin}/idp/nothing"])


def _pressed(page: Page, *, button: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=button, exact=isinstance(button, str)).click()


def _as_somebody_else(page: Page) -> None:
    """To the sign-in itself: who signed in there before is asked first whether it is them again."""
    other = page.get_by_role("button", name="Sign in as someone else")
    if other.count():
        other.click()


def _followed(page: Page, *, link: str) -> None:
    _as_somebody_else(page)
    page.get_by_role("link", name=link).click()
    settled(page)


def _wrong_password(page: Page) -> None:
    """Of a name that nobody has: whose name it is would be kept out for a while, and others sign in by theirs."""
    _as_somebody_else(page)
    page.get_by_label("User name").fill(f"nobody-{secrets.token_hex(4)}")
    page.get_by_label("Password").fill("wrong")
    _pressed(page, button="Sign in")
    expect(page.get_by_role("alert")).to_be_visible()


def _signed_up_there(page: Page) -> None:
    _followed(page, link=_SIGN_UP)
    name = f"new-{secrets.token_hex(4)}"
    for field in page.locator("main form input:visible").all():
        kind, label = field.get_attribute("type"), field.get_attribute("name") or ""
        field.fill("A-long-Pass-1!" if kind == "password" else f"{name}@example.com" if "mail" in label else name)
    page.locator("main form button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your account")


def _forgot_there(page: Page) -> None:
    _followed(page, link=_FORGOT)
    page.locator("main form input:visible").first.fill("bo")
    page.locator("main form button").first.click()


# --- Classes ----------------------------------------------------------------------------------------------------------


def class_at_work(site: str, browser: Browser) -> Everybody:
    """One learner solved something, has hints and a solution, works and asks; one waits outside."""
    with ExitStack() as stack:
        contexts = [stack.enter_context(browser.new_context(base_url=site)) for _ in range(5)]
        at_trainer, at_ana, _, at_ana_again, at_visitor = contexts
        trainer, ana, bo, again = (at.new_page() for at in contexts[:4])
        _sign_in(trainer, TRAINER, "/class/new/")
        code = _open_class(trainer)
        cohort = trainer.url.removeprefix(site)
        _join(ana, code, "Ana")
        _join(bo, code, "Bo", second="Di")
        _work(ana)
        again.goto(f"/join/{code}/")
        again.get_by_text("I was here already").click()
        again.get_by_label("The name that you joined with").fill("ana")
        again.get_by_role("button", name="Ask the trainer").click()
        waiting = again.url.removeprefix(site)
        trainer.goto(f"{cohort}board/")
        trainer.get_by_label("Say to everybody").fill("Five minutes more, then we look at it together.")
        trainer.get_by_role("button", name="Broadcast").click()
        seat = str(trainer.get_by_role("link", name="Ana", exact=True).get_attribute("href"))
        taken_out = f"{cohort}learners/{seat.rstrip('/').rpartition('/')[2]}/remove/"
        own = [f"{cohort}{page}" for page in ("", "board/", "projector/", "progress/", "settings/", "delete/")]
        own += [f"{cohort}certificates/", f"{cohort}report/", f"{cohort}report/?times=on&hints=on&refusals=on"]
        trainer.goto(seat)
        pool_of_ana = str(trainer.locator("#seat-panel a[href*='/pools/of/']").first.get_attribute("href"))
        number = pool_of_ana.split("/")[3]
        own += [seat, taken_out, pool_of_ana, "/class/all/", "/class/new/", "/class/import/", "/class/account/"]
        own += _of_a_class_deleted(trainer, site)
        account = "/class/account/reset/?account=" + number
        learner = [
            "/class/me/",
            "/class/me/looks/",
            "/class/me/delete/",
            "/class/account/",
            account,
            f"{account}&what=everything",
        ]
        learner += [f"{cohort}certificate/", "/exercises/", "/demo/"]
        learner += [f"/exercises/{slug}/" for slug in (_SOLVED, _HINTED, _WORKING, "two-doors")]
        learner += ["/pools/", *(f"/pools/{_WORKING}/{tab}" for tab in _TABS), "/pools/rules/mapping/"]
        learner += [f"/send/?pool={_WORKING}&service=s3&operation=GetObject", "/send/?service=sts"]
        outside = ["/join/", "/join/back/", f"/join/{code}/", "/class/account/", "/exercises/", "/certificates/"]
        outside += [f"/exercises/{_WORKING}/", "/pools/", "/pools/lab/", "/send/"]
        taken = Place(f"/join/{code}/", "a name that is taken", _as("Ana"))
        key = Place("/class/account/", "the key", lambda page: _pressed(page, button=re.compile("^Show the key")))
        return {
            "trainer": Somebody(at_trainer.cookies(), _places(own)),
            "learner": Somebody(at_ana.cookies(), [*_places(learner), key]),
            "waiting": Somebody(at_ana_again.cookies(), _places([waiting])),
            "visitor": Somebody(at_visitor.cookies(), [*_places(outside), taken]),
        }


def _sign_in(page: Page, name: str, to: str) -> None:
    page.goto(f"/accounts/sign-in/?next={to}")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def _open_class(page: Page, name: str = "Oslo, Monday", seats: int = 6) -> str:
    """Open a class, and stay on its page; its code."""
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Seats").fill(str(seats))
    page.get_by_role("button", name="Open the class").click()
    return page.locator(".secret-code").inner_text()


def _of_a_class_deleted(page: Page, site: str) -> list[str]:
    """What there is of a class whose people were deleted."""
    page.goto("/class/new/")
    _open_class(page, "Bergen, Tuesday")
    cohort = page.url.removeprefix(site)
    page.get_by_text("End the class", exact=True).click()
    page.get_by_role("button", name="End the class now").click()
    page.goto(f"{cohort}delete/")
    page.get_by_role("button", name="Delete everything now").click()
    expect(page.get_by_text("Deleted by a trainer")).to_be_visible()
    return [cohort, f"{cohort}report/"]


def _join(page: Page, code: str, name: str, *, second: str = "", cohort: str = "Oslo, Monday") -> None:
    page.goto(f"/join/{code}/")
    page.get_by_label("Your name").fill(name)
    if second:
        page.get_by_text("We share this screen").click()
        page.get_by_label("Second person").fill(second)
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_role("heading", name=cohort)).to_be_visible()


def _begin(page: Page, slug: str) -> None:
    page.goto(f"/exercises/{slug}/")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("button", name="Check my work")).to_be_visible()


def _work(page: Page) -> None:
    """Solve one exercise, see a hint and the solution of another, be half through a third, and ask for help there."""
    _begin(page, _SOLVED)
    _guest_run(page, _SOLVED)
    Visitor(page).look("Try it")
    page.get_by_role("button", name="Who am I?", exact=True).click()
    expect(page.get_by_text("Allowed, as expected").first).to_be_visible()
    page.goto(f"/exercises/{_SOLVED}/")
    expect(page.get_by_text("Solved.", exact=True)).to_be_visible()

    _begin(page, _HINTED)
    page.get_by_role("button", name="Show hint 1 of 3").click()
    page.get_by_text("I want to see the solution").click()
    page.get_by_role("button", name="Show the solution").click()

    _begin(page, _WORKING)
    page.get_by_role("radio").nth(0).check()
    page.get_by_role("button", name="Answer").click()
    page.goto(f"/pools/{_WORKING}/switches/")
    page.goto(f"/exercises/{_WORKING}/")
    page.get_by_label("What stops you?").fill("Which role do I ask for?")
    page.get_by_role("button", name="Ask my trainer").click()
    page.goto(f"/exercises/{_WORKING}/")
    page.get_by_role("button", name="Check my work").click()


def _guest_run(page: Page, pool: str) -> None:
    page.goto(f"/demo/?access=guest&flow=enhanced&pool={pool}")
    page.get_by_role("button", name="Test guest access").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


# --- Classes in other states ------------------------------------------------------------------------------------------

_OF_CLASS = ("", "board/", "projector/", "progress/", "report/", "certificates/")
_NO_POLICY = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Efect": "Allow"}\n  ]\n}'


def _other_classes(site: str, browser: Browser) -> Everybody:
    """One where nobody is and nobody can join, one that has ended, and a full one, whose learner is being helped."""
    with ExitStack() as stack:
        contexts = [stack.enter_context(browser.new_context(base_url=site)) for _ in range(4)]
        trainer, eli, fay, _ = (at.new_page() for at in contexts)
        _sign_in(trainer, TRAINER, "/class/new/")
        closed = _open_class(trainer, "Tromsø, nobody", seats=2)
        empty = trainer.url.removeprefix(site)
        trainer.get_by_role("button", name="Let nobody else in").click()
        ended, own = _ended_class(trainer, eli, site)
        trainer.goto("/class/new/")
        full = _open_class(trainer, "Bergen, full", seats=1)
        cohort = trainer.url.removeprefix(site)
        _join(fay, full, "Fay", cohort="Bergen, full")
        run = _helped(trainer, fay, cohort)
        trainers = [f"{one}{page}" for one in (empty, own, cohort) for page in _OF_CLASS]
        trainers += [f"{own}delete/", f"{own}settings/", run, f"{run}calls/"]
        learner = ["/class/me/", "/class/me/looks/", "/exercises/ready/", "/exercises/which-pool/", run]
        learner += [f"/pools/ready/{page}" for page in ("?show=all", "scan/?show=all", "identities/")]
        learner += ["/pools/rules/changes/", "/pools/rules/switches/"]
        line = Place("/pools/ready/roles/", "an error at a line", _no_policy)
        outside = [Place(f"/join/{closed}/"), Place(f"/join/{ended}/"), Place(f"/join/{full}/", "full", _as("Gro"))]
        paused = Place(f"{cohort}board/", "paused", partial(_pressed, button="Pause"), by_script=True)
        return {
            "trainer of others": Somebody(contexts[0].cookies(), [*_places(trainers), paused]),
            "learner of before": Somebody(
                contexts[1].cookies(), _places(["/class/me/", "/exercises/", "/exercises/ready/", f"{own}certificate/"])
            ),
            "helped": Somebody(contexts[2].cookies(), [*_places(learner), line]),
            "latecomer": Somebody(contexts[3].cookies(), outside),
        }


def _ended_class(trainer: Page, eli: Page, site: str) -> tuple[str, str]:
    """A class that has ended while somebody worked; its code and its address."""
    trainer.goto("/class/new/")
    code = _open_class(trainer, "Oslo, last week", seats=2)
    cohort = trainer.url.removeprefix(site)
    _join(eli, code, "Eli", cohort="Oslo, last week")
    _begin(eli, _SOLVED)
    trainer.get_by_text("End the class", exact=True).click()
    trainer.get_by_role("button", name="End the class now").click()
    expect(trainer.get_by_role("button", name="Go on with the class")).to_be_visible()
    return code, cohort


def _helped(trainer: Page, fay: Page, cohort: str) -> str:
    """Fay makes a run, changes a pool and asks; a trainer shows names, locks an exercise, helps and writes a note.

    Returns:
        The address of the run.
    """
    _begin(fay, _SOLVED)
    _guest_run(fay, _SOLVED)
    run = urlsplit(fay.url).path
    fay.goto("/pools/rules/switches/")
    fay.get_by_role("button", name="Switch off").first.click()
    fay.goto(f"/exercises/{_SOLVED}/")
    fay.get_by_label("What stops you?").fill("Who am I here?")
    fay.get_by_role("button", name="Ask my trainer").click()
    trainer.goto(f"{cohort}settings/")
    trainer.get_by_label("Show names on the projector").check()
    trainer.get_by_role("button", name="Save").click()
    trainer.goto(f"{cohort}board/")
    trainer.get_by_text("Unlock and lock exercises").click()
    trainer.get_by_role("button", name="Lock Which pool?").click()
    trainer.get_by_role("button", name="Take: Fay").click()
    expect(trainer.get_by_text("taken by")).to_be_visible()
    trainer.goto(run)
    trainer.get_by_label("Your note on this run").fill("Well seen.")
    trainer.get_by_role("button", name="Keep the note").first.click()
    return run


def _as(name: str) -> Callable[[Page], None]:
    return partial(_sent, fields={"Your name": name}, button="Join")


def _no_policy(page: Page) -> None:
    page.locator("#trust-text").fill(_NO_POLICY)
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("Not saved.")).to_be_visible()


# --- Work that is looked at -------------------------------------------------------------------------------------------

_TESTED, _RESTLESS = "guest-takes-admin", "mine-and-everybodys"
_TESTING = "The system is testing your account."


def _looked_at(site: str, browser: Browser, sandbox: RunningSandbox) -> Somebody:
    """Hal, whose exercise was changed since, and whose account is looked at while a page is open, or does not keep
    still."""
    with ExitStack() as stack:
        at_trainer, at_hal = (stack.enter_context(browser.new_context(base_url=site)) for _ in range(2))
        trainer, hal = at_trainer.new_page(), at_hal.new_page()
        _sign_in(trainer, TRAINER, "/class/new/")
        code = _open_class(trainer, "Narvik, alone", seats=1)
        _join(hal, code, "Hal", cohort="Narvik, alone")
        slow = _slow_account(hal, sandbox)
        _begin(hal, _OLDER)
        for slug in (_RESTLESS, _TESTED):
            _begin(hal, slug)
            hal.goto(f"/pools/{slug}/switches/")
            hal.get_by_role("button", name="Switch o").first.click()
            expect(hal.get_by_role("button", name="Switch o").first).to_be_visible()
        _changed_all_the_time(hal, slow)
        places = _places([f"/exercises/{_OLDER}/", f"/exercises/{_RESTLESS}/"])
        return Somebody(
            at_hal.cookies(), [*places, Place(f"/exercises/{_TESTED}/", "under test", partial(_tested, slow=slow))]
        )


def _slow_account(page: Page, sandbox: RunningSandbox) -> Callable[[float], None]:
    """Of whoever's page it is: has each probe of their account take so many seconds longer."""
    page.goto("/class/account/")
    _pressed(page, button=re.compile("^Show the key"))
    key = dict(re.findall(r"^export (\w+)=(.+)$", page.locator("#key-bash").inner_text(), re.MULTILINE))
    by = {"account": key["AWS_ACCESS_KEY_ID"], "secret_key": key["AWS_SECRET_ACCESS_KEY"]}

    def slow(seconds: float) -> None:
        sandbox.switch("faults", method="DELETE", **by)
        if seconds:
            sandbox.switch("faults", {"operation": "GetId", "delay": seconds}, **by)

    return slow


def _changed_all_the_time(page: Page, slow: Callable[[float], None]) -> None:
    """Each time that the account is looked at, somebody switches something in another tab."""
    slow(1.0)
    page.goto(f"/exercises/{_RESTLESS}/")
    _check_work(page)
    other = page.context.new_page()
    failed = page.get_by_text("Your account was changed each time it was looked at")
    for _ in range(60):
        other.goto(f"/pools/{_RESTLESS}/switches/")
        other.get_by_role("button", name="Switch o").first.click()
        page.goto(f"/exercises/{_RESTLESS}/")
        if failed.count():
            break
        if not page.get_by_text(_TESTING).count():  # one look came between two changes, and was the last
            _check_work(page)
    expect(failed).to_be_visible()
    slow(0)


def _check_work(page: Page) -> None:
    """Have it checked; ends when the site has said that it is."""
    _pressed(page, button="Check my work")
    settled(page)


def _tested(page: Page, *, slow: Callable[[float], None]) -> None:
    """Their work is being checked, and goes on being for a few seconds."""
    slow(8.0)
    _pressed(page, button="Check my work")
    expect(page.get_by_text(_TESTING)).to_be_visible()
    slow(0)


# --- Reviewers --------------------------------------------------------------------------------------------------------


def _reviewer(site: str, browser: Browser) -> Somebody:
    """Somebody who may do everything in the admin: its lists, and the newest row of each with what is done to it."""
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        _sign_in(page, REVIEWER, "/admin/")
        pages = ["/admin/", "/admin/flows/", "/admin/flows/run/?q=nothing-like-it", "/admin/flows/run/export/"]
        pages += ["/admin/password_change/", "/runs/?scope=everybody", "/setup/", "/learn/flows/"]
        for model in _ADMIN:
            pages.append(f"/admin/{model}/")
            for row in _links(page, f"/admin/{model}/", "#result_list tbody th a", most=1):
                pages += [row, row.replace("/change/", "/history/"), row.replace("/change/", "/delete/")]
        pages += ["/admin/accounts/user/add/", "/admin/auth/group/add/"]
        (run,) = _links(page, "/runs/?scope=everybody", ".history tbody th a", most=1)
        (user,) = _links(page, "/admin/accounts/user/", "#result_list tbody th a", most=1)
        pages += [run, user.replace("/change/", "/password/")]
        chosen = Place("/admin/flows/run/", "some chosen to delete", _chosen_to_delete)
        return Somebody(context.cookies(), [*_places(pages), chosen, Place("/admin/", "colours", _admin_colours, True)])


def _links(page: Page, address: str, selector: str, most: int) -> list[str]:
    """The first addresses that links of a page lead to."""
    page.goto(address)
    found = [str(link.get_attribute("href")) for link in page.locator(selector).all()]
    return [urlsplit(one).path for one in list(dict.fromkeys(found))[:most]]


def _chosen_to_delete(page: Page) -> None:
    page.locator("#result_list .action-select").first.check()
    page.locator("select[name=action]").select_option("delete_selected")
    page.get_by_role("button", name="Run the selected action").or_(page.locator("[name=index]")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("elete")


def _admin_colours(page: Page) -> None:
    page.locator(".theme-toggle").first.click()
