"""Pools, clients, domains, resource servers and identity providers as they are kept."""

import json
from typing import Any

import pytest

from tests.sandbox.aws.cognito_idp.pools import Pool, refusal
from tests.sandbox.lab import Lab


def test_a_pool_has_the_defaults_of_cognitos(lab: Lab) -> None:
    pool = Pool(lab)
    shown = pool.admin.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    assert shown["Arn"] == f"arn:aws:cognito-idp:us-east-1:{lab.account}:userpool/{pool.id}"
    assert shown["Policies"]["PasswordPolicy"]["MinimumLength"] == 8
    assert (shown["MfaConfiguration"], shown["DeletionProtection"]) == ("OFF", "INACTIVE")
    attributes = {entry["Name"]: entry for entry in shown["SchemaAttributes"]}
    assert len(attributes) == 20
    assert attributes["sub"]["Required"] is True
    assert attributes["email"]["Mutable"] is True


def test_an_update_sets_what_it_is_not_told_to_its_default(lab: Lab) -> None:
    pool = Pool(lab, UsernameAttributes=["email"], AutoVerifiedAttributes=["email"], UserPoolTags={"team": "red"})
    policy = {"PasswordPolicy": {"MinimumLength": 6}}
    pool.admin.update_user_pool(UserPoolId=pool.id, Policies=policy)
    shown = pool.admin.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    assert shown["Policies"]["PasswordPolicy"] == {"MinimumLength": 6}
    assert shown["UsernameAttributes"] == ["email"]
    assert "AutoVerifiedAttributes" not in shown
    assert shown["UserPoolTags"] == {"team": "red"}


def test_pools_come_in_pages(lab: Lab) -> None:
    made = [Pool(lab).id for _ in range(3)]
    pages = (
        lab.client("cognito-idp")
        .get_paginator("list_user_pools")
        .paginate(MaxResults=60, PaginationConfig={"PageSize": 2})
    )
    assert [pool["Id"] for page in pages for pool in page["UserPools"]] == made


def test_a_protected_pool_and_one_with_a_domain_stay(lab: Lab) -> None:
    pool = Pool(lab, DeletionProtection="ACTIVE")
    domain = f"shop-{pool.id[-9:].lower()}"
    assert "deletion protection" in refusal(pool.admin.delete_user_pool, UserPoolId=pool.id)[1]
    pool.admin.update_user_pool(UserPoolId=pool.id, DeletionProtection="INACTIVE")
    pool.admin.create_user_pool_domain(UserPoolId=pool.id, Domain=domain)
    assert "domain configured" in refusal(pool.admin.delete_user_pool, UserPoolId=pool.id)[1]
    pool.admin.delete_user_pool_domain(UserPoolId=pool.id, Domain=domain)
    pool.admin.delete_user_pool(UserPoolId=pool.id)
    for call in (pool.admin.describe_user_pool, pool.admin.list_users, pool.admin.list_user_pool_clients):
        assert refusal(call, UserPoolId=pool.id) == (
            "ResourceNotFoundException",
            f"User pool {pool.id} does not exist.",
        )


