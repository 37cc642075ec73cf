"""A pool's whole configuration, read through clients of boto3. Every call is a read (permissions.READS)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from poolconfig.document import COGNITO, FORMAT, Document, X, name_of, role_arns
from poolconfig.permissions import MissingPermissions

ClientOf = Callable[[str, str], Any]

_REFUSED = {"AccessDenied", "AccessDeniedException"}
# AWS's own tags nobody can set; the sandbox's say how a thing was made there.
_NOT_TAGS = ("aws:", "sandbox:")
_NOT_THERE = {"NoSuchEntity", "ResourceNotFoundException"}
# What SDKs add, and what describes more than it is made of.
_NOT_SETTINGS = {"ResponseMetadata", "UserPoolId", "ClientSecret", "ClientId", "GenerateSecret", "UserPoolTags"}


class NoSuchPool(Exception):
    """There is no such pool in the account and region of these credentials."""


def read_pool(client_of: ClientOf, pool_id: str) -> Document:
    """The document of a pool, of the account to which the clients belong.

    Args:
        client_of: (service name of boto3, region) -> client.

    Raises:
        NoSuchPool
        MissingPermissions: naming all that were missing, as far as they are needed to go on.
        ClientError, BotoCoreError: anything else that AWS or the way there answers.
    """
    return _Reading(client_of, pool_id).document()


class _Reading:
    """One reading. Refused reads are collected, so that whoever has to be given permissions is told all of them."""

    def __init__(self, client_of: ClientOf, pool_id: str) -> None:
        self._client_of, self._pool_id = client_of, pool_id
        self._region = pool_id.partition(":")[0]
        self._refused: dict[tuple[str, str], None] = {}
        self._missing: list[str] = []

    def document(self) -> Document:
        pool = self._pool()
        account = self._client_of("sts", self._region).get_caller_identity()["Account"]
        found: Document = {
            "format": FORMAT,
            "account": account,
            "region": self._region,
            "identityPool": pool,
            "roles": self._roles(),
            "principalTags": self._principal_tags(pool),
            "openIdConnectProviders": self._oidc_providers(pool.get("OpenIdConnectProviderARNs", [])),
            "samlProviders": self._saml_providers(pool.get("SamlProviderARNs", [])),
            "userPools": self._user_pools(pool.get("CognitoIdentityProviders", [])),
        }
        found["iamRoles"] = self._iam_roles(found)
        boundaries = [role["PermissionsBoundary"] for role in found["iamRoles"] if "PermissionsBoundary" in role]
        attached = dict.fromkeys([arn for role in found["iamRoles"] for arn in role["AttachedPolicies"]] + boundaries)
        found["policies"] = [policy for arn in attached if (policy := self._policy(arn))]
        found["missing"] = sorted(self._missing)
        if self._refused:
            raise MissingPermissions(list(self._refused))
        return found

    # --- The pool ---

    def _pool(self) -> dict[str, Any]:
        answer = self._ask("cognito-identity", "DescribeIdentityPool", self._pool_id, IdentityPoolId=self._pool_id)
        if answer is None and not self._refused:
            raise NoSuchPool(f"There is no identity pool {self._pool_id} in this account and region.")
        if answer is None:
            raise MissingPermissions(list(self._refused))
        pool = _plain(answer)
        pool["IdentityPoolTags"] = _own_tags(pool.get("IdentityPoolTags", {}))
        providers = pool.get("SupportedLoginProviders", {})
        if X in providers:
            providers[X] = providers[X].partition(";")[0]
        return pool

    def _roles(self) -> dict[str, Any]:
        answer = self._ask("cognito-identity", "GetIdentityPoolRoles", self._pool_id, IdentityPoolId=self._pool_id)
        found = _plain(answer or {})
        return {"Roles": found.get("Roles", {}), "RoleMappings": found.get("RoleMappings", {})}

    def _principal_tags(self, pool: Mapping[str, Any]) -> list[dict[str, Any]]:
        maps = []
        for provider in _providers(pool):
            answer = self._ask(
                "cognito-identity",
                "GetPrincipalTagAttributeMap",
                self._pool_id,
                IdentityPoolId=self._pool_id,
                IdentityProviderName=provider,
            )
            if answer and (answer.get("UseDefaults") or answer.get("PrincipalTags")):
                members = ("IdentityProviderName", "UseDefaults", "PrincipalTags")
                maps.append({name: answer[name] for name in members if name in answer})
        return maps

    # --- IAM ---

    def _iam_roles(self, document: Document) -> list[dict[str, Any]]:
        """Those that the pool names, and those that its identities may assume in the basic flow."""
        arns = dict.fromkeys([*role_arns(document), *self._trusting_roles()])
        return [role for arn in arns if (role := self._iam_role(arn))]

    def _trusting_roles(self) -> list[str]:
        found = self._pages("iam", "ListRoles", "Roles", "*")
        return [role["Arn"] for role in found if _trusts(role.get("AssumeRolePolicyDocument"), self._pool_id)]

    def _iam_role(self, arn: str) -> dict[str, Any] | None:
        name = name_of(arn)
        answer = self._ask("iam", "GetRole", arn, RoleName=name)
        if answer is None:
            return None
        role = answer["Role"]
        kept = ("Arn", "RoleName", "RoleId", "Path", "Description", "MaxSessionDuration")
        found = {member: role[member] for member in kept if member in role}
        found["AssumeRolePolicyDocument"] = _policy_document(role["AssumeRolePolicyDocument"])
        found["Tags"] = _own_list(role.get("Tags", []))
        if boundary := role.get("PermissionsBoundary"):
            found["PermissionsBoundary"] = boundary["PermissionsBoundaryArn"]
        attached = self._pages("iam", "ListAttachedRolePolicies", "AttachedPolicies", arn, RoleName=name)
        inline = self._pages("iam", "ListRolePolicies", "PolicyNames", arn, RoleName=name)
        found["InlinePolicies"] = {policy: self._inline_policy(arn, policy) for policy in inline}
        found["AttachedPolicies"] = [policy["PolicyArn"] for policy in attached]
        return found

    def _inline_policy(self, role_arn: str, name: str) -> dict[str, Any]:
        answer = self._ask("iam", "GetRolePolicy", role_arn, RoleName=name_of(role_arn), PolicyName=name)
        return _policy_document(answer["PolicyDocument"]) if answer else {}

    def _policy(self, arn: str) -> dict[str, Any] | None:
        answer = self._ask("iam", "GetPolicy", arn, PolicyArn=arn)
        if answer is None:
            return None
        policy = answer["Policy"]
        version = policy["DefaultVersionId"]
        document = self._ask("iam", "GetPolicyVersion", arn, PolicyArn=arn, VersionId=version)
        kept = ("Arn", "PolicyName", "Path", "Description")
        return {
            **{member: policy[member] for member in kept if member in policy},
            "VersionId": version,
            "Tags": _own_list(policy.get("Tags", [])),
            "PolicyDocument": _policy_document(document["PolicyVersion"]["Document"]) if document else {},
        }

    def _oidc_providers(self, arns: Iterable[str]) -> list[dict[str, Any]]:
        found = []
        for arn in arns:
            answer = self._ask("iam", "GetOpenIDConnectProvider", arn, OpenIDConnectProviderArn=arn)
            if answer is not None:
                kept = ("Url", "ClientIDList", "ThumbprintList")
                members = {member: answer[member] for member in kept if member in answer}
                found.append({"Arn": arn, **members, "Tags": _own_list(answer.get("Tags", []))})
        return found

    def _saml_providers(self, arns: Iterable[str]) -> list[dict[str, Any]]:
        found = []
        for arn in arns:
            answer = self._ask("iam", "GetSAMLProvider", arn, SAMLProviderArn=arn)
            if answer is not None:
                metadata, tags = answer["SAMLMetadataDocument"], _own_list(answer.get("Tags", []))
                found.append({"Arn": arn, "Name": name_of(arn), "SAMLMetadataDocument": metadata, "Tags": tags})
        return found

    # --- User pools ---

    def _user_pools(self, entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        clients: dict[str, list[str]] = {}
        for entry in entries:
            clients.setdefault(entry["ProviderName"].rpartition("/")[2], []).append(entry["ClientId"])
        return [self._user_pool(pool_id, client_ids) for pool_id, client_ids in clients.items()]

    def _user_pool(self, pool_id: str, client_ids: Iterable[str]) -> dict[str, Any]:
        """One of another account's or region's is known by its IDs only."""
        answer = self._ask("cognito-idp", "DescribeUserPool", pool_id, UserPoolId=pool_id)
        settings = self._user_pool_settings(answer["UserPool"]) if answer else {}
        groups = self._pages("cognito-idp", "ListGroups", "Groups", pool_id, UserPoolId=pool_id) if answer else []
        kept = ("GroupName", "Description", "RoleArn", "Precedence")
        return {
            "Id": pool_id,
            "Settings": settings,
            "Mfa": self._factors(pool_id) if settings.get("MfaConfiguration", "OFF") != "OFF" else {},
            "Groups": [{member: group[member] for member in kept if member in group} for group in groups],
            "Clients": [self._client(pool_id, client_id, known=bool(answer)) for client_id in client_ids],
        }

    def _factors(self, pool_id: str) -> dict[str, Any]:
        answer = self._ask("cognito-idp", "GetUserPoolMfaConfig", pool_id, UserPoolId=pool_id) or {}
        return {name: value for name, value in _plain(answer).items() if name != "MfaConfiguration"}

    def _client(self, pool_id: str, client_id: str, *, known: bool) -> dict[str, Any]:
        names = {"UserPoolId": pool_id, "ClientId": client_id}
        answer = self._ask("cognito-idp", "DescribeUserPoolClient", pool_id, **names) if known else None
        client = answer["UserPoolClient"] if answer else {}
        return {
            "ClientId": client_id,
            "HasSecret": "ClientSecret" in client,
            "Settings": self._settings("CreateUserPoolClient", client),
        }

    def _user_pool_settings(self, described: Mapping[str, Any]) -> dict[str, Any]:
        """DescribeUserPool's members as CreateUserPool takes them."""
        settings = self._settings("CreateUserPool", described)
        settings["PoolName"] = described["Name"]
        settings["Schema"] = [_schema_entry(one) for one in described.get("SchemaAttributes", []) if _is_own(one)]
        creation = settings.get("AdminCreateUserConfig", {})
        if "TemporaryPasswordValidityDays" in settings.get("Policies", {}).get("PasswordPolicy", {}):
            creation.pop("UnusedAccountValidityDays", None)  # The former name of the same; AWS takes one of them.
        if "VerificationMessageTemplate" in settings:
            for former in ("SmsVerificationMessage", "EmailVerificationMessage", "EmailVerificationSubject"):
                settings.pop(former, None)
        return {**settings, "UserPoolTags": _own_tags(described.get("UserPoolTags", {}))}

    def _settings(self, operation: str, described: Mapping[str, Any]) -> dict[str, Any]:
        """What of a description the operation that makes the thing takes."""
        model = self._client_of("cognito-idp", self._region).meta.service_model.operation_model(operation)
        taken = set(model.input_shape.members) - _NOT_SETTINGS
        return _plain({name: value for name, value in described.items() if name in taken})

    # --- Calls ---

    def _ask(self, service: str, operation: str, what: str, **params: Any) -> dict[str, Any] | None:
        """The answer; None where the thing is not there, or may not be seen."""
        client = self._client_of(service, _region_of(params) or self._region)
        try:
            answer: dict[str, Any] = getattr(client, _METHODS[operation])(**params)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _REFUSED:
                self._refused[(f"{service}:{operation}", what)] = None
            elif code in _NOT_THERE:
                self._missing.append(what)
            else:
                raise
            return None
        return answer

    def _pages(self, service: str, operation: str, member: str, what: str, **params: Any) -> list[Any]:
        found: list[Any] = []
        while True:
            answer = self._ask(service, operation, what, **params)
            if answer is None:
                return found
            found += answer[member]
            if answer.get("IsTruncated"):
                params["Marker"] = answer["Marker"]
            elif answer.get("NextToken"):
                params["NextToken"] = answer["NextToken"]
            else:
                return found


