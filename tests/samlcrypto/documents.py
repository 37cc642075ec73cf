"""Signed SAML responses, and what an attacker makes of them."""

import base64
import copy
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

import samlcrypto
from samlcrypto.signatures import ASSERTION_NODE, RESPONSE_NODE
from sandbox.idp.saml.responses import Answer, signed_response
from sandbox.idp.storage.keys import new_rsa_key, self_signed
from sandbox.idp.storage.records import Moment

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


@cache
def key(name: str) -> tuple[rsa.RSAPrivateKey, bytes]:
    """(key, DER of its certificate), the same for the same name."""
    made = new_rsa_key()
    return made, self_signed(made)


def pem(name: str) -> bytes:
    return key(name)[0].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate(name: str = "provider") -> bytes:
    return key(name)[1]


@cache
def response(name: str = "provider", misbehaviour: str = "") -> str:
    answer = Answer(
        issuer="https://idp.example/metadata",
        acs_url="https://sp.example/acs",
        in_response_to="_request",
        name_id="ana@acme.example",
        audiences=("https://sp.example/metadata",),
        attributes={"department": ["Engineering"]},
        moment=Moment(time.time(), time.time()),
        misbehaviour=misbehaviour,
        assertion_id="_assertion",
        response_id="_response",
    )
    return signed_response(answer, *key(name))


def root() -> Any:
    return etree.fromstring(response().encode())


def text(element: Any) -> str:
    return str(etree.tostring(element, encoding="unicode"))


def _evil(assertion: Any, identifier: str = "_evil") -> Any:
    """A copy that speaks of somebody else, without a signature."""
    forged = copy.deepcopy(assertion)
    forged.set("ID", identifier)
    forged.find(f"{SAML}Subject/{SAML}NameID").text = "mallory@acme.example"
    signature = forged.find(f"{DS}Signature")
    if signature is not None:
        forged.remove(signature)
    return forged


def tampered_name() -> str:
    document = root()
    document.find(f".//{SAML}NameID").text = "mallory@acme.example"
    return text(document)


def tampered_attribute() -> str:
    return response().replace("Engineering", "Management")


def stripped() -> str:
    document = root()
    for signature in document.findall(f".//{DS}Signature"):
        signature.getparent().remove(signature)
    return text(document)


def evil_before_original() -> str:
    """XSW: the forged assertion first, the signed one after it."""
    document = root()
    original = document.find(f"{SAML}Assertion")
    original.addprevious(_evil(original))
    return text(document)


def evil_after_original() -> str:
    document = root()
    original = document.find(f"{SAML}Assertion")
    original.addnext(_evil(original))
    return text(document)


def evil_wraps_original() -> str:
    """XSW: the signed assertion inside the forged one."""
    document = root()
    original = document.find(f"{SAML}Assertion")
    forged = _evil(original)
    document.replace(original, forged)
    forged.append(original)
    return text(document)


def evil_with_the_signature_and_the_original_in_an_object() -> str:
    """XSW: the forged assertion carries the signature, which carries the original."""
    document = root()
    original = document.find(f"{SAML}Assertion")
    forged = _evil(original)
    signature = original.find(f"{DS}Signature")
    original.remove(signature)
    holder = etree.SubElement(signature, f"{DS}Object")
    holder.append(original)
    forged.insert(1, signature)
    document.append(forged)
    return text(document)


def same_id_on_both() -> str:
    """The forged assertion takes the signed one's ID and its signature."""
    document = root()
    original = document.find(f"{SAML}Assertion")
    forged = _evil(original, "_assertion")
    forged.insert(1, copy.deepcopy(original.find(f"{DS}Signature")))
    original.addprevious(forged)
    return text(document)


def same_id_as_xml_id() -> str:
    """libxml2 knows xml:id by itself: a Reference could be resolved to another element than the one looked at."""
    document = root()
    original = document.find(f"{SAML}Assertion")
    holder = etree.SubElement(document, f"{SAMLP}Extensions")
    hidden = etree.SubElement(holder, "hidden")
    hidden.set("{http://www.w3.org/XML/1998/namespace}id", "_assertion")
    original.find(f"{SAML}Subject/{SAML}NameID").text = "mallory@acme.example"
    return text(document)