def test_custom_attributes_are_added(lab: Lab) -> None:
    pool = Pool(lab)
    about = {"UserPoolId": pool.id}
    number = {"Name": "level", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MaxValue": "9"}}
    pool.admin.add_custom_attributes(**about, CustomAttributes=[{**number, "Mutable": True}])
    assert refusal(pool.admin.add_custom_attributes, **about, CustomAttributes=[number])[0] == (
        "InvalidParameterException"
    )
    pool.add("ana", custom__level="7")
    for value in ("10", "many"):
        given = [{"Name": "custom:level", "Value": value}]
        call = pool.admin.admin_update_user_attributes
        assert refusal(call, **about, Username="ana", UserAttributes=given)[0] == "InvalidParameterException"


def test_tags(lab: Lab) -> None:
    pool = Pool(lab, UserPoolTags={"team": "red"})
    arn = pool.admin.describe_user_pool(UserPoolId=pool.id)["UserPool"]["Arn"]
    pool.admin.tag_resource(ResourceArn=arn, Tags={"cost": "7"})
    pool.admin.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert pool.admin.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"cost": "7"}
    foreign = arn.replace(lab.account, "999988887777")
    assert refusal(pool.admin.list_tags_for_resource, ResourceArn=foreign)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "members",
    [
        {"EmailConfiguration": {"SourceArn": "arn:aws:ses:{}:111122223333:identity/a@shop.example"}},
        {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::111122223333:role/Sms", "SnsRegion": "{}"}},
        {"LambdaConfig": {"PreSignUp": "arn:aws:lambda:{}:111122223333:function:greet"}},
        {"LambdaConfig": {"KMSKeyID": "arn:aws:kms:{}:111122223333:key/1"}},
        {
            "LambdaConfig": {
                "CustomEmailSender": {
                    "LambdaVersion": "V1_0",
                    "LambdaArn": "arn:aws:lambda:{}:111122223333:function:mail",
                }
            }
        },
    ],
)
def test_what_a_pool_names_is_in_a_region_that_there_is(pool: Pool, members: dict[str, Any]) -> None:
    def at(region: str) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(json.dumps(members).replace("{}", region))
        return made

    pool.admin.create_user_pool(PoolName="p", **at("eu-west-1"))
    for call, named in (
        (pool.admin.create_user_pool, {"PoolName": "p"}),
        (pool.admin.update_user_pool, {"UserPoolId": pool.id}),
    ):
        code, message = refusal(call, **named, **at("mars-north-1"))
        assert code == "InvalidParameterException"
        assert "mars-north-1" in message


def test_a_client_has_the_defaults_of_cognitos(pool: Pool) -> None:
    made = pool.admin.create_user_pool_client(UserPoolId=pool.id, ClientName="c")["UserPoolClient"]
    assert made["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"]
    assert (made["RefreshTokenValidity"], made["EnableTokenRevocation"]) == (30, True)
    assert "ClientSecret" not in made


@pytest.mark.slow
@pytest.mark.parametrize(
    "members",
    [
        {"AccessTokenValidity": 25},
        {"IdTokenValidity": 1, "TokenValidityUnits": {"IdToken": "minutes"}},
        {"RefreshTokenValidity": 59, "TokenValidityUnits": {"RefreshToken": "minutes"}},
        {"ReadAttributes": ["custom:nothing"]},
        {"WriteAttributes": ["sub"]},
        {"ExplicitAuthFlows": ["ADMIN_NO_SRP_AUTH", "ALLOW_USER_SRP_AUTH"]},
        {"ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"], "RefreshTokenRotation": {"Feature": "ENABLED"}},
        {"CallbackURLs": ["https://app.example/#fragment"]},
        {"CallbackURLs": ["javascript:alert(1)"]},
        {"CallbackURLs": ["/relative"]},
        {"CallbackURLs": ["https://app.example/"], "DefaultRedirectURI": "https://elsewhere.example/"},
        {"GenerateSecret": True, "ClientSecret": "a" * 32},
    ],
)
def test_a_client_that_cannot_be(pool: Pool, members: dict[str, Any]) -> None:
    call = pool.admin.create_user_pool_client
    assert refusal(call, UserPoolId=pool.id, ClientName="c", **members)[0] == "InvalidParameterException"


