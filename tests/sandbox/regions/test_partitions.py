"""Partitions other than `aws`: the sandbox is started in one of their regions, and everything is there."""

from pathlib import Path

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox


@pytest.mark.slow
@pytest.mark.parametrize(
    ("region", "account"),
    [("cn-north-1", "700000000001"), ("us-gov-west-1", "700000000002"), ("eusc-de-east-1", "700000000003")],
)
def test_a_guest_reads_the_catalogue(tmp_path: Path, region: str, account: str) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, region=region, account_id=account)
    with running_sandbox(config) as sandbox:
        anonymous = sandbox.anonymous("cognito-identity")
        (pool,) = sandbox.client("cognito-identity").list_identity_pools(MaxResults=1)["IdentityPools"]
        assert pool["IdentityPoolId"].startswith(f"{region}:")
        identity = anonymous.get_id(IdentityPoolId=pool["IdentityPoolId"])["IdentityId"]
        keys = anonymous.get_credentials_for_identity(IdentityId=identity)["Credentials"]
        who = {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretKey"], "token": keys["SessionToken"]}
        found = sandbox.client("s3", **who).get_object(Bucket="identity-pools-lab-public", Key="product-catalog.pdf")
        assert found["Body"].read(5) == b"%PDF-"
        assert sandbox.client("dynamodb", **who).scan(TableName="SampleProducts")["Items"]
        s3 = sandbox.client("s3")
        assert s3.get_bucket_location(Bucket="identity-pools-lab-public")["LocationConstraint"] == region
        s3.put_object(Bucket="identity-pools-lab-public", Key="tagged", Body=b"x", Tagging="a=b")
        assert s3.get_object_tagging(Bucket="identity-pools-lab-public", Key="tagged")["TagSet"] == [
            {"Key": "a", "Value": "b"}
        ]
