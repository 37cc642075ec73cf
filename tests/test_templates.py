"""What holds for every template, of the application and of the stand-ins."""

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
