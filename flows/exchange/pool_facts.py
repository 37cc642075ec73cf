"""An identity pool as its account has it now: read from the services, for a page to show and a policy to be judged.

Nothing of it is recorded or kept. Each part is read by itself, and one that cannot be read says why.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from flows.exchange.pools import Pool
from iampolicy.statements import PolicyDocument

COGNITO = "cognito-identity.amazonaws.com"
_MOST_ROLES = 1000
_MOST_SHOWN = 60  # people, groups, app clients, identities

_ENTITY_ID = re.compile(r'entityID="([^"]*)"')

ClientOf = Callable[[str], BaseClient]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role: who may assume it (`trust`), and what it may do.

    Attributes:
        policies: inline ones by name, where they were read.
        attached: managed ones by ARN, where they were read.
    """

    arn: str
    trust: Mapping[str, Any]
    policies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attached: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """What a pool says of itself.

    Attributes:
        definition: as DescribeIdentityPool answers it; empty where it cannot be read.
        roles: `authenticated` and `unauthenticated` -> ARN.
        mappings: name of a provider -> its role mapping.
    """

    pool: Pool
    definition: Mapping[str, Any]
    roles: Mapping[str, str]
    mappings: Mapping[str, Mapping[str, Any]]

    @property
    def lets_guests_in(self) -> bool:
        return bool(self.definition.get("AllowUnauthenticatedIdentities"))

    @property
    def takes_basic_flow(self) -> bool:
        """Where the member is missing, the basic flow is on."""
        return self.definition.get("AllowClassicFlow") is not False

    @property
    def named_roles(self) -> tuple[str, ...]:
        """ARNs of all roles that the pool itself names: its own two first, then those of its rules."""
        kinds = [self.roles[kind] for kind in ("unauthenticated", "authenticated") if kind in self.roles]
        rules = [rule["RoleARN"] for mapping in self.mappings.values() for rule in rules_of(mapping)]
        return tuple(dict.fromkeys([*kinds, *rules]))


