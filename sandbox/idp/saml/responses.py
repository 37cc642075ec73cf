"""SAML responses and metadata: the documents, and what is wrong with them on purpose."""

import base64
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from saml2 import md, saml, samlp, xmldsig

import samlcrypto
from samlcrypto.signatures import ASSERTION_NODE, RESPONSE_NODE
from sandbox.core.clock import Moment
from sandbox.idp.sign_in.mistakes import FOREIGN_AUDIENCE, FOREIGN_ISSUER

AWS_AUDIENCE = "urn:amazon:webservices"
AWS_RECIPIENT = "https://signin.aws.amazon.com/saml"
ASSERTION_SECONDS = 300
SESSION_SECONDS = 3600
REDIRECT_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
URI_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
BASIC_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
RESPONDER = "urn:oasis:names:tc:SAML:2.0:status:Responder"
DENIED = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"
PASSWORD_CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"  # noqa: S105
PREFIXES = {"samlp": samlp.NAMESPACE, "saml": saml.NAMESPACE, "ds": xmldsig.NAMESPACE, "md": md.NAMESPACE}
ROLE_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/Role"


@dataclass(frozen=True, slots=True)
class ResponseParts:
    """What a response is made of.

    Attributes:
        in_response_to: id of the request.
        audiences: for whom the assertion is: the application, AWS, and the identity pools that take it.
        attributes: name -> value or list of values.
    """

    issuer: str
    acs_url: str
    in_response_to: str
    name_id: str
    audiences: tuple[str, ...]
    attributes: dict[str, Any]
    moment: Moment
    misbehaviour: str = ""
    assertion_id: str = field(default_factory=lambda: f"_{uuid.uuid4().hex}")
    response_id: str = field(default_factory=lambda: f"_{uuid.uuid4().hex}")


def _xml(element: Any) -> str:
    """The element with the prefixes that everybody writes."""
    return str(element.to_string(PREFIXES).decode())


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signed_response(answer: ResponseParts, key: rsa.RSAPrivateKey, certificate: bytes) -> str:
    """The response as XML, response and assertion both signed (RSA-SHA256, exclusive canonicalisation).

    Args:
        certificate: DER; rides along in KeyInfo, as usual.
    """
    document = _response(answer, certificate)
    if answer.misbehaviour == "unsigned":
        return document
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    document = samlcrypto.sign(document, ASSERTION_NODE, pem, answer.assertion_id)
    return samlcrypto.sign(document, RESPONSE_NODE, pem, answer.response_id)


def validity(answer: ResponseParts) -> tuple[int, int]:
    """Epoch seconds from which and before which the assertion is good."""
    if answer.misbehaviour == "expired":
        return answer.moment.start - 7200, answer.moment.start - 3600
    return answer.moment.start, answer.moment.end_base + ASSERTION_SECONDS


def _response(answer: ResponseParts, certificate: bytes) -> str:
    issuer = FOREIGN_ISSUER if answer.misbehaviour == "wrong_issuer" else answer.issuer
    signed = answer.misbehaviour != "unsigned"
    response = samlp.Response(
        id=answer.response_id,
        version="2.0",
        issue_instant=_stamp(answer.moment.machine),
        destination=answer.acs_url,
        in_response_to=None if answer.misbehaviour == "unsolicited" else answer.in_response_to,
        issuer=saml.Issuer(text=issuer),
        signature=_template(answer.response_id, certificate) if signed else None,
        status=samlp.Status(status_code=samlp.StatusCode(value=SUCCESS)),
        assertion=_assertion(answer, issuer, certificate if signed else None),
    )
    return _xml(response)


def _assertion(answer: ResponseParts, issuer: str, certificate: bytes | None) -> Any:
    start, end = validity(answer)
    return saml.Assertion(
        id=answer.assertion_id,
        version="2.0",
        issue_instant=_stamp(start if answer.misbehaviour == "expired" else answer.moment.machine),
        issuer=saml.Issuer(text=issuer),
        signature=_template(answer.assertion_id, certificate) if certificate else None,
        subject=_subject(answer, _stamp(end)),
        conditions=saml.Conditions(
            not_before=_stamp(start), not_on_or_after=_stamp(end), audience_restriction=_restriction(answer)
        ),
        authn_statement=saml.AuthnStatement(
            authn_instant=_stamp(start),
            session_index=answer.assertion_id,
            session_not_on_or_after=_stamp(end - ASSERTION_SECONDS + SESSION_SECONDS),
            authn_context=saml.AuthnContext(authn_context_class_ref=saml.AuthnContextClassRef(text=PASSWORD_CONTEXT)),
        ),
        attribute_statement=_attributes(answer),
    )


