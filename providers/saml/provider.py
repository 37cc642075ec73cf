"""SAML 2.0 identity providers, as the registry lists them."""

from collections.abc import Mapping
from typing import Any

from providers.sign_in.provider import Provider


def _derived(read: Mapping[str, str], others: Mapping[str, Any]) -> Mapping[str, str]:
    """Defaults from what AWS has already been told: the pool's entity ID, and the provider's ARN in this account."""
    pool, account, name = others["COGNITO_IDENTITY_POOL_ID"], others["AWS_ACCOUNT_ID"], read["SAML_PROVIDER"]
    entity_id = f"urn:amazon:cognito:sp:{pool}" if pool else ""
    arn = f"arn:aws:iam::{account}:saml-provider/{name}" if name and account else ""
    return {
        "SAML_ENTITY_ID": read["SAML_ENTITY_ID"] or entity_id,
        "SAML_PROVIDER_ARN": read["SAML_PROVIDER_ARN"] or arn,
    }


SAML = Provider(
    key="saml",
    order=70,
    label="SAML provider",
    button_label="Sign in with SAML provider",
    kind="enterprise",
    logins_key="arn:aws:iam::ACCOUNT:saml-provider/NAME",
    logins_key_set=lambda registration: registration.setting("SAML_PROVIDER_ARN"),
    artifact_kind="saml_response",
    settings_needed=("SAML_METADATA_URL|SAML_METADATA_FILE", "SAML_PROVIDER_ARN", "SAML_ENTITY_ID"),
    settings_optional=("SAML_PROVIDER", "SAML_SSO_URL"),
    settings_with_default=("SAML_ENTITY_ID",),
    settings_https=("SAML_METADATA_URL",),
    settings_derived=_derived,
    yields="Signed XML. Only the enhanced flow accepts it, and only once.",
    colour="#0a6c86",
    monogram="S",
    docs="saml",
)
