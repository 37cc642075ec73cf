"""XML is laid out to be read, and never read for more than that."""

import pytest

from redaction.xml_text import indented

LATIN_1 = '<?xml version="1.0" encoding="latin-1"?>'


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ("<a><b>‹token · 12ab·cd›</b><c/></a>", "<a>\n  <b>‹token · 12ab·cd›</b>\n  <c/>\n</a>"),
        (
            '<?xml version="1.0" encoding="latin-1"?>\n<a><b/></a>',
            '<?xml version="1.0" encoding="latin-1"?>\n<a>\n  <b/>\n</a>',
        ),
        ("<a> </a>", "<a> </a>"),
        ("", ""),
        ("<a><b></a>", "<a><b></a>"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ],
)
def test_each_element_has_a_line(document: str, shown: str) -> None:
    assert indented(document) == shown
