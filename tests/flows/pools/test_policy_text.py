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
