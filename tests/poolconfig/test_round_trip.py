"""A pool imported from AWS, changed, exported and deployed again: every caller gets the same by the same decisions."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint

from poolconfig.cli import cli
from poolconfig.cloudformation import cloudformation
from poolconfig.document import Document
from poolconfig.reading import read_pool
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.cloudformation.deployer import Deployer
from tests.cloudformation.template import Template
from tests.poolconfig.callers import Place, outcomes
from tests.poolconfig.real_pool import GOOGLE, RealPool

X_SECRET = "consumerSecret"  # what the pool has at AWS, and no document
Deploy = Callable[[Document, RunningSandbox], Place]


@pytest.fixture
def fresh(tmp_path: Path) -> Any:
    """An empty AWS account in a sandbox of its own."""
    with running_sandbox(SandboxConfig(data_file=tmp_path / "fresh.sqlite3", port=0, seed=False)) as sandbox:
        yield sandbox


@pytest.fixture
def changed(lab: RunningSandbox, as_read: Document, real: Place) -> Place:
    """A copy of its own, in which a rule, a trust policy and a group are not as they were."""
    answer = lab.switch("pools", {"action": "import", "document": as_read, "remap": True})
    new = answer["remapped"]
    pool = replace(
        real.pool,
        account=new[real.pool.account],
        pool_id=answer["pool"],
        user_pool=new[real.pool.user_pool],
        client=new[real.pool.client],
        oidc_arn=real.pool.oidc_arn.replace(real.pool.account, new[real.pool.account]),
        saml_arn=real.pool.saml_arn.replace(real.pool.account, new[real.pool.account]),
    )
    place = Place(lab, answer["SecretAccessKey"], pool)
    _change(place)
    return place


def _change(place: Place) -> None:
    cognito, iam, pool = place.client("cognito-identity"), place.client("iam"), place.pool
    roles = cognito.get_identity_pool_roles(IdentityPoolId=pool.pool_id)
    rules = roles["RoleMappings"][pool.oidc_arn]
    rules["AmbiguousRoleResolution"] = "AuthenticatedRole"
    rules["RulesConfiguration"]["Rules"][0]["Value"] = "guest"
    cognito.set_identity_pool_roles(
        IdentityPoolId=pool.pool_id, Roles=roles["Roles"], RoleMappings=roles["RoleMappings"]
    )
    trust = iam.get_role(RoleName="Members")["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Condition"]["ForAnyValue:StringLike"]["cognito-identity.amazonaws.com:amr"] = GOOGLE
    iam.update_assume_role_policy(RoleName="Members", PolicyDocument=json.dumps(trust))
    place.client("cognito-idp").update_group(
        UserPoolId=pool.user_pool, GroupName="readers", RoleArn=pool.role_arn("Editors")
    )


def place_of(sandbox: RunningSandbox, pool_id: str) -> Place:
    """The pool as it was deployed in the home account, its issuers played."""
    account = sandbox.config.account_id
    place = Place(sandbox, "test", _found(sandbox, account, pool_id))
    place.switch("pools", {"action": "play", "pool": pool_id})
    return place


def _found(sandbox: RunningSandbox, account: str, pool_id: str) -> RealPool:
    pool = sandbox.client("cognito-identity").describe_identity_pool(IdentityPoolId=pool_id)
    (entry,) = pool["CognitoIdentityProviders"]
    (oidc,), (saml,) = pool["OpenIdConnectProviderARNs"], pool["SamlProviderARNs"]
    user_pool = entry["ProviderName"].rpartition("/")[2]
    return RealPool(account, pool_id, user_pool, entry["ClientId"], oidc, saml)


def by_cloudformation(document: Document, sandbox: RunningSandbox) -> Place:
    account = sandbox.config.account_id
    deployer = Deployer(sandbox.client, "us-east-1", account, "shop")
    outputs = deployer.deploy(Template(cloudformation(document).text), {"XConsumerSecret": X_SECRET})
    return place_of(sandbox, outputs["IdentityPoolId"])


def by_cli(document: Document, sandbox: RunningSandbox) -> Place:
    told = run_script(cli(document).text, sandbox, X_CONSUMER_SECRET=X_SECRET)
    assert told.returncode == 0, told.stderr
    return place_of(sandbox, told.stdout.strip().removeprefix("identity pool: "))


def run_script(text: str, sandbox: RunningSandbox, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "AWS_ENDPOINT_URL": sandbox.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        **more,
    }
    return subprocess.run(["sh", "-c", text], env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("deploy", [by_cloudformation, by_cli])
def test_what_was_imported_changed_and_exported_decides_alike_where_it_is_deployed(
    changed: Place, imported: Place, fresh: RunningSandbox, deploy: Deploy
) -> None:
    document = read_pool(changed.clients(), changed.pool.pool_id)
    again = deploy(document, fresh)
    expected = outcomes(changed)
    assert outcomes(again) == expected
    assert expected != outcomes(imported)  # and the change is one that callers notice


@pytest.mark.slow
@pytest.mark.parametrize("deploy", [by_cloudformation, by_cli])
def test_what_was_deployed_reads_like_what_was_exported(
    as_read: Document, fresh: RunningSandbox, deploy: Deploy
) -> None:
    again = deploy(as_read, fresh)
    read = read_pool(again.clients(), again.pool.pool_id)
    assert _without_ids(read) == _without_ids(as_read)


def _without_ids(document: Document) -> Any:
    """With a word in place of each ID that is new where the pool is made again; lists of things in one order."""
    text = json.dumps({**document, "iamRoles": sorted(document["iamRoles"], key=lambda role: role["RoleName"])})
    names = {document["identityPool"]["IdentityPoolId"]: "POOL", document["account"]: "ACCOUNT"}
    for pool in document["userPools"]:
        names |= {pool["Id"]: "USER-POOL"} | {client["ClientId"]: "CLIENT" for client in pool["Clients"]}
    names |= {role["RoleId"]: role["RoleName"] for role in document["iamRoles"]}
    for old, new in names.items():
        text = text.replace(old, new)
    return json.loads(text)


@pytest.mark.slow
def test_the_template_is_one_without_a_complaint(as_read: Document) -> None:
    written = cloudformation(as_read)
    assert lint(written.text) == []
    assert X_SECRET not in written.text
    assert as_read["account"] not in written.text
    assert as_read["identityPool"]["IdentityPoolId"] not in written.text


def test_a_template_that_is_too_long_for_a_request_says_so(document: Document) -> None:
    provider = document["samlProviders"][0]
    provider["SAMLMetadataDocument"] = provider["SAMLMetadataDocument"].replace("<!--", f"<!--{'x' * 60_000}")
    written = cloudformation(document)
    assert written.notes == ("The template has more than 51200 bytes: deploy it with --s3-bucket BUCKET.",)
    assert "\n" not in written.text.strip()


@pytest.mark.slow
def test_the_script_stops_where_it_is_not_told_the_secret(as_read: Document, fresh: RunningSandbox) -> None:
    told = run_script(cli(as_read).text, fresh)
    assert told.returncode != 0
    assert "the consumer secret of the application at X" in told.stderr
    assert fresh.client("iam").list_roles()["Roles"] == []
