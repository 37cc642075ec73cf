"""QR codes, as SVG that can stand in a page: no style, no script."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str) -> SafeString:
    """The code, black on white with its quiet zone whatever the page's colours are; CSS gives it its size."""
    svg = segno.make(text, error="m", micro=False).svg_inline(
        dark="#000", light="#fff", border=3, omitsize=True, svgclass="qr", lineclass=None, title="QR code"
    )
    return mark_safe(svg)  # noqa: S308 - segno's own markup, in which the text is drawn and not written
