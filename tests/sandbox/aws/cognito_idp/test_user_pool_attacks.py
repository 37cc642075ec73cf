"""What must not work: proofs, challenges, codes and tokens of others, and finding out who is there."""

import base64
from typing import Any

import jwt
import pytest

from sandbox.core.spare_keys import new_rsa_key
from sandbox.user_pools.srp import N
from tests.sandbox.aws.cognito_idp.pools import FLOWS, PASSWORD, Pool, claims_of, refusal, secret_hash
from tests.sandbox.lab import Lab
from tests.sandbox.user_pools.srp_client import SrpClient

WRONG = ("NotAuthorizedException", "Incorrect username or password.")
OVER = ("NotAuthorizedException", "Invalid session for the user.")


def challenge(pool: Pool, name: str = "ana", client_id: str = "") -> tuple[SrpClient, dict[str, str]]:
    srp = SrpClient(pool.id)
    begun = pool.begin("USER_SRP_AUTH", client_id, USERNAME=name, SRP_A=srp.srp_a)
    return srp, begun["ChallengeParameters"]


def hidden(pool: Pool) -> str:
    """A client that tells nobody who is there."""
    return str(pool.client(PreventUserExistenceErrors="ENABLED")["ClientId"])


# --- Proofs ---


def test_srp_with_the_wrong_password(pool: Pool) -> None:
    assert refusal(pool.by_srp, "ana", "Wrong-Pass-1!") == WRONG


@pytest.mark.parametrize("claimed", ["", "bm90IGEgc2lnbmF0dXJl", "not base64!", "A" * 44])
def test_srp_with_a_made_up_proof(pool: Pool, claimed: str) -> None:
    srp, parameters = challenge(pool)
    responses = {**srp.answers(parameters, PASSWORD), "PASSWORD_CLAIM_SIGNATURE": claimed}
    code, _ = refusal(pool.answer, "PASSWORD_VERIFIER", responses)
    assert code in ("NotAuthorizedException", "InvalidParameterException")


@pytest.mark.parametrize("multiple", [0, 1, 2])
def test_srp_with_a_multiple_of_n(pool: Pool, multiple: int) -> None:
    code, _ = refusal(pool.begin, "USER_SRP_AUTH", USERNAME="ana", SRP_A=f"{multiple * N:x}")
    assert code == "InvalidParameterException"


def test_srp_with_another_timestamp_than_was_signed(pool: Pool) -> None:
    srp, parameters = challenge(pool)
    responses = {**srp.answers(parameters, PASSWORD), "TIMESTAMP": "Thu Jan 1 00:00:00 UTC 1970"}
    assert refusal(pool.answer, "PASSWORD_VERIFIER", responses) == WRONG


def test_srp_of_one_user_in_the_name_of_another(pool: Pool) -> None:
    pool.add("bo")
    srp, parameters = challenge(pool)
    responses = srp.answers(parameters, PASSWORD, username="bo")
    assert refusal(pool.answer, "PASSWORD_VERIFIER", responses) == WRONG


def test_a_proof_for_one_challenge_given_for_another(pool: Pool) -> None:
    srp, first = challenge(pool)
    _, second = challenge(pool)
    responses = {**srp.answers(first, PASSWORD), "PASSWORD_CLAIM_SECRET_BLOCK": second["SECRET_BLOCK"]}
    assert refusal(pool.answer, "PASSWORD_VERIFIER", responses) == WRONG


def test_guesses_are_paused(pool: Pool) -> None:
    for _ in range(5):
        assert refusal(pool.by_password, "ana", "Wrong-Pass-1!") == WRONG
    pool.lab.sandbox.switch("clock", {"advance": -60}, account=pool.lab.account)  # the pause lasts a second at first
    paused = ("NotAuthorizedException", "Password attempts exceeded")
    assert refusal(pool.by_password, "ana", PASSWORD) == paused
    assert refusal(pool.by_srp, "ana", PASSWORD) == paused


# --- Challenges ---


def test_a_challenge_is_answered_once(pool: Pool) -> None:
    srp, parameters = challenge(pool)
    responses = srp.answers(parameters, PASSWORD)
    assert pool.answer("PASSWORD_VERIFIER", responses)["AuthenticationResult"]
    assert refusal(pool.answer, "PASSWORD_VERIFIER", responses) == OVER


