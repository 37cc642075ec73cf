"""User pools as they are described, and what no pool can be."""

from typing import Any

import pytest

from tests.sandbox.aws.cognito_idp.pools import Pool, refusal
from tests.sandbox.lab import Lab


def make(lab: Lab, **settings: Any) -> dict[str, Any]:
    return dict(lab.client("cognito-idp").create_user_pool(PoolName="people", **settings)["UserPool"])


def test_messages_may_be_in_any_language(lab: Lab) -> None:
    template = {"EmailMessage": "Grüße! Ihr Code: {####}", "EmailMessageByLink": "Hier {##klicken##}, bitte"}
    made = make(lab, VerificationMessageTemplate=template)
    assert made["VerificationMessageTemplate"].items() >= template.items()
    assert made["EmailVerificationMessage"] == template["EmailMessage"]


def test_a_pool_says_nothing_of_recovery_that_nobody_set(lab: Lab) -> None:
    assert "AccountRecoverySetting" not in make(lab)
    setting = {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]}
    assert make(lab, AccountRecoverySetting=setting)["AccountRecoverySetting"] == setting


def test_an_attribute_is_limited_as_its_kind_is(lab: Lab) -> None:
    limits = {
        "NumberAttributeConstraints": {"MinValue": "10", "MaxValue": "20"},
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2"},
    }
    kinds = ("String", "Number", "Boolean")
    schema = [{"Name": kind, "AttributeDataType": kind, **limits} for kind in kinds]
    described = {entry["Name"]: entry for entry in make(lab, Schema=schema)["SchemaAttributes"]}
    seen = {kind: set(described[f"custom:{kind}"]) & set(limits) for kind in kinds}
    assert seen == {
        "String": {"StringAttributeConstraints"},
        "Number": {"NumberAttributeConstraints"},
        "Boolean": set(),
    }


@pytest.mark.parametrize(
    ("name", "member", "limits", "sentence"),
    [
        ("email", "String", {"MinLength": "one"}, "Invalid StringAttributeConstraints for schema attribute email"),
        ("email", "String", {"MaxLength": "1.5"}, "Invalid StringAttributeConstraints for schema attribute email"),
        ("age", "Number", {"MaxValue": "old"}, "Invalid NumberAttributeConstraints for schema attribute age"),
        (
            "email",
            "String",
            {"MinLength": "2", "MaxLength": "1"},
            "user.email: Max length cannot be less than min length.",
        ),
        *(
            ("email", "String", {end: "2049"}, "user.email: String attributes cannot have a length of more than 2048")
            for end in ("MinLength", "MaxLength")
        ),
        ("age", "Number", {"MinValue": "2", "MaxValue": "1"}, "user.age: Max value cannot be less than min value."),
    ],
)
def test_limits_that_cannot_be_are_refused(
    lab: Lab, name: str, member: str, limits: dict[str, str], sentence: str
) -> None:
    entry = {"Name": name, "AttributeDataType": member, f"{member}AttributeConstraints": limits}
    assert refusal(make, lab, Schema=[entry]) == ("InvalidParameterException", sentence)


@pytest.mark.parametrize("changed", [{"AttributeDataType": "Number"}, {"DeveloperOnlyAttribute": True}])
def test_a_standard_attribute_stays_of_its_kind_and_everybodys(lab: Lab, changed: dict[str, Any]) -> None:
    told = "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email"
    assert refusal(make, lab, Schema=[{"Name": "email", **changed}]) == ("InvalidParameterException", told)


def test_a_new_user_was_not_changed_since(pool: Pool) -> None:
    made = pool.admin.admin_create_user(UserPoolId=pool.id, Username="bo")["User"]
    assert made["UserLastModifiedDate"] == made["UserCreateDate"]


def test_a_password_that_administrators_reset_is_theirs_alone_to_reset(lab: Lab) -> None:
    pool = Pool(lab, AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]})
    pool.add("ana", email="ana@acme.example", email_verified="true")
    told = refusal(pool.public.forgot_password, ClientId=pool.client_id, Username="ana")
    assert told == ("NotAuthorizedException", "Contact administrator to reset password.")


def test_a_boolean_is_one_however_it_is_spelled(pool: Pool) -> None:
    pool.add("bo", email="bo@acme.example", email_verified="True")
    assert pool.user("bo")["UserAttributes"]["email_verified"] == "true"
    assert pool.public.forgot_password(ClientId=pool.client_id, Username="bo")["CodeDeliveryDetails"]


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        (["email"], "Username should be an email."),
        (["phone_number", "email"], "Username should be either an email or a phone number."),
    ],
)
def test_a_name_is_of_the_kind_that_the_pool_takes(lab: Lab, attributes: list[str], sentence: str) -> None:
    pool = Pool(lab, UsernameAttributes=attributes)
    told = refusal(pool.admin.admin_create_user, UserPoolId=pool.id, Username="ana")
    assert told == ("InvalidParameterException", sentence)


def test_every_attribute_that_is_unknown_is_named(pool: Pool) -> None:
    told = refusal(
        pool.admin.admin_delete_user_attributes,
        UserPoolId=pool.id,
        Username="ana",
        UserAttributeNames=["nickname", "custom:foo", "custom:bar"],
    )
    sentence = "".join(f"user.custom:{name}: Attribute does not exist in the schema.\n" for name in ("foo", "bar"))
    assert told == ("InvalidParameterException", f"Invalid user attributes: {sentence}")


def test_users_are_not_found_by_custom_attributes(pool: Pool) -> None:
    told = refusal(pool.admin.list_users, UserPoolId=pool.id, Filter='custom:foo = "bar"')
    assert told == ("InvalidParameterException", "Invalid search attribute: custom:foo")


def test_a_resource_server_without_scopes_has_none(pool: Pool) -> None:
    made = pool.admin.create_resource_server(UserPoolId=pool.id, Identifier="https://api.example", Name="API")
    assert "Scopes" not in made["ResourceServer"]
