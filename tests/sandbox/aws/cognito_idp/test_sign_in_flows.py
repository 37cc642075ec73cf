"""Signing in to a user pool: the flows, what they yield, and what ends it."""

from typing import Any

import jwt
import pytest

from tests.sandbox.aws.cognito_idp.pools import FLOWS, PASSWORD, Pool, claims_of, refusal, secret_hash
from tests.sandbox.lab import Lab, unchecked
from tests.sandbox.user_pools.srp_client import SrpClient


@pytest.mark.parametrize("as_username", ["user id", "as typed"])
def test_srp_is_answered_with_either_name(pool: Pool, as_username: str) -> None:
    srp = SrpClient(pool.id)
    challenge = pool.begin("USER_SRP_AUTH", USERNAME="ANA", SRP_A=srp.srp_a)
    username = "ANA" if as_username == "as typed" else ""
    responses = srp.answers(challenge["ChallengeParameters"], PASSWORD, username=username)
    result = pool.answer("PASSWORD_VERIFIER", responses)["AuthenticationResult"]
    assert claims_of(result["IdToken"])["cognito:username"] == "ana"
    assert set(result) == {"AccessToken", "ExpiresIn", "IdToken", "RefreshToken", "TokenType"}


def test_administrators_have_flows_of_their_own(pool: Pool) -> None:
    for flow in ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"):
        parameters = {"USERNAME": "ana", "PASSWORD": PASSWORD}
        asked: dict[str, Any] = {"ClientId": pool.client_id, "AuthFlow": flow, "AuthParameters": parameters}
        assert pool.admin.admin_initiate_auth(UserPoolId=pool.id, **asked)["AuthenticationResult"]["IdToken"]
        assert refusal(pool.public.initiate_auth, **asked)[0] == "InvalidParameterException"


def test_an_administrator_answers_a_challenge(pool: Pool) -> None:
    srp = SrpClient(pool.id)
    begun = pool.admin.admin_initiate_auth(
        UserPoolId=pool.id,
        ClientId=pool.client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": "ana", "SRP_A": srp.srp_a},
    )
    done = pool.admin.admin_respond_to_auth_challenge(
        UserPoolId=pool.id,
        ClientId=pool.client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=srp.answers(begun["ChallengeParameters"], PASSWORD),
    )
    assert done["AuthenticationResult"]["RefreshToken"]


def test_the_id_token_says_what_cognitos_says(pool: Pool) -> None:
    sub = pool.add("bo", email="bo@acme.example", email_verified="true", given_name="Bo", address="1 High Street")
    role = f"arn:aws:iam::{pool.lab.account}:role/Finance"
    pool.admin.create_group(UserPoolId=pool.id, GroupName="finance", RoleArn=role, Precedence=3)
    pool.admin.admin_add_user_to_group(UserPoolId=pool.id, Username="bo", GroupName="finance")
    result = pool.by_srp("bo")["AuthenticationResult"]
    header, claims = jwt.get_unverified_header(result["IdToken"]), claims_of(result["IdToken"])
    assert set(header) == {"alg", "kid"}
    assert claims["iss"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool.id}"
    told = {
        "sub": sub,
        "aud": pool.client_id,
        "token_use": "id",
        "cognito:username": "bo",
        "cognito:groups": ["finance"],
        "cognito:roles": [role],
        "cognito:preferred_role": role,
        "email": "bo@acme.example",
        "email_verified": True,
        "given_name": "Bo",
        "address": {"formatted": "1 High Street"},
    }
    assert {name: claims.get(name) for name in told} == told
    assert set(claims) - set(told) == {"iss", "origin_jti", "event_id", "auth_time", "exp", "iat", "jti"}


def test_the_access_token_says_what_cognitos_says(pool: Pool) -> None:
    result = pool.by_password()
    claims, of_id = claims_of(result["AccessToken"]), claims_of(result["IdToken"])
    assert claims["scope"] == "aws.cognito.signin.user.admin"
    assert (claims["token_use"], claims["client_id"], claims["username"]) == ("access", pool.client_id, "ana")
    assert "aud" not in claims
    assert (claims["origin_jti"], claims["event_id"]) == (of_id["origin_jti"], of_id["event_id"])
    assert claims["jti"] != of_id["jti"]


