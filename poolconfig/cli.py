"""A document as a script of AWS CLI commands, for a POSIX shell."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import xform_name

from poolconfig.document import Document, X
from poolconfig.references import References, names_of, own_policies
from poolconfig.written import Written, kept, left_out_notes, other_providers

_POOL = "${IDENTITY_POOL}"
_HEAD = """#!/bin/sh
# The identity pool {name}, with all that belongs to it, made again in the account of the AWS CLI's credentials.
set -eu
export AWS_REGION={region} AWS_DEFAULT_REGION={region}
INPUT=$(mktemp)
trap 'rm -f "$INPUT"' EXIT
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
"""
_TAIL = """
echo "identity pool: ${IDENTITY_POOL}"
"""


def cli(document: Document) -> Written:
    """The script. It stops at the first command that is refused."""
    script = _Script(document)
    commands = "\n".join(script.commands())
    pool = document["identityPool"]
    head = _HEAD.format(name=_one_line(pool["IdentityPoolName"]), region=document["region"])
    return Written(head + script.secrets() + "\n" + commands + _TAIL, tuple(script.notes))


class _Script:
    def __init__(self, document: Document) -> None:
        self._document, names = document, names_of(document)
        self._user_pools = {one: f"USER_POOL_{number}" for number, one in enumerate(names.user_pools, start=1)}
        self._clients = {one: f"CLIENT_{number}" for number, one in enumerate(names.clients, start=1)}
        variables = {one: f"${{{name}}}" for one, name in (*self._user_pools.items(), *self._clients.items())}
        known = {document["identityPool"]["IdentityPoolId"]: _POOL, document["account"]: "${ACCOUNT}", **variables}
        self._references = References(known, _literal)
        self.notes = left_out_notes(document)

    def secrets(self) -> str:
        """What has to be told to the script, since no document holds it."""
        if X not in self._document["identityPool"].get("SupportedLoginProviders", {}):
            return ""
        self.notes.append("Set X_CONSUMER_SECRET to the consumer secret of the application at X.")
        return ': "${X_CONSUMER_SECRET:?the consumer secret of the application at X}"\n'

    def commands(self) -> Iterator[str]:
        document = self._document
        for provider in document["openIdConnectProviders"]:
            url = provider["Url"] if "://" in provider["Url"] else f"https://{provider['Url']}"
            yield self._command("iam", "CreateOpenIDConnectProvider", {**_without(provider, "Arn"), "Url": url})
        for provider in document["samlProviders"]:
            yield self._command("iam", "CreateSAMLProvider", _without(provider, "Arn"))
        for pool in document["userPools"]:
            if pool["Id"] in self._user_pools:
                yield from self._user_pool(pool)
        yield self._identity_pool()
        for policy in own_policies(document):
            given = {**_without(policy, "Arn", "VersionId"), "PolicyDocument": json.dumps(policy["PolicyDocument"])}
            yield self._command("iam", "CreatePolicy", given)
        for role in document["iamRoles"]:
            yield from self._role(role)
        for pool in document["userPools"]:
            for group in pool["Groups"]:
                yield self._command("cognito-idp", "CreateGroup", {**group, "UserPoolId": pool["Id"]})
        if document["roles"]["Roles"] or document["roles"]["RoleMappings"]:
            yield self._command("cognito-identity", "SetIdentityPoolRoles", self._of_pool(kept(document["roles"])))
        for tag_map in document["principalTags"]:
            yield self._command("cognito-identity", "SetPrincipalTagAttributeMap", self._of_pool(kept(tag_map)))

    def _user_pool(self, pool: Mapping[str, Any]) -> Iterator[str]:
        into = self._user_pools[pool["Id"]]
        yield self._command("cognito-idp", "CreateUserPool", pool["Settings"], into, "UserPool.Id")
        if factors := pool.get("Mfa"):
            mode = {"MfaConfiguration": pool["Settings"].get("MfaConfiguration"), "UserPoolId": pool["Id"]}
            yield self._command("cognito-idp", "SetUserPoolMfaConfig", {**factors, **mode})
        for client in pool["Clients"]:
            settings = dict(client["Settings"])
            settings["SupportedIdentityProviders"] = other_providers(settings, self.notes)
            given = {**settings, "UserPoolId": pool["Id"], "GenerateSecret": client["HasSecret"]}
            into = self._clients[client["ClientId"]]
            yield self._command("cognito-idp", "CreateUserPoolClient", given, into, "UserPoolClient.ClientId")

    def _identity_pool(self) -> str:
        """Without providers that are named and not there: AWS does not take them."""
        missing, pool = set(self._document["missing"]), dict(self._document["identityPool"])
        for name in ("OpenIdConnectProviderARNs", "SamlProviderARNs"):
            pool[name] = [arn for arn in pool.get(name, []) if arn not in missing]
        given = _without(pool, "IdentityPoolId")
        text = self._command("cognito-identity", "CreateIdentityPool", given, "IDENTITY_POOL", "IdentityPoolId")
        consumer = pool.get("SupportedLoginProviders", {}).get(X)
        if consumer is None:
            return text
        name = json.dumps(consumer)
        return text.replace(f'"{X}": {name}', f'"{X}": {name[:-1]};${{X_CONSUMER_SECRET}}"')

    def _role(self, role: Mapping[str, Any]) -> Iterator[str]:
        name, trust = role["RoleName"], json.dumps(role["AssumeRolePolicyDocument"])
        given = _without(role, "Arn", "RoleId", "InlinePolicies", "AttachedPolicies")
        yield self._command("iam", "CreateRole", {**given, "AssumeRolePolicyDocument": trust})
        for policy, body in role["InlinePolicies"].items():
            inline = {"RoleName": name, "PolicyName": policy, "PolicyDocument": json.dumps(body)}
            yield self._command("iam", "PutRolePolicy", inline)
        for arn in role["AttachedPolicies"]:
            yield self._command("iam", "AttachRolePolicy", {"RoleName": name, "PolicyArn": arn})

    def _of_pool(self, members: Mapping[str, Any]) -> dict[str, Any]:
        return {"IdentityPoolId": self._document["identityPool"]["IdentityPoolId"], **members}

    def _command(self, service: str, operation: str, given: Mapping[str, Any], into: str = "", query: str = "") -> str:
        """One command with its input; what `query` finds in the answer goes `into` a variable."""
        body = self._references.written(json.dumps(kept(given), indent=2, ensure_ascii=False))
        call = f'aws {service} {xform_name(operation, "-")} --cli-input-json file://"$INPUT"'
        asked = f"{into}=$({call} --query {query} --output text)" if into else f"{call} >/dev/null"
        return f'cat >"$INPUT" <<JSON\n{body}\nJSON\n{asked}\n'


def _literal(text: str) -> str:
    """What a here-document leaves as it is (POSIX, Shell Command Language, 2.7.4)."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("`", "\\`")


def _without(members: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}


def _one_line(text: str) -> str:
    return shlex.quote(" ".join(text.split()))
