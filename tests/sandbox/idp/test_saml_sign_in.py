"""Single sign-on with a pysaml2 service provider: both bindings, what is in the assertion, and what can be wrong."""

import base64
from typing import Any
from urllib.parse import quote

import pytest
import requests
from lxml import etree
from saml2 import BINDING_HTTP_POST
from saml2.response import UnsolicitedResponse
from saml2.sigver import MissingKey, SignatureError
from saml2.validate import ResponseLifetimeExceed

import samlcrypto
from sandbox.core import facts
from sandbox.idp.saml.service_provider import service_provider
from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.stand_ins import saml
from tests.sandbox.idp.driver import Browser, StandIns, hidden_fields
from tests.sandbox.idp.saml_party import Party, deflated, encoded, request_xml, xml_of

AWS = "https://aws.amazon.com/SAML/Attributes"
NAMES = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion", "samlp": "urn:oasis:names:tc:SAML:2.0:protocol"}


@pytest.fixture
def party(stand_ins: StandIns) -> Party:
    return Party(stand_ins)


def accepted(party: Party, person: str = "ana", **fields: str) -> Any:
    identifier, posted = party.answered(person, **fields)
    return party.accept(identifier, posted["SAMLResponse"])


def test_the_redirect_binding(party: Party) -> None:
    identifier, posted = party.answered("bo")
    response = party.accept(identifier, posted["SAMLResponse"])
    assert response.name_id.text == PEOPLE["bo"].email
    assert posted["RelayState"] == "run 7"


def test_the_post_binding(party: Party) -> None:
    identifier, sent = party.request(BINDING_HTTP_POST)
    fields = dict(hidden_fields(sent["data"].replace('" />', '">').replace("/>", ">")))
    browser = Browser()
    browser.page = browser.session.post(party.stand_ins.at("saml/sso/post"), data=fields)
    posted = dict(hidden_fields(browser.answer(person="bo", step="allow").text))
    assert party.accept(identifier, posted["SAMLResponse"]).name_id.text == PEOPLE["bo"].email
    assert posted["RelayState"] == "run 7"


def test_the_attributes_that_aws_and_the_application_look_at(party: Party) -> None:
    attributes = accepted(party, "devi").ava
    provider = facts.saml_provider_arn("000000000000")
    role = "arn:aws:iam::000000000000:role/"
    assert attributes[f"{AWS}/Role"] == [f"{role}LabAdmins,{provider}", f"{role}LabEngineers,{provider}"]
    assert attributes[f"{AWS}/RoleSessionName"] == ["devi"]
    assert attributes[f"{AWS}/SessionDuration"] == ["3600"]
    assert attributes[f"{AWS}/PrincipalTag:Department"] == ["Engineering"]
    assert attributes["tenant"] == ["boreal"]


def test_the_assertion_is_for_the_application_and_for_aws(party: Party) -> None:
    _, posted = party.answered()
    root = etree.fromstring(xml_of(posted["SAMLResponse"]).encode())
    audiences = root.xpath("//saml:Audience/text()", namespaces=NAMES)
    recipients = root.xpath("//saml:SubjectConfirmationData/@Recipient", namespaces=NAMES)
    own = service_provider(party.stand_ins.app_url)
    assert set(audiences) == {own.entity_id, "urn:amazon:webservices", "urn:amazon:cognito:sp:us-east-1_LabPool01"}
    assert recipients == [own.acs_url, "https://signin.aws.amazon.com/saml"]


def test_response_and_assertion_are_both_signed_with_the_published_key(party: Party) -> None:
    _, posted = party.answered()
    document = xml_of(posted["SAMLResponse"])
    certificate = etree.fromstring(party.metadata().encode()).findtext(".//{*}X509Certificate")
    der = base64.b64decode(certificate)
    for node in ("protocol:Response", "assertion:Assertion"):
        samlcrypto.verify(document, der, f"urn:oasis:names:tc:SAML:2.0:{node}")


def test_edited_attributes_are_what_is_signed(party: Party) -> None:
    response = accepted(party, claims='{"NameID": "someone@acme.example", "department": ["A", "B"]}')
    assert response.name_id.text == "someone@acme.example"
    assert response.ava == {"department": ["A", "B"]}


