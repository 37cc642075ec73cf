"""One document becoming rows: through the API's own handlers, in a transaction of the caller's."""

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from iampolicy.documents import PolicyRefused, parse_policy
from sandbox.aws.cognito_identity.logins.opaque import X
from sandbox.aws.cognito_identity.records.pools import PINNED_ID_TAG, Pools, TagMap
from sandbox.aws.cognito_identity.role_operations import check_roles, rule_roles
from sandbox.aws.iam.managed_policies import keep_aws_policy
from sandbox.aws.iam.names import account_of
from sandbox.aws.iam.role_operations import LEGACY_TAG
from sandbox.aws.iam.roles import forget_roles
from sandbox.controls.handlers import HandlerRefused, Handlers
from sandbox.controls.pool_document import PoolDocument, invalid
from sandbox.core.errors import AwsError
from sandbox.core.http import is_loopback
from sandbox.core.instance import Instance
from sandbox.user_pools.clients import find_client
from sandbox.user_pools.pools import change_pool, find_pool


class Making:
    """One document becoming rows. `notes`: what of it is not as it is at AWS."""

    def __init__(self, instance: Instance, document: PoolDocument) -> None:
        self._instance, self._document = instance, document
        self._connection, self._account = instance.store.connection, document.account
        self._handlers = Handlers(instance, document.account, document.region)
        self.notes: list[str] = []

    def everything(self) -> None:
        """Put in all that the document names, what others name first.

        Raises:
            AwsError: ValidationException.
        """
        content = self._document.content
        for provider in content["openIdConnectProviders"]:
            self._oidc_provider(provider)
        for provider in content["samlProviders"]:
            self._saml_provider(provider)
        for policy in content["policies"]:
            self._policy(policy)
        for role in content["iamRoles"]:
            self._role(role)
        forget_roles(self._instance.store)
        for user_pool in content["userPools"]:
            self._user_pool(user_pool)
        self._identity_pool(content["identityPool"])
        self._pool_roles(content["roles"])
        for tag_map in content["principalTags"]:
            self._tag_map(tag_map)
        self.notes += [f"AWS does not have {one}, which the pool names." for one in content["missing"]]
        row = (self._document.pool_id, self._account, time.time())
        statement = "INSERT OR REPLACE INTO imported_pool (pool_id, account, imported) VALUES (?, ?, ?)"
        self._connection.execute(statement, row)

    def _call(self, where: str, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._handlers.call(service, operation, params)
        except HandlerRefused as refused:
            raise invalid(f"{where} cannot be imported: {refused.code}: {refused.message}") from None

    def _forget(self, table: str, **key: str) -> None:
        """Remove a row that an earlier import made; `table` and `key` are names of this module's own."""
        columns = " AND ".join(f"{name} = ?" for name in key)
        self._connection.execute(f"DELETE FROM {table} WHERE account = ? AND {columns}", (self._account, *key.values()))  # noqa: S608

    # --- IAM ---

    def _oidc_provider(self, provider: Mapping[str, Any]) -> None:
        name = str(provider.get("Url", "")).partition("://")[2] or str(provider.get("Url", ""))
        scheme = "http" if is_loopback(name.partition("/")[0].rpartition(":")[0]) else "https"
        self._forget("iam_oidc_provider", issuer=name)
        given = {**provider, "Url": f"{scheme}://{name}"}
        self._call(f"The OpenID Connect provider {name[:200]}", "iam", "CreateOpenIDConnectProvider", given)

    def _saml_provider(self, provider: Mapping[str, Any]) -> None:
        self._forget("iam_saml_provider", name=str(provider.get("Name", "")))
        self._call(f"The SAML provider {provider.get('Name')}", "iam", "CreateSAMLProvider", provider)

    def _policy(self, policy: Mapping[str, Any]) -> None:
        arn, text = str(policy.get("Arn", "")), json.dumps(policy.get("PolicyDocument"))
        if account_of(arn) == "aws":
            self._aws_policy(arn, str(policy.get("VersionId", "v1")), text)
            return
        name = str(policy.get("PolicyName", ""))
        self._forget("iam_policy_version", policy=name)
        self._forget("iam_policy", name=name)
        self._call(f"The policy {name}", "iam", "CreatePolicy", {**policy, "PolicyDocument": text})

    def _aws_policy(self, arn: str, version: str, text: str) -> None:
        """AWS may write what IAM lets nobody else write; that is left to what is known here of the policy."""
        try:
            parse_policy(text)
        except PolicyRefused as refused:
            self.notes.append(f"The document of {arn} is not taken over, since it cannot be read: {refused.message}")
            return
        now = self._instance.clock.now(self._account)
        keep_aws_policy(self._instance.store, self._account, arn, version, text, now)

    def _role(self, role: Mapping[str, Any]) -> None:
        name, where = str(role.get("RoleName", "")), f"The role {role.get('RoleName')}"
        for table in ("iam_role_policy", "iam_attachment", "iam_boundary"):
            self._forget(table, role=name)
        self._forget("iam_role", name=name)
        given = {**role, "AssumeRolePolicyDocument": json.dumps(role.get("AssumeRolePolicyDocument"))}
        self._create_role(where, given)
        if isinstance(role.get("RoleId"), str) and role["RoleId"].startswith("AROA"):
            self._set("iam_role", "role_id", role["RoleId"], name=name)
        for policy, document in _members(role.get("InlinePolicies"), "InlinePolicies").items():
            inline = {"RoleName": name, "PolicyName": policy, "PolicyDocument": json.dumps(document)}
            self._call(f"{where}, policy {policy}", "iam", "PutRolePolicy", inline)
        for arn in _texts(role.get("AttachedPolicies"), "AttachedPolicies"):
            attached = {"RoleName": name, "PolicyArn": arn}
            self._call(f"{where}, policy {arn}", "iam", "AttachRolePolicy", attached)

    def _create_role(self, where: str, given: Mapping[str, Any]) -> None:
        """A trust policy that IAM would not save today is kept as that of a legacy role."""
        try:
            self._handlers.call("iam", "CreateRole", given)
        except HandlerRefused as refused:
            if refused.code != "MalformedPolicyDocument":
                raise invalid(f"{where} cannot be imported: {refused.code}: {refused.message}") from None
            legacy = [{"Key": LEGACY_TAG, "Value": "true"}]
            self._call(where, "iam", "CreateRole", {**given, "Tags": legacy})
            tags = json.dumps({tag["Key"]: tag["Value"] for tag in given.get("Tags") or []})
            self._set("iam_role", "tags", tags, name=str(given["RoleName"]))
            self.notes.append(f"{where} is kept as it is; IAM would not save its trust policy today: {refused.message}")

    def _set(self, table: str, column: str, value: str, **key: str) -> None:
        """Set one column of a row of this account; all names are this module's own."""
        columns = " AND ".join(f"{name} = ?" for name in key)
        query = f"UPDATE {table} SET {column} = ? WHERE account = ? AND {columns}"  # noqa: S608
        self._connection.execute(query, (value, self._account, *key.values()))

    # --- User pools ---

    def _user_pool(self, entry: Mapping[str, Any]) -> None:
        pool_id, settings = entry["Id"], dict(entry["Settings"])
        where = f"The user pool {pool_id}"
        handlers = Handlers(self._instance, self._account, pool_id.partition("_")[0])
        if not settings:
            settings = {"PoolName": pool_id}
            self.notes.append(f"{where} could not be read; it is here with its ID and clients only.")
        factor = settings.pop("MfaConfiguration", "OFF")
        if triggers := _members(settings.get("LambdaConfig"), "LambdaConfig"):
            self.notes.append(f"{where} has triggers, which do not run here: {', '.join(sorted(triggers))}.")
        self._forget("user_pool", pool_id=pool_id)
        self._forget("user_pool_group", pool_id=pool_id)
        made = self._called(handlers, where, "CreateUserPool", settings)["UserPool"]["Id"]
        self._set("user_pool", "pool_id", pool_id, pool_id=made)
        if factor != "OFF" and (pool := find_pool(self._connection, pool_id)):
            kept = {"MfaConfiguration": factor, "MfaConfig": _members(entry.get("Mfa"), "Mfa")}
            change_pool(self._connection, pool, definition={**pool.definition, **kept})
            self.notes.append(f"{where} asks for a second factor ({factor}); nobody is asked for one here.")
        for group in entry["Groups"]:
            given = {**_members(group, "A group"), "UserPoolId": pool_id}
            self._called(handlers, f"{where}, group {given.get('GroupName')}", "CreateGroup", given)
        for client in entry["Clients"]:
            self._client(handlers, pool_id, client)

    def _client(self, handlers: Handlers, pool_id: str, entry: Mapping[str, Any]) -> None:
        """A client that has a secret gets another one: that of the real one is nobody's business here."""
        client_id, former = entry["ClientId"], find_client(self._connection, entry["ClientId"])
        settings = {"ClientName": client_id, **entry["Settings"], "UserPoolId": pool_id}
        self._forget("user_pool_client", client_id=client_id)
        if former is not None and former.secret:
            settings["ClientSecret"] = former.secret
        elif entry.get("HasSecret"):
            settings["GenerateSecret"] = True
        made = self._called(handlers, f"The client {client_id}", "CreateUserPoolClient", settings)
        self._set("user_pool_client", "client_id", client_id, client_id=made["UserPoolClient"]["ClientId"])

    def _called(self, handlers: Handlers, where: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return handlers.call("cognito-idp", operation, params)
        except HandlerRefused as refused:
            raise invalid(f"{where} cannot be imported: {refused.code}: {refused.message}") from None

    # --- The identity pool ---

    def _identity_pool(self, given: Mapping[str, Any]) -> None:
        """Providers that IAM no longer has stay on the list, as they do at AWS."""
        pool_id, missing = self._document.pool_id, set(_texts(self._document.content["missing"], "missing"))
        self._forget("identity_pool", pool_id=pool_id)
        self._forget("principal_tag_map", pool_id=pool_id)
        self._instance.part(Pools).forget()
        arns = {name: _texts(given.get(name), name) for name in ("OpenIdConnectProviderARNs", "SamlProviderARNs")}
        there = {name: [arn for arn in listed if arn not in missing] for name, listed in arns.items()}
        providers = self._with_secret(_members(given.get("SupportedLoginProviders"), "SupportedLoginProviders"))
        pool = {**given, **there, "SupportedLoginProviders": providers, "IdentityPoolTags": {PINNED_ID_TAG: pool_id}}
        self._call("The identity pool", "cognito-identity", "CreateIdentityPool", pool)
        pools = self._instance.part(Pools)
        gone = [arn for listed in arns.values() for arn in listed if arn in missing]
        if any(account_of(arn) != self._account for arn in gone):
            raise invalid("The identity pool names a provider of another account.")
        definition = pools.find(pool_id).definition
        tags = _members(given.get("IdentityPoolTags"), "IdentityPoolTags")
        pools.update(pool_id, {**definition, **{name: listed for name, listed in arns.items() if listed}}, tags)

    def _with_secret(self, providers: dict[str, Any]) -> dict[str, Any]:
        """The application's ID at X comes without its secret, without which no token of its can be looked at."""
        registered = providers.get(X)
        if isinstance(registered, str) and ";" not in registered:
            self.notes.append("The application at X has another secret here than at X.")
            return {**providers, X: f"{registered};{secrets.token_hex(20)}"}
        return providers

    def _pool_roles(self, given: Mapping[str, Any]) -> None:
        roles, mappings = _members(given.get("Roles"), "Roles"), _members(given.get("RoleMappings"), "RoleMappings")
        params = {"IdentityPoolId": self._document.pool_id, "Roles": roles, "RoleMappings": mappings}
        try:
            self._handlers.call("cognito-identity", "SetIdentityPoolRoles", params)
        except HandlerRefused as refused:
            if refused.code != "InvalidParameterException":
                raise invalid(f"The roles cannot be imported: {refused.code}: {refused.message}") from None
            self._keep_roles(roles, mappings, refused.message)

    def _keep_roles(self, roles: dict[str, Any], mappings: dict[str, Any], reason: str) -> None:
        """Mappings of a provider that the pool no longer trusts, say; roles of other accounts never."""
        try:
            by_rule = (arn for mapping in mappings.values() for arn in rule_roles(mapping))
            check_roles(self._account, [*roles.values(), *by_rule])
        except AwsError as error:
            raise invalid(f"The roles cannot be imported: {error.code}: {error.message}") from None
        self._instance.part(Pools).set_roles(self._document.pool_id, roles, mappings)
        self.notes.append(f"The role mappings are kept as they are; they could not be set today: {reason}")

    def _tag_map(self, given: Mapping[str, Any]) -> None:
        params = {**given, "IdentityPoolId": self._document.pool_id}
        try:
            self._handlers.call("cognito-identity", "SetPrincipalTagAttributeMap", params)
        except HandlerRefused as refused:
            provider, tags = given.get("IdentityProviderName"), _members(given.get("PrincipalTags"), "PrincipalTags")
            if refused.code != "InvalidParameterException" or not isinstance(provider, str):
                raise invalid(f"The principal tags cannot be imported: {refused.code}: {refused.message}") from None
            pools = self._instance.part(Pools)
            tag_map = TagMap(bool(given.get("UseDefaults")), tags)
            pools.set_tag_map(pools.find(self._document.pool_id), provider, tag_map)
            self.notes.append(f"The principal tags of {provider} are kept; they could not be set today.")


def _members(value: Any, name: str) -> dict[str, Any]:
    """The member of that name, which is to be an object and may be missing.

    Raises:
        AwsError: ValidationException.
    """
    if value is None or isinstance(value, dict):
        return dict(value or {})
    raise invalid(f"{name} in the document is no object.")


def _texts(value: Any, name: str) -> list[str]:
    """The member of that name, which is to be a list of texts and may be missing.

    Raises:
        AwsError: ValidationException.
    """
    if value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        return list(value or [])
    raise invalid(f"{name} in the document is no list of texts.")
