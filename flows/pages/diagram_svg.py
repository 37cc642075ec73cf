"""A sequence diagram as SVG, without a template: looking up two hundred numbers by name took an eighth of a page."""

from collections.abc import Iterator
from html import escape

from django.utils.safestring import SafeString, mark_safe

from flows.pages.sequence_diagram import Arrow, DiagramRow, Participant, SequenceDiagram


def svg(diagram: SequenceDiagram) -> SafeString:
    """The drawing; its colours and type are those of css/diagram.css."""
    parts = [_head(diagram), *(_participant(each, diagram.line_end) for each in diagram.participants)]
    parts += [_row(row, diagram.stripe) for row in diagram.rows]
    # Every text is escaped below; the rest are numbers, and words of ours.
    return mark_safe("\n".join([*parts, "</svg>"]))  # noqa: S308


def _head(diagram: SequenceDiagram) -> str:
    """The element's beginning, and the drawing in words for those who do not see it."""
    said = " ".join(f"From {each.sender.name} to {each.receiver.name}: {each.text}." for each in diagram.arrows)
    shape = f" diagram-{diagram.shape}" if diagram.shape else ""
    role, key = "group" if diagram.has_links else "img", escape(diagram.key)
    return (
        f'<svg class="diagram{shape}" viewBox="0 0 {diagram.width} {diagram.height}" width="{diagram.shown_width}"'
        f' role="{role}" aria-labelledby="{key}-title {key}-desc">\n'
        f'<title id="{key}-title">{escape(diagram.title)}</title>\n<desc id="{key}-desc">{escape(said)}</desc>'
    )


def _participant(shown: Participant, line_end: int) -> str:
    return (
        f'<rect class="d-head d-{shown.key}" x="{shown.left}" y="4" width="{shown.width}" height="32" rx="8"/>'
        f'{_text("d-who", shown.x, 24, shown.name)}<path class="d-life" d="M{shown.x} 36V{line_end}"/>'
    )


def _row(row: DiagramRow, stripe: int) -> str:
    arrows = "\n".join(part for arrow in row.arrows for part in _arrow(arrow))
    exchange = row.exchange
    if not exchange.href:
        return arrows
    here = " d-here" if exchange.here else ""
    return (
        f'<a class="d-link" href="{escape(exchange.href)}" aria-label="{escape(exchange.label)}">'
        f'<rect class="d-stripe{here}" x="2" y="{row.top}" width="{stripe}" height="{row.height}" rx="6"/>\n'
        f"{arrows}</a>"
    )


def _arrow(arrow: Arrow) -> Iterator[str]:
    """Its line, its tip or the cross of a refusal, its text, the line below it, and its number."""
    kind, y = arrow.kind, arrow.y
    yield f'<path class="d-{kind}" d="M{arrow.start} {y}H{arrow.end}"/>'
    if kind == "refused":
        yield f'<path class="d-cross" d="M{arrow.stop} {y - 7}l14 14m0 -14l-14 14"/>'
    else:
        yield f'<path class="d-{kind}-tip" d="M{arrow.tip} {y}l{arrow.tip_width} -4.5v9z"/>'
    yield _text(f"d-text d-{kind}-text d-{arrow.anchor}", arrow.text_x, arrow.text_y, arrow.text)
    if note := arrow.message.note:
        yield _text(f"d-text d-note d-{arrow.anchor}", arrow.text_x, arrow.note_y, note)
    if arrow.number:
        x = arrow.sender.x
        yield f'<circle class="d-num d-num-{kind}" cx="{x}" cy="{y}" r="11"/>'
        yield _text("d-numtext", x, y + 4, arrow.number)


def _text(kind: str, x: int, y: int, text: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>'
