"""`product-catalog.pdf`: the twenty products on two pages, as a PDF written by hand.

PDF 1.4 with the built-in Helvetica (ISO 32000-1, 9.6.2.2), so that no font and no library is needed. The same products
always give the same bytes.
"""

import zlib
from collections.abc import Iterable, Sequence

from sandbox.seed.products import PRODUCTS, Product

_WIDTH, _HEIGHT, _MARGIN = 595, 842, 40  # points: A4
_PER_PAGE = 10
_CARD_WIDTH, _CARD_HEIGHT, _GAP = 250, 124, 15


def catalogue() -> bytes:
    """The PDF."""
    pages = [PRODUCTS[start : start + _PER_PAGE] for start in range(0, len(PRODUCTS), _PER_PAGE)]
    streams = [_page(products, number, len(pages)) for number, products in enumerate(pages, start=1)]
    return _document(streams)


def _page(products: Sequence[Product], number: int, total: int) -> str:
    drawing = [
        _rectangle(0, _HEIGHT - 92, _WIDTH, 92, "1d3b2f"),
        _text(_MARGIN, _HEIGHT - 48, 24, "Product catalogue", "ffffff", bold=True),
        _text(_MARGIN, _HEIGHT - 70, 10.5, "Trailhead Supply: twenty things for a weekend outside", "cfe3d8"),
    ]
    for position, product in enumerate(products):
        column, row = position % 2, position // 2
        x = _MARGIN + column * (_CARD_WIDTH + _GAP)
        y = _HEIGHT - 112 - (row + 1) * _CARD_HEIGHT - row * _GAP
        drawing += _card(product, x, y)
    note = "A public object of the Identity Pools Lab: whoever is a guest of the pool may read it."
    drawing.append(_text(_MARGIN, 24, 8, note, "6b7280"))
    drawing.append(_text(_WIDTH - _MARGIN - 50, 24, 8, f"Page {number} of {total}", "6b7280"))
    return "\n".join(drawing)


def _card(product: Product, x: float, y: float) -> Iterable[str]:
    yield _rectangle(x, y, _CARD_WIDTH, _CARD_HEIGHT, "f4f6f5")
    yield _rectangle(x, y, 6, _CARD_HEIGHT, product.colour)
    yield _rectangle(x + 18, y + _CARD_HEIGHT - 56, 40, 40, product.colour)
    yield _text(x + 30, y + _CARD_HEIGHT - 43, 19, product.name[0], "ffffff", bold=True)
    yield _text(x + 68, y + _CARD_HEIGHT - 30, 11.5, product.name, "111827", bold=True)
    yield _text(x + 68, y + _CARD_HEIGHT - 46, 8.5, f"{product.category}  ·  {product.product_id}", "6b7280")
    for line, text in enumerate(_wrapped(product.description, 46)):
        yield _text(x + 18, y + _CARD_HEIGHT - 74 - line * 12, 9, text, "374151")
    yield _text(x + 18, y + 14, 13, f"$ {product.price}", "1d3b2f", bold=True)
    yield _text(x + 186, y + 14, 8.5, f"{product.stock} in stock", "6b7280")


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _colour(triplet: str) -> str:
    return " ".join(f"{int(triplet[start : start + 2], 16) / 255:.3f}" for start in (0, 2, 4))


def _rectangle(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f"{_colour(colour)} rg {x} {y} {width} {height} re f"


def _text(x: float, y: float, size: float, text: str, colour: str, bold: bool = False) -> str:
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT {_colour(colour)} rg /{'F2' if bold else 'F1'} {size} Tf {x} {y} Td ({escaped}) Tj ET"


def _document(pages: Sequence[str]) -> bytes:
    """Objects 1 to 4 are catalogue, page tree and fonts; each page is two objects, itself and its drawing."""
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    numbers = [5 + 2 * index for index in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        font.format("Helvetica").encode(),
        font.format("Helvetica-Bold").encode(),
    ]
    for number, page in zip(numbers, pages, strict=True):
        stream = zlib.compress(page.encode("cp1252"), 9)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>".encode()
        )
        head = f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode()
        objects.append(head + stream + b"\nendstream")
    return _assembled(objects)


def _assembled(objects: Sequence[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
