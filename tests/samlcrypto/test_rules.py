"""Each rule refuses on its own, whether or not the next one would have: the refusal names the rule."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from saml2 import samlp
from saml2.sigver import SignatureError

import samlcrypto
from samlcrypto import backend
from samlcrypto.documents import MAX_BYTES
from samlcrypto.signatures import ASSERTION_NODE, RESPONSE_NODE
from tests.samlcrypto import attacks, documents
from tests.samlcrypto.documents import DS, SAML, SAMLP, Genuine, certificate, genuine, pem, text

NAME_ID_NODE = "urn:oasis:names:tc:SAML:2.0:assertion:NameID"
GENUINE = genuine()


def signed_response_only() -> str:
    """The assertion has no signature of its own."""
    document = GENUINE.root()
    signature = document.find(f"{SAML}Assertion/{DS}Signature")
    signature.getparent().remove(signature)
    return samlcrypto.sign(text(document), RESPONSE_NODE, pem("provider"))


def signed_assertion_only() -> str:
    return Genuine(GENUINE.answer, response_signed=False).text()


REFUSALS: list[tuple[Callable[[Genuine], str | bytes], str, str]] = [
    (attacks.doctype, ASSERTION_NODE, "DOCTYPE"),
    (attacks.external_doctype, ASSERTION_NODE, "DOCTYPE"),
    (attacks.truncated, ASSERTION_NODE, "well-formed"),
    (attacks.same_id_on_both, ASSERTION_NODE, "same ID"),
    (attacks.same_id_in_another_spelling, ASSERTION_NODE, "same ID"),
    (attacks.same_id_as_xml_id, ASSERTION_NODE, "same ID"),
    (attacks.evil_before_original, ASSERTION_NODE, "There are 2 elements .*Assertion"),
    (attacks.evil_wraps_original, ASSERTION_NODE, "An Assertion is hidden"),
    (attacks.original_in_extensions, ASSERTION_NODE, "An Assertion is hidden"),
    (attacks.signature_in_extensions, ASSERTION_NODE, "A Signature stands where none belongs"),
    (attacks.signature_in_the_issuer, ASSERTION_NODE, "A Signature stands where none belongs"),
    (attacks.signature_alone, ASSERTION_NODE, "A Signature stands where none belongs"),
    (attacks.object_in_a_signature, ASSERTION_NODE, "carries an Object"),
    (Genuine.text, NAME_ID_NODE, "neither the document element nor a child"),
    (attacks.stripped, ASSERTION_NODE, "holds 0 signatures"),
    (attacks.signed_twice, ASSERTION_NODE, "holds 2 signatures"),
    (attacks.two_references, ASSERTION_NODE, "exactly one Reference"),
    (attacks.reference_in_the_key_info, ASSERTION_NODE, "exactly one Reference"),
    (attacks.reference_outside_the_signed_info, ASSERTION_NODE, "exactly one Reference"),
    (attacks.without_an_id, ASSERTION_NODE, "does not point at the element"),
    (attacks.whole_document_reference, ASSERTION_NODE, "does not point at the element"),
    (attacks.detached_signature, RESPONSE_NODE, "does not point at the element"),
    (attacks.sha1_signature, ASSERTION_NODE, "SignatureMethod is not allowed: .*rsa-sha1"),
    (attacks.sha1_digest, ASSERTION_NODE, "DigestMethod is not allowed: .*sha1"),
    (attacks.inclusive_canonicalisation, ASSERTION_NODE, "CanonicalizationMethod is not allowed: .*c14n-20010315"),
    (attacks.really_signed_with_sha1, ASSERTION_NODE, "SignatureMethod is not allowed: .*rsa-sha1"),
    (attacks.really_signed_with_comments, ASSERTION_NODE, "CanonicalizationMethod is not allowed: .*WithComments"),
    (attacks.two_canonicalisations, ASSERTION_NODE, "CanonicalizationMethod is not allowed: 2 elements"),
    (attacks.xslt_transform, ASSERTION_NODE, "The transforms must be"),
    (attacks.xpath_in_place_of_a_transform, ASSERTION_NODE, "The transforms must be"),
    (attacks.third_transform, ASSERTION_NODE, "The transforms must be"),
    (attacks.only_canonicalisation, ASSERTION_NODE, "The transforms must be"),
    (attacks.tampered_name, ASSERTION_NODE, "does not fit the document and the key"),
    (attacks.broken_response_signature, RESPONSE_NODE, "does not fit the document and the key"),
]


@pytest.mark.parametrize(
    ("document", "node", "rule"), REFUSALS, ids=[f"{number}-{rule[:30]}" for number, (*_, rule) in enumerate(REFUSALS)]
)
def test_a_broken_rule_is_named(document: Callable[[Genuine], str | bytes], node: str, rule: str) -> None:
    with pytest.raises(samlcrypto.SamlRefused, match=rule):
        samlcrypto.verify(document(GENUINE), certificate(), node)


@pytest.mark.parametrize("document", [signed_response_only, signed_assertion_only])
def test_one_signature_is_enough(document: Callable[[], str]) -> None:
    assertion = samlcrypto.verified_assertion(document(), [certificate()])
    assert assertion.findtext(".//{*}NameID") == "ana@acme.example"


@pytest.mark.parametrize(
    "document", [attacks.broken_assertion_signature_in_a_signed_response, attacks.broken_response_signature]
)
def test_a_signature_that_is_there_must_fit_where_the_other_one_would_do(document: Callable[[Genuine], str]) -> None:
    with pytest.raises(samlcrypto.SamlRefused, match="does not fit"):
        samlcrypto.verified_assertion(document(GENUINE), [certificate()])


def test_an_assertion_alone_is_verified_but_is_no_response() -> None:
    document = attacks.assertion_alone(GENUINE)
    assert samlcrypto.verify(document, certificate(), ASSERTION_NODE).get("ID") == "_assertion"
    with pytest.raises(samlcrypto.SamlRefused, match="not a SAML response"):
        samlcrypto.verified_assertion(document, [certificate()])


@pytest.mark.parametrize(
    ("document", "told", "signature"),
    [
        (attacks.another_message, "not a SAML response", False),
        (attacks.no_success, "reports no success", False),
        (attacks.no_status, "reports no success", False),
        (attacks.encrypted_beside, "1 readable assertions, not one", False),
        (attacks.encrypted_inside, "1 readable assertions, not one", False),
        (attacks.evil_after_original, "2 readable assertions, not one", False),
        (attacks.truncated, "not well-formed", False),
        (attacks.doctype, "DOCTYPE", False),
        (attacks.stripped, "Neither the response nor its assertion is signed", True),
        (attacks.signed_twice, "holds 2 signatures", True),
        (attacks.same_id_as_xml_id, "same ID", True),
        (attacks.signature_in_extensions, "A Signature stands where none belongs", True),
        (attacks.object_in_a_signature, "carries an Object", True),
        (attacks.two_references, "exactly one Reference", True),
        (attacks.whole_document_reference, "does not point at", True),
        (attacks.third_transform, "The transforms must be", True),
        (attacks.sha1_digest, "DigestMethod is not allowed", True),
        (attacks.foreign_key_without_key_info, "does not fit", True),
    ],
)
def test_a_refusal_says_whether_it_is_the_signature(
    document: Callable[[Genuine], str], told: str, signature: bool
) -> None:
    with pytest.raises(samlcrypto.SamlRefused, match=told) as refused:
        samlcrypto.verified_assertion(document(GENUINE), [certificate()])
    assert refused.value.signature is signature


def test_an_assertion_that_is_hidden_is_none() -> None:
    """One that stands alone, but deeper than where it is looked for."""
    document = GENUINE.root()
    holder = etree.SubElement(document, f"{SAMLP}Extensions")
    holder.append(document.find(f"{SAML}Assertion"))
    with pytest.raises(samlcrypto.SamlRefused, match="not stand directly below"):
        samlcrypto.verified_assertion(text(document), [certificate()])


def test_the_last_byte_that_is_allowed() -> None:
    whole = "<r>" + "x" * (MAX_BYTES - len("<r></r>")) + "</r>"
    assert samlcrypto.parse(whole).tag == "r"
    with pytest.raises(samlcrypto.SamlRefused, match=f"more than {MAX_BYTES} bytes"):
        samlcrypto.parse(f"{whole} ")


def test_a_size_is_counted_in_bytes_not_characters() -> None:
    with pytest.raises(samlcrypto.SamlRefused, match="bytes"):
        samlcrypto.parse("<r>" + "é" * (MAX_BYTES // 2) + "</r>")


def test_an_element_has_no_thousands_of_attributes() -> None:
    """Each would be looked for among all of them: a document of the largest size took minutes."""

    def document(attributes: int) -> str:
        named = " ".join(f"a{number}=''" for number in range(attributes))
        return f"<r><e {named}/></r>"

    assert samlcrypto.parse(document(100)).tag == "r"
    for attributes in (101, 25_000):
        with pytest.raises(samlcrypto.SamlRefused, match="more than 100 attributes"):
            samlcrypto.parse(document(attributes))


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
    with pytest.raises(SignatureError, match="holds 0 signatures"):
        backend.XmlsecBackend().sign_statement(attacks.stripped(GENUINE), ASSERTION_NODE, str(key_file), "_assertion")
