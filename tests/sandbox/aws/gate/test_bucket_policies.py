"""Policies of buckets: beside those of roles and sessions."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox
from tests.sandbox.aws.gate.people import Person, allow, refused

Hired = Callable[..., Person]
POOL = "us-east-1:5a4db000-0000-c000-8000-000000000001"
_numbers = itertools.count(1)


@pytest.fixture
def bucket(admin: Person) -> Iterator[str]:
    """A bucket with one object, `a`."""
    name = f"with-policy-{next(_numbers)}"
    s3 = admin.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a", Body=b"hello")
    yield name
    s3.delete_bucket_policy(Bucket=name)


def role_of(person: Person) -> str:
    """The ARN of the role behind a person's session."""
    name = person.client("sts").get_caller_identity()["Arn"].split("/")[1]
    return f"arn:aws:iam::000000000000:role/{name}"


def set_policy(admin: Person, bucket: str, **members: Any) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*", **members}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    admin.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def reads(person: Person, bucket: str) -> bool:
    try:
        person.client("s3").get_object(Bucket=bucket, Key="a")
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDenied":
            return False
        raise
    return True


def test_an_explicit_deny(admin: Person, hired: Hired, bucket: str) -> None:
    person = hired(allow("s3:*"))
    set_policy(admin, bucket, Effect="Deny", Principal="*")
    arn = person.client("sts").get_caller_identity()["Arn"]
    message = (
        f"User: {arn} is not authorized to perform: s3:GetObject on resource: "
        f'"arn:aws:s3:::{bucket}/a" with an explicit deny in a resource-based policy'
    )
    assert refused(person.client("s3").get_object, Bucket=bucket, Key="a") == ("AccessDenied", 403, message)
    assert person.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 1


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": "ROLE"}, True),
        ({"AWS": "SESSION"}, True),
        ({"AWS": "000000000000"}, False),
        ({"AWS": "arn:aws:iam::000000000000:root"}, False),
        ({"AWS": "arn:aws:iam::000000000000:role/Another"}, False),
        ({"Federated": "cognito-identity.amazonaws.com"}, False),
    ],
)
def test_whom_a_policy_allows(admin: Person, hired: Hired, bucket: str, principal: Any, allowed: bool) -> None:
    person = hired()
    assert not reads(person, bucket)
    named = {"ROLE": role_of(person), "SESSION": person.client("sts").get_caller_identity()["Arn"]}
    if isinstance(principal, dict):
        principal = {kind: named.get(name, name) for kind, name in principal.items()}
    set_policy(admin, bucket, Principal=principal)
    assert reads(person, bucket) is allowed


def test_people_of_identity_pools_by_their_provider(
    admin: Person, sandbox: RunningSandbox, guest: Person, bucket: str
) -> None:
    condition = {"StringEquals": {"cognito-identity.amazonaws.com:aud": POOL}}
    set_policy(admin, bucket, Principal={"Federated": "cognito-identity.amazonaws.com"}, Condition=condition)
    assert reads(guest, bucket)
    condition["StringEquals"]["cognito-identity.amazonaws.com:aud"] = "another"
    set_policy(admin, bucket, Principal={"Federated": "cognito-identity.amazonaws.com"}, Condition=condition)
    assert not reads(guest, bucket)


def test_a_condition_spares_who_fulfils_it(admin: Person, hired: Hired, bucket: str) -> None:
    spared, other = hired(allow("s3:*")), hired(allow("s3:*"))
    condition = {"ArnNotEquals": {"aws:PrincipalArn": role_of(spared)}}
    set_policy(admin, bucket, Effect="Deny", Principal="*", Condition=condition)
    assert reads(spared, bucket)
    assert not reads(other, bucket)


