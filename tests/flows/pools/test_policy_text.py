"""Which line of a policy a sentence of IAM's is about."""

import json
from typing import Any

import pytest

from flows.pages.pools.policy_text import refused_text
from iampolicy.documents import PolicyRefused, parse_policy

_RIGHT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}


@pytest.mark.parametrize(
    ("wrong", "about"),
    [
        ({"Effect": "allow"}, '"allow"'),
        ({"Resource": "arn:aws:s3::shop/*"}, "s3::shop"),
        ({"Resource": "arn:aws::shop"}, "arn:aws::shop"),
        ({"Resource": "arn:aws"}, '"arn:aws"'),
        ({"Resource": "arn:aws:s*:::shop"}, "s*"),
        ({"Resource": "arn:aws:iam:::shop"}, "iam:::shop"),
        ({"Resource": "shop/*"}, '"shop/*"'),
        ({"Action": "GetObject"}, '"GetObject"'),
    ],
)
def test_the_line_that_is_wrong_is_named(wrong: dict[str, Any], about: str) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [_RIGHT, {**_RIGHT, **wrong}]}, indent=2)
    with pytest.raises(PolicyRefused) as refusal:
        parse_policy(text)
    line = refused_text(text, refusal.value.message).line
    assert line is not None
    assert about in text.split("\n")[line - 1]


def test_the_version_of_a_managed_policy_is_named() -> None:
    text = json.dumps({"Version": "2008-10-17", "Statement": [_RIGHT]}, indent=2)
    with pytest.raises(PolicyRefused) as refusal:
        parse_policy(text, managed=True)
    assert refused_text(text, refusal.value.message).line == 2


_SYNTAX = "Syntax errors in policy."


@pytest.mark.parametrize(
    ("wrong", "left_out", "about", "words"),
    [
        ({"Efect": "Allow"}, "Effect", '"Efect"', "“Efect” is no element of a statement"),
        ({}, "Effect", "{", "this statement has no “Effect”"),
        ({"Effect": "Permit"}, "", '"Permit"', "“Effect” is Allow or Deny"),
        ({"NotAction": "s3:*"}, "", '"NotAction"', "exclude each other"),
        ({"Resource": [{"Ref": "x"}]}, "", '"Resource"', "a text or a list of texts"),
        ({"Condition": {"StringEqual": {"aws:username": "ana"}}}, "", '"StringEqual"', "not a condition operator"),
        ({"Condition": {"StringEquals": "ana"}}, "", '"StringEquals"', "holds keys and values"),
        ({"Condition": {"StringEquals": {"aws:username": {"a": 1}}}}, "", '"aws:username"', "is compared with"),
        ({"Condition": ["a:b"]}, "", '"Condition"', "“Condition” is an object"),
        ({"Sid": 3}, "", '"Sid"', "“Sid” is a text"),
    ],
)
def test_a_syntax_error_is_marked_where_it_stands(wrong: dict[str, Any], left_out: str, about: str, words: str) -> None:
    second = {name: value for name, value in {**_RIGHT, **wrong}.items() if name != left_out}
    text = json.dumps({"Version": "2012-10-17", "Statement": [_RIGHT, second]}, indent=2)
    with pytest.raises(PolicyRefused) as refusal:
        parse_policy(text)
    assert refusal.value.message == _SYNTAX
    found = refused_text(text, _SYNTAX)
    assert found.line is not None
    assert found.line > 7, "in the second statement"
    assert about in text.split("\n")[found.line - 1]
    assert found.problem.startswith(f"{_SYNTAX} (line {found.line}: ")
    assert words in found.problem


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"Version": "2012-10-17",\n "Statment": []}', 2),
        ('{"Version": "2012-10-17"}', 1),
        ('{"Version": "2012-10-17", "Statement":\n ["x"]}', 2),
        ('{"Statement": {"Effect": "Allow",\n"Effect": "Deny", "Action": "*", "Resource": "*"}}', 2),
        ('{"Statement": {"Effect": "Allow", "Action": "*",\n"Resorce": "a \\"{[:,]}\\n"}}', 2),
        ('["a",\n{"b": []}]', 1),
        ('"x"', 1),
        ("[" * 800 + "]" * 800, 1),
    ],
)
def test_it_is_marked_in_texts_of_any_shape(text: str, line: int) -> None:
    assert refused_text(text, _SYNTAX).line == line
