"""Users as administrators and users themselves see and change them."""

from typing import Any

import pytest

from tests.sandbox.aws.cognito_idp.pools import PASSWORD, Pool, claims_of, refusal
from tests.sandbox.lab import Lab


@pytest.fixture(scope="module")
def crowd(shared_sandbox: Any, identity_providers: Any) -> Pool:
    pool = Pool(Lab(shared_sandbox, identity_providers))
    for number in range(5):
        pool.add(f"user{number}", email=f"user{number}@acme.example", given_name="Odd" if number % 2 else "Even")
    pool.admin.admin_disable_user(UserPoolId=pool.id, Username="user4")
    pool.public.sign_up(ClientId=pool.client_id, Username="newcomer", Password=PASSWORD)
    return pool


def names(answer: dict[str, Any]) -> list[str]:
    return [user["Username"] for user in answer["Users"]]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ('email = "user1@acme.example"', ["user1"]),
        ('email ^= "user"', ["user0", "user1", "user2", "user3", "user4"]),
        ('given_name = "Odd"', ["user1", "user3"]),
        ('username ^= "new"', ["newcomer"]),
        ('"username" = "USER2"', ["user2"]),
        ('cognito:user_status = "UNCONFIRMED"', ["newcomer"]),
        ('status = "Disabled"', ["user4"]),
        ('email = "\\"quoted\\""', []),
    ],
)
def test_users_are_found_by_a_filter(crowd: Pool, wanted: str, found: list[str]) -> None:
    assert names(crowd.admin.list_users(UserPoolId=crowd.id, Filter=wanted)) == found


@pytest.mark.parametrize("wanted", ["email", "email = ", 'email ~ "a"', 'email = "a" OR 1=1', 'status = "x"'])
def test_what_is_no_filter_is_refused(crowd: Pool, wanted: str) -> None:
    told = refusal(crowd.admin.list_users, UserPoolId=crowd.id, Filter=wanted)
    assert told == ("InvalidParameterException", "Error while parsing filter.")


def test_attributes_that_are_not_searched(crowd: Pool) -> None:
    told = refusal(crowd.admin.list_users, UserPoolId=crowd.id, Filter='locale = "x"')
    assert told == ("InvalidParameterException", "Invalid search attribute: locale")


def test_users_come_in_pages(crowd: Pool) -> None:
    pages = crowd.admin.get_paginator("list_users").paginate(UserPoolId=crowd.id, PaginationConfig={"PageSize": 2})
    assert [name for page in pages for name in names(page)] == [*(f"user{number}" for number in range(5)), "newcomer"]
    shown = crowd.admin.list_users(UserPoolId=crowd.id, AttributesToGet=["email"], Limit=1)["Users"][0]
    assert shown["Attributes"] == [{"Name": "email", "Value": "user0@acme.example"}]


def test_groups_and_their_members(pool: Pool) -> None:
    pool.add("bo")
    about = {"UserPoolId": pool.id, "GroupName": "staff"}
    pool.admin.create_group(**about, Description="all", Precedence=4)
    told = refusal(pool.admin.create_group, **about)
    assert told == ("GroupExistsException", "A group with the name already exists.")
    for name in ("ana", "bo"):
        pool.admin.admin_add_user_to_group(**about, Username=name)
    pages = pool.admin.get_paginator("list_users_in_group").paginate(**about, PaginationConfig={"PageSize": 1})
    assert [name for page in pages for name in names(page)] == ["ana", "bo"]
    listed = pool.admin.admin_list_groups_for_user(UserPoolId=pool.id, Username="ana")["Groups"]
    assert [(group["GroupName"], group["Precedence"], group["Description"]) for group in listed] == [
        ("staff", 4, "all")
    ]
    pool.admin.update_group(**about, Precedence=2)
    assert pool.admin.get_group(**about)["Group"]["Precedence"] == 2
    pool.admin.admin_remove_user_from_group(**about, Username="bo")
    assert names(pool.admin.list_users_in_group(**about)) == ["ana"]
    pool.admin.delete_group(**about)
    assert refusal(pool.admin.get_group, **about)[0] == "ResourceNotFoundException"
    assert "cognito:groups" not in claims_of(pool.by_password()["IdToken"])


