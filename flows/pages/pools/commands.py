"""What a page would do, as commands of the AWS CLI."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from botocore import xform_name

from flows.exchange.pool_facts import PoolFacts, RoleFacts, tag_providers, user_pools_of
from flows.pages.pools.making import trust_of
from flows.pages.pools.masks import without_secrets


def command(service: str, operation: str, params: Mapping[str, Any]) -> str:
    """`aws SERVICE OPERATION --cli-input-json '{...}'`, over several lines."""
    name = xform_name(operation, "-")
    return f"aws {service} {name} --cli-input-json {shlex.quote(json.dumps(params, indent=2, ensure_ascii=False))}"


def reading_commands(pool_id: str) -> list[str]:
    """The commands that read what these pages show, for whoever may."""
    return [
        f"aws cognito-identity describe-identity-pool --identity-pool-id {shlex.quote(pool_id)}",
        f"aws cognito-identity get-identity-pool-roles --identity-pool-id {shlex.quote(pool_id)}",
        "aws iam get-role --role-name ROLE",
    ]


def commands_for(tab: str, facts: PoolFacts, role: RoleFacts | None) -> list[str]:
    """The commands that change what a tab shows, with what is set now: change it there."""
    pool_id = facts.pool.pool_id
    if tab == "switches":
        return [command("cognito-identity", "UpdateIdentityPool", without_secrets(facts.definition))]
    if tab == "logins":
        user_pool = next(iter(user_pools_of(facts.definition)), "USER_POOL_ID")
        client = {"UserPoolId": user_pool, "ClientName": "NAME", "WriteAttributes": ["email", "name"]}
        return [
            command("cognito-identity", "UpdateIdentityPool", without_secrets(facts.definition)),
            command("cognito-idp", "CreateUserPoolClient", client),
            command("iam", "CreateOpenIDConnectProvider", {"Url": "https://ISSUER", "ClientIDList": ["CLIENT_ID"]}),
            "aws iam create-saml-provider --name NAME --saml-metadata-document file://metadata.xml",
        ]
    if tab == "mapping":
        chosen = {"IdentityPoolId": pool_id, "Roles": facts.roles, "RoleMappings": facts.mappings}
        return [command("cognito-identity", "SetIdentityPoolRoles", chosen)]
    if tab == "tags":
        provider = next(iter(tag_providers(facts.definition)), "PROVIDER")
        tags = {"IdentityPoolId": pool_id, "IdentityProviderName": provider}
        example = {**tags, "UseDefaults": False, "PrincipalTags": {"tenant": "custom:tenant"}}
        return [command("cognito-identity", "SetPrincipalTagAttributeMap", example)]
    if tab == "roles" and role is not None:
        trust = shlex.quote(json.dumps(role.trust, indent=2))
        found = [f"aws iam update-assume-role-policy --role-name {role.name} --policy-document {trust}"]
        for name, document in role.policies.items():
            text = shlex.quote(json.dumps(document, indent=2))
            found.append(
                f"aws iam put-role-policy --role-name {role.name} --policy-name {name} --policy-document {text}"
            )
        model = shlex.quote(json.dumps(trust_of(pool_id, "authenticated"), indent=2))
        return [*found, f"aws iam create-role --role-name NAME --assume-role-policy-document {model}"]
    return []
