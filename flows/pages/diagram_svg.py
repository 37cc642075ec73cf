"""A sequence diagram as SVG, without a template: looking up two hundred numbers by name took an eighth of a page."""

from collections.abc import Iterator

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from flows.pages.sequence_diagram import Arrow, DiagramRow, Participant, SequenceDiagram


def svg(diagram: SequenceDiagram) -> SafeString:
    """The drawing; its colours and type are those of css/diagram.css."""
    parts: list[str] = [_head(diagram), *(_participant(each, diagram.line_end) for each in diagram.participants)]
    parts += [_row(row, diagram.stripe) for row in diagram.rows]
    # Every part has its texts escaped by format_html.
    return mark_safe("\n".join([*parts, "</svg>"]))  # noqa: S308


def _head(diagram: SequenceDiagram) -> SafeString:
    """The element's beginning, and the drawing in words for those who do not see it."""
    said = " ".join(f"From {each.sender.name} to {each.receiver.name}: {each.text}." for each in diagram.arrows)
    return format_html(
        '<svg class="diagram{wide}" viewBox="0 0 {width} {height}" width="{shown}" role="{role}"'
        ' aria-labelledby="{key}-title {key}-desc">\n'
        '<title id="{key}-title">{title}</title>\n<desc id="{key}-desc">{said}</desc>',
        wide=" diagram-wide" if len(diagram.participants) > 3 else "",
        width=diagram.width,
        height=diagram.height,
        shown=diagram.shown_width,
        role="group" if diagram.has_links else "img",
        key=diagram.key,
        title=diagram.title,
        said=said,
    )


def _participant(shown: Participant, line_end: int) -> SafeString:
    return format_html(
        '<rect class="d-head d-{key}" x="{left}" y="4" width="{width}" height="32" rx="8"/>'
        '<text class="d-who" x="{x}" y="24">{name}</text><path class="d-life" d="M{x} 36V{end}"/>',
        key=shown.key,
        left=shown.left,
        width=shown.width,
        x=shown.x,
        name=shown.name,
        end=line_end,
    )


def _row(row: DiagramRow, stripe: int) -> str:
    arrows = "\n".join(part for arrow in row.arrows for part in _arrow(arrow))
    exchange = row.exchange
    if not exchange.href:
        return arrows
    link = format_html('<a class="d-link" href="{}" aria-label="{}">', exchange.href, exchange.label)
    here = " d-here" if exchange.here else ""
    place = f'x="2" y="{row.top}" width="{stripe}" height="{row.height}" rx="6"'
    return f'{link}<rect class="d-stripe{here}" {place}/>\n{arrows}</a>'


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


def _text(kind: str, x: int, y: int, text: str) -> SafeString:
    return format_html('<text class="{}" x="{}" y="{}">{}</text>', kind, x, y, text)