def test_administrators_change_attributes(lab: Lab) -> None:
    pool = Pool(lab)
    pool.add("ana", email="ana@acme.example", email_verified="true", given_name="Ana")
    about = {"UserPoolId": pool.id, "Username": "ana"}
    pool.admin.admin_update_user_attributes(**about, UserAttributes=[{"Name": "email", "Value": "new@acme.example"}])
    assert pool.user()["UserAttributes"]["email_verified"] == "false"
    verified = [{"Name": "email_verified", "Value": "true"}]
    pool.admin.admin_update_user_attributes(**about, UserAttributes=verified)
    assert claims_of(pool.by_password()["IdToken"])["email_verified"] is True
    pool.admin.admin_delete_user_attributes(**about, UserAttributeNames=["given_name"])
    assert "given_name" not in pool.user()["UserAttributes"]
    unknown = [{"Name": "custom:nothing", "Value": "x"}]
    assert refusal(pool.admin.admin_update_user_attributes, **about, UserAttributes=unknown)[0] == (
        "InvalidParameterException"
    )
    for name, value in (("email", "no address"), ("phone_number", "12")):
        given = [{"Name": name, "Value": value}]
        told = refusal(pool.admin.admin_update_user_attributes, **about, UserAttributes=given)
        assert told == (
            "InvalidParameterException",
            f"Invalid {name.replace('_', ' ').replace('email', 'email address')} format.",
        )


def test_a_new_address_is_proved_by_a_code(lab: Lab) -> None:
    pool = Pool(lab, AutoVerifiedAttributes=["email"])
    pool.add("ana", email="ana@acme.example", email_verified="true")
    token = pool.by_password()["AccessToken"]
    given = [{"Name": "email", "Value": "new@acme.example"}]
    (details,) = pool.public.update_user_attributes(AccessToken=token, UserAttributes=given)["CodeDeliveryDetailsList"]
    assert details["Destination"] == "n***@a***"
    assert pool.user()["UserAttributes"]["email_verified"] == "false"
    pool.public.verify_user_attribute(AccessToken=token, AttributeName="email", Code=pool.code())
    attributes = pool.user()["UserAttributes"]
    assert (attributes["email"], attributes["email_verified"]) == ("new@acme.example", "true")


def test_an_address_may_have_to_be_proved_before_it_counts(lab: Lab) -> None:
    settings = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    pool = Pool(lab, AutoVerifiedAttributes=["email"], UserAttributeUpdateSettings=settings)
    pool.add("ana", email="ana@acme.example", email_verified="true")
    token = pool.by_password()["AccessToken"]
    pool.public.update_user_attributes(
        AccessToken=token, UserAttributes=[{"Name": "email", "Value": "new@acme.example"}]
    )
    assert pool.user()["UserAttributes"]["email"] == "ana@acme.example"
    pool.public.verify_user_attribute(AccessToken=token, AttributeName="email", Code=pool.code())
    assert pool.user()["UserAttributes"]["email"] == "new@acme.example"


def test_users_change_their_password_and_leave(pool: Pool) -> None:
    token = pool.by_password()["AccessToken"]
    change = pool.public.change_password
    wrong = {"PreviousPassword": "Wrong-Pass-1!", "ProposedPassword": "Newer-Pass-2!"}
    assert refusal(change, AccessToken=token, **wrong) == ("NotAuthorizedException", "Incorrect username or password.")
    change(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword="Newer-Pass-2!")
    assert pool.by_srp("ana", "Newer-Pass-2!")["AuthenticationResult"]
    pool.public.delete_user(AccessToken=token)
    assert refusal(pool.user)[0] == "UserNotFoundException"
    assert refusal(pool.public.get_user, AccessToken=token)[0] == "NotAuthorizedException"


def test_a_disabled_user_has_no_access(pool: Pool) -> None:
    tokens = pool.by_password()
    about = {"UserPoolId": pool.id, "Username": "ana"}
    pool.admin.admin_disable_user(**about)
    assert refusal(pool.public.get_user, AccessToken=tokens["AccessToken"])[1] == "User is disabled."
    told = refusal(pool.begin, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])
    assert told == ("NotAuthorizedException", "User is disabled.")
    pool.admin.admin_enable_user(**about)
    assert pool.user()["Enabled"] is True
    assert pool.public.get_user(AccessToken=tokens["AccessToken"])


def test_a_user_is_named_by_sub_as_well(pool: Pool) -> None:
    sub = pool.add("bo")
    assert pool.user(sub)["Username"] == "bo"
    assert refusal(pool.user, "nobody") == ("UserNotFoundException", "User does not exist.")