@pytest.mark.parametrize(
    ("members", "code", "sentence"),
    [
        (
            {"AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["orders/read"]},
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected if client does not have a client secret.",
        ),
        (
            {"GenerateSecret": True, "AllowedOAuthFlows": ["code", "client_credentials"]},
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected along with code flow or implicit flow.",
        ),
        (
            {"GenerateSecret": True, "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["openid"]},
            "InvalidOAuthFlowException",
            "openid is not supported with client_credentials flow.",
        ),
        (
            {"AllowedOAuthFlows": ["implicit"]},
            "InvalidOAuthFlowException",
            "CallbackUrls can not be empty when code flow or implicit flow is selected",
        ),
        (
            {"AllowedOAuthFlowsUserPoolClient": True, "AllowedOAuthFlows": ["code"]},
            "InvalidParameterException",
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
        ),
        (
            {"AllowedOAuthScopes": ["openid", "orders/read", "orders/write"]},
            "ScopeDoesNotExistException",
            "Invalid scope requested: orders/write",
        ),
        (
            {"SupportedIdentityProviders": ["COGNITO", "Company", "Google"]},
            "InvalidParameterException",
            "The provider Google does not exist for User Pool {}.",
        ),
    ],
)
def test_a_client_is_refused_what_its_pool_cannot_give(
    pool: Pool, members: dict[str, Any], code: str, sentence: str
) -> None:
    pool.admin.create_resource_server(
        UserPoolId=pool.id,
        Identifier="orders",
        Name="Orders",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "reads"}],
    )
    pool.admin.create_identity_provider(
        UserPoolId=pool.id,
        ProviderName="Company",
        ProviderType="OIDC",
        ProviderDetails={"client_id": "c", "oidc_issuer": "https://company.example"},
    )
    told = (code, sentence.format(pool.id))
    assert refusal(pool.admin.create_user_pool_client, UserPoolId=pool.id, ClientName="c", **members) == told
    if "GenerateSecret" not in members:
        change = pool.admin.update_user_pool_client
        assert refusal(change, UserPoolId=pool.id, ClientId=pool.client_id, **members) == told


def test_a_servers_client_keeps_its_flow_when_it_is_changed(pool: Pool) -> None:
    pool.admin.create_resource_server(
        UserPoolId=pool.id, Identifier="a", Name="A", Scopes=[{"ScopeName": "b", "ScopeDescription": "c"}]
    )
    flow = {
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": ["a/b"],
        "AllowedOAuthFlowsUserPoolClient": True,
    }
    made = pool.admin.create_user_pool_client(UserPoolId=pool.id, ClientName="s", GenerateSecret=True, **flow)
    named = {"UserPoolId": pool.id, "ClientId": made["UserPoolClient"]["ClientId"]}
    changed = pool.admin.update_user_pool_client(**named, ClientName="t", **flow)["UserPoolClient"]
    assert (changed["ClientName"], changed["AllowedOAuthScopes"]) == ("t", ["a/b"])


def test_a_deleted_client_signs_nobody_in(pool: Pool) -> None:
    tokens = pool.by_password()
    pool.admin.delete_user_pool_client(UserPoolId=pool.id, ClientId=pool.client_id)
    told = refusal(pool.by_password)
    assert told == ("ResourceNotFoundException", f"User pool client {pool.client_id} does not exist.")
    assert refusal(pool.public.get_user, AccessToken=tokens["AccessToken"])[0] == "NotAuthorizedException"


def test_a_domain_is_one_pools(lab: Lab) -> None:
    pool, other = Pool(lab), Pool(Lab(lab.sandbox, lab.providers))
    domain = f"shop-{pool.id[-9:].lower()}"
    pool.admin.create_user_pool_domain(UserPoolId=pool.id, Domain=domain)
    told = refusal(other.admin.create_user_pool_domain, UserPoolId=other.id, Domain=domain)
    assert told == ("InvalidParameterException", "Domain already associated with another user pool.")
    assert pool.admin.describe_user_pool_domain(Domain=domain)["DomainDescription"]["UserPoolId"] == pool.id
    assert other.admin.describe_user_pool_domain(Domain=domain)["DomainDescription"] == {}
    assert refusal(other.admin.delete_user_pool_domain, UserPoolId=other.id, Domain=domain)[0] == (
        "ResourceNotFoundException"
    )
    for reserved in ("my-aws", "cognito-shop"):
        call = pool.admin.create_user_pool_domain
        assert refusal(call, UserPoolId=other.id, Domain=reserved)[0] in (
            "InvalidParameterException",
            "ResourceNotFoundException",
        )


