"""The request to the identity provider (SAML 2.0 Core, section 3.4.1), by redirect where it takes one, else by POST."""

import base64
import re
import secrets
from dataclasses import dataclass

from djangosaml2.overrides import Saml2Client
from djangosaml2.utils import available_idps
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client_base import IdpUnspecified
from saml2.s_utils import UnknownSystemEntity, UnsupportedBinding

from providers.saml.config import metadata, sp_config
from providers.sign_in.refusals import Failed
from providers.sign_in.registration import Registration
from providers.sign_in.transcript import Transcript

# A browser is sent there, and our policy for forms names its origin: a host and a port, and nothing that ends either.
_WEB_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?][\x21-\x7e]*)?")


@dataclass(frozen=True, slots=True)
class SamlRequest:
    """One AuthnRequest, ready to go.

    Attributes:
        request_id: what the response must name in InResponseTo.
        relay_state: random; the response brings it back.
        url: with the request in it for the redirect binding, else where the form goes.
        fields: of the form for the POST binding; empty otherwise.
        xml: the request itself.
    """

    request_id: str
    relay_state: str
    url: str
    fields: dict[str, str]
    xml: str


def saml_request(registration: Registration, transcript: Transcript) -> SamlRequest:
    """Build the request. It is not signed: it says nothing that anybody could not say, and RelayState and InResponseTo
    bind the answer to it.

    Raises:
        Failed: the metadata cannot be had, or names no place on the web to send a request to.
    """
    config = sp_config(registration, metadata(registration, transcript))
    client = Saml2Client(config)
    providers = list(available_idps(config))
    if not providers:
        raise Failed("saml_metadata", "The metadata names no identity provider with a single sign-on service.")
    binding, destination = _destination(registration, client, providers[0])
    if not _WEB_ADDRESS.fullmatch(destination):
        raise Failed("saml_metadata", "The identity provider’s address for requests is not an http or https address.")
    request_id, request = client.create_authn_request(destination, binding=BINDING_HTTP_POST, sign=False)
    xml, relay_state = str(request), secrets.token_urlsafe(24)
    if binding == BINDING_HTTP_POST:
        fields = {"SAMLRequest": base64.b64encode(xml.encode()).decode(), "RelayState": relay_state}
        return SamlRequest(request_id, relay_state, destination, fields, xml)
    sent = client.apply_binding(binding, xml, destination, relay_state, sign=False)
    return SamlRequest(request_id, relay_state, dict(sent["headers"])["Location"], {}, xml)


def _destination(registration: Registration, client: Saml2Client, entity_id: str) -> tuple[str, str]:
    """Binding and address. SAML_SSO_URL, where it is set, is taken by redirect."""
    if url := registration.setting("SAML_SSO_URL"):
        return BINDING_HTTP_REDIRECT, url
    for binding in (BINDING_HTTP_REDIRECT, BINDING_HTTP_POST):
        try:
            return binding, str(client.sso_location(entity_id, binding))
        except (IdpUnspecified, UnknownSystemEntity, UnsupportedBinding):
            continue
    raise Failed("saml_metadata", "The identity provider accepts requests neither by redirect nor by POST.")
