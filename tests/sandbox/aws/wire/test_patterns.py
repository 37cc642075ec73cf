"""Patterns of the models: Java's categories, and no value that takes long."""

import pytest

from sandbox.aws.wire.models import service_model
from sandbox.aws.wire.patterns import matcher


def matches(shape: str, value: str) -> bool:
    return matcher(service_model("cognito-idp").shape_for(shape).metadata["pattern"])(value)


@pytest.mark.parametrize(
    ("shape", "value", "expected"),
    [
        ("EmailVerificationMessageType", "Your code is {####}.", True),
        ("EmailVerificationMessageType", "Grüße, 你好: {####}\n", True),
        ("EmailVerificationMessageType", "Your code is missing.", False),
        ("EmailVerificationMessageType", "\0{####}", False),
        ("EmailVerificationMessageByLinkType", "Go {##here##} now", True),
        ("EmailVerificationMessageByLinkType", "Go {##here}", False),
        ("EmailAddressType", "ana@acme.example", True),
        ("EmailAddressType", "@acme.example", False),
        ("EmailAddressType", "ana maria@acme.example", False),
        ("ProviderNameTypeV2", "Über", True),
        ("ProviderNameTypeV2", "Go gle", False),
        ("ProviderNameTypeV2", "_oogle", False),
    ],
)
def test_a_category_is_a_set_of_characters(shape: str, value: str, expected: bool) -> None:
    assert matches(shape, value) is expected


@pytest.mark.parametrize("value", ["{##" * 6666, "{####}" * 3333 + "\0", "{##a##}" * 2857 + "\0"])
def test_no_message_takes_the_square_of_its_length(value: str) -> None:
    """Each would take minutes if the search went back over what it had found."""
    assert not matches("EmailVerificationMessageByLinkType", value)
