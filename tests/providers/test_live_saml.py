"""SAML against its specification and an identity provider of its own, with the endpoint map empty."""

import base64
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pytest_django import Settings

from tests.providers.browser import Browser, FromProvider
from tests.providers.wire import ProviderWire
from tests.sandbox.saml_idp import NS, SamlIdp, encode

SAML_ENTITY_ID = "urn:amazon:cognito:sp:eu-west-1:9b7bd4b1-53a5-4b3c-8a8c-3f9a2f0c7e11"
SAML_PROVIDER_ARN = "arn:aws:iam::123456789012:saml-provider/Staff"
ACS = "http://127.0.0.1:8000/saml/acs/"


@pytest.fixture
def saml(live: ProviderWire, settings: Settings) -> SamlIdp:
    """An identity provider, which this application knows by the URL of its metadata."""
    idp = SamlIdp("https://id.example.com/saml")
    settings.SAML_METADATA_URL = "https://id.example.com/saml/metadata"
    settings.SAML_ENTITY_ID, settings.SAML_PROVIDER_ARN = SAML_ENTITY_ID, SAML_PROVIDER_ARN
    live.answers["GET id.example.com/saml/metadata"] = lambda _: (200, idp.metadata)
    return idp


def saml_answer(idp: SamlIdp, asked: dict[str, str], **attributes: list[str]) -> str:
    """The response to a request, as section 4.1.4.2 of the profile wants it."""
    response = idp.tree(audience=SAML_ENTITY_ID, attributes=attributes, sign="none")
    request_id = authn_request(asked).get("ID")
    response.set("InResponseTo", request_id)
    response.set("Destination", ACS)
    bearer = response.find(".//saml:SubjectConfirmationData", NS)
    bearer.set("InResponseTo", request_id)
    bearer.set("Recipient", ACS)
    assertion = response.find("saml:Assertion", NS)
    place = assertion
    for name in ("AuthnStatement", "AuthnContext", "AuthnContextClassRef"):
        place = etree.SubElement(place, f"{{{NS['saml']}}}{name}")
    assertion.find("saml:AuthnStatement", NS).set("AuthnInstant", assertion.get("IssueInstant"))
    place.text = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    idp.sign(assertion)
    return encode(response)


def authn_request(asked: dict[str, str]) -> Any:
    """SAML 2.0 Bindings, section 3.4.4.1: the request, deflated and in base64."""
    return etree.fromstring(zlib.decompress(base64.b64decode(asked["SAMLRequest"]), -15))


def test_saml_by_the_url_of_the_metadata(ana: Browser, live: ProviderWire, saml: SamlIdp) -> None:
    """https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf (3.4.1),
    https://docs.oasis-open.org/security/saml/v2.0/saml-profiles-2.0-os.pdf (4.1.4.1)"""
    address, asked = ana.request_of(ana.begin("saml"))

    assert live.called("GET", "id.example.com/saml/metadata").query == {}
    assert address == "https://idp.example.com/sso"
    assert set(asked) == {"SAMLRequest", "RelayState"}
    assert re.fullmatch(r"[A-Za-z0-9_.~-]{32,80}", asked["RelayState"])  # Bindings, 3.4.3
    request = authn_request(asked)
    assert request.tag == f"{{{NS['samlp']}}}AuthnRequest"
    attributes = dict(request.attrib)
    assert re.fullmatch(r"[A-Za-z_][\w.-]{15,}", attributes.pop("ID"))  # xs:ID, and unguessable
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", attributes.pop("IssueInstant"))
    assert attributes == {
        "Version": "2.0",
        "Destination": "https://idp.example.com/sso",
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        "AssertionConsumerServiceURL": ACS,
    }
    assert request.findtext("saml:Issuer", namespaces=NS) == SAML_ENTITY_ID
    assert dict(request.find("samlp:NameIDPolicy", NS).attrib) == {
        "AllowCreate": "false",
        "Format": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    }
    assert [etree.QName(child).localname for child in request] == ["Issuer", "NameIDPolicy"]

    answer = saml_answer(saml, asked, department=["Sales"])
    response = ana.arrive(
        FromProvider("/saml/acs/", {"SAMLResponse": answer, "RelayState": asked["RelayState"]}, posted=True)
    )
    assert (response.status_code, response["Location"]) == (302, "/runs/run-0001/signed-in/")
    artifact = ana.artifact()
    assert artifact.logins == {SAML_PROVIDER_ARN: answer}
    assert (artifact.subject, artifact.issuer) == ("s-1", "https://id.example.com/saml")


def test_saml_by_a_metadata_file_and_another_address(
    ana: Browser, live: ProviderWire, saml: SamlIdp, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "idp.xml").write_text(saml.metadata)
    settings.SAML_METADATA_URL, settings.SAML_METADATA_FILE = "", str(tmp_path / "idp.xml")
    settings.SAML_SSO_URL = "https://login.shop.example/saml/sso"
    address, asked = ana.request_of(ana.begin("saml"))
    assert address == "https://login.shop.example/saml/sso"
    assert authn_request(asked).get("Destination") == "https://login.shop.example/saml/sso"
    answer = {"SAMLResponse": saml_answer(saml, asked, department=["Sales"]), "RelayState": asked["RelayState"]}
    ana.arrive(FromProvider("/saml/acs/", answer, posted=True))
    assert ana.outcome().outcome == "succeeded"
    assert live.arrivals == []


def test_saml_response_that_breaks_the_schema_is_not_called_badly_signed(
    ana: Browser, live: ProviderWire, saml: SamlIdp
) -> None:
    """An AttributeStatement without an attribute, as some identity providers send where none is mapped."""
    _, asked = ana.request_of(ana.begin("saml"))
    answer = {"SAMLResponse": saml_answer(saml, asked), "RelayState": asked["RelayState"]}
    ana.arrive(FromProvider("/saml/acs/", answer, posted=True))
    outcome = ana.outcome()
    assert (outcome.outcome, outcome.error_code) == ("refused", "saml_schema")
    assert "AttributeStatement" in outcome.error_message
    assert [one["check"] for one in outcome.checks] == ["Schema"]
