"""Signed SAML responses that are believed; `attacks` has what an attacker makes of them."""

import base64
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from sandbox.core.clock import Moment
from sandbox.core.signing_keys import self_signed
from sandbox.core.spare_keys import new_rsa_key
from sandbox.idp.saml.responses import ResponseParts, signed_response

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


@dataclass(frozen=True)
class Genuine:
    """A response that is believed: what attackers start from.

    Attributes:
        answer: what it says.
        response_signed: whether the response has a signature too, and not the assertion alone.
    """

    answer: ResponseParts
    response_signed: bool = True

    def root(self, name: str = "provider") -> Any:
        """The document, signed with the key of that name."""
        document = etree.fromstring(signed_response(self.answer, *key(name)).encode())
        if not self.response_signed:
            document.remove(document.find(f"{DS}Signature"))
        return document

    def text(self, name: str = "provider") -> str:
        return text(self.root(name))


def genuine(**differences: Any) -> Genuine:
    """One for the application and AWS, unless it is to differ."""
    said = {
        "issuer": "https://idp.example/metadata",
        "acs_url": "https://sp.example/acs",
        "in_response_to": "_request",
        "name_id": "ana@acme.example",
        "audiences": ("https://sp.example/metadata",),
        "attributes": {"department": ["Engineering"]},
        "moment": Moment(time.time(), time.time()),
        "assertion_id": "_assertion",
        "response_id": "_response",
    }
    return Genuine(ResponseParts(**{**said, **differences}))


@cache
def response(name: str = "provider") -> str:
    """The same text each time."""
    return genuine().text(name)


def text(element: Any) -> str:
    return str(etree.tostring(element, encoding="unicode"))


def encoded(document: str | bytes) -> str:
    return base64.b64encode(document.encode() if isinstance(document, str) else document).decode()
