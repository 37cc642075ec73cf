"""A SAML service provider on pysaml2, as the application is one, with the stand-in's metadata."""

import base64
import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig

from samlcrypto import backend
from sandbox.idp.saml.service_provider import service_provider
from tests.sandbox.idp.driver import Browser, StandIns, hidden_fields

backend.install()


@dataclass
class Party:
    stand_ins: StandIns
    client: Saml2Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Saml2Client(self._config())

    def _config(self) -> SPConfig:
        own = service_provider(self.stand_ins.app_url)
        config = SPConfig()
        config.load(
            {
                "entityid": own.entity_id,
                "allow_unknown_attributes": True,
                "metadata": {"inline": [self.metadata()]},
                "service": {
                    "sp": {
                        "endpoints": {"assertion_consumer_service": [(own.acs_url, BINDING_HTTP_POST)]},
                        "want_assertions_signed": True,
                        "want_response_signed": True,
                        "allow_unsolicited": False,
                    }
                },
            }
        )
        return config

    def metadata(self) -> str:
        return requests.get(self.stand_ins.at("saml/metadata")).text

    def request(self, binding: str = BINDING_HTTP_REDIRECT, **more: Any) -> tuple[str, dict[str, Any]]:
        """(id of the request, what pysaml2 would send)"""
        identifier, sent = self.client.prepare_for_authenticate(relay_state="run 7", binding=binding, **more)
        return identifier, sent

    def url(self) -> tuple[str, str]:
        """(id of the request, address to go to) by the redirect binding."""
        identifier, sent = self.request()
        return identifier, dict(sent["headers"])["Location"]

    def answered(self, person: str = "ana", **fields: str) -> tuple[str, dict[str, str]]:
        """(id of the request, what the browser would post to the application)"""
        identifier, url = self.url()
        page = Browser().sign_in(url, person, **fields)
        return identifier, dict(hidden_fields(page.text))

    def accept(self, identifier: str, response: str) -> Any:
        """What pysaml2 makes of a response. Raises one of its exceptions for a bad one."""
        return self.client.parse_authn_request_response(response, BINDING_HTTP_POST, {identifier: "/"})


def xml_of(response: str) -> str:
    return base64.b64decode(response).decode()


def encoded(xml: str | bytes) -> str:
    return base64.b64encode(xml.encode() if isinstance(xml, str) else xml).decode()


def request_xml(url: str) -> str:
    message = parse_qs(urlsplit(url).query)["SAMLRequest"][0]
    return zlib.decompress(base64.b64decode(message), -15).decode()


def deflated(xml: str) -> str:
    deflater = zlib.compressobj(wbits=-15)
    return base64.b64encode(deflater.compress(xml.encode()) + deflater.flush()).decode()