def original_in_extensions() -> str:
    """XSW: the signed assertion moved into the response's extensions, the forged one in its place."""
    document = root()
    original = document.find(f"{SAML}Assertion")
    forged = _evil(original)
    document.replace(original, forged)
    holder = etree.Element(f"{SAMLP}Extensions")
    holder.append(original)
    document.insert(1, holder)
    return text(document)


def response_in_response() -> str:
    """XSW: the whole signed response inside a forged one."""
    inner = root()
    outer = etree.Element(inner.tag, nsmap=inner.nsmap)
    for name, value in inner.attrib.items():
        outer.set(name, value)
    outer.set("ID", "_outer")
    outer.append(_evil(inner.find(f"{SAML}Assertion")))
    holder = etree.SubElement(outer, f"{SAMLP}Extensions")
    holder.append(inner)
    return text(outer)


def detached_signature() -> str:
    """The assertion's signature moved to the response, where it refers to another element than its parent."""
    document = root()
    original = document.find(f"{SAML}Assertion")
    document.remove(document.find(f"{DS}Signature"))
    signature = original.find(f"{DS}Signature")
    original.remove(signature)
    document.insert(1, signature)
    return text(document)


def two_references() -> str:
    document = root()
    for signature in document.findall(f".//{DS}Signature"):
        info = signature.find(f"{DS}SignedInfo")
        info.append(copy.deepcopy(info.find(f"{DS}Reference")))
    return text(document)


def whole_document_reference() -> str:
    document = root()
    for reference in document.findall(f".//{DS}Reference"):
        reference.set("URI", "")
    return text(document)


def foreign_key_with_its_own_certificate() -> str:
    return response("attacker")


def _with_algorithm(path: str, algorithm: str) -> str:
    document = root()
    for element in document.findall(f".//{path}"):
        element.set("Algorithm", algorithm)
    return text(document)


def hmac_with_the_public_key() -> str:
    """The public key, which everybody knows, as the secret of an HMAC."""
    import xmlsec

    document = etree.fromstring(
        _with_algorithm(f"{DS}SignatureMethod", "http://www.w3.org/2000/09/xmldsig#hmac-sha1").encode()
    )
    xmlsec.tree.add_ids(document, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, certificate())
    context.sign(document.find(f"{SAML}Assertion/{DS}Signature"))
    return text(document)


def sha1_signature() -> str:
    return _with_algorithm(f"{DS}SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")


def sha1_digest() -> str:
    return _with_algorithm(f"{DS}DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1")


def inclusive_canonicalisation() -> str:
    return _with_algorithm(f"{DS}CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")


def xslt_transform() -> str:
    document = root()
    for transforms in document.findall(f".//{DS}Transforms"):
        added = etree.SubElement(transforms, f"{DS}Transform")
        added.set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")
    return text(document)


def xpath_in_place_of_a_transform() -> str:
    document = root()
    for transform in document.findall(f".//{DS}Transform[2]"):
        transform.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    return text(document)


def doctype() -> str:
    return '<!DOCTYPE r [<!ENTITY e "x">]>' + response()


def external_entity() -> str:
    document = response().replace("ana@acme.example", "&e;")
    return '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + document


def billion_laughs() -> str:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    return f'<!DOCTYPE r [<!ENTITY e0 "ha">{entities}]>' + response().replace("ana@acme.example", "&e8;")


def too_long() -> str:
    return response().replace("</", f"<!-- {'x' * 300_000} --></", 1)


def truncated() -> str:
    return response()[:-30]


def empty() -> str:
    return ""


ATTACKS: dict[str, Callable[[], str]] = {
    attack.__name__: attack
    for attack in (
        tampered_name,
        tampered_attribute,
        stripped,
        evil_before_original,
        evil_after_original,
        evil_wraps_original,
        evil_with_the_signature_and_the_original_in_an_object,
        same_id_on_both,
        same_id_as_xml_id,
        original_in_extensions,
        response_in_response,
        detached_signature,
        two_references,
        whole_document_reference,
        foreign_key_with_its_own_certificate,
        hmac_with_the_public_key,
        sha1_signature,
        sha1_digest,
        inclusive_canonicalisation,
        xslt_transform,
        xpath_in_place_of_a_transform,
        doctype,
        external_entity,
        billion_laughs,
        too_long,
        truncated,
        empty,
    )
}


def encoded(document: str) -> str:
    return base64.b64encode(document.encode()).decode()


__all__ = ["ASSERTION_NODE", "ATTACKS", "RESPONSE_NODE", "certificate", "encoded", "pem", "response", "samlcrypto"]
