"""Every page of a class, of exercises, of pools and of composed calls: axe finds nothing serious in either theme."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sandbox.testing import RunningSandbox
from tests.journeys.conftest import free_port, web_application
from tests.journeys.test_accessibility import findings
from tests.journeys.test_class import PASSWORD, make_trainer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Pages = dict[str, tuple[list, list[str]]]  # who: their cookies, and the addresses of their pages
_OPEN = "for (const part of document.querySelectorAll('main details')) part.open = true"
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


@pytest.fixture(scope="module")
def site(served_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with one trainer, beside the session's sandbox."""
    directory = tmp_path_factory.mktemp("class-pages")
    with web_application(served_sandbox, free_port(), directory, {}) as url:
        make_trainer(directory)
        yield url


@pytest.fixture(scope="module")
def room(site: str, browser: Browser) -> Pages:
    """A class at work: one learner solved something, has hints and a solution, works and asks; one waits outside."""
    return furnished(site, browser)


def furnished(site: str, browser: Browser) -> Pages:
    """Have people do in browsers what fills the pages; the pages of each of them."""
    with ExitStack() as stack:
        contexts = [stack.enter_context(browser.new_context(base_url=site)) for _ in range(5)]
        at_trainer, at_ana, _, at_ana_again, at_visitor = contexts
        trainer, ana, bo, again = (at.new_page() for at in contexts[:4])
        _sign_in(trainer)
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
        account = "/class/account/reset/?account=" + number
        learner = ["/class/me/", "/class/me/delete/", "/class/account/", account, f"{account}&what=everything"]
        learner += [f"{cohort}certificate/", "/exercises/", "/demo/"]
        learner += [f"/exercises/{slug}/" for slug in (_SOLVED, _HINTED, _WORKING, "two-doors")]
        learner += ["/pools/", *(f"/pools/{_WORKING}/{tab}" for tab in _TABS), "/pools/rules/mapping/"]
        learner += [f"/send/?pool={_WORKING}&service=s3&operation=GetObject", "/send/?service=sts"]
        outside = ["/join/", "/join/back/", f"/join/{code}/", "/class/account/", "/exercises/", "/certificates/"]
        outside += [f"/exercises/{_WORKING}/", "/pools/", "/pools/lab/", "/send/"]
        return {
            "trainer": (at_trainer.cookies(), own),
            "learner": (at_ana.cookies(), learner),
            "waiting": (at_ana_again.cookies(), [waiting]),
            "visitor": (at_visitor.cookies(), outside),
        }


def _sign_in(page: Page) -> None:
    page.goto("/accounts/sign-in/?next=/class/new/")
    page.get_by_label("Name").fill("kari")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def _open_class(page: Page) -> str:
    """Open a class, and stay on its page; its code."""
    page.get_by_label("Name", exact=True).fill("Oslo, Monday")
    page.get_by_label("Seats").fill("6")
    page.get_by_role("button", name="Open the class").click()
    return page.locator(".secret-code").inner_text()


def _join(page: Page, code: str, name: str, *, second: str = "") -> None:
    page.goto(f"/join/{code}/")
    page.get_by_label("Your name").fill(name)
    if second:
        page.get_by_text("We share this screen").click()
        page.get_by_label("Second person").fill(second)
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_role("heading", name="Oslo, Monday")).to_be_visible()


def _begin(page: Page, slug: str) -> None:
    page.goto(f"/exercises/{slug}/")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("button", name="Check my work")).to_be_visible()


def _work(page: Page) -> None:
    """Solve one exercise, see a hint and the solution of another, be half through a third, and ask for help there."""
    _begin(page, _SOLVED)
    _guest_run(page, _SOLVED)
    page.get_by_role("navigation", name="Views of this run").get_by_role("link", name="Try it").click()
    page.get_by_role("button", name="Who am I?", exact=True).click()
    expect(page.get_by_text("GetCallerIdentity").first).to_be_visible()
    page.goto(f"/exercises/{_SOLVED}/")
    page.get_by_role("button", name="Check my work").click()
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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    site: str, room: Pages, new_context: Callable[..., BrowserContext], theme: str
) -> None:
    found: dict[str, list[str]] = {}
    for who, (cookies, paths) in room.items():
        context = new_context(base_url=site, color_scheme=theme, viewport={"width": 1280, "height": 900})
        context.add_cookies(cookies)
        page = context.new_page()
        for path in paths:
            page.goto(path)
            page.evaluate(_OPEN)
            if problems := findings(page):
                found[f"{who}: {path}"] = problems
            if path == "/class/account/" and who == "learner":
                page.get_by_role("button", name=re.compile("^Show the key")).click()
                if problems := findings(page):
                    found[f"{who}: the key"] = problems
    assert found == {}


@pytest.mark.parametrize("width", [375, 320])
def test_no_page_scrolls_sideways(
    site: str, room: Pages, new_context: Callable[..., BrowserContext], width: int
) -> None:
    wide: dict[str, int] = {}
    for who, (cookies, paths) in room.items():
        context = new_context(base_url=site, viewport={"width": width, "height": 800})
        context.add_cookies(cookies)
        page = context.new_page()
        for path in paths:
            page.goto(path)
            page.evaluate(_OPEN)
            if (found := page.evaluate("document.documentElement.scrollWidth")) > width:
                wide[f"{who}: {path}"] = found
    assert wide == {}