def _restriction(answer: ResponseParts) -> Any:
    if answer.misbehaviour == "no_audience":
        return None
    audiences = (FOREIGN_AUDIENCE,) if answer.misbehaviour == "wrong_audience" else answer.audiences
    return saml.AudienceRestriction(audience=[saml.Audience(text=audience) for audience in audiences])


def _subject(answer: ResponseParts, end: str) -> Any:
    """One confirmation for the application, and one for AWS, which looks for its own address.

    Both carry InResponseTo: pysaml2 on the application's side insists on the same value in each.
    """
    in_response_to = None if answer.misbehaviour == "unsolicited" else answer.in_response_to
    wrong = answer.misbehaviour == "wrong_recipient"
    recipients = (f"{FOREIGN_ISSUER}/acs",) if wrong else (answer.acs_url, AWS_RECIPIENT)
    return saml.Subject(
        name_id=saml.NameID(text=answer.name_id, format=EMAIL_FORMAT),
        subject_confirmation=[
            saml.SubjectConfirmation(
                method=saml.SCM_BEARER,
                subject_confirmation_data=saml.SubjectConfirmationData(
                    in_response_to=in_response_to, not_on_or_after=end, recipient=recipient
                ),
            )
            for recipient in recipients
        ],
    )


def _attributes(answer: ResponseParts) -> Any:
    attributes = dict(answer.attributes)
    if answer.misbehaviour == "no_role":
        attributes.pop(ROLE_ATTRIBUTE, None)
    if not attributes:
        return None
    return saml.AttributeStatement(attribute=[_attribute(name, value) for name, value in attributes.items()])


def _attribute(name: str, value: Any) -> Any:
    values = value if isinstance(value, list) else [value]
    return saml.Attribute(
        name=name,
        name_format=URI_FORMAT if "://" in name else BASIC_FORMAT,
        attribute_value=[saml.AttributeValue(text=str(each)) for each in values],
    )


def _template(identifier: str, certificate: bytes) -> Any:
    """An empty signature over the element with that ID, to be filled in by samlcrypto."""
    transforms = [
        xmldsig.Transform(algorithm=xmldsig.TRANSFORM_ENVELOPED),
        xmldsig.Transform(algorithm=xmldsig.TRANSFORM_C14N),
    ]
    return xmldsig.Signature(
        signed_info=xmldsig.SignedInfo(
            canonicalization_method=xmldsig.CanonicalizationMethod(algorithm=xmldsig.TRANSFORM_C14N),
            signature_method=xmldsig.SignatureMethod(algorithm=xmldsig.SIG_RSA_SHA256),
            reference=xmldsig.Reference(
                uri=f"#{identifier}",
                transforms=xmldsig.Transforms(transform=transforms),
                digest_method=xmldsig.DigestMethod(algorithm=xmldsig.DIGEST_SHA256),
                digest_value=xmldsig.DigestValue(),
            ),
        ),
        signature_value=xmldsig.SignatureValue(),
        key_info=_key_info(certificate),
    )


def _key_info(certificate: bytes) -> Any:
    text = base64.b64encode(certificate).decode()
    return xmldsig.KeyInfo(x509_data=xmldsig.X509Data(x509_certificate=xmldsig.X509Certificate(text=text)))


def denial(issuer: str, acs_url: str, in_response_to: str, moment: Moment) -> str:
    """The response to a request that the person declined: status RequestDenied, no assertion, nothing to sign."""
    status = samlp.Status(
        status_code=samlp.StatusCode(value=RESPONDER, status_code=samlp.StatusCode(value=DENIED)),
        status_message=samlp.StatusMessage(text="The person declined to sign in."),
    )
    response = samlp.Response(
        id=f"_{uuid.uuid4().hex}",
        version="2.0",
        issue_instant=_stamp(moment.machine),
        destination=acs_url,
        in_response_to=in_response_to,
        issuer=saml.Issuer(text=issuer),
        status=status,
    )
    return _xml(response)


def metadata(entity_id: str, sso_urls: dict[str, str], certificates: list[bytes]) -> str:
    """The provider's metadata as IAM's CreateSAMLProvider and the application want it.

    Args:
        sso_urls: binding -> address.
        certificates: DER of every key that may have signed, the active one first.
    """
    descriptor = md.IDPSSODescriptor(
        protocol_support_enumeration=samlp.NAMESPACE,
        want_authn_requests_signed="false",
        key_descriptor=[md.KeyDescriptor(use="signing", key_info=_key_info(each)) for each in certificates],
        name_id_format=md.NameIDFormat(text=EMAIL_FORMAT),
        single_sign_on_service=[
            md.SingleSignOnService(binding=binding, location=location) for binding, location in sso_urls.items()
        ],
    )
    return _xml(md.EntityDescriptor(entity_id=entity_id, idpsso_descriptor=descriptor))