def test_a_wrong_answer_uses_a_challenge_up(pool: Pool) -> None:
    srp, parameters = challenge(pool)
    assert refusal(pool.answer, "PASSWORD_VERIFIER", srp.answers(parameters, "Wrong-Pass-1!")) == WRONG
    assert refusal(pool.answer, "PASSWORD_VERIFIER", srp.answers(parameters, PASSWORD)) == OVER


def test_a_challenge_expires(pool: Pool) -> None:
    srp, parameters = challenge(pool)
    pool.lab.sandbox.switch("clock", {"advance": 181}, account=pool.lab.account)
    assert refusal(pool.answer, "PASSWORD_VERIFIER", srp.answers(parameters, PASSWORD)) == OVER


def test_a_challenge_is_its_clients(pool: Pool) -> None:
    other = pool.client()["ClientId"]
    srp, parameters = challenge(pool)
    assert refusal(pool.answer, "PASSWORD_VERIFIER", srp.answers(parameters, PASSWORD), other) == OVER


def test_a_challenge_ends_with_the_password(pool: Pool) -> None:
    srp, parameters = challenge(pool)
    responses = srp.answers(parameters, PASSWORD)
    pool.admin.admin_set_user_password(UserPoolId=pool.id, Username="ana", Password="Other-Pass-2!", Permanent=True)
    assert refusal(pool.answer, "PASSWORD_VERIFIER", responses) == WRONG


def test_a_session_of_a_new_password_is_one_users_and_good_once(pool: Pool) -> None:
    for name in ("cem", "eve"):
        pool.admin.admin_create_user(UserPoolId=pool.id, Username=name, TemporaryPassword="For-Now-1!")
    session = pool.by_srp("cem", "For-Now-1!")["Session"]
    chosen = {"USERNAME": "eve", "NEW_PASSWORD": "Taken-Over-1!"}
    assert refusal(pool.answer, "NEW_PASSWORD_REQUIRED", chosen, Session=session) == OVER
    assert refusal(pool.answer, "NEW_PASSWORD_REQUIRED", {**chosen, "USERNAME": "cem"}, Session=session) == OVER
    assert refusal(pool.by_password, "eve", "Taken-Over-1!") == WRONG
    made_up = "A" * 1024
    assert refusal(pool.answer, "NEW_PASSWORD_REQUIRED", {**chosen, "USERNAME": "cem"}, Session=made_up) == OVER


def test_a_secret_block_is_no_session(pool: Pool) -> None:
    pool.admin.admin_create_user(UserPoolId=pool.id, Username="cem", TemporaryPassword="For-Now-1!")
    _, parameters = challenge(pool, "cem")
    chosen = {"USERNAME": "cem", "NEW_PASSWORD": "Taken-Over-1!"}
    assert refusal(pool.answer, "NEW_PASSWORD_REQUIRED", chosen, Session=parameters["SECRET_BLOCK"]) == OVER


# --- Codes ---


def test_a_code_is_one_users_one_pools_and_for_one_purpose(lab: Lab) -> None:
    pool, other = (Pool(lab, AutoVerifiedAttributes=["email"]) for _ in range(2))
    for each in (pool, other):
        for name in ("ana", "eve"):
            each.add(name, email=f"{name}@acme.example", email_verified="true")
    pool.public.forgot_password(ClientId=pool.client_id, Username="eve")
    code = pool.code()
    for each, name in ((pool, "ana"), (other, "eve"), (other, "ana")):
        each.public.forgot_password(ClientId=each.client_id, Username=name)
        if each.code() == code:
            continue  # one in a million
        told = refusal(
            each.public.confirm_forgot_password,
            ClientId=each.client_id,
            Username=name,
            ConfirmationCode=code,
            Password="Taken-Over-1!",
        )
        assert told[0] == "CodeMismatchException"
    token = pool.by_password("eve")["AccessToken"]
    told = refusal(pool.public.verify_user_attribute, AccessToken=token, AttributeName="email", Code=code)
    assert told[0] == "ExpiredCodeException"


