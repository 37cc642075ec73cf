"""Each rule refuses on its own, whether or not the next one would have: the refusal names the rule."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from saml2 import samlp

import samlcrypto
from samlcrypto import backend
from samlcrypto.documents import MAX_BYTES
from tests.samlcrypto import documents
from tests.samlcrypto.documents import ASSERTION_NODE, DS, RESPONSE_NODE, SAML, SAMLP, certificate, pem, root, text

NAME_ID_NODE = "urn:oasis:names:tc:SAML:2.0:assertion:NameID"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


def signed_response_only() -> str:
    """The assertion has no signature of its own."""
    document = root()
    signature = document.find(f"{SAML}Assertion/{DS}Signature")
    signature.getparent().remove(signature)
    return samlcrypto.sign(text(document), RESPONSE_NODE, pem("provider"))


def signed_assertion_only() -> str:
    document = root()
    document.remove(document.find(f"{DS}Signature"))
    return text(document)


def signed_assertion_alone() -> str:
    """The assertion as a document of its own, which exclusive canonicalisation allows."""
    return text(root().find(f"{SAML}Assertion"))


def broken_assertion_signature_in_a_signed_response() -> str:
    document = root()
    value = document.find(f"{SAML}Assertion/{DS}Signature/{DS}SignatureValue")
    value.text = value.text.strip()[::-1].lstrip("=") + "=="
    return samlcrypto.sign(text(document), RESPONSE_NODE, pem("provider"))


def broken_response_signature() -> str:
    document = root()
    document.set("Destination", "https://attacker.example/acs")
    return text(document)


def signature_in_extensions() -> str:
    document = root()
    holder = etree.SubElement(document, f"{SAMLP}Extensions")
    etree.SubElement(holder, "deeper").append(copy.deepcopy(document.find(f"{DS}Signature")))
    return text(document)


def signature_alone() -> str:
    return text(root().find(f"{DS}Signature"))


def encrypted_beside() -> str:
    document = root()
    etree.SubElement(document, f"{SAML}EncryptedAssertion")
    return text(document)


def object_in_a_signature() -> str:
    document = root()
    etree.SubElement(document.find(f"{SAML}Assertion/{DS}Signature"), f"{DS}Object")
    return text(document)


def _in_the_assertions_signature(change: Callable[[etree._Element], object]) -> str:
    document = root()
    change(document.find(f"{SAML}Assertion/{DS}Signature"))
    return text(document)


def reference_in_the_key_info() -> str:
    return _in_the_assertions_signature(
        lambda signature: etree.SubElement(etree.SubElement(signature, f"{DS}KeyInfo"), f"{DS}Reference")
    )


def reference_outside_the_signed_info() -> str:
    """The only one, so that counting all of them is not enough."""
    return _in_the_assertions_signature(
        lambda signature: etree.SubElement(signature, f"{DS}KeyInfo").append(signature.find(f".//{DS}Reference"))
    )


def without_an_id() -> str:
    document = root()
    assertion = document.find(f"{SAML}Assertion")
    del assertion.attrib["ID"]
    assertion.find(f"{DS}Signature/{DS}SignedInfo/{DS}Reference").set("URI", "#None")
    return text(document)


def signed_twice() -> str:
    return _in_the_assertions_signature(lambda signature: signature.addnext(copy.deepcopy(signature)))


def _transforms(*algorithms: str) -> str:
    def change(signature: etree._Element) -> None:
        parent = signature.find(f".//{DS}Transforms")
        parent[:] = [etree.Element(f"{DS}Transform", {"Algorithm": algorithm}) for algorithm in algorithms]

    return _in_the_assertions_signature(change)


def third_transform() -> str:
    return _transforms(f"{documents.DS[1:-1]}enveloped-signature", EXCLUSIVE, f"{EXCLUSIVE}WithComments")


def only_canonicalisation() -> str:
    return _transforms(EXCLUSIVE)


def two_canonicalisations() -> str:
    return _in_the_assertions_signature(
        lambda signature: signature[0].insert(0, copy.deepcopy(signature.find(f".//{DS}CanonicalizationMethod")))
    )


REFUSALS: list[tuple[Callable[[], str], str, str]] = [
    (documents.doctype, ASSERTION_NODE, "DOCTYPE"),
    (lambda: '<!DOCTYPE r SYSTEM "https://attacker.example/r.dtd">' + documents.response(), ASSERTION_NODE, "DOCTYPE"),
    (documents.truncated, ASSERTION_NODE, "well-formed"),
    (documents.same_id_on_both, ASSERTION_NODE, "same ID"),
    (documents.same_id_as_xml_id, ASSERTION_NODE, "same ID"),
    (documents.evil_before_original, ASSERTION_NODE, "There are 2 elements .*Assertion"),
    (documents.evil_wraps_original, ASSERTION_NODE, "An Assertion is hidden"),
    (documents.original_in_extensions, ASSERTION_NODE, "An Assertion is hidden"),
    (signature_in_extensions, ASSERTION_NODE, "A Signature stands where none belongs"),
    (signature_alone, ASSERTION_NODE, "A Signature stands where none belongs"),
    (object_in_a_signature, ASSERTION_NODE, "carries an Object"),
    (documents.response, NAME_ID_NODE, "neither the document element nor a child"),
    (documents.stripped, ASSERTION_NODE, "holds 0 signatures"),
    (signed_twice, ASSERTION_NODE, "holds 2 signatures"),
    (documents.two_references, ASSERTION_NODE, "exactly one Reference"),
    (reference_in_the_key_info, ASSERTION_NODE, "exactly one Reference"),
    (reference_outside_the_signed_info, ASSERTION_NODE, "exactly one Reference"),
    (without_an_id, ASSERTION_NODE, "does not point at the element"),
    (documents.whole_document_reference, ASSERTION_NODE, "does not point at the element"),
    (documents.detached_signature, RESPONSE_NODE, "does not point at the element"),
    (documents.sha1_signature, ASSERTION_NODE, "SignatureMethod is not allowed: .*rsa-sha1"),
    (documents.sha1_digest, ASSERTION_NODE, "DigestMethod is not allowed: .*sha1"),
    (documents.inclusive_canonicalisation, ASSERTION_NODE, "CanonicalizationMethod is not allowed: .*c14n-20010315"),
    (two_canonicalisations, ASSERTION_NODE, "CanonicalizationMethod is not allowed: 2 elements"),
    (documents.xslt_transform, ASSERTION_NODE, "The transforms must be"),
    (documents.xpath_in_place_of_a_transform, ASSERTION_NODE, "The transforms must be"),
    (third_transform, ASSERTION_NODE, "The transforms must be"),
    (only_canonicalisation, ASSERTION_NODE, "The transforms must be"),
    (documents.tampered_name, ASSERTION_NODE, "does not fit the document and the key"),
    (broken_response_signature, RESPONSE_NODE, "does not fit the document and the key"),
]


@pytest.mark.parametrize(
    ("document", "node", "rule"), REFUSALS, ids=[f"{number}-{rule[:30]}" for number, (*_, rule) in enumerate(REFUSALS)]
)
def test_a_broken_rule_is_named(document: Callable[[], str], node: str, rule: str) -> None:
    with pytest.raises(samlcrypto.SamlRefused, match=rule):
        samlcrypto.verify(document(), certificate(), node)


@pytest.mark.parametrize("document", [signed_response_only, signed_assertion_only])
def test_one_signature_is_enough(document: Callable[[], str]) -> None:
    assertion = samlcrypto.verified_assertion(document(), [certificate()])
    assert assertion.findtext(".//{*}NameID") == "ana@acme.example"


@pytest.mark.parametrize("document", [broken_assertion_signature_in_a_signed_response, broken_response_signature])
def test_a_signature_that_is_there_must_fit_where_the_other_one_would_do(document: Callable[[], str]) -> None:
    with pytest.raises(samlcrypto.SamlRefused, match="does not fit"):
        samlcrypto.verified_assertion(document(), [certificate()])


def test_an_assertion_alone_is_verified_but_is_no_response() -> None:
    document = signed_assertion_alone()
    assert samlcrypto.verify(document, certificate(), ASSERTION_NODE).get("ID") == "_assertion"
    with pytest.raises(samlcrypto.SamlRefused, match="not a SAML response"):
        samlcrypto.verified_assertion(document, [certificate()])


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (encrypted_beside, "1 readable assertions, not one"),
        (documents.evil_after_original, "2 readable assertions, not one"),
        (documents.stripped, "Neither the response nor its assertion is signed"),
    ],
)
def test_a_response_holds_one_signed_assertion(document: Callable[[], str], told: str) -> None:
    with pytest.raises(samlcrypto.SamlRefused, match=told):
        samlcrypto.verified_assertion(document(), [certificate()])


def test_the_last_byte_that_is_allowed() -> None:
    whole = "<r>" + "x" * (MAX_BYTES - len("<r></r>")) + "</r>"
    assert samlcrypto.parse(whole).tag == "r"
    with pytest.raises(samlcrypto.SamlRefused, match=f"more than {MAX_BYTES} bytes"):
        samlcrypto.parse(f"{whole} ")


def test_a_size_is_counted_in_bytes_not_characters() -> None:
    with pytest.raises(samlcrypto.SamlRefused, match="bytes"):
        samlcrypto.parse("<r>" + "é" * (MAX_BYTES // 2) + "</r>")


def test_text_may_declare_its_encoding() -> None:
    document = '<?xml version="1.0" encoding="UTF-8"?>' + documents.response()
    assert samlcrypto.parse(document).get("ID") == samlcrypto.parse(document.encode()).get("ID") == "_response"


def test_a_key_that_is_not_rsa_signs_nothing() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(samlcrypto.SamlRefused, match="could not be signed"):
        samlcrypto.sign(documents.response(), ASSERTION_NODE, other, "_assertion")


def test_the_backend_signs_an_object_of_pysaml2(tmp_path: Path) -> None:
    key_file = tmp_path / "key.pem"
    key_file.write_bytes(pem("provider"))
    statement = samlp.response_from_string(documents.response())
    signed = backend.XmlsecBackend().sign_statement(statement, ASSERTION_NODE, str(key_file), "_assertion")
    assert samlcrypto.verify(signed, certificate(), ASSERTION_NODE).get("ID") == "_assertion"