def test_what_denies_in_the_role_or_limits_the_session_stays(admin: Person, hired: Hired, bucket: str) -> None:
    person = hired({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})
    set_policy(admin, bucket, Principal={"AWS": role_of(person)})
    assert not reads(person, bucket)
    plain = hired()
    set_policy(admin, bucket, Principal={"AWS": role_of(plain)})
    limits = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:PutObject")]})
    keys = admin.client("sts").assume_role(RoleArn=role_of(plain), RoleSessionName="limited", Policy=limits)
    given = keys["Credentials"]
    limited = {
        "access_key": given["AccessKeyId"],
        "secret_key": given["SecretAccessKey"],
        "token": given["SessionToken"],
    }
    assert not reads(Person(admin.sandbox, limited), bucket)


def test_objects_that_are_deleted_together(admin: Person, hired: Hired, bucket: str) -> None:
    person = hired(allow("s3:*"))
    set_policy(admin, bucket, Effect="Deny", Principal="*", Action="s3:DeleteObject")
    answer = person.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}]})
    assert [error["Code"] for error in answer["Errors"]] == ["AccessDenied"]
    assert reads(person, bucket)


@pytest.mark.parametrize(
    "principal",
    ["*", {"AWS": "arn:aws:iam::000000000000:root"}, {"AWS": "arn:aws:iam::000000000000:user/administrator"}],
)
def test_a_deny_binds_the_administrator_but_not_from_the_policy(admin: Person, bucket: str, principal: Any) -> None:
    both = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    set_policy(admin, bucket, Effect="Deny", Principal=principal, Action="s3:*", Resource=both)
    s3 = admin.client("s3")
    code, status, message = refused(s3.get_object, Bucket=bucket, Key="a")
    assert (code, status) == ("AccessDenied", 403)
    assert message == (
        "User: arn:aws:iam::000000000000:user/administrator is not authorized to perform: s3:GetObject on resource: "
        f'"arn:aws:s3:::{bucket}/a" with an explicit deny in a resource-based policy'
    )
    assert refused(s3.list_objects_v2, Bucket=bucket)[0] == "AccessDenied"
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}]})
    assert [error["Code"] for error in answer["Errors"]] == ["AccessDenied"]
    set_policy(admin, bucket, Effect="Deny", Principal=principal, Action="s3:*", Resource=both)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    assert reads(admin, bucket)


def test_a_deny_with_a_condition_binds_the_administrator_where_it_holds(admin: Person, bucket: str) -> None:
    condition = {"StringEquals": {"s3:ExistingObjectTag/state": "closed"}}
    set_policy(admin, bucket, Effect="Deny", Principal="*", Condition=condition)
    assert reads(admin, bucket)
    tags = {"TagSet": [{"Key": "state", "Value": "closed"}]}
    admin.client("s3").put_object_tagging(Bucket=bucket, Key="a", Tagging=tags)
    assert not reads(admin, bucket)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Resource": "arn:aws:s3:::another/*"}, "Policy has invalid resource"),
        ({"Action": "dynamodb:*"}, "Policy has invalid action"),
        ({"Action": "s3:ListObjects"}, "Policy has invalid action"),
        ({"Action": "s3:ListBucket"}, "Action does not apply to any resource(s) in statement"),
        ({"Condition": {"StringEquals": {"s3:prefixes": "a"}}}, "Policy has an invalid condition key"),
        (
            {"Condition": {"StringEquals": {"s3:prefix": "a"}}},
            "Conditions do not apply to combination of actions and resources in statement",
        ),
        ({}, "Missing required field Principal"),
        ({"Principal": "*", "Condition": {"StringEqual": {"a:b": "c"}}}, "Invalid Condition type : StringEqual"),
    ],
)
def test_a_malformed_policy(admin: Person, bucket: str, changes: dict[str, Any], message: str) -> None:
    principal = {"Principal": "*"} if changes and "Principal" not in changes else {}
    with pytest.raises(ClientError) as error:
        set_policy(admin, bucket, **principal, **changes)
    found = error.value.response["Error"]
    assert (found["Code"], found["Message"]) == ("MalformedPolicy", message)


def test_a_policy_that_is_no_json(admin: Person, bucket: str) -> None:
    message = "Policies must be valid JSON and the first byte must be '{'"
    params = {"Bucket": bucket, "Policy": "none"}
    assert refused(admin.client("s3").put_bucket_policy, **params) == ("MalformedPolicy", 400, message)