def test_codes_are_not_guessed(lab: Lab) -> None:
    pool = Pool(lab, AutoVerifiedAttributes=["email"])
    listed = [{"Name": "email", "Value": "bo@acme.example"}]
    pool.public.sign_up(ClientId=pool.client_id, Username="bo", Password=PASSWORD, UserAttributes=listed)
    code = pool.code()
    about = {"ClientId": pool.client_id, "Username": "bo"}
    for guess in [f"{(int(code) + step) % 1_000_000:06d}" for step in range(1, 6)]:
        assert refusal(pool.public.confirm_sign_up, **about, ConfirmationCode=guess)[0] == "CodeMismatchException"
    assert refusal(pool.public.confirm_sign_up, **about, ConfirmationCode=code)[0] == "LimitExceededException"
    for _ in range(19):
        pool.public.resend_confirmation_code(**about)
    assert refusal(pool.public.resend_confirmation_code, **about)[0] == "LimitExceededException"


def test_a_changed_address_is_not_verified_by_an_earlier_code(lab: Lab) -> None:
    pool = Pool(lab)
    pool.add("ana", email="ana@acme.example")
    token = pool.by_password()["AccessToken"]
    pool.public.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    code = pool.code()
    victim = [{"Name": "email", "Value": "boss@acme.example"}]
    pool.public.update_user_attributes(AccessToken=token, UserAttributes=victim)
    told = refusal(pool.public.verify_user_attribute, AccessToken=token, AttributeName="email", Code=code)
    assert told[0] == "CodeMismatchException"
    assert pool.user()["UserAttributes"]["email_verified"] == "false"


# --- Tokens ---


