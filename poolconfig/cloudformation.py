"""A document as a template of CloudFormation, in JSON, which is YAML as well."""

import json
from collections.abc import Mapping
from typing import Any

from poolconfig.document import Document, X
from poolconfig.references import DocumentNames, References, names_of, own_policies
from poolconfig.written import Written, kept, left_out_notes, other_providers

Resource = dict[str, Any]

_LARGEST_BODY = 51_200  # bytes of a template in a request (CloudFormation quotas)
_POOL, _X_SECRET = "IdentityPool", "XConsumerSecret"
_POOL_MEMBERS = ("IdentityPoolName", "AllowUnauthenticatedIdentities", "AllowClassicFlow", "DeveloperProviderName")
_ROLE_MEMBERS = ("RoleName", "Path", "Description", "MaxSessionDuration", "PermissionsBoundary", "Tags")
_FACTORS = {
    "SmsMfaConfiguration": "SMS_MFA",
    "SoftwareTokenMfaConfiguration": "SOFTWARE_TOKEN_MFA",
    "EmailMfaConfiguration": "EMAIL_OTP",
}


def cloudformation(document: Document) -> Written:
    """The template. Who deploys it has to allow `CAPABILITY_NAMED_IAM`."""
    return _Template(document).written()


class _Template:
    def __init__(self, document: Document) -> None:
        self._document, self._names = document, names_of(document)
        ids, arns = _references(document, self._names)
        self._ids = References(ids, _literal)
        self._all = References({**ids, **arns}, _literal)
        self._notes = left_out_notes(document)

    def written(self) -> Written:
        document, pool = self._document, self._document["identityPool"]
        template: dict[str, Any] = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": f"The identity pool {pool['IdentityPoolName'][:200]}, with all that belongs to it.",
        }
        if X in pool.get("SupportedLoginProviders", {}):
            about = "The consumer secret of the application at X, which no document holds."
            template["Parameters"] = {_X_SECRET: {"Type": "String", "NoEcho": True, "Description": about}}
        resources = {
            **{self._names.oidc[one["Arn"]]: self._oidc(one) for one in document["openIdConnectProviders"]},
            **{self._names.saml[one["Arn"]]: self._saml(one) for one in document["samlProviders"]},
            **self._user_pools(),
            _POOL: self._pool(),
            **{self._names.policies[one["Arn"]]: self._policy(one) for one in own_policies(document)},
            **{self._names.roles[one["Arn"]]: self._role(one) for one in document["iamRoles"]},
            **self._groups(),
            **self._attachment(),
            **self._principal_tags(),
        }
        template["Resources"] = resources
        shown = (_POOL, *self._names.user_pools.values(), *self._names.clients.values())
        template["Outputs"] = {f"{name}Id": {"Value": {"Ref": name}} for name in shown}
        return Written(self._text(template), tuple(self._notes))

    def _text(self, template: dict[str, Any]) -> str:
        """To be read, unless CloudFormation takes it only without blanks, or only by way of S3."""
        text = json.dumps(template, indent=2) + "\n"
        if len(text.encode()) > _LARGEST_BODY:
            text = json.dumps(template, separators=(",", ":")) + "\n"
        if len(text.encode()) > _LARGEST_BODY:
            self._notes.append(f"The template has more than {_LARGEST_BODY} bytes: deploy it with --s3-bucket BUCKET.")
        return text

    # --- Values ---

    def _sub(self, value: Any, references: References) -> Any:
        """The value with Fn::Sub where something in it is a reference."""
        if isinstance(value, str):
            return {"Fn::Sub": references.written(value)} if references.has_any(value) else value
        if isinstance(value, Mapping):
            for name in value:
                if references.has_any(name):
                    self._notes.append(f"{name} stands before a colon, where a template cannot have another ID.")
            return {name: self._sub(member, references) for name, member in value.items()}
        return [self._sub(one, references) for one in value] if isinstance(value, list) else value

    def _made(self, kind: str, properties: Mapping[str, Any], references: References | None = None) -> Resource:
        return {"Type": f"AWS::{kind}", "Properties": self._sub(kept(properties), references or self._ids)}

    def _listed(self, arns: list[str], names: Mapping[str, str]) -> list[Any]:
        return [{"Ref": names[arn]} for arn in arns if arn in names]

    # --- IAM ---

    def _oidc(self, provider: Mapping[str, Any]) -> Resource:
        members = {
            "Url": f"https://{provider['Url']}" if "://" not in provider["Url"] else provider["Url"],
            "ClientIdList": provider.get("ClientIDList"),
            "ThumbprintList": provider.get("ThumbprintList"),
            "Tags": provider["Tags"],
        }
        return self._made("IAM::OIDCProvider", members)

    def _saml(self, provider: Mapping[str, Any]) -> Resource:
        members = {
            "Name": provider["Name"],
            "SamlMetadataDocument": provider["SAMLMetadataDocument"],
            "Tags": provider["Tags"],
        }
        return self._made("IAM::SAMLProvider", members)

    def _policy(self, policy: Mapping[str, Any]) -> Resource:
        members = {
            "ManagedPolicyName": policy["PolicyName"],
            "Path": policy.get("Path"),
            "Description": policy.get("Description"),
            "PolicyDocument": policy["PolicyDocument"],
        }
        if policy["Tags"]:
            self._notes.append(f"The policy {policy['PolicyName']} has tags, which CloudFormation cannot give it.")
        return self._made("IAM::ManagedPolicy", members)

    def _role(self, role: Mapping[str, Any]) -> Resource:
        inline = [{"PolicyName": name, "PolicyDocument": body} for name, body in role["InlinePolicies"].items()]
        members = {name: role.get(name) for name in _ROLE_MEMBERS}
        members |= {"AssumeRolePolicyDocument": role["AssumeRolePolicyDocument"], "Policies": inline}
        made = self._made("IAM::Role", members)
        own = self._names.policies
        attached = [{"Ref": own[arn]} if arn in own else arn for arn in role["AttachedPolicies"]]
        if attached:
            made["Properties"]["ManagedPolicyArns"] = attached
        if (boundary := role.get("PermissionsBoundary", "")) in own:
            made["Properties"]["PermissionsBoundary"] = {"Ref": own[boundary]}
        return made

    # --- User pools ---

    def _user_pools(self) -> dict[str, Resource]:
        found = {}
        for pool in self._document["userPools"]:
            if pool["Id"] not in self._names.user_pools:
                continue
            settings = dict(pool["Settings"])
            members = {"UserPoolName": settings.pop("PoolName"), **settings}
            if factors := [factor for name, factor in _FACTORS.items() if name in pool.get("Mfa", {})]:
                members["EnabledMfas"] = factors
            user_pool = self._names.user_pools[pool["Id"]]
            found[user_pool] = self._made("Cognito::UserPool", members)
            for client in pool["Clients"]:
                settings = dict(client["Settings"])
                settings["SupportedIdentityProviders"] = other_providers(settings, self._notes)
                made = self._made("Cognito::UserPoolClient", {**settings, "GenerateSecret": client["HasSecret"]})
                made["Properties"]["UserPoolId"] = {"Ref": user_pool}
                found[self._names.clients[client["ClientId"]]] = made
        return found

    def _groups(self) -> dict[str, Resource]:
        found = {}
        for pool in self._document["userPools"]:
            for number, group in enumerate(pool["Groups"], start=1):
                user_pool = self._names.user_pools[pool["Id"]]
                made = self._made("Cognito::UserPoolGroup", group, self._all)
                made["Properties"]["UserPoolId"] = {"Ref": user_pool}
                found[f"{user_pool}Group{number}"] = made
        return found

    # --- The identity pool ---

    def _pool(self) -> Resource:
        pool = self._document["identityPool"]
        members = {name: pool.get(name) for name in _POOL_MEMBERS}
        members |= {
            "SupportedLoginProviders": pool.get("SupportedLoginProviders"),
            "CognitoIdentityProviders": pool.get("CognitoIdentityProviders"),
            "IdentityPoolTags": [{"Key": key, "Value": value} for key, value in pool["IdentityPoolTags"].items()],
        }
        made = self._made("Cognito::IdentityPool", members, self._all)
        lists = {
            "OpenIdConnectProviderARNs": self._listed(pool.get("OpenIdConnectProviderARNs", []), self._names.oidc),
            "SamlProviderARNs": self._listed(pool.get("SamlProviderARNs", []), self._names.saml),
        }
        made["Properties"] |= kept(lists)
        if consumer := pool.get("SupportedLoginProviders", {}).get(X):
            made["Properties"]["SupportedLoginProviders"][X] = {"Fn::Sub": f"{consumer};${{{_X_SECRET}}}"}
        return made

    def _attachment(self) -> dict[str, Resource]:
        roles = self._document["roles"]
        if not roles["Roles"] and not roles["RoleMappings"]:
            return {}
        mappings = {
            f"Mapping{number}": {"IdentityProvider": provider, **mapping}
            for number, (provider, mapping) in enumerate(roles["RoleMappings"].items(), start=1)
        }
        made = self._made(
            "Cognito::IdentityPoolRoleAttachment", {"Roles": roles["Roles"], "RoleMappings": mappings}, self._all
        )
        made["Properties"] = {"IdentityPoolId": {"Ref": _POOL}, **made["Properties"]}
        return {"Roles": made}

    def _principal_tags(self) -> dict[str, Resource]:
        found = {}
        for number, tag_map in enumerate(self._document["principalTags"], start=1):
            made = self._made("Cognito::IdentityPoolPrincipalTag", tag_map, self._all)
            made["Properties"] = {"IdentityPoolId": {"Ref": _POOL}, **made["Properties"]}
            found[f"PrincipalTags{number}"] = made
        return found


def _references(document: Document, names: DocumentNames) -> tuple[dict[str, str], dict[str, str]]:
    """IDs, for documents of policies too; and ARNs, for what has to wait until the thing is made."""
    ids = {document["identityPool"]["IdentityPoolId"]: f"${{{_POOL}}}", document["account"]: "${AWS::AccountId}"}
    ids |= {one: f"${{{name}}}" for one, name in (*names.user_pools.items(), *names.clients.items())}
    arns = {arn: f"${{{name}.Arn}}" for arn, name in (*names.oidc.items(), *names.roles.items())}
    arns |= {arn: f"${{{name}}}" for arn, name in (*names.saml.items(), *names.policies.items())}
    for pool_id, name in names.user_pools.items():
        region = pool_id.partition("_")[0]
        arns[f"cognito-idp.{region}.amazonaws.com/{pool_id}"] = f"${{{name}.ProviderName}}"
    return ids, arns


def _literal(text: str) -> str:
    """Fn::Sub takes `${!x}` for the text `${x}`."""
    return text.replace("${", "${!")
