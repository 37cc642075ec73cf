"""The keys in an identity provider's metadata, and what it takes to verify with them."""

import subprocess
import sys

import pytest

import samlcrypto
from sandbox.idp.saml.responses import REDIRECT_BINDING, metadata
from tests.samlcrypto.documents import certificate, response

IDP = "https://idp.example/metadata"


def published(*names: str) -> str:
    return metadata(IDP, {REDIRECT_BINDING: "https://idp.example/sso"}, [certificate(name) for name in names])


def test_every_signing_key_of_the_provider_counts() -> None:
    found = samlcrypto.signing_certificates(published("next", "provider"), IDP)
    assert found == [certificate("next"), certificate()]
    assert samlcrypto.verified_assertion(response(), found).get("ID") == "_assertion"


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        (('use="signing"', ""), 1),  # a key without a use is for signing, too
        (('use="signing"', 'use="encryption"'), 0),
        ((IDP, "https://elsewhere.example"), 0),
        (("IDPSSODescriptor", "SPSSODescriptor"), 0),
    ],
)
def test_other_keys_do_not(change: tuple[str, str], keys: int) -> None:
    document = published("provider")
    assert change[0] in document
    assert len(samlcrypto.signing_certificates(document.replace(*change), IDP)) == keys


def test_an_entity_among_others_is_found() -> None:
    federation = '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{}{}</md:EntitiesDescriptor>'
    other = metadata("https://other.example", {}, [certificate("next")])
    assert samlcrypto.signing_certificates(federation.format(other, published("provider")), IDP) == [certificate()]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (published("provider").replace("MII", "MII="), "not base64"),
        ("<md", "not well-formed"),
        ("<!DOCTYPE r>" + published("provider"), "DOCTYPE"),
    ],
)
def test_metadata_that_cannot_be_read(document: str, told: str) -> None:
    with pytest.raises(samlcrypto.SamlRefused, match=told):
        samlcrypto.signing_certificates(document, IDP)


def test_metadata_may_be_larger_than_a_message() -> None:
    document = published("provider").replace("</", f"<!-- {'x' * 1_000_000} --></", 1)
    assert samlcrypto.signing_certificates(document, IDP) == [certificate()]
    with pytest.raises(samlcrypto.SamlRefused, match="bytes"):
        samlcrypto.signing_certificates("x" * (samlcrypto.MAX_METADATA_BYTES + 1), IDP)


def test_verifying_needs_no_pysaml2() -> None:
    """The sandbox starts without it."""
    program = "import sys, samlcrypto; sys.exit('saml2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
