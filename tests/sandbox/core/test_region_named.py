"""The region of an unsigned call, read from the IDs that it names."""

import pytest

from sandbox.core.regions import region_named


@pytest.mark.parametrize(
    ("params", "region"),
    [
        ({"IdentityPoolId": "eu-west-1:5a4db000-0000-c000-8000-000000000001"}, "eu-west-1"),
        ({"IdentityId": "us-gov-west-1:5a4db000-0000-c000-8000-000000000001"}, "us-gov-west-1"),
        ({"UserPoolId": "ap-southeast-2_LabPool01", "ClientId": "abc"}, "ap-southeast-2"),
        ({"ClientId": "eu-west-1:abc"}, ""),
        ({"IdentityPoolId": "Frankfurt:5a4db000-0000-c000-8000-000000000001"}, ""),
        ({}, ""),
    ],
)
def test_an_id_says_its_region(params: dict[str, str], region: str) -> None:
    assert region_named(params) == region
