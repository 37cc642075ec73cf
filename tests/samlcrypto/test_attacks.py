"""Forged and malformed responses, against samlcrypto alone and against pysaml2 with it."""

import pytest

import samlcrypto
from tests.samlcrypto import documents
from tests.samlcrypto.documents import ASSERTION_NODE, ATTACKS, RESPONSE_NODE, certificate, response


def test_the_genuine_response_is_accepted() -> None:
    assertion = samlcrypto.verified_assertion(response(), [certificate()])
    assert assertion.findtext(".//{*}NameID") == "ana@acme.example"
    samlcrypto.verify(response(), certificate(), RESPONSE_NODE, "_response")
    samlcrypto.verify(response(), certificate(), ASSERTION_NODE, "_assertion")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_yields_no_assertion(attack: str) -> None:
    with pytest.raises(samlcrypto.SamlRefused):
        samlcrypto.verified_assertion(ATTACKS[attack](), [certificate()])


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_passes_both_signatures_checks(attack: str) -> None:
    document = ATTACKS[attack]()
    with pytest.raises(samlcrypto.SamlRefused):
        verify_both(document)


def verify_both(document: str) -> None:
    samlcrypto.verify(document, certificate(), ASSERTION_NODE, "_assertion")
    samlcrypto.verify(document, certificate(), RESPONSE_NODE, "_response")


def test_a_comment_cannot_cut_a_name_short() -> None:
    document = response().replace("ana@acme.example", "ana@acme.example<!-- -->.attacker.example")
    with pytest.raises(samlcrypto.SamlRefused):
        samlcrypto.verified_assertion(document, [certificate()])


def test_the_second_certificate_may_be_the_one() -> None:
    """Both are published while a key is being rotated."""
    assert samlcrypto.verified_assertion(response(), [certificate("next"), certificate()]) is not None


def test_without_certificates_nothing_is_believed() -> None:
    with pytest.raises(samlcrypto.SamlRefused):
        samlcrypto.verified_assertion(response(), [])


@pytest.mark.parametrize("broken", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"])
def test_a_certificate_that_is_none_is_refused(broken: bytes) -> None:
    with pytest.raises(samlcrypto.SamlRefused):
        samlcrypto.verify(response(), broken, ASSERTION_NODE)


def test_a_short_key_is_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from sandbox.idp.storage.keys import self_signed

    short = self_signed(rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505 (that is the point)
    with pytest.raises(samlcrypto.SamlRefused, match="2048"):
        samlcrypto.verify(response(), short, ASSERTION_NODE)


def test_signing_asks_for_a_template_in_its_place() -> None:
    with pytest.raises(samlcrypto.SamlRefused):
        samlcrypto.sign(documents.stripped(), ASSERTION_NODE, documents.pem("provider"))


def test_signing_refuses_a_weak_template() -> None:
    with pytest.raises(samlcrypto.SamlRefused, match="SignatureMethod"):
        samlcrypto.sign(documents.sha1_signature(), ASSERTION_NODE, documents.pem("provider"), "_assertion")