def test_a_client_reads_what_it_lists(lab: Lab) -> None:
    pool = Pool(lab, Schema=[{"Name": "tenant", "AttributeDataType": "String", "Mutable": True}])
    pool.add("ana", email="ana@acme.example", given_name="Ana", custom__tenant="acme")
    listed = pool.client(ReadAttributes=["given_name", "custom:tenant"])["ClientId"]
    tokens = pool.by_password(client_id=listed)
    claims = claims_of(tokens["IdToken"])
    assert (claims["given_name"], claims["custom:tenant"]) == ("Ana", "acme")
    assert "email" not in claims
    shown = pool.public.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]
    assert {pair["Name"] for pair in shown} == {"sub", "given_name", "custom:tenant"}
    assert claims_of(pool.by_password()["IdToken"])["email"] == "ana@acme.example"


def test_a_temporary_password_has_to_be_replaced(pool: Pool) -> None:
    pool.admin.admin_create_user(UserPoolId=pool.id, Username="cem", TemporaryPassword="For-Now-1!")
    challenge = pool.by_srp("cem", "For-Now-1!")
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    responses = {"USERNAME": "cem", "NEW_PASSWORD": "short"}
    told = refusal(pool.answer, "NEW_PASSWORD_REQUIRED", responses, Session=challenge["Session"])
    assert told == ("InvalidPasswordException", "Password did not conform with policy: Password not long enough")
    responses = {"USERNAME": "cem", "NEW_PASSWORD": "My-Own-Pass-1!", "userAttributes.given_name": "Cem"}
    done = pool.answer("NEW_PASSWORD_REQUIRED", responses, Session=challenge["Session"])
    assert claims_of(done["AuthenticationResult"]["IdToken"])["given_name"] == "Cem"
    assert pool.user("cem")["UserStatus"] == "CONFIRMED"
    assert pool.by_password("cem", "My-Own-Pass-1!")


def test_a_refresh_yields_tokens_of_the_same_sign_in(pool: Pool) -> None:
    first = pool.by_password()
    by_flow = pool.begin("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=first["RefreshToken"])["AuthenticationResult"]
    by_call = pool.public.get_tokens_from_refresh_token(ClientId=pool.client_id, RefreshToken=first["RefreshToken"])[
        "AuthenticationResult"
    ]
    for renewed in (by_flow, by_call):
        assert "RefreshToken" not in renewed
        one, two = claims_of(first["IdToken"]), claims_of(renewed["IdToken"])
        assert [one[name] == two[name] for name in ("origin_jti", "auth_time", "jti")] == [True, True, False]


def test_a_device_key_that_is_null_is_none(pool: Pool) -> None:
    """So amazon-cognito-identity-js renews tokens in a browser that remembers no device."""
    parameters = {"REFRESH_TOKEN": pool.by_password()["RefreshToken"], "DEVICE_KEY": None}
    asked = {"ClientId": pool.client_id, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}
    assert unchecked(pool.public, "InitiateAuth", **asked)["AuthenticationResult"]["AccessToken"]


def test_a_client_that_rotates_yields_another_refresh_token(pool: Pool) -> None:
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}
    client = pool.client(ExplicitAuthFlows=flows, RefreshTokenRotation=rotation)["ClientId"]
    old = pool.by_password(client_id=client)["RefreshToken"]
    renew = pool.public.get_tokens_from_refresh_token
    new = renew(ClientId=client, RefreshToken=old)["AuthenticationResult"]["RefreshToken"]
    assert refusal(renew, ClientId=client, RefreshToken=old)[0] == "RefreshTokenReuseException"
    assert renew(ClientId=client, RefreshToken=new)["AuthenticationResult"]["RefreshToken"]
    told = refusal(pool.begin, "REFRESH_TOKEN_AUTH", client, REFRESH_TOKEN=new)
    assert told == ("InvalidParameterException", "Auth flow not enabled for this client")


