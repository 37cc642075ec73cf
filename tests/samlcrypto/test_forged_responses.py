"""Forged and malformed responses, against the verifier."""

import pytest

import samlcrypto
from samlcrypto.signatures import ASSERTION_NODE, RESPONSE_NODE
from tests.samlcrypto import attacks, documents
from tests.samlcrypto.attacks import ATTACKS
from tests.samlcrypto.documents import Genuine, certificate, genuine, response

BOTH_SIGNED = genuine()
ASSERTION_SIGNED = Genuine(BOTH_SIGNED.answer, response_signed=False)


def test_the_genuine_response_is_accepted() -> None:
    for document in (BOTH_SIGNED.text(), ASSERTION_SIGNED.text()):
        assertion = samlcrypto.verified_assertion(document, [certificate()])
        assert assertion.findtext(".//{*}NameID") == "ana@acme.example"
    samlcrypto.verify(response(), certificate(), RESPONSE_NODE, "_response")
    samlcrypto.verify(response(), certificate(), ASSERTION_NODE, "_assertion")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_yields_no_assertion(attack: str) -> None:
    for start in (BOTH_SIGNED, ASSERTION_SIGNED):
        with pytest.raises(samlcrypto.SamlRefused):
            samlcrypto.verified_assertion(ATTACKS[attack](start), [certificate()])


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_passes_both_signatures_checks(attack: str) -> None:
    document = ATTACKS[attack](BOTH_SIGNED)
    with pytest.raises(samlcrypto.SamlRefused):
        verify_both(document)


def verify_both(document: str | bytes) -> None:
    samlcrypto.verify(document, certificate(), ASSERTION_NODE, "_assertion")
    samlcrypto.verify(document, certificate(), RESPONSE_NODE, "_response")


def test_a_comment_cannot_cut_a_name_short() -> None:
    """It is dropped: where it was put in afterwards the signature does not notice, and the name is whole."""
    document = response().replace("ana@acme.example", "ana@acme.<!-- -->example")
    assertion = samlcrypto.verified_assertion(document, [certificate()])
    assert assertion.find(".//{*}NameID").text == "ana@acme.example"
    longer = response().replace("ana@acme.example", "ana@acme.example<!-- -->.attacker.example")
    with pytest.raises(samlcrypto.SamlRefused):
        samlcrypto.verified_assertion(longer, [certificate()])


def test_the_second_certificate_may_be_the_one() -> None:
    """Both are published while a key is being rotated."""
    assert samlcrypto.verified_assertion(response(), [certificate("next"), certificate()]) is not None


@pytest.mark.parametrize(
    ("certificates", "told"),
    [
        ([], "No certificate"),
        ([b""], "cannot be read"),
        ([b"garbage"], "cannot be read"),
        ([b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"], "cannot be read"),
    ],
)
def test_without_a_certificate_nothing_is_believed(certificates: list[bytes], told: str) -> None:
    with pytest.raises(samlcrypto.SamlRefused, match=told) as refused:
        samlcrypto.verified_assertion(response(), certificates)
    assert refused.value.signature


def test_a_short_key_is_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from sandbox.core.signing_keys import self_signed

    short = self_signed(rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505 (that is the point)
    with pytest.raises(samlcrypto.SamlRefused, match="2048"):
        samlcrypto.verify(response(), short, ASSERTION_NODE)


def test_signing_asks_for_a_template_in_its_place() -> None:
    with pytest.raises(samlcrypto.SamlRefused):
        samlcrypto.sign(attacks.stripped(BOTH_SIGNED), ASSERTION_NODE, documents.pem("provider"))


def test_signing_refuses_a_weak_template() -> None:
    with pytest.raises(samlcrypto.SamlRefused, match="SignatureMethod"):
        samlcrypto.sign(attacks.sha1_signature(BOTH_SIGNED), ASSERTION_NODE, documents.pem("provider"), "_assertion")
