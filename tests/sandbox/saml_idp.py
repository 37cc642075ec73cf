"""A SAML identity provider for the tests: metadata, and responses signed as asked."""

import base64
import uuid
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from tests.certificates import self_signed

ROLE = "https://aws.amazon.com/SAML/Attributes/Role"
SESSION_NAME = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
NS = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}


class SamlIdp:
    """An identity provider with a key of its own. Everything about a response can be made wrong."""

    def __init__(self, entity_id: str = "https://idp.example.com/metadata") -> None:
        self.entity_id = entity_id
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def certificate(self) -> x509.Certificate:
        return self_signed("idp.example.com", self.key, days=3650)

    @property
    def metadata(self) -> str:
        der = base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()
        padding = f"<!-- {'x' * 1000} -->"  # IAM takes no shorter document.
        return (
            '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
            f'entityID="{self.entity_id}">{padding}'
            '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{NS["ds"]}"><ds:X509Data><ds:X509Certificate>{der}'
            "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
            'Location="https://idp.example.com/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>'
        )

    def response(self, **wishes: Any) -> str:
        """A base64 response; see `tree` for what can be wished."""
        return encode(self.tree(**wishes))

    def tree(
        self,
        *,
        name_id: str = "s-1",
        roles: tuple[tuple[str, str], ...] = (),
        audience: str | None = "urn:amazon:webservices",
        issuer: str | None = None,
        seconds: int | None = 300,
        not_before: int = -60,
        assertion_id: str | None = None,
        attributes: dict[str, list[str]] | None = None,
        sign: str = "assertion",
        inner: str = "",
    ) -> Any:
        """The response as a tree.

        Args:
            roles: pairs of role ARN and provider ARN.
            seconds, not_before: from now.
            sign: `assertion`, `response`, `both` or `none`.
            inner: XML inside NameID, after its text.
        """
        now = datetime.now(UTC)
        end = f' NotOnOrAfter="{_zulu(now + timedelta(seconds=seconds))}"' if seconds is not None else ""
        start = _zulu(now + timedelta(seconds=not_before))
        values = {ROLE: [f"{role},{provider}" for role, provider in roles], **(attributes or {})}
        statement = "".join(
            f'<saml:Attribute Name="{name}">'
            + "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in entries)
            + "</saml:Attribute>"
            for name, entries in values.items()
            if entries
        )
        restriction = (
            f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>"
            if audience
            else ""
        )
        text = (
            f'<samlp:Response xmlns:samlp="{NS["samlp"]}" xmlns:saml="{NS["saml"]}" ID="_r{uuid.uuid4().hex}" '
            f'Version="2.0" IssueInstant="{_zulu(now)}"><saml:Issuer>{issuer or self.entity_id}</saml:Issuer>'
            '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f'<saml:Assertion ID="{assertion_id or "_a" + uuid.uuid4().hex}" Version="2.0" IssueInstant="{_zulu(now)}">'
            f"<saml:Issuer>{issuer or self.entity_id}</saml:Issuer><saml:Subject>"
            f"<saml:NameID>{name_id}{inner}</saml:NameID>"
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData{end} Recipient="https://signin.aws.amazon.com/saml"/>'
            f'</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{start}"{end}>{restriction}'
            f"</saml:Conditions><saml:AttributeStatement>{statement}</saml:AttributeStatement></saml:Assertion>"
            "</samlp:Response>"
        )
        root = etree.fromstring(text)
        if sign in ("assertion", "both"):
            self.sign(root.find("saml:Assertion", NS))
        if sign in ("response", "both"):
            self.sign(root)
        return root

    def sign(self, element: Any, *, method: Any = None, digest: Any = None) -> None:
        """An enveloped signature by reference to the element's ID, placed after its issuer."""
        template = xmlsec.template.create(
            element, xmlsec.constants.TransformExclC14N, method or xmlsec.constants.TransformRsaSha256, ns="ds"
        )
        element.insert(1, template)
        reference = xmlsec.template.add_reference(
            template, digest or xmlsec.constants.TransformSha256, uri="#" + element.get("ID")
        )
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
        xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
        context = xmlsec.SignatureContext()
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem, None)
        context.register_id(element, "ID")
        context.sign(template)


def encode(tree: Any) -> str:
    return base64.b64encode(etree.tostring(tree)).decode()


def _zulu(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