def test_a_refresh_token_expires_by_the_clients_validity(pool: Pool) -> None:
    units = {"RefreshToken": "hours"}
    client = pool.client(RefreshTokenValidity=2, TokenValidityUnits=units)["ClientId"]
    token = pool.by_password(client_id=client)["RefreshToken"]
    pool.lab.sandbox.switch("clock", {"advance": 7100}, account=pool.lab.account)
    assert pool.begin("REFRESH_TOKEN_AUTH", client, REFRESH_TOKEN=token)
    pool.lab.sandbox.switch("clock", {"advance": 101}, account=pool.lab.account)
    told = refusal(pool.begin, "REFRESH_TOKEN_AUTH", client, REFRESH_TOKEN=token)
    assert told == ("NotAuthorizedException", "Refresh Token has expired")


def test_revoking_a_refresh_token_ends_its_sign_in_and_no_other(pool: Pool) -> None:
    one, two = pool.by_password(), pool.by_password()
    pool.public.revoke_token(ClientId=pool.client_id, Token=one["RefreshToken"])
    assert refusal(pool.public.get_user, AccessToken=one["AccessToken"])[1] == "Access Token has been revoked"
    told = refusal(pool.begin, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=one["RefreshToken"])
    assert told == ("NotAuthorizedException", "Refresh Token has been revoked")
    assert pool.public.get_user(AccessToken=two["AccessToken"])["Username"] == "ana"
    pool.public.revoke_token(ClientId=pool.client_id, Token=one["RefreshToken"])
    told = refusal(pool.public.revoke_token, ClientId=pool.client_id, Token=two["AccessToken"])
    assert told[0] == "UnsupportedTokenTypeException"


def test_a_client_without_revocation_revokes_nothing(pool: Pool) -> None:
    client = pool.client(EnableTokenRevocation=False)["ClientId"]
    token = pool.by_password(client_id=client)["RefreshToken"]
    told = refusal(pool.public.revoke_token, ClientId=client, Token=token)
    assert told[0] == "UnsupportedOperationException"


@pytest.mark.parametrize(
    ("flow", "sentence"),
    [
        ("USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client."),
        ("USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH flow not enabled for this client"),
        ("REFRESH_TOKEN_AUTH", "Auth flow not enabled for this client"),
        ("CUSTOM_AUTH", "CUSTOM_AUTH is not enabled for the client."),
        ("USER_AUTH", "USER_AUTH is not enabled for the client."),
    ],
)
def test_a_client_has_the_flows_that_it_lists(pool: Pool, flow: str, sentence: str) -> None:
    client = pool.client(ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])["ClientId"]
    assert refusal(pool.begin, flow, client, USERNAME="ana") == ("InvalidParameterException", sentence)