def rules_of(mapping: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """The rules of a role mapping; none of one that goes by the token."""
    found: Sequence[Mapping[str, str]] = (mapping.get("RulesConfiguration") or {}).get("Rules") or []
    return found


class AccountReader:
    """Reads one account, and remembers which parts could not be read.

    Args:
        client_of: a client of a service in the pool's region, by whatever right.
    """

    def __init__(self, pool: Pool, client_of: ClientOf) -> None:
        self._pool = pool
        self._client_of = client_of
        self.problems: list[str] = []

    def pool(self) -> PoolFacts:
        """The pool itself, with the roles that it names."""
        pool_id = self._pool.pool_id
        found = self._try(
            "the identity pool", lambda: _plain(self._identity.describe_identity_pool(IdentityPoolId=pool_id)), {}
        )
        chosen: dict[str, Any] = {}
        if found:
            chosen = self._try(
                "its roles", lambda: _plain(self._identity.get_identity_pool_roles(IdentityPoolId=pool_id)), {}
            )
        return PoolFacts(self._pool, found, chosen.get("Roles", {}), chosen.get("RoleMappings", {}))

    def roles(self, facts: PoolFacts, *, whole_account: bool) -> list[RoleFacts]:
        """The roles that the pool names, then those that identity pools may assume at all, then the others.

        Args:
            whole_account: look at all roles; elsewhere only those that the pool names are read.
        """
        if not whole_account:
            found = [self._try(f"the role {arn}", lambda arn=arn: self._role(arn), None) for arn in facts.named_roles]  # type: ignore[misc]
            return [role for role in found if role is not None]
        listed = self._try("the account’s roles", self._all_roles, [])
        by_arn = {role.arn: role for role in listed}
        named = [by_arn[arn] for arn in facts.named_roles if arn in by_arn]
        others = [role for role in listed if role.arn not in facts.named_roles]
        # One whose trust policy is broken is among the last, where it can be mended.
        return [*named, *sorted(others, key=lambda role: not trusts_identity_pools(role.trust))]

    def with_policies(self, role: RoleFacts) -> RoleFacts:
        """The role with what it may do."""
        return self._try(f"the policies of {role.name}", lambda: self._with_policies(role), role)

    def tags(self, facts: PoolFacts) -> dict[str, dict[str, Any]]:
        """Provider -> its principal tag map, those without one included (`UseDefaults` is missing then)."""
        pool_id = self._pool.pool_id
        found = {}
        for provider in tag_providers(facts.definition):
            found[provider] = self._try(
                f"the principal tags of {provider}",
                lambda provider=provider: _plain(  # type: ignore[misc]
                    self._identity.get_principal_tag_attribute_map(
                        IdentityPoolId=pool_id, IdentityProviderName=provider
                    )
                ),
                {},
            )
        return found

    def oidc_provider(self, arn: str) -> dict[str, Any]:
        """An OpenID Connect provider of IAM."""
        return self._try(
            f"the provider {arn}", lambda: _plain(self._iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn))
        )

    def saml_metadata(self, arn: str) -> str:
        """The metadata document of a SAML provider of IAM; empty where it cannot be read."""
        read = self._try(
            f"the metadata of {arn}",
            lambda: self._iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"],
            "",
        )
        return str(read)

    def saml_provider(self, arn: str) -> dict[str, Any]:
        """A SAML provider of IAM: `entity_id` of its metadata, and `ValidUntil` where it says."""
        found = self._try(f"the provider {arn}", lambda: _plain(self._iam.get_saml_provider(SAMLProviderArn=arn)))
        named = _ENTITY_ID.search(str(found.pop("SAMLMetadataDocument", "")))
        return {**found, "entity_id": named[1] if named else ""}

    def account_providers(self) -> dict[str, list[str]]:
        """ARNs of all OpenID Connect and SAML providers of the account, by `openid_connect` and `saml`."""
        return {
            "openid_connect": self._try(
                "the account’s OpenID Connect providers",
                lambda: [
                    str(one["Arn"]) for one in self._iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
                ],
                [],
            ),
            "saml": self._try(
                "the account’s SAML providers",
                lambda: [str(one["Arn"]) for one in self._iam.list_saml_providers()["SAMLProviderList"]],
                [],
            ),
        }

    def user_pools(self) -> dict[str, str]:
        """IDs of the user pools of the account in the pool's region -> their names."""
        listed = self._try(
            "the account’s user pools", lambda: list(self._user_pools.list_user_pools(MaxResults=60)["UserPools"]), []
        )
        return {str(one["Id"]): str(one["Name"]) for one in listed}

    def app_clients(self, user_pool_id: str) -> list[dict[str, Any]]:
        """The app clients of a user pool, as ListUserPoolClients answers them."""
        return self._try(
            f"the app clients of {user_pool_id}",
            lambda: list(
                self._user_pools.list_user_pool_clients(UserPoolId=user_pool_id, MaxResults=_MOST_SHOWN)[
                    "UserPoolClients"
                ]
            ),
            [],
        )

    def app_client(self, user_pool_id: str, client_id: str) -> dict[str, Any]:
        """An app client of a user pool, without its secret."""
        found = self._try(
            f"the app client {client_id}",
            lambda: self._user_pools.describe_user_pool_client(UserPoolId=user_pool_id, ClientId=client_id)[
                "UserPoolClient"
            ],
            {},
        )
        return {name: value for name, value in found.items() if name != "ClientSecret"}

    def people(self, user_pool_id: str) -> list[dict[str, Any]]:
        """The users of a user pool: `Username`, `UserStatus`, `Enabled`, `Attributes` and `Groups`."""
        listed = self._try(
            f"the people of {user_pool_id}",
            lambda: self._user_pools.list_users(UserPoolId=user_pool_id, Limit=_MOST_SHOWN)["Users"],
            [],
        )
        return [self._person(user_pool_id, user) for user in listed]

    def groups(self, user_pool_id: str) -> list[dict[str, Any]]:
        """The groups of a user pool, as ListGroups answers them."""
        return self._try(
            f"the groups of {user_pool_id}",
            lambda: list(self._user_pools.list_groups(UserPoolId=user_pool_id, Limit=_MOST_SHOWN)["Groups"]),
            [],
        )

    def identities(self) -> list[dict[str, Any]]:
        """The identities of the pool: `IdentityId`, `Logins`, `CreationDate`."""
        return self._try(
            "the pool’s identities",
            lambda: list(
                self._identity.list_identities(IdentityPoolId=self._pool.pool_id, MaxResults=_MOST_SHOWN)["Identities"]
            ),
            [],
        )

    # --- How each is read ---------------------------------------------------------------------------------------------

    @property
    def _identity(self) -> Any:
        return self._client_of("cognito-identity")

    @property
    def _iam(self) -> Any:
        return self._client_of("iam")

    @property
    def _user_pools(self) -> Any:
        return self._client_of("cognito-idp")

    def _role(self, arn: str) -> RoleFacts:
        found = self._iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
        return RoleFacts(found["Arn"], PolicyDocument(found["AssumeRolePolicyDocument"]))

    def _all_roles(self) -> list[RoleFacts]:
        found = self._iam.list_roles(MaxItems=_MOST_ROLES)["Roles"]
        return [RoleFacts(role["Arn"], PolicyDocument(role["AssumeRolePolicyDocument"])) for role in found]

    def _with_policies(self, role: RoleFacts) -> RoleFacts:
        iam = self._iam
        names = iam.list_role_policies(RoleName=role.name)["PolicyNames"]
        inline = {name: iam.get_role_policy(RoleName=role.name, PolicyName=name)["PolicyDocument"] for name in names}
        attached = {}
        for one in iam.list_attached_role_policies(RoleName=role.name)["AttachedPolicies"]:
            arn = one["PolicyArn"]
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            attached[arn] = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        return RoleFacts(role.arn, role.trust, inline, attached)

    def _person(self, user_pool_id: str, user: Mapping[str, Any]) -> dict[str, Any]:
        groups = self._try(
            f"the groups of {user['Username']}",
            lambda: [
                group["GroupName"]
                for group in self._user_pools.admin_list_groups_for_user(
                    UserPoolId=user_pool_id, Username=user["Username"]
                )["Groups"]
            ],
            [],
        )
        attributes = {one["Name"]: one.get("Value", "") for one in user.get("Attributes", [])}
        return {**user, "Attributes": attributes, "Groups": groups}

    def _try(self, what: str, read: Callable[[], T], otherwise: Any = None) -> T:
        try:
            return read()
        except ClientError as refused:
            code = refused.response.get("Error", {}).get("Code", "refused")
            self.problems.append(f"{what[0].upper()}{what[1:]} could not be read: {code}.")
        except BotoCoreError as failed:
            self.problems.append(f"{what[0].upper()}{what[1:]} could not be read: {type(failed).__name__}.")
        return {} if otherwise is None and not what.startswith("the role") else otherwise  # type: ignore[no-any-return]