def test_a_refresh_token_is_one_clients_and_one_pools(lab: Lab) -> None:
    pool, other = Pool(lab), Pool(lab)
    pool.add("ana")
    token = pool.by_password()["RefreshToken"]
    for client_id in (pool.client()["ClientId"], other.client_id):
        told = refusal(pool.begin, "REFRESH_TOKEN_AUTH", client_id, REFRESH_TOKEN=token)
        assert told == ("NotAuthorizedException", "Invalid Refresh Token")
        call = pool.public.get_tokens_from_refresh_token
        assert refusal(call, ClientId=client_id, RefreshToken=token) == told
        assert refusal(pool.public.revoke_token, ClientId=client_id, Token=token)[0] == "UnauthorizedException"
    assert pool.begin("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)["AuthenticationResult"]


def test_a_refresh_token_is_nothing_at_a_client_of_another_account(pool: Pool) -> None:
    token = pool.by_password()["RefreshToken"]
    stranger = pool.lab.sandbox.client("cognito-idp", access_key="999988887777")
    own = stranger.create_user_pool(PoolName="own")["UserPool"]["Id"]
    client = stranger.create_user_pool_client(UserPoolId=own, ClientName="app", ExplicitAuthFlows=FLOWS)
    client_id = client["UserPoolClient"]["ClientId"]
    given = {"ClientId": client_id, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": token}}
    told = ("NotAuthorizedException", "Invalid Refresh Token")
    assert refusal(pool.public.initiate_auth, **given) == told
    assert refusal(stranger.admin_initiate_auth, UserPoolId=own, **given) == told
    assert refusal(pool.public.get_tokens_from_refresh_token, ClientId=client_id, RefreshToken=token) == told
    assert refusal(pool.public.revoke_token, ClientId=client_id, Token=token)[0] == "UnauthorizedException"
    assert pool.begin("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)["AuthenticationResult"]["AccessToken"]


def test_another_accounts_administrator_signs_nobody_in(pool: Pool) -> None:
    stranger = pool.lab.sandbox.client("cognito-idp", access_key="999988887777")
    given = {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ana", "PASSWORD": PASSWORD}}
    told = refusal(stranger.admin_initiate_auth, UserPoolId=pool.id, ClientId=pool.client_id, **given)
    assert told == ("ResourceNotFoundException", f"User pool {pool.id} does not exist.")
    own = stranger.create_user_pool(PoolName="own")["UserPool"]["Id"]
    told = refusal(stranger.admin_initiate_auth, UserPoolId=own, ClientId=pool.client_id, **given)
    assert told == ("ResourceNotFoundException", f"User pool client {pool.client_id} does not exist.")


@pytest.mark.slow
@pytest.mark.parametrize("forged", ["id token", "other key", "no signature", "other pool", "changed", "deep"])
def test_only_access_tokens_of_the_pool_are_believed(lab: Lab, forged: str) -> None:
    pool, other = Pool(lab), Pool(lab)
    for each in (pool, other):
        each.add("ana")
    tokens = pool.by_password()
    header, claims = jwt.get_unverified_header(tokens["AccessToken"]), claims_of(tokens["AccessToken"])
    kid = {"kid": header["kid"]}
    head, body, signature = tokens["AccessToken"].split(".")
    token = {
        "id token": tokens["IdToken"],
        "other key": jwt.encode(claims, new_rsa_key(), algorithm="RS256", headers=kid),
        "no signature": jwt.encode(claims, "", algorithm="none", headers=kid),
        "other pool": jwt.encode(
            {**claims, "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{other.id}"},
            new_rsa_key(),
            algorithm="RS256",
            headers=kid,
        ),
        "changed": ".".join((head, body, signature[:-8] + "AAAAAAAA")),
        "deep": ".".join((head, base64.urlsafe_b64encode(b'{"a":' * 2000).decode(), signature)),
    }[forged]
    assert refusal(pool.public.get_user, AccessToken=token) == ("NotAuthorizedException", "Invalid Access Token")


def test_what_was_signed_out_is_over(pool: Pool) -> None:
    tokens = pool.by_password()
    pool.public.global_sign_out(AccessToken=tokens["AccessToken"])
    for call, params in (
        (pool.public.get_user, {"AccessToken": tokens["AccessToken"]}),
        (pool.public.global_sign_out, {"AccessToken": tokens["AccessToken"]}),
        (pool.public.delete_user, {"AccessToken": tokens["AccessToken"]}),
    ):
        assert refusal(call, **params) == ("NotAuthorizedException", "Access Token has been revoked")
    told = refusal(pool.begin, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])
    assert told == ("NotAuthorizedException", "Refresh Token has been revoked")


def test_somebody_made_again_gets_nothing_of_the_former(pool: Pool) -> None:
    tokens = pool.by_password()
    pool.admin.admin_delete_user(UserPoolId=pool.id, Username="ana")
    pool.add("ana")
    assert refusal(pool.public.get_user, AccessToken=tokens["AccessToken"])[0] == "NotAuthorizedException"
    assert (
        refusal(pool.begin, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])[0] == "NotAuthorizedException"
    )


# --- Attributes ---


def test_users_write_what_their_client_may_and_nothing_that_proves(lab: Lab) -> None:
    schema = [{"Name": name, "AttributeDataType": "String", "Mutable": True} for name in ("tenant", "nick")]
    fixed = {"Name": "number", "AttributeDataType": "String", "Mutable": False}
    pool = Pool(lab, Schema=[*schema, fixed], AliasAttributes=["email"])
    pool.add("ana", custom__tenant="acme", custom__number="7")
    narrow = pool.client(WriteAttributes=["custom:nick", "given_name"])["ClientId"]
    unwritable = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
    listed: dict[str, tuple[str, str]] = {
        "custom:tenant": unwritable,
        "email": unwritable,
        "email_verified": unwritable,
        "sub": ("InvalidParameterException", "Cannot modify the non-mutable attribute sub"),
    }
    token = pool.by_password(client_id=narrow)["AccessToken"]
    for name, told in listed.items():
        given = [{"Name": name, "Value": "true"}] if name != "email" else [{"Name": name, "Value": "a@b.example"}]
        assert refusal(pool.public.update_user_attributes, AccessToken=token, UserAttributes=given) == told
        if name != "sub":
            call = pool.public.delete_user_attributes
            assert refusal(call, AccessToken=token, UserAttributeNames=[name]) == unwritable
    pool.public.update_user_attributes(
        AccessToken=token, UserAttributes=[{"Name": "custom:nick", "Value": "an"}, {"Name": "given_name", "Value": "A"}]
    )
    # A client that lists none lets its users write every mutable attribute, the tenant as well.
    token = pool.by_password()["AccessToken"]
    pool.public.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "custom:tenant", "Value": "boreal"}])
    assert pool.user()["UserAttributes"]["custom:tenant"] == "boreal"
    for name, value in (("email_verified", "true"), ("phone_number_verified", "true")):
        given = [{"Name": name, "Value": value}]
        assert refusal(pool.public.update_user_attributes, AccessToken=token, UserAttributes=given) == unwritable
    given = [{"Name": "custom:number", "Value": "8"}]
    told = refusal(pool.public.update_user_attributes, AccessToken=token, UserAttributes=given)
    assert told == ("InvalidParameterException", "user.custom:number: Attribute cannot be updated.\n")