def test_flows_that_are_not_here_say_so(pool: Pool) -> None:
    client = pool.client(ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH"])["ClientId"]
    told = refusal(pool.begin, "CUSTOM_AUTH", client, USERNAME="ana")
    assert told == ("InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool.")
    code, message = refusal(pool.begin, "USER_AUTH", client, USERNAME="ana")
    assert (code, "choice-based" in message) == ("NotImplemented", True)


@pytest.mark.parametrize(
    ("challenge", "word"),
    [
        ("SMS_MFA", "multi-factor"),
        ("SOFTWARE_TOKEN_MFA", "multi-factor"),
        ("MFA_SETUP", "multi-factor"),
        ("DEVICE_SRP_AUTH", "devices"),
        ("DEVICE_PASSWORD_VERIFIER", "devices"),
        ("WEB_AUTHN", "passkeys"),
    ],
)
def test_challenges_that_are_not_here_say_so(pool: Pool, challenge: str, word: str) -> None:
    code, message = refusal(pool.answer, challenge, {"USERNAME": "ana"})
    assert (code, word in message) == ("NotImplemented", True)


def test_operations_that_are_not_here_say_so(pool: Pool) -> None:
    token = pool.by_password()["AccessToken"]
    calls: list[tuple[Any, dict[str, Any], str]] = [
        (pool.public.associate_software_token, {"AccessToken": token}, "multi-factor"),
        (pool.public.list_devices, {"AccessToken": token}, "devices"),
        (pool.public.confirm_device, {"AccessToken": token, "DeviceKey": "us-east-1_0-a"}, "devices"),
        (pool.public.start_web_authn_registration, {"AccessToken": token}, "passkeys"),
        (pool.admin.set_user_pool_mfa_config, {"UserPoolId": pool.id, "MfaConfiguration": "ON"}, "multi-factor"),
    ]
    for call, params, word in calls:
        code, message = refusal(call, **params)
        assert (code, word in message) == ("NotImplemented", True)


@pytest.mark.parametrize("flow", ["ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH"])
def test_flows_by_their_former_names_come_with_srp_and_refresh(pool: Pool, flow: str) -> None:
    client = pool.client(ExplicitAuthFlows=[flow])["ClientId"]
    token = pool.by_srp(client_id=client)["AuthenticationResult"]["RefreshToken"]
    assert pool.begin("REFRESH_TOKEN", client, REFRESH_TOKEN=token)["AuthenticationResult"]["IdToken"]


def test_a_client_with_a_secret_shows_it_everywhere(pool: Pool) -> None:
    client = pool.client(GenerateSecret=True)
    name = client["ClientId"]
    given = {"USERNAME": "ana", "PASSWORD": PASSWORD}
    result = pool.begin("USER_PASSWORD_AUTH", name, SECRET_HASH=secret_hash(client, "ana"), **given)
    token = result["AuthenticationResult"]["RefreshToken"]
    assert "SECRET_HASH was not received" in refusal(pool.begin, "USER_PASSWORD_AUTH", name, **given)[1]
    wrong = secret_hash(client, "bo")
    told = refusal(pool.begin, "USER_PASSWORD_AUTH", name, SECRET_HASH=wrong, **given)
    assert told == ("NotAuthorizedException", f"Unable to verify secret hash for client {name}")
    assert refusal(pool.begin, "REFRESH_TOKEN_AUTH", name, REFRESH_TOKEN=token)[0] == "NotAuthorizedException"
    right = secret_hash(client, "ana")
    assert pool.begin("REFRESH_TOKEN_AUTH", name, REFRESH_TOKEN=token, SECRET_HASH=right)["AuthenticationResult"]
    renew = pool.public.get_tokens_from_refresh_token
    assert refusal(renew, ClientId=name, RefreshToken=token)[0] == "NotAuthorizedException"
    secret = client["ClientSecret"]
    assert renew(ClientId=name, RefreshToken=token, ClientSecret=secret)["AuthenticationResult"]["IdToken"]
    assert refusal(pool.public.forgot_password, ClientId=name, Username="ana")[0] == "NotAuthorizedException"
    assert refusal(pool.public.revoke_token, ClientId=name, Token=token)[0] == "NotAuthorizedException"
    public = pool.client_id
    assert refusal(pool.begin, "USER_PASSWORD_AUTH", public, SECRET_HASH=wrong, **given)[0] == "NotAuthorizedException"


@pytest.mark.slow
def test_people_sign_in_with_what_the_pool_takes_as_a_name(lab: Lab) -> None:
    by_email = Pool(lab, UsernameAttributes=["email"])
    sub = by_email.add("eve@acme.example")
    claims = claims_of(by_email.by_srp("EVE@acme.example")["AuthenticationResult"]["IdToken"])
    assert (claims["cognito:username"], claims["email"]) == (sub, "eve@acme.example")
    with_aliases = Pool(lab, AliasAttributes=["email", "preferred_username"])
    with_aliases.add("eve", email="eve@acme.example", email_verified="true", preferred_username="evie")
    with_aliases.add("fay", email="fay@acme.example")
    for name in ("eve", "eve@acme.example", "evie"):
        assert claims_of(with_aliases.by_password(name)["IdToken"])["cognito:username"] == "eve"
    assert refusal(with_aliases.by_password, "fay@acme.example")[0] == "UserNotFoundException"


def test_case_counts_where_the_pool_says_so(lab: Lab) -> None:
    pool = Pool(lab, UsernameConfiguration={"CaseSensitive": True})
    pool.add("Ana")
    assert pool.by_password("Ana")
    assert refusal(pool.by_password, "ana")[0] == "UserNotFoundException"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("disabled", "NotAuthorizedException"),
        ("unconfirmed", "UserNotConfirmedException"),
        ("reset", "PasswordResetRequiredException"),
    ],
)
def test_only_who_may_sign_in_does(pool: Pool, status: str, code: str) -> None:
    about = {"UserPoolId": pool.id, "Username": "ana"}
    name = "ana"
    if status == "disabled":
        pool.admin.admin_disable_user(**about)
    elif status == "reset":
        pool.admin.admin_reset_user_password(**about)
    else:
        name = "new"
        pool.public.sign_up(ClientId=pool.client_id, Username=name, Password=PASSWORD)
    for sign_in in (pool.by_password, pool.by_srp):
        assert refusal(sign_in, name)[0] == code
        assert refusal(sign_in, name, "Wrong-Pass-1!")[1] == "Incorrect username or password."


