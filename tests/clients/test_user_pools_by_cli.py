"""User pools by the AWS CLI and by boto3, in two regions: from a new pool to credentials of an identity pool."""

import json
import uuid
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox
from tests.clients.conftest import ACCOUNT, Administrator, Aws, RolesFor
from tests.sandbox.user_pools.srp_client import SrpClient

pytestmark = pytest.mark.slow

REGIONS = ["us-east-1", "eu-central-1"]
PASSWORD = "Correct-horse-1"


def provider(region: str, user_pool_id: str) -> str:
    return f"cognito-idp.{region}.amazonaws.com/{user_pool_id}"


@pytest.mark.parametrize("region", REGIONS)
def test_the_aws_cli_from_a_new_pool_to_credentials(
    aws: Aws, served: RunningSandbox, roles_for: RolesFor, region: str
) -> None:
    other = next(one for one in REGIONS if one != region)

    def idp(command: str, *arguments: str) -> Any:
        return aws("cognito-idp", command, *arguments, region=region)

    made = idp("create-user-pool", "--pool-name", "FromTheCli", "--auto-verified-attributes", "email")["UserPool"]
    pool = ("--user-pool-id", made["Id"])
    assert made["Arn"] == f"arn:aws:cognito-idp:{region}:{ACCOUNT}:userpool/{made['Id']}"
    client_id = idp("create-user-pool-client", *pool, "--client-name", "cli", "--explicit-auth-flows",
                    "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")["UserPoolClient"]["ClientId"]  # fmt: skip
    client, address = ("--client-id", client_id), f"{uuid.uuid4()}@example.com"
    who = ("--username", "ana")

    idp("sign-up", *client, *who, "--password", PASSWORD, "--user-attributes", f"Name=email,Value={address}")
    message = next(one for one in served.switch("mailbox", method="GET")["messages"] if one["recipient"] == address)
    idp("confirm-sign-up", *client, *who, "--confirmation-code", message["body"][-6:])
    assert idp("admin-get-user", *pool, *who)["UserStatus"] == "CONFIRMED"

    begun = idp("initiate-auth", *client, "--auth-flow", "USER_PASSWORD_AUTH",
                "--auth-parameters", f"USERNAME=ana,PASSWORD={PASSWORD}")["AuthenticationResult"]  # fmt: skip
    assert idp("get-user", "--access-token", begun["AccessToken"])["Username"] == "ana"
    renewed = idp("get-tokens-from-refresh-token", *client, "--refresh-token", begun["RefreshToken"])

    trusted = f"ProviderName={provider(region, made['Id'])},ClientId={client_id},ServerSideTokenCheck=true"
    identity_pool = aws("cognito-identity", "create-identity-pool", "--identity-pool-name", "FromTheCli",
                        "--no-allow-unauthenticated-identities", "--cognito-identity-providers", trusted,
                        region=region)["IdentityPoolId"]  # fmt: skip
    assert identity_pool.startswith(f"{region}:")
    roles = ",".join(f"{kind}={arn}" for kind, arn in roles_for(identity_pool, f"Cli-{region}").items())
    aws("cognito-identity", "set-identity-pool-roles", "--identity-pool-id", identity_pool, "--roles", roles,
        region=region)  # fmt: skip
    logins = ("--logins", json.dumps({provider(region, made["Id"]): renewed["AuthenticationResult"]["IdToken"]}))
    identity = aws("cognito-identity", "get-id", "--identity-pool-id", identity_pool, *logins, region=region)
    exchange = ("get-credentials-for-identity", "--identity-id", identity["IdentityId"], *logins)
    credentials = aws("cognito-identity", *exchange, region=region)["Credentials"]
    mine = {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }
    caller = aws("sts", "get-caller-identity", credentials=mine, region=region)
    assert f"assumed-role/Cli-{region}-authenticated/" in caller["Arn"]

    idp("revoke-token", *client, "--token", begun["RefreshToken"])
    refused = aws("cognito-identity", *exchange, region=region, check=False)
    assert "NotAuthorizedException" in refused
    elsewhere = aws("cognito-idp", "describe-user-pool", *pool, region=other, check=False)
    assert "ResourceNotFoundException" in elsewhere


def test_boto3_signs_people_in_by_srp_in_two_regions(
    endpoint: str, administrator: Administrator, roles_for: RolesFor
) -> None:
    """The same name in both: two people, two identities, and no token of one region is good in the other."""
    signed_in = {region: _sign_in(endpoint, administrator, roles_for, region) for region in REGIONS}
    here, there = (signed_in[region] for region in REGIONS)
    assert here["sub"] != there["sub"]
    for region, one, another in ((REGIONS[0], here, there), (REGIONS[1], there, here)):
        assert (
            one["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Boto3-{region}-authenticated/CognitoIdentityCredentials"
        )
        identity_pools = _unsigned(endpoint, "cognito-identity", region)
        with pytest.raises(ClientError) as refused:
            identity_pools.get_id(IdentityPoolId=one["identity_pool"], Logins=another["logins"])
        assert refused.value.response["Error"]["Code"] == "NotAuthorizedException"


def _unsigned(endpoint: str, service: str, region: str) -> Any:
    return boto3.client(service, region, endpoint_url=endpoint, config=Config(signature_version=UNSIGNED))


def _sign_in(endpoint: str, administrator: Administrator, roles_for: RolesFor, region: str) -> dict[str, Any]:
    user_pools, identity_pools = administrator("cognito-idp", region), administrator("cognito-identity", region)
    pool_id = user_pools.create_user_pool(PoolName="Boto3")["UserPool"]["Id"]
    client_id = user_pools.create_user_pool_client(UserPoolId=pool_id, ClientName="boto3")["UserPoolClient"]["ClientId"]
    user_pools.admin_create_user(UserPoolId=pool_id, Username="ana", MessageAction="SUPPRESS")
    user_pools.admin_set_user_password(UserPoolId=pool_id, Username="ana", Password=PASSWORD, Permanent=True)
    trusted = {"ProviderName": provider(region, pool_id), "ClientId": client_id}
    identity_pool = identity_pools.create_identity_pool(
        IdentityPoolName="Boto3", AllowUnauthenticatedIdentities=False, CognitoIdentityProviders=[trusted]
    )["IdentityPoolId"]
    identity_pools.set_identity_pool_roles(
        IdentityPoolId=identity_pool, Roles=roles_for(identity_pool, f"Boto3-{region}")
    )

    people, srp = _unsigned(endpoint, "cognito-idp", region), SrpClient(pool_id)
    challenge = people.initiate_auth(
        ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": "ana", "SRP_A": srp.srp_a}
    )
    tokens = people.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=srp.answers(challenge["ChallengeParameters"], PASSWORD),
    )["AuthenticationResult"]
    logins = {provider(region, pool_id): tokens["IdToken"]}
    guests = _unsigned(endpoint, "cognito-identity", region)
    identity_id = guests.get_id(IdentityPoolId=identity_pool, Logins=logins)["IdentityId"]
    credentials = guests.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)["Credentials"]
    session = boto3.Session(
        credentials["AccessKeyId"], credentials["SecretKey"], credentials["SessionToken"], region_name=region
    )
    attributes = people.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]
    return {
        "sub": next(one["Value"] for one in attributes if one["Name"] == "sub"),
        "identity_pool": identity_pool,
        "logins": logins,
        "arn": session.client("sts", endpoint_url=endpoint).get_caller_identity()["Arn"],
    }
