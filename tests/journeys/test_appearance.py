"""One palette and one set of buttons: the same look in the application, in its admin and at the stand-ins."""

from pathlib import Path
from typing import Literal

import django.contrib.admin
import pytest
from playwright.sync_api import Page

from appearance import STYLESHEETS
from tests import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADMIN = Path(django.contrib.admin.__file__).parent / "static" / "admin" / "css"
OURS = ROOT / "static" / "css"
PLACES = {
    "application": [*STYLESHEETS, OURS / "base.css", OURS / "components.css"],
    "stand-ins": [*STYLESHEETS, ROOT / "sandbox" / "idp" / "static" / "standin.css"],
    "admin": [
        *(ADMIN / name for name in ("base.css", "dark_mode.css", "forms.css", "changelists.css")),
        *STYLESHEETS,
        OURS / "admin.css",
    ],
}
BUTTONS = """
<a class="btn btn-main main">Save</a> <a class="btn plain">History</a> <a class="btn btn-danger danger">Delete</a>
"""
BUTTONS_OF_ADMIN = """
<ul class="object-tools"><li><a class="plain" href="/">History</a></li></ul>
<div class="submit-row">
  <input class="default main" type="submit" value="Save"> <a class="deletelink danger">Delete</a>
</div>
"""
# Colours change slowly where motion is allowed.
LOOK = """async names => {
  await Promise.all(document.getAnimations().map(change => change.finished));
  return names.map(name => {
    const style = getComputedStyle(document.querySelector("." + name));
    const seen = ["backgroundColor", "color", "borderTopColor", "borderTopLeftRadius", "minHeight", "fontWeight"];
    return [name, ...seen.map(property => style[property])];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_buttons_look_alike_everywhere(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    looks = {}
    for place, sheets in PLACES.items():
        styles = "".join(f"<style>{sheet.read_text()}</style>" for sheet in sheets)
        page.set_content(styles + (BUTTONS_OF_ADMIN if place == "admin" else BUTTONS))
        looks[place] = page.evaluate(LOOK, ["main", "plain", "danger"])
    assert looks["stand-ins"] == looks["application"]
    assert looks["admin"] == looks["application"]
    assert len({button[1] + button[2] for button in looks["application"]}) == 3
