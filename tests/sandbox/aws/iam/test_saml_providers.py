from typing import Any

import pytest

from tests.sandbox.aws.iam.helpers import refused

CERTIFICATE = "TUlJ" * 300
METADATA = f"""<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
<ds:X509Certificate>{CERTIFICATE}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""


@pytest.mark.slow
def test_a_provider_is_made_read_changed_and_deleted(iam: Any) -> None:
    arn = iam.create_saml_provider(Name="Campus", SAMLMetadataDocument=METADATA)["SAMLProviderArn"]
    assert arn == "arn:aws:iam::000000000000:saml-provider/Campus"
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == METADATA
    dated = METADATA.replace("entityID=", 'validUntil="2099-01-02T03:04:05Z" entityID=')
    assert iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=dated)["SAMLProviderArn"] == arn
    assert iam.get_saml_provider(SAMLProviderArn=arn)["ValidUntil"].year == 2099
    assert arn in [provider["Arn"] for provider in iam.list_saml_providers()["SAMLProviderList"]]
    assert refused(iam.create_saml_provider, Name="Campus", SAMLMetadataDocument=METADATA)[:2] == (
        "EntityAlreadyExists",
        409,
    )
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    iam.untag_saml_provider(SAMLProviderArn=arn, TagKeys=["a"])
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == []
    iam.delete_saml_provider(SAMLProviderArn=arn)
    assert refused(iam.get_saml_provider, SAMLProviderArn=arn)[:2] == ("NoSuchEntity", 404)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "metadata",
    [
        "not xml" * 200,
        METADATA.replace("IDPSSODescriptor", "SPSSODescriptor"),
        METADATA.replace("X509Certificate", "X509Nothing"),
        METADATA.replace("EntityDescriptor", "EntitiesDescriptor"),
        METADATA.replace(' entityID="https://idp.example.com/saml"', ""),
        METADATA.replace("entityID=", 'validUntil="soon" entityID='),
        METADATA.replace('<?xml version="1.0"?>', '<?xml version="1.0"?>' + BOMB),
        METADATA + "<more/>",
    ],
)
def test_what_is_no_metadata_is_refused(iam: Any, metadata: str) -> None:
    code, status, message = refused(iam.create_saml_provider, Name="Bad", SAMLMetadataDocument=metadata)
    assert (code, status, message) == ("InvalidInput", 400, "Could not parse metadata")
