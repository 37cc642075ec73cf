"""Pictures of every page and state that the accessibility tests know, in both themes and three sizes: `make screens`.

They lie in screenshots/, one folder for each size and theme, with index.html, in which the same page stands beside
itself. No test of its own: whoever changes how pages look takes them, and looks at them.
"""

import base64
import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from sandbox.testing import RunningSandbox
from tests import ROOT
from tests.journeys.conftest import web_application
from tests.journeys.test_accessibility import PAGES, cookies
from tests.journeys.test_class import PASSWORD, make_trainer
from tests.journeys.test_class_accessibility import furnished
from tests.journeys.test_providers_accessibility import visited
from tests.journeys.visitor import Visitor

__all__ = ["cookies", "visited"]

FOLDER = ROOT / "screenshots"
SIZES = {"1280": (1280, 720), "375": (375, 812), "1920": (1920, 1080)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_ADMIN = ("", "flows/run/", "providers/signin/", "training/cohort/", "accounts/user/")
_REVIEWER = (
    "from django.contrib.auth import get_user_model as model;"
    f"model().objects.create_superuser('reviewer', password='{PASSWORD}')"
)
_TALLEST = 6000  # px of a picture: what is longer is cut

_TOUR = ROOT / "docs" / "images"
_TOUR_SIZE = {"width": 1120, "height": 660}
_LARGEST = 100 * 1024  # bytes
_AS_WEBP = """async source => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', 0.7);
}"""

Addresses = dict[str, tuple[list, Sequence[str]]]  # who: their cookies, and the addresses of their pages


@contextmanager
def staffed(sandbox: RunningSandbox, port: int, directory: Path) -> Iterator[str]:
    """A site with a trainer and a reviewer; its origin."""
    with web_application(sandbox, port, directory, {}) as url:
        make_trainer(directory)
        environment = os.environ | {
            "DATA_DIR": str(directory),
            "ENV_FILE": str(directory / "no.env"),
            "DATABASE_URL": f"sqlite:///{directory / 'app.sqlite3'}",
        }
        command = [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", _REVIEWER]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
        yield url


@pytest.fixture(scope="session")
def base_url(served_sandbox: RunningSandbox, web_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with staffed(served_sandbox, web_port, tmp_path_factory.mktemp("screens")) as url:
        yield url


def staff_pages(url: str, browser: Browser) -> Addresses:
    """The pages of a class at work, and of the admin, on a site with staff."""
    reviewer = (_signed_in(url, browser), [f"/admin/{page}" for page in _ADMIN])
    return {**furnished(url, browser), "reviewer": reviewer}


@pytest.fixture(scope="module")
def everybody(
    base_url: str, browser: Browser, cookies: tuple[list, list[str]], visited: tuple[list, list[str]]
) -> Addresses:
    """All kinds of people with the pages that they see: of the whole site."""
    return {
        "guest": (cookies[0], PAGES + cookies[1]),
        "signed in": visited,
        **staff_pages(base_url, browser),
    }


def test_pictures(base_url: str, browser: Browser, everybody: Addresses) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    taken: dict[str, list[Path]] = {}
    for theme in THEMES:
        for size, (width, height) in SIZES.items():
            for who, (known, addresses) in everybody.items():
                with browser.new_context(
                    base_url=base_url, color_scheme=theme, viewport={"width": width, "height": height}
                ) as context:
                    context.add_cookies(known)
                    page = context.new_page()
                    for number, address in enumerate(dict.fromkeys(addresses), 1):
                        file = FOLDER / f"{size}-{theme}" / f"{who.replace(' ', '-')}-{number:03}{_name(address)}.png"
                        _take(page, address, file)
                        taken.setdefault(f"{who}: {address}", []).append(file)
    (FOLDER / "index.html").write_text(_sheet(taken), encoding="utf-8")


def test_tour(base_url: str, browser: Browser) -> None:
    """The six pictures of README: `make tour`. Small ones, since they are kept with the source."""
    trainer, pages = furnished(base_url, browser)["trainer"]
    board = next(page for page in pages if page.endswith("/board/"))
    with browser.new_context(base_url=base_url, viewport=_TOUR_SIZE, device_scale_factor=1.5) as context:  # type: ignore[arg-type]
        guest = Visitor(context.new_page())
        guest.page.goto("/")
        _picture(guest.page, "front")
        guest.run("basic")
        _picture(guest.page, "run")
        guest.look("Calls")
        guest.page.locator("#call-3").scroll_into_view_if_needed()
        _picture(guest.page, "calls")
        guest.run("basic", "no-classic")
        _picture(guest.page, "refused")
        guest.page.goto("/pools/lab/who/")
        _picture(guest.page, "who-gets-in")
    with browser.new_context(base_url=base_url, viewport=_TOUR_SIZE, device_scale_factor=1.5) as context:  # type: ignore[arg-type]
        context.add_cookies(trainer)
        page = context.new_page()
        page.goto(board)
        _picture(page, "board")
    assert max(file.stat().st_size for file in _TOUR.iterdir()) < _LARGEST


def _picture(page: Page, name: str) -> None:
    """What is in sight, as WebP: a tenth of the size of a PNG. The browser itself writes it, on a page of its own."""
    taken = base64.b64encode(page.screenshot(animations="disabled", caret="hide")).decode()
    writer = page.context.new_page()
    written = writer.evaluate(_AS_WEBP, f"data:image/png;base64,{taken}")
    writer.close()
    (_TOUR / f"{name}.webp").write_bytes(base64.b64decode(written.partition(",")[2]))


def _signed_in(base_url: str, browser: Browser) -> list:
    with browser.new_context(base_url=base_url) as context:
        page = context.new_page()
        page.goto("/accounts/sign-in/?next=/admin/")
        page.get_by_label("Name").fill("reviewer")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        return list(context.cookies())


def _take(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    width = page.evaluate("document.documentElement.clientWidth")
    height = min(page.evaluate("document.documentElement.scrollHeight"), _TALLEST)
    area = {"x": 0, "y": 0, "width": width, "height": height}
    page.screenshot(path=file, full_page=True, clip=area, animations="disabled")  # type: ignore[arg-type]


def _name(address: str) -> str:
    """What of an address can be part of a file's name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", address).rstrip("-")[:60]


def _sheet(taken: dict[str, list[Path]]) -> str:
    rows = "".join(
        f"<h2>{html.escape(name)}</h2><p>"
        + "".join(
            f'<a href="{file.relative_to(FOLDER)}"><img loading="lazy" alt="" src="{file.relative_to(FOLDER)}"></a>'
            for file in files
        )
        for name, files in taken.items()
    )
    style = (
        "body{font:14px sans-serif;margin:1rem}h2{font-size:1rem;margin:1rem 0 .3rem}p{display:flex;gap:8px;margin:0}"
    )
    style += "img{height:340px;max-width:360px;object-fit:cover;object-position:top left;border:1px solid #999}"
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Screens</title><style>{style}</style>{rows}'
