"""Signing up, confirming, and getting a new password, by the codes in the mailbox."""

from typing import Any

import pytest

from tests.sandbox.aws.cognito_idp.pools import PASSWORD, Pool, claims_of, refusal
from tests.sandbox.lab import Lab

EMAIL = [{"Name": "email", "Value": "bo@acme.example"}]


@pytest.fixture
def open_pool(lab: Lab) -> Pool:
    return Pool(lab, AutoVerifiedAttributes=["email"])


def signed_up(pool: Pool, name: str = "bo", **more: Any) -> dict[str, Any]:
    members = {"Username": name, "Password": PASSWORD, "UserAttributes": EMAIL, **more}
    return dict(pool.public.sign_up(ClientId=pool.client_id, **members))


def test_somebody_signs_up_and_confirms(open_pool: Pool) -> None:
    answer = signed_up(open_pool)
    assert answer["UserConfirmed"] is False
    assert answer["CodeDeliveryDetails"] == {
        "Destination": "b***@a***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    assert open_pool.user("bo")["UserStatus"] == "UNCONFIRMED"
    message = open_pool.messages()[0]
    assert (message["recipient"], message["medium"], message["userPoolId"]) == (
        "bo@acme.example",
        "EMAIL",
        open_pool.id,
    )
    about = {"ClientId": open_pool.client_id, "Username": "bo"}
    open_pool.public.confirm_sign_up(**about, ConfirmationCode=open_pool.code())
    user = open_pool.user("bo")
    assert (user["UserStatus"], user["UserAttributes"]["email_verified"]) == ("CONFIRMED", "true")
    assert claims_of(open_pool.by_srp("bo")["AuthenticationResult"]["IdToken"])["sub"] == answer["UserSub"]
    told = refusal(open_pool.public.confirm_sign_up, **about, ConfirmationCode=open_pool.code())
    assert told == ("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")


def test_a_resent_code_takes_the_place_of_the_former(open_pool: Pool) -> None:
    signed_up(open_pool)
    first, about = open_pool.code(), {"ClientId": open_pool.client_id, "Username": "bo"}
    open_pool.public.resend_confirmation_code(**about)
    second = open_pool.code()
    if first != second:
        assert refusal(open_pool.public.confirm_sign_up, **about, ConfirmationCode=first)[0] == "CodeMismatchException"
    open_pool.public.confirm_sign_up(**about, ConfirmationCode=second)


def test_a_name_is_taken_once_whatever_its_case(open_pool: Pool) -> None:
    signed_up(open_pool)
    told = refusal(signed_up, open_pool, "BO")
    assert told == ("UsernameExistsException", "User already exists")
    created = refusal(open_pool.admin.admin_create_user, UserPoolId=open_pool.id, Username="Bo")
    assert created == ("UsernameExistsException", "User account already exists")


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("Sh0rt!", "Password not long enough"),
        ("no-upper-1", "Password must have uppercase characters"),
        ("NO-LOWER-1", "Password must have lowercase characters"),
        ("No-Digits!", "Password must have numeric characters"),
        ("NoSymbols1", "Password must have symbol characters"),
    ],
)
def test_the_policy_of_the_pool(open_pool: Pool, password: str, problem: str) -> None:
    told = refusal(signed_up, open_pool, Password=password)
    assert told == ("InvalidPasswordException", f"Password did not conform with policy: {problem}")


