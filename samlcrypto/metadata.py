"""The keys in an identity provider's metadata (SAML 2.0 metadata, section 2.4.1.1)."""

import base64

from samlcrypto.documents import DS, SamlRefused, parse

_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
# What IAM takes at most: characters there, bytes here (IAM API Reference, CreateSAMLProvider).
MAX_METADATA_BYTES = 10_000_000


def signing_certificates(metadata: str | bytes, entity_id: str) -> list[bytes]:
    """The certificates (DER) with whose keys the identity provider of that entity ID signs.

    A key without `use` is for signing, too.

    Raises:
        SamlRefused: the document, or a certificate in it, cannot be read.
    """
    texts = [
        node.text or ""
        for entity in parse(metadata, MAX_METADATA_BYTES).iter(f"{_METADATA}EntityDescriptor")
        if entity.get("entityID") == entity_id
        for descriptor in entity.findall(f"{_METADATA}IDPSSODescriptor/{_METADATA}KeyDescriptor")
        if descriptor.get("use", "signing") == "signing"
        for node in descriptor.iter(f"{{{DS}}}X509Certificate")
    ]
    try:
        return [base64.b64decode("".join(text.split()), validate=True) for text in texts]
    except ValueError as error:
        raise SamlRefused("A certificate in the metadata is not base64.", signature=True) from error
