"""The condition keys that a policy asks for."""

import json
from typing import Any

import pytest

from iampolicy.asked_keys import asked_keys
from iampolicy.documents import parse_policy
from tests.iampolicy.build import statement


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, []),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, ["aws:SecureTransport"]),
        ({"Condition": {"StringEquals": {"s3:prefix": ["${aws:username}/", "a"]}}}, ["s3:prefix", "aws:username"]),
        ({"Condition": {"Bool": {"aws:a": True}, "NumericLessThan": {"AWS:A": 1, "aws:b": 2}}}, ["aws:a", "aws:b"]),
        ({"Resource": "arn:aws:s3:::shop/${aws:PrincipalTag/team}/*"}, ["aws:PrincipalTag/team"]),
        ({"Resource": ["arn:aws:s3:::a/${aws:userid}", "arn:aws:s3:::b/${ aws:userid , 'nobody' }"]}, ["aws:userid"]),
        ({"Resource": "arn:aws:s3:::shop/${*}${?}${$}"}, []),
    ],
)
def test_keys_of_conditions_and_variables(members: dict[str, Any], expected: list[str]) -> None:
    document = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [statement(**members)]}))
    assert asked_keys(document) == expected


def test_resources_that_are_excluded_ask_too() -> None:
    excluded = {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::shop/${aws:userid}"}
    assert asked_keys({"Statement": [excluded, statement()]}) == ["aws:userid"]
    assert asked_keys({"Statement": excluded}) == ["aws:userid"]
    assert asked_keys({}) == []