def test_only_administrators_make_users_where_the_pool_says_so(lab: Lab) -> None:
    pool = Pool(lab, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    told = refusal(signed_up, pool)
    assert told == ("NotAuthorizedException", "SignUp is not permitted for this user pool")


def test_required_attributes_are_asked_for(lab: Lab) -> None:
    pool = Pool(lab, Schema=[{"Name": "email", "AttributeDataType": "String", "Required": True}])
    code, message = refusal(signed_up, pool, UserAttributes=[])
    assert (code, "email: The attribute email is required" in message) == ("InvalidParameterException", True)


def test_messages_are_written_by_the_pools_templates(lab: Lab) -> None:
    template = {"EmailMessage": "Hello {username}, yours is {####}", "EmailSubject": "Welcome"}
    pool = Pool(lab, AutoVerifiedAttributes=["email"], VerificationMessageTemplate=template)
    signed_up(pool)
    message = pool.messages()[0]
    assert message["subject"] == "Welcome"
    assert message["body"].startswith("Hello bo, yours is ")


def test_a_phone_number_comes_before_an_address(lab: Lab) -> None:
    pool = Pool(lab, AutoVerifiedAttributes=["email", "phone_number"])
    listed = [*EMAIL, {"Name": "phone_number", "Value": "+15555550123"}]
    details = signed_up(pool, UserAttributes=listed)["CodeDeliveryDetails"]
    assert details == {"Destination": "+*******0123", "DeliveryMedium": "SMS", "AttributeName": "phone_number"}
    pool.public.confirm_sign_up(ClientId=pool.client_id, Username="bo", ConfirmationCode=pool.code())
    attributes = pool.user("bo")["UserAttributes"]
    assert (attributes["phone_number_verified"], attributes.get("email_verified")) == ("true", None)


def test_an_alias_is_moved_where_that_is_asked_for(lab: Lab) -> None:
    pool = Pool(lab, AliasAttributes=["email"], AutoVerifiedAttributes=["email"])
    pool.add("old", email="bo@acme.example", email_verified="true")
    signed_up(pool, "new")
    about = {"ClientId": pool.client_id, "Username": "new"}
    told = refusal(pool.public.confirm_sign_up, **about, ConfirmationCode=pool.code())
    assert told == ("AliasExistsException", "An account with the email already exists.")
    pool.public.resend_confirmation_code(**about)
    pool.public.confirm_sign_up(**about, ConfirmationCode=pool.code(), ForceAliasCreation=True)
    assert claims_of(pool.by_password("bo@acme.example")["IdToken"])["cognito:username"] == "new"
    assert pool.user("old")["UserAttributes"]["email_verified"] == "false"


def test_a_forgotten_password_is_replaced_and_ends_sign_ins(pool: Pool) -> None:
    tokens = pool.by_password()
    details = pool.public.forgot_password(ClientId=pool.client_id, Username="ana")["CodeDeliveryDetails"]
    assert details["Destination"] == "a***@a***"
    about = {"ClientId": pool.client_id, "Username": "ana", "ConfirmationCode": pool.code()}
    assert refusal(pool.public.confirm_forgot_password, **about, Password="short")[0] == "InvalidPasswordException"
    pool.public.confirm_forgot_password(**about, Password="Newer-Pass-2!")
    assert pool.by_password("ana", "Newer-Pass-2!")
    assert refusal(pool.by_password)[1] == "Incorrect username or password."
    assert refusal(pool.public.get_user, AccessToken=tokens["AccessToken"])[1] == "Access Token has been revoked"


def test_a_code_for_a_new_password_needs_a_verified_address(pool: Pool) -> None:
    pool.add("fay", email="fay@acme.example")
    code, message = refusal(pool.public.forgot_password, ClientId=pool.client_id, Username="fay")
    assert (code, "no registered/verified email" in message) == ("InvalidParameterException", True)


def test_an_administrator_resets_a_password(pool: Pool) -> None:
    pool.admin.admin_reset_user_password(UserPoolId=pool.id, Username="ana")
    assert pool.user()["UserStatus"] == "RESET_REQUIRED"
    told = {"ClientId": pool.client_id, "Username": "ana", "ConfirmationCode": pool.code()}
    pool.public.confirm_forgot_password(**told, Password="Newer-Pass-2!")
    assert pool.user()["UserStatus"] == "CONFIRMED"


def test_an_invitation_brings_the_temporary_password(lab: Lab) -> None:
    pool = Pool(lab, AdminCreateUserConfig={"InviteMessageTemplate": {"EmailMessage": "{username}|{####}"}})
    pool.admin.admin_create_user(
        UserPoolId=pool.id, Username="bo", UserAttributes=EMAIL, DesiredDeliveryMediums=["EMAIL"]
    )
    name, _, password = pool.messages()[0]["body"].partition("|")
    assert name == "bo"
    assert pool.by_srp("bo", password)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    pool.admin.admin_create_user(UserPoolId=pool.id, Username="bo", MessageAction="RESEND")
    again = pool.messages()[0]["body"].partition("|")[2]
    assert again != password
    assert pool.by_srp("bo", again)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_mailbox_is_one_accounts_and_can_be_emptied(open_pool: Pool, lab: Lab) -> None:
    signed_up(open_pool)
    other = Pool(Lab(lab.sandbox, lab.providers), AutoVerifiedAttributes=["email"])
    assert other.messages() == []
    assert len(open_pool.messages()) == 1
    lab.sandbox.switch("mailbox", {"action": "empty"}, account=lab.account)
    assert open_pool.messages() == []
