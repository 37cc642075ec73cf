"""What tools ask IAM of an account: its users, groups, keys and sums."""

from typing import Any

import pytest

from sandbox.testing import RunningSandbox
from tests.sandbox.aws.iam.helpers import TRUST, refused, rights


def test_an_account_has_its_administrator_and_nobody_else(sandbox: RunningSandbox) -> None:
    iam = sandbox.client("iam", access_key="111122223333")
    (user,) = iam.list_users()["Users"]
    assert iam.get_user()["User"]["Arn"] == user["Arn"] == "arn:aws:iam::111122223333:user/administrator"
    assert iam.list_groups()["Groups"] == []
    name = user["UserName"]
    assert iam.list_groups_for_user(UserName=name)["Groups"] == []
    assert iam.list_user_tags(UserName=name)["Tags"] == []
    assert iam.list_mfa_devices(UserName=name)["MFADevices"] == []
    (key,) = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert (key["AccessKeyId"], key["Status"]) == ("111122223333", "Active")
    assert sandbox.client("iam").list_access_keys()["AccessKeyMetadata"][0]["AccessKeyId"] == "test"


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("list_groups_for_user", {"UserName": "ana"}),
        ("list_access_keys", {"UserName": "ana"}),
        ("get_login_profile", {"UserName": "administrator"}),
        ("get_group", {"GroupName": "admins"}),
    ],
)
def test_whoever_is_not_there_cannot_be_found(iam: Any, operation: str, params: dict[str, str]) -> None:
    assert refused(getattr(iam, operation), **params)[:2] == ("NoSuchEntity", 404)


def test_the_summary_counts_what_is_there(sandbox: RunningSandbox) -> None:
    iam = sandbox.client("iam", access_key="111122224444")
    before = iam.get_account_summary()["SummaryMap"]
    iam.create_role(RoleName="One", AssumeRolePolicyDocument=TRUST)
    arn = iam.create_policy(PolicyName="One", PolicyDocument=rights("s3:GetObject"))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=rights("s3:PutObject"))
    iam.create_open_id_connect_provider(Url="https://one.example.com", ClientIDList=["c"])
    after = iam.get_account_summary()["SummaryMap"]
    changed = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert changed == {"Roles": 1, "Policies": 1, "PolicyVersionsInUse": 2, "Providers": 1}
    assert (after["Users"], after["RolesQuota"], after["AssumeRolePolicySizeQuota"]) == (1, 1000, 2048)
    model = iam.meta.service_model.shape_for("summaryKeyType")
    assert set(after) == set(model.enum)
