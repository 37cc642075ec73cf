"""XML laid out to be read."""

import re

from lxml import etree

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>\s*")


def indented(document: str) -> str:
    """The document with a line for each element. What is no XML, or declares entities, comes back as it is."""
    if "<!DOCTYPE" in document or "<!ENTITY" in document:
        return document
    # What it says about its encoding was about the bytes that it came in.
    declaration = _DECLARATION.match(document)
    start = declaration.end() if declaration else 0
    try:
        root = etree.fromstring(document[start:].encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return document
    etree.indent(root)
    laid_out = str(etree.tostring(root.getroottree(), encoding="unicode"))
    return f"{declaration[0].strip()}\n{laid_out}" if declaration else laid_out
