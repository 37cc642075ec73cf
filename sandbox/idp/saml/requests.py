"""Authentication requests: read from either binding and judged before anybody is asked to sign in."""

import base64
import zlib
from dataclasses import dataclass

from saml2 import samlp

import samlcrypto
from sandbox.idp.saml.service_provider import ServiceProvider

LONGEST_REQUEST = 64 * 1024
POST_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


class RequestRefused(Exception):
    """An authentication request that gets no answer; the text says why."""


@dataclass(frozen=True, slots=True)
class AuthnRequest:
    """What the answer needs of a request that is in order."""

    identifier: str
    acs_url: str
    issuer: str


def decode(message: str, *, deflated: bool) -> bytes:
    """The XML of a SAMLRequest parameter (SAML bindings, sections 3.4.4.1 and 3.5.4).

    Raises:
        RequestRefused: not base64, not deflated, or too long.
    """
    try:
        data = base64.b64decode(message, validate=False)
        if deflated:
            inflater = zlib.decompressobj(-15)
            data = inflater.decompress(data, LONGEST_REQUEST + 1)
    except (ValueError, zlib.error) as error:
        raise RequestRefused("SAMLRequest cannot be decoded.") from error
    if len(data) > LONGEST_REQUEST:
        raise RequestRefused(f"SAMLRequest has more than {LONGEST_REQUEST} bytes.")
    return data


def read_authn_request(xml: bytes, provider: ServiceProvider, destinations: tuple[str, ...]) -> AuthnRequest:
    """The request, if it comes from the registered service provider and wants the answer where it is registered.

    A signature on the request is neither demanded nor looked at, as with most providers: what matters is that the
    answer goes to a registered address only.

    Raises:
        RequestRefused: malformed, of a stranger, for another address, or with an unknown address for the answer.
    """
    try:
        samlcrypto.parse(xml)
    except samlcrypto.SamlRefused as error:
        raise RequestRefused(str(error)) from error
    parsed = samlp.authn_request_from_string(xml)
    if parsed is None or not parsed.id or parsed.version != "2.0":
        raise RequestRefused("This is not a SAML 2.0 AuthnRequest.")
    issuer = (parsed.issuer.text or "").strip() if parsed.issuer is not None else ""
    if issuer != provider.entity_id:
        raise RequestRefused(f"The service provider {issuer!r} is not registered here.")
    if parsed.destination and parsed.destination not in destinations:
        raise RequestRefused(f"The request is meant for {parsed.destination!r}, which is not this address.")
    acs_url = parsed.assertion_consumer_service_url or provider.acs_url
    if acs_url != provider.acs_url:
        raise RequestRefused(f"The address for the answer, {acs_url!r}, is not registered here.")
    if parsed.protocol_binding and parsed.protocol_binding != POST_BINDING:
        raise RequestRefused(f"The answer can only be posted, not sent by {parsed.protocol_binding!r}.")
    return AuthnRequest(parsed.id, acs_url, issuer)