_METHODS = {
    "DescribeIdentityPool": "describe_identity_pool",
    "GetIdentityPoolRoles": "get_identity_pool_roles",
    "GetPrincipalTagAttributeMap": "get_principal_tag_attribute_map",
    "GetOpenIDConnectProvider": "get_open_id_connect_provider",
    "GetPolicy": "get_policy",
    "GetPolicyVersion": "get_policy_version",
    "GetRole": "get_role",
    "GetRolePolicy": "get_role_policy",
    "GetSAMLProvider": "get_saml_provider",
    "ListAttachedRolePolicies": "list_attached_role_policies",
    "ListRolePolicies": "list_role_policies",
    "ListRoles": "list_roles",
    "DescribeUserPool": "describe_user_pool",
    "DescribeUserPoolClient": "describe_user_pool_client",
    "GetUserPoolMfaConfig": "get_user_pool_mfa_config",
    "ListGroups": "list_groups",
}


def _region_of(params: Mapping[str, Any]) -> str:
    """A user pool may be in another region than the identity pool; its ID says in which."""
    return str(params.get("UserPoolId", "")).partition("_")[0]


def _providers(pool: Mapping[str, Any]) -> Iterator[str]:
    """How principal tag maps name the pool's providers."""
    yield from dict.fromkeys(entry["ProviderName"] for entry in pool.get("CognitoIdentityProviders", []))
    yield from pool.get("SupportedLoginProviders", {})
    yield from pool.get("OpenIdConnectProviderARNs", [])
    yield from pool.get("SamlProviderARNs", [])
    if developer := pool.get("DeveloperProviderName"):
        yield developer


