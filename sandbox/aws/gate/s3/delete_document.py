"""The body of DeleteObjects: which keys it names, and its answer when some of them may not be deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax import saxutils

from lxml import etree

from sandbox.aws.gate.s3.xml import malformed
from sandbox.core.errors import AwsError

_LIMIT = 1000
_MOST_TAGS = 20 * _LIMIT  # an object has up to six members, each with two tags
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


@dataclass(frozen=True, slots=True)
class Deletion:
    key: str
    version_id: str | None = None


def parse_deletions(body: bytes) -> tuple[list[Deletion], bool]:
    """The objects to delete and whether the answer is to be quiet.

    Raises:
        AwsError: MalformedXML.
    """
    if body.count(b"<") > _MOST_TAGS:  # before hundreds of thousands of elements are made of them
        raise malformed()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
                             remove_pis=True)  # fmt: skip
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise malformed() from error
    if root.getroottree().docinfo.doctype or etree.QName(root).localname != "Delete":
        raise malformed()
    quiet = any(etree.QName(child).localname == "Quiet" and _text(child) == "true" for child in root)
    found = [_deletion(child) for child in root if etree.QName(child).localname == "Object"]
    if not 0 < len(found) <= _LIMIT:
        raise malformed()
    return found, quiet


def _text(element: "etree._Element") -> str:
    return "".join(str(part) for part in element.itertext())


def _deletion(element: "etree._Element") -> Deletion:
    members = {etree.QName(child).localname: _text(child) for child in element}
    if not members.get("Key"):
        raise malformed()
    return Deletion(members["Key"], members.get("VersionId") or None)


def escape(text: str) -> str:
    """Text for an element. A bare carriage return would be read as a line feed (XML 1.0, section 2.11): another key."""
    return saxutils.escape(text, {"\r": "&#13;"})


def render_deletions(deletions: Sequence[Deletion], quiet: bool) -> bytes:
    """The body written again, with only these objects."""
    objects = "".join(
        f"<Object><Key>{escape(item.key)}</Key>"
        + (f"<VersionId>{escape(item.version_id)}</VersionId>" if item.version_id else "")
        + "</Object>"
        for item in deletions
    )
    return f'<Delete xmlns="{_NAMESPACE}">{objects}<Quiet>{str(quiet).lower()}</Quiet></Delete>'.encode()


def render_refusals(answer: bytes, refusals: Sequence[tuple[Deletion, AwsError]]) -> bytes:
    """The answer of DeleteObjects with an Error for each refused key; an empty answer stands for none deleted."""
    errors = "".join(
        f"<Error><Key>{escape(item.key)}</Key>"
        + (f"<VersionId>{escape(item.version_id)}</VersionId>" if item.version_id else "")
        + f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
        for item, error in refusals
    ).encode()
    head, closing, _ = answer.rpartition(b"</DeleteResult>")
    if closing:
        return head + errors + closing
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult xmlns="{_NAMESPACE}">'.encode()
        + errors
        + closing
        + (b"" if closing else b"</DeleteResult>")
    )
