"""The stand-in identity providers as the seeded pools know them, and how those pools choose roles by what they say."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws.iam.providers import oidc_arn, without_scheme
from sandbox.core import facts
from sandbox.core.config import SandboxConfig
from sandbox.idp.sign_in.people import GROUPS
from sandbox.seed.pools import SeededPool

SAML_ROLE = "LabSamlUsers"  # of people whose assertion names no group's role
# A role of its own for each group of the user pool. Assertions name the same ones.
GROUP_ROLES = (*(group.role for group in GROUPS.values()), SAML_ROLE)

# First match wins. Nobody's department is missing, but no rule knows Sales.
_DEPARTMENTS = {"Engineering": "LabEngineers", "Finance": "LabFinance", "Support": "LabSupport"}
_USER_POOL_CLAIM, _OIDC_CLAIM = "custom:department", "department"


def oidc_provider(config: SandboxConfig) -> dict[str, Any]:
    """Members of CreateOpenIDConnectProvider for the generic stand-in."""
    return {
        "Url": facts.oidc_issuer(config.public_url),
        "ClientIDList": [facts.OIDC_CLIENT_ID],
        # Over plain HTTP there is no certificate; IAM wants a thumbprint all the same.
        "ThumbprintList": ["0" * 40],
    }


def oidc_provider_arn(config: SandboxConfig, account: str) -> str:
    return oidc_arn(account, without_scheme(facts.oidc_issuer(config.public_url)))


def trusted_providers(config: SandboxConfig, account: str) -> dict[str, Any]:
    """The members of CreateIdentityPool by which a pool trusts every stand-in."""
    return {
        "SupportedLoginProviders": {
            "accounts.google.com": facts.GOOGLE_CLIENT_ID,
            "graph.facebook.com": facts.FACEBOOK_APP_ID,
            "www.amazon.com": facts.AMAZON_CLIENT_ID,
            "appleid.apple.com": facts.APPLE_SERVICES_ID,
            "api.twitter.com": f"{facts.X_CONSUMER_KEY};{facts.X_CONSUMER_SECRET}",
        },
        "CognitoIdentityProviders": [
            {
                "ProviderName": facts.user_pool_provider_name(config.region),
                "ClientId": facts.USER_POOL_CLIENT_ID,
                "ServerSideTokenCheck": True,
            }
        ],
        "OpenIdConnectProviderARNs": [oidc_provider_arn(config, account)],
        "SamlProviderARNs": [facts.saml_provider_arn(account)],
        "DeveloperProviderName": facts.DEVELOPER_PROVIDER_NAME,
    }


def role_mappings(pool: SeededPool, config: SandboxConfig, account: str) -> dict[str, Any]:
    """The RoleMappings of a seeded pool; empty for those that give everybody the same role.

    The key of a user pool includes its app client (https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/
    API_SetIdentityPoolRoles.html).
    """
    user_pool = f"{facts.user_pool_provider_name(config.region)}:{facts.USER_POOL_CLIENT_ID}"
    if pool.mapping == "Token":
        return {user_pool: {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    if pool.mapping == "Rules":
        return {
            user_pool: _by_department(_USER_POOL_CLAIM, account),
            oidc_provider_arn(config, account): _by_department(_OIDC_CLAIM, account),
        }
    return {}


def choosing_pools(config: SandboxConfig, account: str, pools: Mapping[str, SeededPool]) -> dict[str, list[str]]:
    """A provider as it is in `amr` -> ids of the seeded pools that choose roles for its people.

    A SAML response names roles, and every pool follows it.

    Args:
        pools: id -> pool.
    """
    return {
        facts.user_pool_provider_name(config.region): [each for each, pool in pools.items() if pool.mapping],
        f"arn:aws:iam::{account}:oidc-provider/*": [each for each, pool in pools.items() if pool.mapping == "Rules"],
        facts.saml_provider_arn(account): list(pools),
    }


def _by_department(claim: str, account: str) -> dict[str, Any]:
    rules = [
        {"Claim": claim, "MatchType": "Equals", "Value": name, "RoleARN": f"arn:aws:iam::{account}:role/{role}"}
        for name, role in _DEPARTMENTS.items()
    ]
    return {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": rules}}
