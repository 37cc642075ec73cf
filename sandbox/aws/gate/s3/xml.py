"""Bodies of S3 in XML of which something decides about rights: only such as every reader reads to the same end.

Whoever serves the request takes names with their prefixes, values without the blanks around them, and of two elements
of one name both: what would be read differently there is refused.
"""

from lxml import etree

from sandbox.core.errors import AwsError

_LARGEST = 256 * 1024  # bytes: a thousand rules of replication fit


def malformed() -> AwsError:
    return AwsError(
        "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
    )


def read_document(text: bytes) -> "etree._Element":
    """The root of a document that a request to S3 sends.

    Raises:
        AwsError: MaxMessageLengthExceeded; MalformedXML, also for prefixes, attributes and a document type, which these
            bodies do not have.
    """
    if len(text) > _LARGEST:
        raise AwsError("MaxMessageLengthExceeded", "Your request was too big.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise malformed() from error
    strange = root.getroottree().docinfo.doctype or any(
        not isinstance(element.tag, str) or element.prefix is not None or element.attrib for element in root.iter()
    )
    if strange:
        raise malformed()
    return root


def only_text(root: "etree._Element", name: str) -> str:
    """The text of the one child of that name, or an empty text.

    Raises:
        AwsError: MalformedXML when there are several, or one that has children.
    """
    found = [child for child in root if etree.QName(child).localname == name]
    if len(found) > 1 or any(len(child) for child in found):
        raise malformed()
    return (found[0].text or "").strip() if found else ""


def tags_in(root: "etree._Element", name: str) -> list[tuple[str, str]]:
    """The tags in the one child of that name: (key, value), each key once.

    Raises:
        AwsError: MalformedXML, InvalidTag.
    """
    lists = [child for child in root if etree.QName(child).localname == name]
    if len(lists) > 1:
        raise malformed()
    elements = [tag for tags in lists for tag in tags if etree.QName(tag).localname == "Tag"]
    found = [(only_text(tag, "Key"), only_text(tag, "Value")) for tag in elements]
    if len({key for key, _ in found}) < len(found):
        raise AwsError("InvalidTag", "Cannot provide multiple Tags with the same key")
    return found