def _trusts(trust: Any, pool_id: str) -> bool:
    """Whether a role's trust policy speaks of this pool, or of identity pools and of none in particular."""
    text = json.dumps(_policy_document(trust)) if trust else ""
    return COGNITO in text and (pool_id in text or f"{COGNITO}:aud" not in text)


def _policy_document(document: Any) -> dict[str, Any]:
    """botocore decodes policies of IAM as it reads them; whoever does not, finds them URL-encoded."""
    found = json.loads(unquote(document)) if isinstance(document, str) else document
    return dict(found)


def _is_own(entry: Mapping[str, Any]) -> bool:
    """Whether an attribute is the pool's own, or a standard one that it changed."""
    changed = entry.get("Required") or entry.get("Mutable") is False
    return ":" in entry["Name"] or (entry["Name"] not in ("sub", "identities") and bool(changed))


def _schema_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of SchemaAttributes as CreateUserPool takes it: custom attributes without their prefix."""
    name = str(entry["Name"]).removeprefix("dev:").removeprefix("custom:")
    return {**entry, "Name": name}


def _own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if not key.lower().startswith(_NOT_TAGS)}


def _own_list(tags: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    return [dict(tag) for tag in tags if not tag["Key"].lower().startswith(_NOT_TAGS)]


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without what SDKs add, of what JSON can hold."""
    kept = {name: member for name, member in value.items() if name != "ResponseMetadata"}
    found: dict[str, Any] = json.loads(json.dumps(kept, default=str))
    return found