def test_resource_servers(pool: Pool) -> None:
    about = {"UserPoolId": pool.id, "Identifier": "https://api.example"}
    scopes = [{"ScopeName": "read", "ScopeDescription": "to read"}]
    pool.admin.create_resource_server(**about, Name="api", Scopes=scopes)
    assert refusal(pool.admin.create_resource_server, **about, Name="api")[0] == "InvalidParameterException"
    pool.admin.update_resource_server(**about, Name="renamed", Scopes=scopes)
    found = pool.admin.describe_resource_server(**about)["ResourceServer"]
    assert (found["Name"], found["Scopes"]) == ("renamed", scopes)
    assert len(pool.admin.list_resource_servers(UserPoolId=pool.id, MaxResults=5)["ResourceServers"]) == 1
    pool.admin.delete_resource_server(**about)
    assert refusal(pool.admin.describe_resource_server, **about)[0] == "ResourceNotFoundException"


def test_identity_providers_are_kept(pool: Pool) -> None:
    about = {"UserPoolId": pool.id, "ProviderName": "Google"}
    details = {"client_id": "a", "client_secret": "b", "authorize_scopes": "openid"}
    more = {"ProviderType": "Google", "ProviderDetails": details, "IdpIdentifiers": ["acme"]}
    pool.admin.create_identity_provider(**about, **more)
    assert refusal(pool.admin.create_identity_provider, **about, **more)[0] == "DuplicateProviderException"
    pool.admin.update_identity_provider(**about, AttributeMapping={"email": "email"})
    found = pool.admin.describe_identity_provider(**about)["IdentityProvider"]
    assert (found["ProviderDetails"], found["AttributeMapping"]) == (details, {"email": "email"})
    by_identifier = pool.admin.get_identity_provider_by_identifier(UserPoolId=pool.id, IdpIdentifier="acme")
    assert by_identifier["IdentityProvider"]["ProviderName"] == "Google"
    assert [one["ProviderName"] for one in pool.admin.list_identity_providers(UserPoolId=pool.id)["Providers"]] == [
        "Google"
    ]
    pool.admin.delete_identity_provider(**about)
    assert refusal(pool.admin.describe_identity_provider, **about)[0] == "ResourceNotFoundException"


def test_providers_are_listed_in_pages(pool: Pool) -> None:
    details = {"client_id": "a", "client_secret": "b", "authorize_scopes": "openid"}
    names = ["Facebook", "Google", "LoginWithAmazon"]
    for name in names:
        pool.admin.create_identity_provider(
            UserPoolId=pool.id, ProviderName=name, ProviderType=name, ProviderDetails=details
        )
    list_providers = pool.admin.list_identity_providers
    found: list[str] = []
    more: dict[str, str] | None = {}
    while more is not None:
        page = list_providers(UserPoolId=pool.id, MaxResults=1, **more)
        found += [one["ProviderName"] for one in page["Providers"]]
        more = {"NextToken": page["NextToken"]} if "NextToken" in page else None
    assert found == names
    # No number of them at all is no limit, as with users and groups.
    assert [one["ProviderName"] for one in list_providers(UserPoolId=pool.id, MaxResults=0)["Providers"]] == names


def test_input_that_does_not_fit_is_refused_as_cognito_does(lab: Lab) -> None:
    idp = lab.client("cognito-idp")
    code, message = refusal(idp.describe_user_pool, UserPoolId="no pool")
    assert code == "InvalidParameterException"
    assert message.startswith("1 validation error detected: Value 'no pool' at 'userPoolId' failed to satisfy")
