"""The application, as each provider's console would have registered it: pinned ids, secrets that everybody may know.

Nothing here guards anything: a client secret below opens a stand-in that hands tokens of fictional people to whoever
asks. The ids are pinned because configuration of clients and identity pools names them.
"""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

GOOGLE_CLIENT_ID = "100000000001-identitypoolslab.apps.googleusercontent.com"
GOOGLE_CLIENT_SECRET = "GOCSPX-local-stand-in-google"  # noqa: S105 (a secret that everybody may know, as all below)
FACEBOOK_APP_ID = "900100200300400"
FACEBOOK_APP_SECRET = "local-stand-in-facebook"  # noqa: S105
AMAZON_CLIENT_ID = "amzn1.application-oa2-client.1ab0000000000000000000000000001a"
AMAZON_CLIENT_SECRET = "amzn1.oa2-cs.v1.local-stand-in-amazon"  # noqa: S105
APPLE_SERVICES_ID = "com.example.identitypoolslab.web"
APPLE_TEAM_ID = "LABTEAM001"
APPLE_KEY_ID = "LABKEY0001"
X_CONSUMER_KEY = "localStandInConsumerKey01"
X_CONSUMER_SECRET = "local-stand-in-x"  # noqa: S105
USER_POOL_NAME = "LabPool01"
USER_POOL_DOMAIN_PREFIX = "identity-pools-lab"
USER_POOL_CLIENT_ID = "1lab2local3stand4in5client"
USER_POOL_CLIENT_SECRET = "local-stand-in-user-pool-client-secret-known-to-all"  # noqa: S105
OIDC_CLIENT_ID = "identity-pools-lab"
OIDC_CLIENT_SECRET = "local-stand-in-oidc"  # noqa: S105
SAML_PROVIDER_NAME = "LabSaml"
DEVELOPER_PROVIDER_NAME = "login.identitypoolslab"


def user_pool_id(region: str) -> str:
    """`REGION_LabPool01`: the pool that the managed login stands in for."""
    return f"{region}_{USER_POOL_NAME}"


def user_pool_provider_name(region: str) -> str:
    """The key of the logins map for that pool, which is its issuer without the scheme."""
    return f"cognito-idp.{region}.amazonaws.com/{user_pool_id(region)}"


def user_pool_domain(region: str) -> str:
    """Host of the pool's managed login (prefix domain)."""
    return f"{USER_POOL_DOMAIN_PREFIX}.auth.{region}.amazoncognito.com"


def oidc_issuer(public_url: str) -> str:
    """The generic provider's issuer is its own address. As a logins key it loses its scheme."""
    return f"{public_url}/idp/oidc"


def saml_entity_id(public_url: str) -> str:
    return f"{public_url}/idp/saml/metadata"


def saml_provider_arn(account: str) -> str:
    return f"arn:aws:iam::{account}:saml-provider/{SAML_PROVIDER_NAME}"


def apple_key() -> ec.EllipticCurvePrivateKey:
    """The P-256 key that signs the client secret for the Apple stand-in, derived from a phrase, so in no file.

    A developer downloads such a key from Apple once and keeps it secret; this one is the same on every machine.
    """
    scalar = int.from_bytes(hashlib.sha256(b"identity-pools-lab local stand-in for Apple").digest(), "big")
    return ec.derive_private_key(scalar, ec.SECP256R1())


def apple_private_key_pem() -> str:
    """`apple_key` as the PKCS#8 text that Apple's console would have offered as a .p8 file."""
    return (
        apple_key()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """One application at one provider.

    Attributes:
        redirect_uris: compared character by character (RFC 9700, section 2.1).
        logout_uris: where the managed login may go after a sign-out.
        secret: empty for Apple, whose clients prove themselves with a signed JWT.
    """

    client_id: str
    secret: str
    redirect_uris: tuple[str, ...]
    logout_uris: tuple[str, ...] = ()
    name: str = "Identity Pools Lab"


# Provider's slug -> name of the application's sign-in backend, which is part of its redirect URI.
BACKENDS = {
    "google": "google-openidconnect",
    "facebook": "facebook",
    "amazon": "amazon",
    "apple": "apple-id",
    "x": "twitter",
    "userpool": "cognito",
    "oidc": "oidc",
}

_CREDENTIALS = {
    "google": (GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET),
    "facebook": (FACEBOOK_APP_ID, FACEBOOK_APP_SECRET),
    "amazon": (AMAZON_CLIENT_ID, AMAZON_CLIENT_SECRET),
    "apple": (APPLE_SERVICES_ID, ""),
    "x": (X_CONSUMER_KEY, X_CONSUMER_SECRET),
    "userpool": (USER_POOL_CLIENT_ID, USER_POOL_CLIENT_SECRET),
    "oidc": (OIDC_CLIENT_ID, OIDC_CLIENT_SECRET),
}


def registered_client(slug: str, app_url: str) -> RegisteredClient:
    """The application as it is registered with the provider `slug`. Raises KeyError for a provider without clients."""
    client_id, secret = _CREDENTIALS[slug]
    return RegisteredClient(
        client_id,
        secret,
        (f"{app_url}/sign-in/complete/{BACKENDS[slug]}/",),
        (f"{app_url}/",),
    )


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """The application as a SAML service provider."""

    entity_id: str
    acs_url: str


def service_provider(app_url: str) -> ServiceProvider:
    return ServiceProvider(f"{app_url}/saml/metadata/", f"{app_url}/saml/acs/")


def application_settings(region: str, account: str, public_url: str, app_url: str) -> dict[str, str]:
    """The application's settings of identity providers, by their names in its `.env`: as it is registered here.

    Args:
        public_url: the sandbox's. app_url: the application's.
    """
    return {
        "COGNITO_USER_POOL_ID": user_pool_id(region),
        "COGNITO_APP_CLIENT_ID": USER_POOL_CLIENT_ID,
        "COGNITO_APP_CLIENT_SECRET": USER_POOL_CLIENT_SECRET,
        "COGNITO_DOMAIN": USER_POOL_DOMAIN_PREFIX,
        "GOOGLE_CLIENT_ID": GOOGLE_CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": GOOGLE_CLIENT_SECRET,
        "FACEBOOK_APP_ID": FACEBOOK_APP_ID,
        "FACEBOOK_APP_SECRET": FACEBOOK_APP_SECRET,
        "AMAZON_CLIENT_ID": AMAZON_CLIENT_ID,
        "AMAZON_CLIENT_SECRET": AMAZON_CLIENT_SECRET,
        "APPLE_CLIENT_ID": APPLE_SERVICES_ID,
        "APPLE_TEAM_ID": APPLE_TEAM_ID,
        "APPLE_KEY_ID": APPLE_KEY_ID,
        "APPLE_PRIVATE_KEY": apple_private_key_pem(),
        "X_CONSUMER_KEY": X_CONSUMER_KEY,
        "X_CONSUMER_SECRET": X_CONSUMER_SECRET,
        "OIDC_CLIENT_ID": OIDC_CLIENT_ID,
        "OIDC_CLIENT_SECRET": OIDC_CLIENT_SECRET,
        "OIDC_ISSUER": oidc_issuer(public_url),
        "SAML_METADATA_URL": saml_entity_id(public_url),
        "SAML_ENTITY_ID": service_provider(app_url).entity_id,
        "SAML_PROVIDER_ARN": saml_provider_arn(account),
        "DEVELOPER_PROVIDER_NAME": DEVELOPER_PROVIDER_NAME,
    }