@pytest.mark.parametrize("name", ["email_verified", "phone_number_verified", "custom:tenant", "dev:custom:level"])
def test_nobody_signs_up_with_attributes_that_the_client_may_not_write(lab: Lab, name: str) -> None:
    schema: list[dict[str, Any]] = [
        {"Name": "tenant", "AttributeDataType": "String", "Mutable": True},
        {"Name": "level", "AttributeDataType": "String", "Mutable": True, "DeveloperOnlyAttribute": True},
    ]
    pool = Pool(lab, Schema=schema)
    client = pool.client(WriteAttributes=["email"])["ClientId"]
    given = [{"Name": name, "Value": "true"}]
    told = refusal(pool.public.sign_up, ClientId=client, Username="eve", Password=PASSWORD, UserAttributes=given)
    assert told == ("NotAuthorizedException", "A client attempted to write unauthorized attribute")


def test_a_new_password_writes_no_attribute_that_the_client_may_not(lab: Lab) -> None:
    pool = Pool(lab, Schema=[{"Name": "tenant", "AttributeDataType": "String", "Mutable": True}])
    client = pool.client(WriteAttributes=["given_name"])["ClientId"]
    pool.admin.admin_create_user(UserPoolId=pool.id, Username="cem", TemporaryPassword="For-Now-1!")
    session = pool.by_srp("cem", "For-Now-1!", client)["Session"]
    for name in ("custom:tenant", "email_verified"):
        chosen = {"USERNAME": "cem", "NEW_PASSWORD": "My-Own-Pass-1!", f"userAttributes.{name}": "true"}
        told = refusal(pool.answer, "NEW_PASSWORD_REQUIRED", chosen, client, Session=session)
        assert told == ("NotAuthorizedException", "A client attempted to write unauthorized attribute")


def test_nobody_takes_anothers_alias(lab: Lab) -> None:
    pool = Pool(lab, AliasAttributes=["email", "preferred_username"], AutoVerifiedAttributes=["email"])
    pool.add("ana", email="ana@acme.example", email_verified="true", preferred_username="annie")
    pool.add("eve")
    token = pool.by_password("eve")["AccessToken"]
    call = pool.public.update_user_attributes
    given = [{"Name": "preferred_username", "Value": "ANNIE"}]
    assert refusal(call, AccessToken=token, UserAttributes=given)[0] == "AliasExistsException"
    call(AccessToken=token, UserAttributes=[{"Name": "email", "Value": "Ana@acme.example"}])
    assert claims_of(pool.by_password("ana@acme.example")["IdToken"])["cognito:username"] == "ana"
    told = refusal(pool.public.verify_user_attribute, AccessToken=token, AttributeName="email", Code=pool.code())
    assert told[0] == "AliasExistsException"
    told = refusal(pool.public.sign_up, ClientId=pool.client_id, Username="ana@acme.example", Password=PASSWORD)
    assert told[0] == "InvalidParameterException"


@pytest.mark.slow
def test_nobody_takes_a_name_by_which_another_is_known(lab: Lab) -> None:
    pool = Pool(lab, AliasAttributes=["preferred_username", "email"], AutoVerifiedAttributes=["email"])
    sub = pool.add("ana", email="ana@acme.example", email_verified="true", preferred_username="annie")
    pool.add("eve")
    for name in (sub, sub.upper(), "annie", "Annie"):
        told = refusal(pool.public.sign_up, ClientId=pool.client_id, Username=name, Password=PASSWORD)
        assert told == ("UsernameExistsException", "User already exists")
        assert refusal(pool.admin.admin_create_user, UserPoolId=pool.id, Username=name)[0] == "UsernameExistsException"
    token = pool.by_password("eve")["AccessToken"]
    for name, error in (
        ("ANA", "AliasExistsException"),
        (sub, "AliasExistsException"),
        ("ana@acme.example", "InvalidParameterException"),
        ("somebody@acme.example", "InvalidParameterException"),
    ):
        given = [{"Name": "preferred_username", "Value": name}]
        told = refusal(pool.public.update_user_attributes, AccessToken=token, UserAttributes=given)
        assert told[0] == error
    for name in (sub, "annie", "ana", "ana@acme.example"):
        assert pool.user(name)["Username"] == "ana"
    told = refusal(pool.admin.admin_create_user, UserPoolId=pool.id, Username="new@acme.example")
    assert told[0] == "InvalidParameterException"


