"""What holds for every template, of the application and of the stand-ins."""

import re

from tests import ROOT

WIDEST = 120


def test_no_line_of_a_template_is_wider_than_the_code() -> None:
    """djangofmt wraps what may be wrapped; a template tag and an attribute it leaves in one line."""
    folders = [ROOT / "templates", *ROOT.glob("sandbox/**/templates")]
    templates = [path for folder in folders for path in folder.rglob("*.*")]
    assert len(templates) > 100
    wide = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in templates
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > WIDEST
    ]
    assert wide == []


def test_what_a_swap_replaces_is_said_by_its_tag_alone() -> None:
    """Where the whole answer takes the place of what asked, there is nothing to select."""
    templates = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    assert [text for text in templates if re.search(r"hx-(target|select|select-oob|push-url)=", text)] == []
    assert sum("{% swap " in text for text in templates) > 10
