"""The document: an identity pool with all that belongs to it, members named as AWS names them. It holds no secrets.

    {
      "format": "identity-pool/1", "account": "111122223333", "region": "eu-west-1",
      "identityPool": members of CreateIdentityPool, with IdentityPoolId and IdentityPoolTags,
      "roles": members of SetIdentityPoolRoles: Roles, RoleMappings,
      "principalTags": [members of SetPrincipalTagAttributeMap],
      "iamRoles": [members of CreateRole with RoleId; AssumeRolePolicyDocument as an object;
                   InlinePolicies: {name: document}, AttachedPolicies: [ARN]],
      "policies": [members of CreatePolicy with Arn and VersionId; PolicyDocument as an object; those of AWS as well],
      "openIdConnectProviders": [members of CreateOpenIDConnectProvider with Arn],
      "samlProviders": [members of CreateSAMLProvider with Arn],
      "userPools": [{"Id", "Settings": members of CreateUserPool, "Mfa": members of SetUserPoolMfaConfig,
                     "Groups": [members of CreateGroup],
                     "Clients": [{"ClientId", "HasSecret", "Settings": members of CreateUserPoolClient}]}],
      "missing": [what the pool names and the account does not have]
    }

Of the application's ID at X the secret is left out, and so are secrets of app clients. Tags whose key begins with
`aws:` are AWS's own and left out as well, since nobody can set them, and so are the sandbox's own (`sandbox:`).
"""

from typing import Any

FORMAT = "identity-pool/1"
Document = dict[str, Any]

COGNITO = "cognito-identity.amazonaws.com"
X = "api.twitter.com"


def name_of(role_arn: str) -> str:
    """The name of a role or policy, without its path."""
    return role_arn.rpartition("/")[2]


def role_arns(document: Document) -> list[str]:
    """Every role that the pool itself names, in the order in which it does."""
    roles = document["roles"]
    named = list(roles.get("Roles", {}).values())
    for mapping in roles.get("RoleMappings", {}).values():
        named += [rule["RoleARN"] for rule in (mapping.get("RulesConfiguration") or {}).get("Rules", [])]
    for user_pool in document["userPools"]:
        named += [group["RoleArn"] for group in user_pool["Groups"] if group.get("RoleArn")]
    return list(dict.fromkeys(named))
