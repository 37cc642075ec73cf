import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from iampolicy.documents import PolicyRefused, parse_policy
from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox
from tests.sandbox.aws.iam.helpers import TRUST, rights


@pytest.mark.slow
def test_documents_that_would_be_refused_today_go_on_as_they_were_saved(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, seed=False)
    with running_sandbox(config) as sandbox:
        iam = sandbox.client("iam")
        trust = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}]})  # fmt: skip
        role = iam.create_role(RoleName="Old", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        iam.put_role_policy(RoleName="Old", PolicyName="Read", PolicyDocument=rights("iam:ListRoles"))
    old = json.loads(rights("s3:GetObject", "arn:aws:s3::shop/*"))
    old["Statement"].append(json.loads(rights("iam:ListRoles"))["Statement"][0])
    with pytest.raises(PolicyRefused):
        parse_policy(json.dumps(old))
    with closing(sqlite3.connect(config.data_file)) as file, file:
        file.execute("UPDATE iam_role_policy SET document = ?", (json.dumps(old),))
    with running_sandbox(config) as sandbox:
        keys = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="again")["Credentials"]
        caller = sandbox.client(
            "iam", access_key=keys["AccessKeyId"], secret_key=keys["SecretAccessKey"], token=keys["SessionToken"]
        )
        assert caller.list_roles()["Roles"]


@pytest.mark.slow
def test_roles_and_providers_outlive_a_restart(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, seed=False)
    with running_sandbox(config) as sandbox:
        iam = sandbox.client("iam")
        role_id = iam.create_role(RoleName="Kept", AssumeRolePolicyDocument=TRUST)["Role"]["RoleId"]
        iam.put_role_policy(RoleName="Kept", PolicyName="Read", PolicyDocument=rights("s3:GetObject"))
        iam.create_open_id_connect_provider(Url="https://kept.example.com", ClientIDList=["c"])
    with running_sandbox(config) as sandbox:
        iam = sandbox.client("iam")
        assert iam.get_role(RoleName="Kept")["Role"]["RoleId"] == role_id
        assert iam.list_role_policies(RoleName="Kept")["PolicyNames"] == ["Read"]
        assert len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 1
