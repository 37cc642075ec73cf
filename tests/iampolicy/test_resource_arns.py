"""ARNs of resources, each by itself."""

from iampolicy.resource_arns import PARTITIONS, fails_legacy_parsing, refusal_of

VENDOR = "Resource vendor must be fully qualified and cannot contain regexes."
TAKEN = (
    "*", "${aws:PrincipalTag/arn}", "arn:aws:s3:::shop/*", "arn:aws:s3:*:*:shop", "arn:aws:sqs", "arn:aws:iam",
    "arn:aws:s3:us-east-1:123456789012:accesspoint/shop", "arn:aws:iam::123456789012:role/x", "arn:aws:iam::*:*",
    "arn:aws:iam:*:123456789012:user/${aws:username}", "arn:aws:iam::123456789012:${aws:PrincipalTag/path}",
    "arn:a*:s3:::shop", "arn:aws:dynamodb:us-east-1:123456789012:table/T",
)  # fmt: skip
REFUSED = {
    "shop": 'Resource shop must be in ARN format or "*".',
    "arn:aws": VENDOR,
    "arn:aws:*:::shop": VENDOR,
    "arn:aws:s?:::shop": VENDOR,
    "a:b": 'Partition "b" is not valid for resource "arn:b:*:*:*:*".',
    "a:b:": 'Partition "b" is not valid for resource "arn:b:*:*:*:*".',
    "a:b::x": 'Partition "b" is not valid for resource "arn:b::x:*:*".',
    "arn:aws:s3:us-east-1::shop": "Resource arn:aws:s3:us-east-1::shop can not contain region information.",
    "arn:aws:iam:us-east-1::role/x": "IAM resource arn:aws:iam:us-east-1::role/x cannot contain region information.",
}
LEGACY = ("arn:aws:s3::shop", "arn:aws::::shop", "arn:aws::shop", "arn:aws:::::shop")
BOTH = ("arn:aws:s3:::shop", "arn:aws:s3:a:b", "*", "${a::b}", "arn:aws:s3", "arn:aws:s3:::a::b")


def test_what_is_taken() -> None:
    assert {arn: refusal_of(arn) for arn in TAKEN} == dict.fromkeys(TAKEN, "")
    assert [refusal_of(f"arn:{partition}:s3:::shop") for partition in sorted(PARTITIONS)] == [""] * len(PARTITIONS)


def test_what_is_refused() -> None:
    assert {arn: refusal_of(arn) for arn in REFUSED} == REFUSED
    assert refusal_of("arn:aws:iam:::shop").startswith('IAM resource path must either be "*" or start with user/, ')


def test_what_fails_legacy_parsing() -> None:
    assert [arn for arn in LEGACY if not fails_legacy_parsing(arn)] == []
    assert [arn for arn in BOTH if fails_legacy_parsing(arn)] == []