def test_declining_is_an_answer_with_a_status(party: Party) -> None:
    identifier, url = party.url()
    browser = Browser()
    browser.open(url)
    posted = dict(hidden_fields(browser.answer(step="deny").text))
    root = etree.fromstring(xml_of(posted["SAMLResponse"]).encode())
    assert root.get("InResponseTo") == identifier
    codes = root.xpath("//samlp:StatusCode/@Value", namespaces=NAMES)
    assert codes[-1].endswith(":RequestDenied")
    assert root.find(".//{*}Assertion") is None


@pytest.mark.parametrize(
    ("misbehaviour", "failure", "words"),
    [
        ("expired", ResponseLifetimeExceed, "too old"),
        ("wrong_audience", Exception, "AudienceRestrictions conditions not satisfied"),
        ("wrong_issuer", MissingKey, "issuer.example.net"),
        ("wrong_key", SignatureError, "Failed to verify signature"),
        ("unsigned", SignatureError, "Signature missing for response"),
        ("unsolicited", UnsolicitedResponse, "Unsolicited response"),
    ],
)
def test_what_is_wrong_on_purpose_is_refused_by_a_service_provider(
    party: Party, misbehaviour: str, failure: type[Exception], words: str
) -> None:
    identifier, posted = party.answered(misbehave=misbehaviour)
    message = posted["SAMLResponse"]
    with pytest.raises(failure, match=words):
        party.accept(identifier, message)


def test_a_response_to_another_request_is_refused(party: Party) -> None:
    _, posted = party.answered()
    message = posted["SAMLResponse"]
    with pytest.raises(UnsolicitedResponse):
        party.accept("id-of-another-request", message)


@pytest.mark.parametrize(
    ("misbehaviour", "absent"),
    [
        ("no_audience", "saml:AudienceRestriction"),
        ("no_role", f"saml:Attribute[@Name='{AWS}/Role']"),
        ("wrong_recipient", "saml:SubjectConfirmationData[starts-with(@Recipient, 'http://127.0.0.1')]"),
    ],
)
def test_what_a_service_provider_has_to_look_for_itself(party: Party, misbehaviour: str, absent: str) -> None:
    """pysaml2 lets these through; the application and AWS have checks of their own."""
    _, good = party.answered()
    _, bad = party.answered(misbehave=misbehaviour)
    counts = [
        len(etree.fromstring(xml_of(posted["SAMLResponse"]).encode()).xpath(f"//{absent}", namespaces=NAMES))
        for posted in (good, bad)
    ]
    assert counts[0] > 0
    assert counts[1] == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("http://127.0.0.1:8000/saml/metadata/", "https://attacker.example/metadata/"),
        ("http://127.0.0.1:8000/saml/acs/", "https://attacker.example/acs/"),
        ("/idp/saml/sso/redirect", "/elsewhere"),
        ('Version="2.0"', 'Version="1.1"'),
        ("bindings:HTTP-POST", "bindings:HTTP-Artifact"),
        ("AuthnRequest>", "AuthnRequest"),
    ],
)
def test_a_request_that_is_not_in_order_is_refused(party: Party, old: str, new: str) -> None:
    _, url = party.url()
    xml = request_xml(url)
    assert old in xml
    page = requests.get(party.stand_ins.at(f"saml/sso/redirect?SAMLRequest={quote(deflated(xml.replace(old, new)))}"))
    assert page.status_code == 400
    assert 'name="person"' not in page.text


def test_a_request_with_a_doctype_is_refused(party: Party) -> None:
    _, url = party.url()
    xml = "<!DOCTYPE x [<!ENTITY e 'v'>]>" + request_xml(url)
    page = requests.get(party.stand_ins.at(f"saml/sso/redirect?SAMLRequest={quote(deflated(xml))}"))
    assert page.status_code == 400
    assert "DOCTYPE" in page.text


@pytest.mark.parametrize("message", ["", "garbage", encoded("<a/>"), encoded(b"\xff" * 9), deflated("x" * 3_000_000)])
def test_a_message_that_is_none_is_refused(party: Party, message: str) -> None:
    assert requests.get(party.stand_ins.at("saml/sso/redirect"), params={"SAMLRequest": message}).status_code == 400
    assert requests.post(party.stand_ins.at("saml/sso/post"), data={"SAMLRequest": message}).status_code == 400


def test_the_metadata_names_both_bindings(party: Party) -> None:
    root = etree.fromstring(party.metadata().encode())
    places = {each.get("Binding"): each.get("Location") for each in root.findall(".//{*}SingleSignOnService")}
    assert sorted(place.rpartition("/")[2] for place in places.values()) == ["post", "redirect"]
    assert root.get("entityID") == saml.entity_id(party.stand_ins.lab)
