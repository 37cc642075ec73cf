"""How many clicks each path takes, and how far down what people look for begins: `make clicks` prints the tables.

Paths are followed by the words on the buttons. Each has the most that it may take.
"""

import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.journeys.people import Person
from tests.journeys.visitor import settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_SIZES = ((1280, 720), (375, 812))
_DONE = "Succeeded"

# A path: what is pressed one after the other, by role and name, and the heading under which it ends. A chapter of the
# tutorial is followed by the names that its own buttons have.
Pressed = tuple[str, str]
_GOOGLE: tuple[Pressed, ...] = (("link", "Continue to"), ("button", "Continue"))
_GUEST: Pressed = ("button", "Run it now as a guest")
_PROVIDER: Pressed = ("link", "Sign in with a provider")
PATHS: dict[str, tuple[int, tuple[Pressed, ...], str]] = {
    "a guest’s result": (1, (_GUEST,), "Guest access, enhanced flow"),
    "Google, enhanced": (4, (_PROVIDER, ("button", "Sign in with Google"), *_GOOGLE), "Google, enhanced flow"),
    "Google, basic, by a provider": (
        4,
        (_PROVIDER, ("button", "Google in the basic flow"), *_GOOGLE),
        "Google, basic flow",
    ),
    "Google, basic, by the flow": (
        4,
        (("link", "Sign in for the basic flow"), ("button", "Sign in with Google"), *_GOOGLE),
        "Google, basic flow",
    ),
    "chapter: compare the flows": (1, (("link", "Compare the flows"),), "How the enhanced and the basic flow differ"),
    "chapter: what each call does": (2, (("link", "Learn"), ("link", "The calls")), "GetId"),
    "chapter: which flow": (2, (("link", "Learn"), ("link", "Which flow?")), "Which flow should I use?"),
    "chapter: the kinds of access": (2, (("link", "Learn"), ("link", "Providers")), "Six ways into an identity pool"),
    "chapter: Test guest access": (
        2,
        (("link", "Demo"), ("button", "Test guest access")),
        "Guest access, enhanced flow",
    ),
    "chapter: View credentials only": (
        2,
        (_GUEST, ("link", "View credentials only")),
        "Credentials",
    ),
    "chapter: View detailed API flow": (2, (_GUEST, ("link", "View detailed API flow")), "Calls"),
    "chapter: Test another provider": (
        5,
        (_GUEST, ("link", "Test another provider"), ("button", "Sign in with Google"), *_GOOGLE),
        "Google, enhanced flow",
    ),
    "chapter: use the credentials": (3, (_GUEST, ("link", "Try it"), ("button", "Who am I?")), "Who am I?"),
}


def _press(page: Page, pressed: Pressed) -> None:
    role, name = pressed
    exact = not name.startswith("Continue to")
    page.get_by_role(role, name=name, exact=exact).first.click()  # type: ignore[arg-type]
    # Who presses the next thing while an answer is on its way leaves the page, or takes away the part, that it is for.
    settled(page)


def _top(place: Locator) -> int:
    box = place.bounding_box()
    assert box is not None
    return round(box["y"])


@pytest.fixture
def said() -> Callable[[str], None]:
    """Writes a line that is seen with `-s`."""
    return lambda line: print(line, file=sys.stdout)  # noqa: T201 - the table is what the command is for


def test_clicks(new_context: Callable[..., BrowserContext], said: Callable[[str], None]) -> None:
    too_many = {}
    said("\n\nfrom home to                        clicks   at most")
    for name, (most, pressed, ends) in PATHS.items():
        somebody = Person(new_context().new_page())
        somebody.page.goto("/")
        for one in pressed:
            _press(somebody.page, one)
        expect(somebody.page.get_by_role("heading", name=ends).first).to_be_attached()
        if "flow" in ends and "/runs/" in somebody.page.url:
            assert somebody.verdict == _DONE, name
        assert somebody.errors == [], name
        said(f"{name:<36}{len(pressed):>6}{most:>10}")
        if len(pressed) > most:
            too_many[name] = len(pressed)
    assert not too_many


def test_pixels(new_context: Callable[..., BrowserContext], said: Callable[[str], None]) -> None:
    """What may begin no further down than so many CSS pixels, on a projector and on a telephone."""
    most = {"first call": (210, 430), "guest button": (480, 540), "first provider": (480, 640)}
    found: dict[str, list[int]] = {name: [] for name in most}
    for width, height in _SIZES:
        page = new_context(viewport={"width": width, "height": height}).new_page()
        page.goto("/")
        found["guest button"].append(_top(page.get_by_role("button", name="Run it now as a guest")))
        _press(page, _GUEST)
        _press(page, ("link", "View detailed API flow"))
        expect(page.locator(".call").first).to_be_visible()
        page.evaluate("window.scrollTo(0, 0)")
        found["first call"].append(_top(page.locator(".call").first))
        page.goto("/demo/?access=authenticated")
        found["first provider"].append(_top(page.locator(".provider").first))
    said("\n\ny of, at " + ", ".join(f"{width}×{height}" for width, height in _SIZES))
    for name, places in found.items():
        said(
            f"{name:<16}" + "".join(f"{place:>8} (at most {at})" for place, at in zip(places, most[name], strict=True))
        )
    low = {
        name: places
        for name, places in found.items()
        if any(place > at for place, at in zip(places, most[name], strict=True))
    }
    assert not low
