"""What is examined: the settings of this application, and what they name, read when a check asks for it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.conf import settings

from flows.exchange.pool import pool_of
from flows.exchange.pool_facts import PoolFacts, RoleFacts, mapping_providers, rules_of, tag_providers
from iampolicy.statements import PolicyDocument
from operations.doctor import fixes
from operations.doctor.findings import Fix
from operations.doctor.looking import Looking, Unreadable
from providers.sign_in.registration import Registration, registration_for

_NO_ROLE = ("NoSuchEntity",)


class Subject:
    """One installation. Each property reads once.

    Every one of them that asks AWS raises Unreadable where it is refused, or the thing is not there.
    """

    def __init__(self) -> None:
        self.looking = Looking()
        # What commands printed before set already: those that replace a whole are run one after the other, and the
        # later ones must not undo the earlier.
        self._pool_changes: dict[str, Any] = {}
        self._role_changes: dict[str, Any] = {}
        self._client_changes: dict[str, dict[str, Any]] = {}

    @cached_property
    def pool(self) -> Any:
        """The identity pool that people get when they choose none.

        Raises:
            Unreadable: none is configured.
        """
        if not settings.IDENTITY_POOLS:
            raise Unreadable("COGNITO_IDENTITY_POOL_ID is not set")
        return pool_of(settings.IDENTITY_POOLS[0])

    @property
    def region(self) -> str:
        return str(self.pool.region)

    @property
    def caller(self) -> dict[str, Any]:
        """Who the server is to AWS, as GetCallerIdentity says."""
        return self.looking.get("sts", "GetCallerIdentity", settings.AWS_REGION)

    @property
    def account(self) -> str:
        """The number of the account: as the settings say, else the caller's."""
        return str(self.pool.account_id or self.caller["Account"])

    @property
    def registration(self) -> Registration:
        return registration_for()

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The pool as DescribeIdentityPool answers it.

        Raises:
            Unreadable: there is none.
        """
        found = self.described()
        if found is None:
            raise Unreadable("there is no such identity pool")
        return {name: value for name, value in found.items() if name != "ResponseMetadata"}

    def described(self) -> dict[str, Any] | None:
        """The same, None for none."""
        return self.looking.ask(
            "cognito-identity",
            "DescribeIdentityPool",
            self.region,
            missing=("ResourceNotFoundException",),
            IdentityPoolId=self.pool.pool_id,
        )

    @cached_property
    def facts(self) -> PoolFacts:
        """The pool with its roles and mappings."""
        definition = self.definition
        chosen = self.looking.get(
            "cognito-identity", "GetIdentityPoolRoles", self.region, IdentityPoolId=self.pool.pool_id
        )
        return PoolFacts(self.pool, definition, chosen.get("Roles", {}), chosen.get("RoleMappings", {}))

    @cached_property
    def tag_maps(self) -> dict[str, dict[str, str]]:
        """Provider -> tag and the claim that it comes from; providers without a map are left out."""
        found = {}
        for provider in tag_providers(self.definition):
            answer = self.looking.get(
                "cognito-identity",
                "GetPrincipalTagAttributeMap",
                self.region,
                IdentityPoolId=self.pool.pool_id,
                IdentityProviderName=provider,
            )
            if tags := answer.get("PrincipalTags"):
                found[provider] = dict(tags)
        return found

    def role(self, arn: str) -> RoleFacts | None:
        """A role of this account with its trust policy; None for none."""
        found = self.role_named(arn.rpartition("/")[2])
        return found if found is not None and found.arn == arn else None  # not another account's, or of another path

    def role_named(self, name: str) -> RoleFacts | None:
        """The same by its name."""
        found = self.looking.ask("iam", "GetRole", self.region, missing=_NO_ROLE, RoleName=name)
        if found is None:
            return None
        return RoleFacts(found["Role"]["Arn"], PolicyDocument(found["Role"]["AssumeRolePolicyDocument"]))

    def with_policies(self, role: RoleFacts) -> RoleFacts:
        """The role with what it may do."""
        names = self._iam("ListRolePolicies", RoleName=role.name)["PolicyNames"]
        inline = {
            name: PolicyDocument(self._iam("GetRolePolicy", RoleName=role.name, PolicyName=name)["PolicyDocument"])
            for name in names
        }
        attached = {}
        for one in self._iam("ListAttachedRolePolicies", RoleName=role.name)["AttachedPolicies"]:
            arn = one["PolicyArn"]
            version = self._iam("GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
            document = self._iam("GetPolicyVersion", PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
            attached[arn] = PolicyDocument(document)
        return RoleFacts(role.arn, role.trust, inline, attached)

    @cached_property
    def chosen_roles(self) -> dict[str, str]:
        """ARNs of all roles that the pool can come to hand out -> for whom: what has to stand in `amr`.

        `unauthenticated` for guests, `authenticated`, or the provider whose rule or token chooses the role.
        """
        facts, found = self.facts, {}
        for kind in ("unauthenticated", "authenticated"):
            if arn := facts.roles.get(kind):
                found[arn] = kind
        for key, mapping in facts.mappings.items():
            provider = key if key.startswith("arn:") else key.partition(":")[0]
            for rule in rules_of(mapping):
                found.setdefault(rule["RoleARN"], provider)
            if mapping.get("Type") == "Token":
                for arn in self._roles_of_groups(provider):
                    found.setdefault(arn, provider)
        return found

    def app_client(self, user_pool_id: str, client_id: str) -> dict[str, Any] | None:
        """An app client as DescribeUserPoolClient answers it, None for none. It has the secret: show it nowhere."""
        found = self.looking.ask(
            "cognito-idp",
            "DescribeUserPoolClient",
            user_pool_id.partition("_")[0],
            missing=("ResourceNotFoundException", "InvalidParameterException"),
            UserPoolId=user_pool_id,
            ClientId=client_id,
        )
        return None if found is None else dict(found["UserPoolClient"])

    def user_pool(self, user_pool_id: str) -> dict[str, Any] | None:
        """A user pool as DescribeUserPool answers it, None for none."""
        region = user_pool_id.partition("_")[0]
        missing = ("ResourceNotFoundException", "InvalidParameterException")
        found = self.looking.ask("cognito-idp", "DescribeUserPool", region, missing=missing, UserPoolId=user_pool_id)
        return None if found is None else dict(found["UserPool"])

    def update_pool(self, **changes: Any) -> tuple[Fix, ...]:
        """What changes members of the pool and leaves the others."""
        self._pool_changes |= changes
        return fixes.update_pool({**self.definition, **self._pool_changes}, self.region)

    @property
    def pool_as_mended(self) -> dict[str, Any]:
        """The pool as it will be once the commands so far have been run."""
        return {**self.definition, **self._pool_changes}

    def set_roles(self, **changes: Any) -> tuple[Fix, ...]:
        """What changes the pool's `roles` or `mappings` and leaves the other.

        AWS refuses mappings of providers that the pool does not trust, and all else that comes with them.
        """
        self._role_changes |= changes
        whole = {"roles": self.facts.roles, "mappings": self.facts.mappings, **self._role_changes}
        kept = {key: mapping for key, mapping in whole["mappings"].items() if key in self.known_providers}
        fix = fixes.set_roles(self.pool.pool_id, whole["roles"], kept, self.region)
        if kept.keys() == whole["mappings"].keys() or "mappings" in changes:
            return (fix,)
        left_out = ", ".join(key for key in whole["mappings"] if key not in kept)
        return (fix, fixes.by_hand(f"It leaves out the role mapping of {left_out}, which the pool does not trust."))

    def set_tags(self, provider: str, tags: Mapping[str, str]) -> Fix:
        """What has these claims of a provider become tags, and no others."""
        named = {"IdentityPoolId": self.pool.pool_id, "IdentityProviderName": provider, "UseDefaults": False}
        params = {**named, "PrincipalTags": dict(tags)}
        return fixes.aws("cognito-identity", "SetPrincipalTagAttributeMap", params, self.region)

    @property
    def roles_as_mended(self) -> dict[str, str]:
        """The pool's roles by kind, likewise."""
        return dict(self._role_changes.get("roles", self.facts.roles))

    def update_client(self, client: Mapping[str, Any], **changes: Any) -> Fix:
        """What changes settings of an app client and leaves the others; UpdateUserPoolClient replaces all."""
        region, client_id = str(client["UserPoolId"]).partition("_")[0], str(client["ClientId"])
        model = self.looking.client("cognito-idp", region).meta.service_model.operation_model("UpdateUserPoolClient")
        members = {name: value for name, value in client.items() if name in model.input_shape.members}
        known = self._client_changes.setdefault(client_id, {})
        known |= changes
        return fixes.aws("cognito-idp", "UpdateUserPoolClient", {**members, **known}, region)

    def client_as_mended(self, client: Mapping[str, Any]) -> dict[str, Any]:
        """An app client's settings, likewise."""
        return {**client, **self._client_changes.get(str(client["ClientId"]), {})}

    @property
    def known_providers(self) -> tuple[str, ...]:
        """The pool's providers as keys of role mappings have them, once the commands so far have been run."""
        return mapping_providers(self.pool_as_mended)

    def _roles_of_groups(self, provider: str) -> list[str]:
        user_pool_id = provider.rpartition("/")[2]
        region = user_pool_id.partition("_")[0]
        groups = self.looking.get("cognito-idp", "ListGroups", region, UserPoolId=user_pool_id)["Groups"]
        return [group["RoleArn"] for group in groups if group.get("RoleArn")]

    def _iam(self, operation: str, **params: Any) -> Mapping[str, Any]:
        return self.looking.get("iam", operation, self.region, **params)