def test_a_temporary_password_expires(pool: Pool) -> None:
    pool.admin.admin_create_user(UserPoolId=pool.id, Username="late", TemporaryPassword="For-Now-1!")
    pool.lab.sandbox.switch("clock", {"advance": 7 * 86_400 + 5}, account=pool.lab.account)
    message = refusal(pool.by_srp, "late", "For-Now-1!")[1]
    assert message == "Temporary password has expired and must be reset by an administrator."


@pytest.mark.slow
def test_faults_on_request_are_those_of_the_pools_account(pool: Pool) -> None:
    switch, account = pool.lab.sandbox.switch, pool.lab.account
    fault = {"operation": "InitiateAuth", "pool": pool.id, "code": "InternalErrorException", "status": 500, "times": 1}
    switch("faults", fault, account=account)
    try:
        other = Pool(pool.lab)
        other.add("ana")
        assert other.by_password()
        assert refusal(pool.by_password)[0] == "InternalErrorException"
        assert pool.by_password()
    finally:
        switch("faults", method="DELETE", account=account)


@pytest.mark.slow
def test_everything_outlives_a_restart(tmp_path: Any) -> None:
    from sandbox.core.config import SandboxConfig
    from sandbox.testing import running_sandbox

    config = SandboxConfig(data_file=tmp_path / "s.sqlite3", port=0, seed=False)
    flows = {"ClientName": "app", "ExplicitAuthFlows": FLOWS}
    with running_sandbox(config) as first:
        admin = first.client("cognito-idp")
        pool_id = admin.create_user_pool(PoolName="kept")["UserPool"]["Id"]
        client_id = admin.create_user_pool_client(UserPoolId=pool_id, **flows)["UserPoolClient"]["ClientId"]
        admin.admin_create_user(UserPoolId=pool_id, Username="ana", MessageAction="SUPPRESS")
        admin.admin_set_user_password(UserPoolId=pool_id, Username="ana", Password=PASSWORD, Permanent=True)
        asked = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH"}
        given = {"USERNAME": "ana", "PASSWORD": PASSWORD}
        tokens = first.anonymous("cognito-idp").initiate_auth(**asked, AuthParameters=given)["AuthenticationResult"]
    with running_sandbox(config) as second:
        public = second.anonymous("cognito-idp")
        assert public.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ana"
        renewed = public.get_tokens_from_refresh_token(ClientId=client_id, RefreshToken=tokens["RefreshToken"])
        kids = [jwt.get_unverified_header(one["IdToken"])["kid"] for one in (tokens, renewed["AuthenticationResult"])]
        assert kids[0] == kids[1]