def test_a_code_for_a_password_ends_with_the_next_password_and_with_its_address(lab: Lab) -> None:
    pool = Pool(lab, AutoVerifiedAttributes=["email"])
    pool.add("ana", email="ana@acme.example", email_verified="true")
    about = {"ClientId": pool.client_id, "Username": "ana", "Password": "Taken-Over-1!"}
    pool.public.forgot_password(ClientId=pool.client_id, Username="ana")
    code = pool.code()
    token = pool.by_password()["AccessToken"]
    pool.public.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword="Second-Pass-1!")
    assert refusal(pool.public.confirm_forgot_password, **about, ConfirmationCode=code)[0] == "ExpiredCodeException"
    pool.public.forgot_password(ClientId=pool.client_id, Username="ana")
    code = pool.code()
    given = [{"Name": "email", "Value": "new@acme.example"}, {"Name": "email_verified", "Value": "true"}]
    pool.admin.admin_update_user_attributes(UserPoolId=pool.id, Username="ana", UserAttributes=given)
    assert refusal(pool.public.confirm_forgot_password, **about, ConfirmationCode=code)[0] == "ExpiredCodeException"
    assert pool.by_password(password="Second-Pass-1!")["AccessToken"]


def test_a_refresh_token_takes_the_secret_hash_of_its_user(pool: Pool) -> None:
    client = pool.client(GenerateSecret=True)
    pool.add("eve")
    hashes = {name: secret_hash(client, name) for name in ("ana", "eve")}
    given = {"USERNAME": "ana", "PASSWORD": PASSWORD, "SECRET_HASH": hashes["ana"]}
    token = pool.begin("USER_PASSWORD_AUTH", client["ClientId"], **given)["AuthenticationResult"]["RefreshToken"]
    others = {"REFRESH_TOKEN": token, "USERNAME": "eve", "SECRET_HASH": hashes["eve"]}
    code, told = refusal(pool.begin, "REFRESH_TOKEN_AUTH", client["ClientId"], **others)
    assert (code, told.startswith("Unable to verify secret hash")) == ("NotAuthorizedException", True)
    own = {"REFRESH_TOKEN": token, "USERNAME": "ana", "SECRET_HASH": hashes["ana"]}
    assert pool.begin("REFRESH_TOKEN_AUTH", client["ClientId"], **own)["AuthenticationResult"]["AccessToken"]


# --- Finding out who is there ---


