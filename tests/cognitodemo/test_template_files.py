"""Pages carry no indentation of templates, and show what is written as it is written."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.test import Client

from cognitodemo.template_files import without_indentation

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))


def test_lines_begin_with_what_they_say_and_stay_lines() -> None:
    assert without_indentation("<p>\n    A\n\n  <b>b</b>\n</p>\n") == "<p>\nA\n\n<b>b</b>\n</p>\n"


def test_what_a_browser_shows_as_it_is_written_stays_as_it_is() -> None:
    shown = '<pre class="wrap">{\n    "a": 1\n}</pre>', "<textarea\n  rows=2>\n  x\n  </textarea>"
    text = f"<div>\n  {shown[0]}\n  <i>\n  </i>{shown[1]}\n  <pre>\n  c</pre></div>"
    assert without_indentation(text) == f"<div>\n{shown[0]}\n<i>\n</i>{shown[1]}\n<pre>\n  c</pre></div>"


@pytest.mark.parametrize("element", ["pre", "textarea"])
def test_each_template_ends_what_it_shows_as_written(element: str) -> None:
    """One that began it and left the end to another would lose its indentation there."""
    for path in TEMPLATES:
        text = path.read_text()
        assert len(re.findall(rf"<{element}\b", text)) == text.count(f"</{element}>"), path


def test_pages_of_ours_and_of_the_admin_have_no_indented_line(client: Client, admin_client: Client) -> None:
    for browser, path in ((client, "/"), (admin_client, "/admin/")):
        page = browser.get(path).content.decode()
        assert re.findall(r"\n +<", re.sub(r"(?s)<(pre|textarea)\b.*?</\1>", "", page)) == []


def test_a_template_that_is_not_there_is_missed_by_its_name() -> None:
    with pytest.raises(TemplateDoesNotExist, match=r"nothing\.html"):
        get_template("nothing.html")
