from pathlib import Path

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox
from tests.sandbox.aws.iam.helpers import TRUST, rights


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
