"""Guests, both flows, from GetId to GetCallerIdentity."""

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.lab import Lab, allow, decisions_of, refused, trust


def test_enhanced_flow_yields_credentials_that_work(lab: Lab) -> None:
    identity_id = lab.guest(lab.pool())
    answer = lab.public.get_credentials_for_identity(IdentityId=identity_id)
    credentials = answer["Credentials"]
    assert answer["IdentityId"] == identity_id
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert len(credentials["SecretKey"]) == 40
    who = lab.with_credentials("sts", credentials).get_caller_identity()
    assert who["Account"] == lab.account
    assert who["Arn"].startswith(f"arn:aws:sts::{lab.account}:assumed-role/unauthenticated-")
    assert who["Arn"].endswith("/CognitoIdentityCredentials")
    assert who["UserId"].startswith("AROA")
    assert who["UserId"].endswith(":CognitoIdentityCredentials")


def test_basic_flow_yields_credentials_that_work(lab: Lab) -> None:
    pool_id = lab.pool()
    token = lab.public.get_open_id_token(IdentityId=lab.guest(pool_id))["Token"]
    role = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]["unauthenticated"]
    answer = lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="web-app", WebIdentityToken=token)
    assert answer["Provider"] == "cognito-identity.amazonaws.com"
    assert answer["Audience"] == pool_id
    arn = lab.with_credentials("sts", answer["Credentials"]).get_caller_identity()["Arn"]
    assert arn == answer["AssumedRoleUser"]["Arn"]
    assert arn.endswith("/web-app")


def test_each_guest_is_a_new_identity_of_the_modern_shape(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    first, second = lab.guest(pool_id), lab.guest(pool_id)
    assert first != second
    assert first.removeprefix("us-east-1:")[:11] == second.removeprefix("us-east-1:")[:11]
    assert first.split("-")[4].startswith("c")


def test_a_pool_without_guest_access_refuses_guests(lab: Lab) -> None:
    pool_id = lab.pool(guests=False)
    with pytest.raises(ClientError) as error:
        lab.guest(pool_id)
    message = "Unauthenticated access is not supported for this identity pool."
    assert refused(error.value) == (400, "NotAuthorizedException", message)
    last = decisions_of(error.value.response)[-1]
    assert (last["code"], last["verdict"]) == ("pool.guest", "deny")


def test_a_pool_with_the_basic_flow_off_refuses_the_token(lab: Lab) -> None:
    identity_id = lab.guest(lab.pool(AllowClassicFlow=False))
    with pytest.raises(ClientError) as error:
        lab.public.get_open_id_token(IdentityId=identity_id)
    message = "Basic (classic) flow is not enabled, please use enhanced flow."
    assert refused(error.value) == (400, "InvalidParameterException", message)
    assert lab.public.get_credentials_for_identity(IdentityId=identity_id)["Credentials"]


def test_a_guest_in_the_enhanced_flow_is_scoped_down(lab: Lab) -> None:
    credentials = lab.public.get_credentials_for_identity(IdentityId=lab.guest(lab.pool()))["Credentials"]
    with pytest.raises(ClientError) as error:
        lab.with_credentials("ssm", credentials).get_parameter(Name="a")
    assert "because no session policy allows the ssm:GetParameter action" in refused(error.value)[2]


def test_the_basic_flow_is_not_scoped_down(lab: Lab) -> None:
    pool_id = lab.pool()
    token = lab.public.get_open_id_token(IdentityId=lab.guest(pool_id))["Token"]
    role = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]["unauthenticated"]
    answer = lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="basic", WebIdentityToken=token)
    assert lab.with_credentials("iam", answer["Credentials"]).list_roles()["Roles"]


def test_credentials_of_an_identity_pool_cannot_call_identity_pools(lab: Lab) -> None:
    pool_id = lab.pool()
    credentials = lab.public.get_credentials_for_identity(IdentityId=lab.guest(pool_id))["Credentials"]
    with pytest.raises(ClientError) as error:
        lab.with_credentials("cognito-identity", credentials).describe_identity_pool(IdentityPoolId=pool_id)
    assert refused(error.value)[:2] == (400, "AccessDeniedException")


def test_a_role_whose_trust_names_another_pool_is_bad_configuration(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    role = lab.role("guest", trust("us-east-1:99999999-2222-3333-4444-555555555555", "unauthenticated"), allow("*"))
    lab.pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"unauthenticated": role})
    with pytest.raises(ClientError) as error:
        lab.public.get_credentials_for_identity(IdentityId=lab.guest(pool_id))
    message = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
    assert refused(error.value) == (400, "InvalidIdentityPoolConfigurationException", message)
    last = decisions_of(error.value.response)[-1]
    assert (last["code"], last["actual"], last["verdict"]) == ("trust.aud", pool_id, "deny")
