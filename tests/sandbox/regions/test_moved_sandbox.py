"""A sandbox that is started again with another AWS_REGION: what was seeded is there too, and nothing is lost."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.lab import allow

HERE, THERE = "us-east-1", "eu-west-1"
HOME = "000000000000"


@contextmanager
def started(data_file: Path, region: str) -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxConfig(data_file=data_file, port=0, region=region)) as sandbox:
        yield sandbox


def reads_the_samples(sandbox: RunningSandbox, pool_id: str, tables: str) -> None:
    """A guest of the pool, in the enhanced flow and with the role of its guests."""
    public = sandbox.anonymous("cognito-identity")
    identity = public.get_id(IdentityPoolId=pool_id)["IdentityId"]
    keys = public.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    mine = {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretKey"], "token": keys["SessionToken"]}
    assert sandbox.client("dynamodb", region=tables, **mine).scan(TableName="SampleProducts")["Count"] > 5
    s3 = sandbox.client("s3", region=tables, **mine)
    assert s3.get_object(Bucket="identity-pools-lab-public", Key="product-catalog.pdf")["ContentType"]


def signs_in(sandbox: RunningSandbox, pool_id: str, account: str = HOME) -> str:
    """Ana of the user pool that chooses by token: the role that she gets."""
    public = sandbox.anonymous("cognito-identity")
    logins = sandbox.logins("google", "ana")
    identity = public.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    keys = public.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
    mine = {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretKey"], "token": keys["SessionToken"]}
    return str(sandbox.client("sts", **mine).get_caller_identity()["Arn"]).split("/")[1]


@pytest.mark.slow
def test_guests_and_members_of_both_regions(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.sqlite3"
    pool = "5a4db000-0000-c000-8000-00000000000"
    with started(file, HERE) as sandbox:
        reads_the_samples(sandbox, f"{HERE}:{pool}1", HERE)
        # Tables of one account are one for all sandboxes of a process, and other tests write notes of their own.
        note = {"IdentityId": {"S": "moved"}, "NoteId": {"S": secrets.token_hex(8)}}
        sandbox.client("dynamodb").put_item(TableName="LabNotes", Item=note)
        by_rule = signs_in(sandbox, f"{HERE}:{pool}4")
    for region in (THERE, HERE, "ap-south-1"):
        with started(file, region) as sandbox:
            reads_the_samples(sandbox, f"{region}:{pool}1", region)
            assert signs_in(sandbox, f"{region}:{pool}4") == by_rule
            # The pools of before are still there, and so is what was written.
            assert sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=f"{HERE}:{pool}1")
            assert sandbox.client("dynamodb", region=HERE).get_item(TableName="LabNotes", Key=note)["Item"] == note
            pools: Any = sandbox.client("cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"]
            assert len(pools) == 5


@pytest.mark.slow
def test_accounts_that_were_made_go_along(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.sqlite3"
    with started(file, HERE) as sandbox:
        number, _ = sandbox.make_account()
        reads_the_samples(sandbox, f"{HERE}:5a4db000-0001-c000-8000-{number}", HERE)
    with started(file, THERE) as sandbox:
        public, pool = sandbox.anonymous("cognito-identity"), f"{THERE}:5a4db000-0001-c000-8000-{number}"
        deadline = time.monotonic() + 120
        while not _is_there(public, pool):  # they are seeded behind the first answers
            assert time.monotonic() < deadline
        reads_the_samples(sandbox, pool, THERE)


def _is_there(public: Any, pool: str) -> bool:
    try:
        identity = public.get_id(IdentityPoolId=pool)["IdentityId"]
        return bool(public.get_credentials_for_identity(IdentityId=identity))
    except ClientError:
        return False


@pytest.mark.slow
def test_a_role_that_people_changed_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.sqlite3"
    with started(file, HERE) as sandbox:
        iam = sandbox.client("iam")
        iam.put_role_policy(
            RoleName="LabGuest",
            PolicyName="LabGuestAccess",
            PolicyDocument=json.dumps(allow("s3:ListAllMyBuckets")),
        )
        iam.delete_role_policy(RoleName="LabEngineers", PolicyName="LabEngineersAccess")
        trust = iam.get_role(RoleName="LabAuthenticated")["Role"]["AssumeRolePolicyDocument"]
        trust["Statement"][0]["Sid"] = "Mine"
        iam.update_assume_role_policy(RoleName="LabAuthenticated", PolicyDocument=json.dumps(trust))
    with started(file, THERE) as sandbox:
        iam = sandbox.client("iam")
        assert iam.get_role_policy(RoleName="LabGuest", PolicyName="LabGuestAccess")["PolicyDocument"] == allow(
            "s3:ListAllMyBuckets"
        )
        assert iam.list_role_policies(RoleName="LabEngineers")["PolicyNames"] == []
        assert iam.get_role(RoleName="LabAuthenticated")["Role"]["AssumeRolePolicyDocument"] == trust
        guests = iam.get_role(RoleName="LabGuest")["Role"]["AssumeRolePolicyDocument"]
        audience = guests["Statement"][0]["Condition"]["StringEquals"]["cognito-identity.amazonaws.com:aud"]
        assert audience.split(":")[0] == THERE


@pytest.mark.parametrize("region", ["eu-nowhere-9", "Frankfurt"])
def test_a_region_that_does_not_exist_does_not_start(tmp_path: Path, region: str) -> None:
    with pytest.raises(LookupError, match=f"{region} is no region of AWS"), started(tmp_path / "x.sqlite3", region):
        pass