def test_a_hidden_client_answers_for_unknown_names_like_for_known_ones(pool: Pool) -> None:
    client = hidden(pool)
    for name in ("ana", "nobody"):
        assert refusal(pool.by_password, name, "Wrong-Pass-1!", client) == WRONG
        assert refusal(pool.by_srp, name, "Wrong-Pass-1!", client) == WRONG
        about = {"ClientId": client, "Username": name}
        details = pool.public.forgot_password(**about)["CodeDeliveryDetails"]
        assert (details["DeliveryMedium"], details["AttributeName"]) == ("EMAIL", "email")
        call, more = pool.public.confirm_forgot_password, {"ConfirmationCode": "wrong!", "Password": "Other-Pass-2!"}
        assert refusal(call, **about, **more)[0] == "CodeMismatchException"
        assert pool.public.resend_confirmation_code(**about)["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"


@pytest.mark.parametrize(
    ("members", "there", "nobody", "destination"),
    [
        ({"UsernameAttributes": ["email"]}, "ana@acme.example", "abe@acme.example", "a***@a***"),
        ({"AliasAttributes": ["email"]}, "ana@acme.example", "abe@acme.example", "a***@a***"),
        ({"UsernameAttributes": ["phone_number"]}, "+14155550123", "+14155559123", "+*******0123"),
    ],
)
def test_a_hidden_client_tells_no_destination_apart(
    lab: Lab, members: dict[str, Any], there: str, nobody: str, destination: str
) -> None:
    (names,) = members.values()
    pool = Pool(lab, AutoVerifiedAttributes=names, **members)
    pool.add(there if "UsernameAttributes" in members else "ana", **{names[0]: there, f"{names[0]}_verified": "true"})
    client = hidden(pool)
    for call in (pool.public.forgot_password, pool.public.resend_confirmation_code):
        known, unknown = (call(ClientId=client, Username=name)["CodeDeliveryDetails"] for name in (there, nobody))
        assert known == {**unknown, "Destination": destination}
        assert unknown["Destination"] == destination.replace("0123", "9123")


@pytest.mark.parametrize("kind", ["confirmed", "without an address", "signed up", "nobody"])
def test_a_hidden_client_tells_nobody_apart_by_codes(lab: Lab, kind: str) -> None:
    pool = Pool(lab, AutoVerifiedAttributes=["email"])
    client = hidden(pool)
    told, alike = {"CodeMismatchException"}, []
    for name in ("abe", "bob", "cid", "dan"):
        address = f"{name}@acme.example"
        if kind == "confirmed":
            pool.add(name, email=address, email_verified="true")
        elif kind == "without an address":
            pool.add(name)
        elif kind == "signed up":
            attributes = [{"Name": "email", "Value": address}]
            pool.public.sign_up(ClientId=client, Username=name, Password=PASSWORD, UserAttributes=attributes)
        about = {"ClientId": client, "Username": name, "ConfirmationCode": "wrong!"}
        sent = pool.public.forgot_password(ClientId=client, Username=name)["CodeDeliveryDetails"]
        again = pool.public.resend_confirmation_code(ClientId=client, Username=name)["CodeDeliveryDetails"]
        alike.append(sent["Destination"] == again["Destination"])
        assert {refusal(pool.public.confirm_forgot_password, **about, Password="Other-Pass-2!")[0]} == told
        assert {refusal(pool.public.confirm_sign_up, **about)[0]} == told
    # Two destinations that are alike for everybody of a kind would tell the kind. Of two made up ones, one pair of 361
    # is alike by chance, so one pair says nothing.
    assert not all(alike)


def test_no_order_of_calls_tells_a_hidden_clients_users_from_nobody(lab: Lab) -> None:
    """Confirmed or not, disabled, without an address to recover by: what is heard is the same for all."""
    pool = Pool(lab, AutoVerifiedAttributes=["email"])
    client = hidden(pool)
    pool.add("confirmed", email="c@acme.example", email_verified="true")
    pool.add("bare")
    pool.add("off", email="o@acme.example", email_verified="true")
    pool.admin.admin_disable_user(UserPoolId=pool.id, Username="off")
    pool.public.sign_up(ClientId=client, Username="new", Password=PASSWORD)
    heard: dict[str, list[str]] = {}
    for name in ("nobody", "confirmed", "bare", "off", "new"):
        about = {"ClientId": client, "Username": name}
        sign_up = {**about, "ConfirmationCode": "wrong!"}
        reset = {**sign_up, "Password": "Other-Pass-2!"}
        calls = (pool.public.confirm_sign_up, sign_up), (pool.public.confirm_forgot_password, reset)
        before = [refusal(call, **params)[0] for call, params in calls]
        pool.public.resend_confirmation_code(**about)
        pool.public.forgot_password(**about)
        after = [refusal(call, **params)[0] for _ in range(6) for call, params in calls]
        heard[name] = before + after
    expected = ["ExpiredCodeException"] * 2 + ["CodeMismatchException"] * 10 + ["LimitExceededException"] * 2
    assert heard == dict.fromkeys(heard, expected)


def test_a_made_up_challenge_looks_like_a_real_one_and_stays_the_same(pool: Pool) -> None:
    client = hidden(pool)
    seen = {name: [challenge(pool, name, client)[1] for _ in range(2)] for name in ("ana", "nobody")}
    for name, (one, two) in seen.items():
        assert (one["SALT"], one["USER_ID_FOR_SRP"]) == (two["SALT"], name)
        assert one["SRP_B"] != two["SRP_B"]
    assert set(seen["ana"][0]) == set(seen["nobody"][0])
    assert len(seen["ana"][0]["SECRET_BLOCK"]) == len(seen["nobody"][0]["SECRET_BLOCK"])
    assert seen["ana"][0]["SALT"] != seen["nobody"][0]["SALT"]


def test_a_client_by_default_says_who_is_not_there(pool: Pool) -> None:
    missing = ("UserNotFoundException", "User does not exist.")
    assert refusal(pool.by_password, "nobody") == missing
    assert refusal(pool.by_srp, "nobody") == missing
    about = {"ClientId": pool.client_id, "Username": "nobody"}
    missing = ("UserNotFoundException", "Username/client id combination not found.")
    assert refusal(pool.public.forgot_password, **about) == missing
    assert refusal(pool.public.resend_confirmation_code, **about) == missing
    assert refusal(pool.public.confirm_sign_up, **about, ConfirmationCode="123456") == missing
    code = {"ConfirmationCode": "123456", "Password": "Other-Pass-2!"}
    assert refusal(pool.public.confirm_forgot_password, **about, **code) == missing
