"""User pools live in the region of the call that made them, and identity pools of any region trust them."""

import jwt
import pytest
from botocore.exceptions import ClientError

from tests.sandbox.lab import Lab, refused
from tests.sandbox.wire import send

HERE, THERE = "us-east-1", "eu-west-1"
PASSWORD = "Correct-horse-7"


def signed_up(lab: Lab, region: str) -> tuple[str, str]:
    """The ids of a user pool and a client of the region; ana is a user there."""
    idp = lab.client("cognito-idp", region)
    pool = idp.create_user_pool(PoolName="pool")["UserPool"]["Id"]
    client = idp.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )["UserPoolClient"]["ClientId"]
    idp.admin_create_user(UserPoolId=pool, Username="ana", MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool, Username="ana", Password=PASSWORD, Permanent=True)
    return str(pool), str(client)


def id_token(lab: Lab, client: str, region: str) -> str:
    answer = lab.sandbox.anonymous("cognito-idp", region=region).initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "ana", "PASSWORD": PASSWORD}
    )
    return str(answer["AuthenticationResult"]["IdToken"])


def test_a_user_pool_is_in_the_region_that_the_signature_names(lab: Lab) -> None:
    pools = {region: signed_up(lab, region)[0] for region in (HERE, THERE)}
    for region, pool in pools.items():
        assert pool.startswith(f"{region}_")
        idp = lab.client("cognito-idp", region)
        listed = idp.list_user_pools(MaxResults=60)["UserPools"]
        assert [one["Id"] for one in listed if one["Name"] == "pool"] == [pool]
        arn = idp.describe_user_pool(UserPoolId=pool)["UserPool"]["Arn"]
        assert arn == f"arn:aws:cognito-idp:{region}:{lab.account}:userpool/{pool}"
    with pytest.raises(ClientError) as error:
        lab.client("cognito-idp", HERE).describe_user_pool(UserPoolId=pools[THERE])
    assert refused(error.value)[1] == "ResourceNotFoundException"


def test_an_unsigned_call_goes_where_its_client_is(lab: Lab) -> None:
    pool, client = signed_up(lab, THERE)
    claims = jwt.decode(id_token(lab, client, HERE), options={"verify_signature": False})
    assert claims["iss"] == f"https://cognito-idp.{THERE}.amazonaws.com/{pool}"


@pytest.mark.parametrize("region", [HERE, THERE, "ap-northeast-1"])
def test_identity_pools_of_every_region_trust_it(lab: Lab, region: str) -> None:
    pool, client = signed_up(lab, THERE)
    provider = f"cognito-idp.{THERE}.amazonaws.com/{pool}"
    trusted = {"ProviderName": provider, "ClientId": client, "ServerSideTokenCheck": True}
    made = lab.client("cognito-identity", region).create_identity_pool(
        IdentityPoolName="members", AllowUnauthenticatedIdentities=False, CognitoIdentityProviders=[trusted]
    )
    logins = {provider: id_token(lab, client, THERE)}
    identity = lab.public.get_id(IdentityPoolId=made["IdentityPoolId"], Logins=logins)["IdentityId"]
    assert identity.startswith(f"{region}:")
    lab.client("cognito-idp", THERE).admin_disable_user(UserPoolId=pool, Username="ana")
    with pytest.raises(ClientError) as error:
        lab.public.get_id(IdentityPoolId=made["IdentityPoolId"], Logins=logins)
    assert refused(error.value)[1] == "NotAuthorizedException"


@pytest.mark.parametrize("region", [HERE, THERE])
def test_its_keys_are_at_the_host_of_its_region(lab: Lab, region: str) -> None:
    pool = signed_up(lab, region)[0] if region == THERE else f"{HERE}_LabPool01"
    path = f"/{pool}/.well-known/openid-configuration"
    statuses = {
        host: send(lab.sandbox, "GET", path, headers={"Host": f"cognito-idp.{host}.amazonaws.com"}).status
        for host in (HERE, THERE, "ap-south-1")
    }
    assert statuses == {host: 200 if host == region else 404 for host in statuses}