def tag_providers(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of a pool's providers as its principal tag maps have them: a user pool without its app client."""
    user_pools = [str(one["ProviderName"]) for one in definition.get("CognitoIdentityProviders", [])]
    others = [
        *definition.get("SupportedLoginProviders", {}),
        *definition.get("OpenIdConnectProviderARNs", []),
        *definition.get("SamlProviderARNs", []),
    ]
    return tuple(dict.fromkeys([*user_pools, *others]))


def mapping_providers(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """The same as its role mappings have them: a user pool with its app client."""
    user_pools = [f"{one['ProviderName']}:{one['ClientId']}" for one in definition.get("CognitoIdentityProviders", [])]
    others = [
        *definition.get("SupportedLoginProviders", {}),
        *definition.get("OpenIdConnectProviderARNs", []),
        *definition.get("SamlProviderARNs", []),
    ]
    return tuple(dict.fromkeys([*user_pools, *others]))


def user_pools_of(definition: Mapping[str, Any]) -> dict[str, list[str]]:
    """Ids of the user pools that the identity pool trusts -> their app clients."""
    found: dict[str, list[str]] = {}
    for one in definition.get("CognitoIdentityProviders", []):
        found.setdefault(str(one["ProviderName"]).rpartition("/")[2], []).append(str(one["ClientId"]))
    return found


def trusts_identity_pools(trust: Mapping[str, Any]) -> bool:
    """Whether a trust policy allows anything to identity pools, to everyone, or to everyone but a few."""
    statements = trust.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        if principal == "*" or "NotPrincipal" in statement:
            return True
        federated = principal.get("Federated", []) if isinstance(principal, Mapping) else []
        if {COGNITO, "*"} & set(federated if isinstance(federated, list) else [federated]):
            return True
    return False


def _plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
