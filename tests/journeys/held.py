"""Requests of a page that wait for the test, which looks at the page meanwhile."""

import time

from playwright.sync_api import Page, Route

_SECONDS = 30.0


def hold(page: Page, address: str, method: str = "") -> list[Route]:
    """Requests to the address, of any method or of one, wait from now on until the test lets them go on."""
    held: list[Route] = []
    # Playwright marks a handler, and cannot mark a built-in.
    page.route(address, lambda route: held.append(route) if method in ("", route.request.method) else route.continue_())
    return held


def arrived(page: Page, held: list[Route]) -> Route:
    """The first that is held, once it is there: the page may show before that it has sent it."""
    end = time.monotonic() + _SECONDS
    while not held:
        assert time.monotonic() < end, "no request came"
        page.wait_for_timeout(20)
    return held[0]
