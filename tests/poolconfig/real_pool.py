"""An identity pool as a company has it, made by the API: rules, groups, tags, OpenID Connect, SAML, Google and more."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sandbox.saml_idp import SamlIdp

COGNITO = "cognito-identity.amazonaws.com"
ISSUER = "login.example.com/tenants/acme"
GOOGLE, FACEBOOK, X, AMAZON = "accounts.google.com", "graph.facebook.com", "api.twitter.com", "www.amazon.com"
ENTITY_ID = "https://saml.example.com/idp"
ClientOf = Callable[[str], Any]


@dataclass(frozen=True)
class RealPool:
    """What was made, by its IDs."""

    account: str
    pool_id: str
    user_pool: str
    client: str
    oidc_arn: str
    saml_arn: str

    @property
    def user_pool_name(self) -> str:
        return f"cognito-idp.us-east-1.amazonaws.com/{self.user_pool}"

    def role_arn(self, name: str) -> str:
        return f"arn:aws:iam::{self.account}:role/shop/{name}"


def make_real_pool(client_of: ClientOf, account: str, *, pool_id: str = "") -> RealPool:
    """Make it in an account, whose administrator's clients these are; under a chosen ID, where one is given."""
    iam, idp, cognito = client_of("iam"), client_of("cognito-idp"), client_of("cognito-identity")
    user_pool, client = _user_pool(idp)
    oidc = iam.create_open_id_connect_provider(
        Url=f"https://{ISSUER}", ClientIDList=["web", "mobile"], ThumbprintList=["ab" * 20]
    )["OpenIDConnectProviderArn"]
    saml = iam.create_saml_provider(Name="Acme", SAMLMetadataDocument=SamlIdp(ENTITY_ID).metadata)["SAMLProviderArn"]
    user_pool_name = f"cognito-idp.us-east-1.amazonaws.com/{user_pool}"
    pool_id = cognito.create_identity_pool(
        IdentityPoolName="Shop",
        AllowUnauthenticatedIdentities=True,
        AllowClassicFlow=True,
        SupportedLoginProviders={
            GOOGLE: "42-shop.apps.googleusercontent.com",
            FACEBOOK: "4242",
            X: "consumerKey;consumerSecret",
            AMAZON: "amzn1.application-oa2-client.shop",
        },
        DeveloperProviderName="login.shop",
        OpenIdConnectProviderARNs=[oidc],
        SamlProviderARNs=[saml],
        CognitoIdentityProviders=[{"ProviderName": user_pool_name, "ClientId": client, "ServerSideTokenCheck": False}],
        IdentityPoolTags={"team": "shop", **({"sandbox:custom-id": pool_id} if pool_id else {})},
    )["IdentityPoolId"]
    made = RealPool(account, pool_id, user_pool, client, oidc, saml)
    _roles(iam, made)
    for name, role, precedence in (("editors", "Editors", 1), ("readers", "Readers", 5)):
        idp.create_group(UserPoolId=user_pool, GroupName=name, RoleArn=made.role_arn(role), Precedence=precedence)
    _mappings(cognito, made)
    return made


def _user_pool(idp: Any) -> tuple[str, str]:
    pool = idp.create_user_pool(
        PoolName="ShopUsers",
        Schema=[{"Name": "department", "AttributeDataType": "String", "Mutable": True}],
        Policies={"PasswordPolicy": {"MinimumLength": 12}},
        UserPoolTags={"team": "shop"},
    )["UserPool"]["Id"]
    client = idp.create_user_pool_client(
        UserPoolId=pool, ClientName="web", GenerateSecret=True, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )["UserPoolClient"]["ClientId"]
    return pool, client


def _roles(iam: Any, made: RealPool) -> None:
    for name, amr in (
        ("Guests", "unauthenticated"),
        ("Members", "authenticated"),
        ("Editors", "authenticated"),
        ("Readers", "authenticated"),
        ("Staff", "authenticated"),
        ("Suppliers", made.oidc_arn + ":OIDC:*"),
    ):
        iam.create_role(
            RoleName=name,
            Path="/shop/",
            AssumeRolePolicyDocument=trust_of(made.pool_id, amr),
            Description=f"For {name}",
            MaxSessionDuration=7200,
            Tags=[{"Key": "team", "Value": "shop"}],
        )
    iam.put_role_policy(
        RoleName="Members",
        PolicyName="own-files",
        PolicyDocument=json.dumps(
            document("s3:GetObject", "arn:aws:s3:::shop/${cognito-identity.amazonaws.com:sub}/*")
        ),
    )
    shared = iam.create_policy(
        PolicyName="read-parameters",
        Path="/shop/",
        PolicyDocument=json.dumps(document("ssm:GetParameter", f"arn:aws:ssm:*:{made.account}:parameter/shop/*")),
    )["Policy"]["Arn"]
    for role in ("Staff", "Editors"):
        iam.attach_role_policy(RoleName=role, PolicyArn=shared)
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(document("ssm:*", "*")))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="Editors", PermissionsBoundary=limit)
    iam.attach_role_policy(RoleName="Staff", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")


def _mappings(cognito: Any, made: RealPool) -> None:
    cognito.set_identity_pool_roles(
        IdentityPoolId=made.pool_id,
        Roles={"unauthenticated": made.role_arn("Guests"), "authenticated": made.role_arn("Members")},
        RoleMappings={
            f"{made.user_pool_name}:{made.client}": {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"},
            made.oidc_arn: {
                "Type": "Rules",
                "AmbiguousRoleResolution": "Deny",
                "RulesConfiguration": {
                    "Rules": [
                        {
                            "Claim": "department",
                            "MatchType": "Equals",
                            "Value": "staff",
                            "RoleARN": made.role_arn("Staff"),
                        },
                        {
                            "Claim": "department",
                            "MatchType": "StartsWith",
                            "Value": "supplier-",
                            "RoleARN": made.role_arn("Suppliers"),
                        },
                    ]
                },
            },
        },
    )
    cognito.set_principal_tag_attribute_map(
        IdentityPoolId=made.pool_id,
        IdentityProviderName=made.oidc_arn,
        UseDefaults=False,
        PrincipalTags={"department": "department", "tenant": "tid"},
    )
    cognito.set_principal_tag_attribute_map(
        IdentityPoolId=made.pool_id, IdentityProviderName=made.user_pool_name, UseDefaults=True
    )


def trust_of(pool_id: str, amr: str) -> str:
    """Of people of this pool whose `amr` is like that."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": COGNITO},
                    "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
                    "Condition": {
                        "StringEquals": {f"{COGNITO}:aud": pool_id},
                        "ForAnyValue:StringLike": {f"{COGNITO}:amr": amr},
                    },
                }
            ],
        }
    )


def document(action: str, resource: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
