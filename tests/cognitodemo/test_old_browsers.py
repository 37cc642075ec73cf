"""Style sheets use nothing that a browser of four years ago would drop colours for."""

from tests import ROOT


def test_no_colour_needs_a_browser_of_this_year() -> None:
    sheets = [*(ROOT / "static/css").glob("*.css"), *(ROOT / "appearance/static/css").glob("*.css")]
    assert len(sheets) > 10
    for sheet in sheets:
        text = sheet.read_text()
        for new in ("light-dark(#", "light-dark(rgb", "color-mix(", "oklch("):
            assert new not in text, (sheet.name, new)
