"""Pictures of every page and state in the list of `everybody.py`, in both themes and three sizes: `make screens`.

They lie in screenshots/, one folder for each size and theme, with index.html, in which the same page stands beside
itself. No test of its own: whoever changes how pages look takes them, and looks at them.
"""

import base64
import html
import re
import shutil
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from tests import ROOT
from tests.journeys.everybody import Everybody
from tests.journeys.visitor import Visitor

FOLDER = ROOT / "screenshots"
SIZES = {"1280": (1280, 720), "375": (375, 812), "1920": (1920, 1080)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
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


def test_pictures(base_url: str, browser: Browser, everybody: Everybody) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    taken: dict[str, list[Path]] = {}
    for theme in THEMES:
        for size, (width, height) in SIZES.items():
            for who, somebody in everybody.items():
                with browser.new_context(
                    base_url=base_url, color_scheme=theme, viewport={"width": width, "height": height}
                ) as context:
                    context.add_cookies(somebody.cookies)
                    page = context.new_page()
                    for number, place in enumerate(somebody.places, 1):
                        file = (
                            FOLDER / f"{size}-{theme}" / f"{who.replace(' ', '-')}-{number:03}{_name(place.name)}.png"
                        )
                        place.open(page)
                        _take(page, file)
                        taken.setdefault(f"{who}: {place.name}", []).append(file)
    (FOLDER / "index.html").write_text(_sheet(taken), encoding="utf-8")


def test_tour(base_url: str, browser: Browser, everybody: Everybody) -> None:
    """The six pictures of README: `make tour`. Small ones, since they are kept with the source."""
    trainer = everybody["trainer"]
    board = next(place for place in trainer.places if place.address.endswith("/board/"))
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
        context.add_cookies(trainer.cookies)
        page = context.new_page()
        board.open(page)
        _picture(page, "board")
    assert max(file.stat().st_size for file in _TOUR.iterdir()) < _LARGEST


def _picture(page: Page, name: str) -> None:
    """What is in sight, as WebP: a tenth of the size of a PNG. The browser itself writes it, on a page of its own."""
    taken = base64.b64encode(page.screenshot(animations="disabled", caret="hide")).decode()
    writer = page.context.new_page()
    written = writer.evaluate(_AS_WEBP, f"data:image/png;base64,{taken}")
    writer.close()
    (_TOUR / f"{name}.webp").write_bytes(base64.b64decode(written.partition(",")[2]))


def _take(page: Page, file: Path) -> None:
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
