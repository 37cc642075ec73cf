"""The AWS CLI against the sandbox, as its own documentation tells people to use it."""

import json
from pathlib import Path

import pytest

from tests.clients.conftest import LAB_POOL, NO_GUESTS_POOL, Aws, Member, OpenIdProvider

pytestmark = pytest.mark.slow

BUCKET = "identity-pools-lab-public"
GUEST_ROLE = "arn:aws:iam::000000000000:role/LabGuest"


def environment(credentials: dict[str, str]) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials.get("SecretKey") or credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }


def test_a_guest_gets_credentials_in_the_enhanced_flow_and_lists_the_bucket(aws: Aws) -> None:
    identity = aws("cognito-identity", "get-id", "--identity-pool-id", LAB_POOL)["IdentityId"]
    answer = aws("cognito-identity", "get-credentials-for-identity", "--identity-id", identity)
    listing = aws("s3", "ls", f"s3://{BUCKET}", credentials=environment(answer["Credentials"]))
    assert "product-catalog.pdf" in listing


def test_a_guest_gets_credentials_in_the_basic_flow_and_may_not_write(aws: Aws) -> None:
    identity = aws("cognito-identity", "get-id", "--identity-pool-id", LAB_POOL)["IdentityId"]
    token = aws("cognito-identity", "get-open-id-token", "--identity-id", identity)["Token"]
    answer = aws(
        "sts", "assume-role-with-web-identity",
        "--role-arn", GUEST_ROLE, "--role-session-name", "from-the-cli", "--web-identity-token", token,
    )  # fmt: skip
    assert answer["AssumedRoleUser"]["Arn"].endswith("assumed-role/LabGuest/from-the-cli")
    mine = environment(answer["Credentials"])
    assert aws("sts", "get-caller-identity", credentials=mine)["Arn"] == answer["AssumedRoleUser"]["Arn"]
    refused = aws("s3", "cp", __file__, f"s3://{BUCKET}/mine.txt", credentials=mine, check=False)
    assert "AccessDenied" in refused
    assert "no identity-based policy allows the s3:PutObject action" in refused


def test_a_pool_without_guests_refuses_in_the_words_of_the_service(aws: Aws) -> None:
    refused = aws("cognito-identity", "get-id", "--identity-pool-id", NO_GUESTS_POOL, check=False)
    assert "NotAuthorizedException" in refused
    assert "Unauthenticated access is not supported for this identity pool." in refused


def test_every_command_of_identity_pools(aws: Aws, member_pool: Member, openid_provider: OpenIdProvider) -> None:
    seen: set[str] = set()

    def cognito(command: str, *arguments: str) -> dict[str, object]:
        seen.add(command)
        answer: dict[str, object] = aws("cognito-identity", command, *arguments) or {}
        return answer

    made = cognito("create-identity-pool", "--identity-pool-name", "FromTheCli", "--allow-unauthenticated-identities",
                   "--developer-provider-name", "login.example.cli")  # fmt: skip
    pool = ("--identity-pool-id", str(made["IdentityPoolId"]))
    assert cognito("describe-identity-pool", *pool)["DeveloperProviderName"] == "login.example.cli"
    assert str(made["IdentityPoolId"]) in json.dumps(cognito("list-identity-pools", "--max-results", "60"))
    cognito("update-identity-pool", *pool, "--identity-pool-name", "Renamed", "--allow-unauthenticated-identities",
            "--developer-provider-name", "login.example.cli")  # fmt: skip
    cognito("set-identity-pool-roles", *pool, "--roles", f"authenticated={member_pool.role_arn}")
    assert cognito("get-identity-pool-roles", *pool)["Roles"] == {"authenticated": member_pool.role_arn}

    arn = ("--resource-arn", f"arn:aws:cognito-identity:us-east-1:000000000000:identitypool/{made['IdentityPoolId']}")
    cognito("tag-resource", *arn, "--tags", "team=lab")
    assert cognito("list-tags-for-resource", *arn)["Tags"] == {"team": "lab"}
    cognito("untag-resource", *arn, "--tag-keys", "team")

    members = ("--identity-pool-id", member_pool.pool_id)
    provider = ("--identity-provider-name", member_pool.provider_arn)
    cognito("set-principal-tag-attribute-map", *members, *provider, "--principal-tags", "person=sub")
    assert cognito("get-principal-tag-attribute-map", *members, *provider)["PrincipalTags"] == {"person": "sub"}

    logins = ("--logins", json.dumps({openid_provider.logins_key: openid_provider.token("cli")}))
    identity = ("--identity-id", str(cognito("get-id", *members, *logins)["IdentityId"]))
    assert cognito("describe-identity", *identity)["Logins"] == [openid_provider.logins_key]
    assert cognito("get-credentials-for-identity", *identity, *logins)["IdentityId"] == identity[1]
    assert cognito("get-open-id-token", *identity, *logins)["IdentityId"] == identity[1]
    assert identity[1] in json.dumps(cognito("list-identities", *members, "--max-results", "60"))
    cognito("unlink-identity", *identity, *logins, "--logins-to-remove", openid_provider.logins_key)

    first, second = (
        cognito("get-open-id-token-for-developer-identity", *pool, "--logins", f"login.example.cli={person}")
        for person in ("ana", "bo")
    )
    found = cognito("lookup-developer-identity", *pool, "--developer-user-identifier", "ana")
    assert found["IdentityId"] == first["IdentityId"]
    merged = cognito("merge-developer-identities", *pool, "--developer-provider-name", "login.example.cli",
                     "--source-user-identifier", "ana", "--destination-user-identifier", "bo")  # fmt: skip
    assert merged["IdentityId"] == second["IdentityId"]
    cognito("unlink-developer-identity", *pool, "--identity-id", str(second["IdentityId"]),
            "--developer-provider-name", "login.example.cli", "--developer-user-identifier", "ana")  # fmt: skip
    cognito("delete-identities", "--identity-ids-to-delete", identity[1])
    cognito("delete-identity-pool", *pool)

    assert len(seen) == 23


def test_two_regions_side_by_side(aws: Aws, tmp_path: Path) -> None:
    """As a class in Europe begins, and one in the States beside it."""
    pools, there = {}, "eu-west-1"
    for region in ("us-east-1", there):
        assert aws("sts", "get-caller-identity", region=region)["Account"] == "000000000000"
        assert aws("iam", "get-role", "--role-name", "LabGuest", region=region)["Role"]["Arn"] == GUEST_ROLE
        made = aws("cognito-identity", "create-identity-pool", "--identity-pool-name", "TwoRegions",
                   "--allow-unauthenticated-identities", region=region)  # fmt: skip
        pools[region] = made["IdentityPoolId"]
        assert pools[region].startswith(f"{region}:")
        aws("dynamodb", "create-table", "--table-name", "TwoRegions", "--billing-mode", "PAY_PER_REQUEST",
            "--attribute-definitions", "AttributeName=pk,AttributeType=S",
            "--key-schema", "AttributeName=pk,KeyType=HASH", region=region)  # fmt: skip
        aws("dynamodb", "put-item", "--table-name", "TwoRegions", "--item", json.dumps({"pk": {"S": region}}),
            region=region)  # fmt: skip
        aws("ssm", "put-parameter", "--name", "/two/regions", "--value", region, "--type", "String", region=region)
        aws("s3", "mb", f"s3://two-regions-{region}", region=region)
    for region in ("us-east-1", there):
        listed = aws("cognito-identity", "list-identity-pools", "--max-results", "60", region=region)["IdentityPools"]
        names = {one["IdentityPoolId"] for one in listed if one["IdentityPoolName"] == "TwoRegions"}
        assert names == {pools[region]}
        items = aws("dynamodb", "scan", "--table-name", "TwoRegions", region=region)["Items"]
        assert items == [{"pk": {"S": region}}]
        found = aws("ssm", "get-parameter", "--name", "/two/regions", region=region)["Parameter"]
        assert (found["Value"], found["ARN"].split(":")[3]) == (region, region)
    # Buckets are found from the other region.
    paper = tmp_path / "paper.txt"
    paper.write_text("hello")
    aws("s3", "cp", str(paper), f"s3://two-regions-{there}/paper.txt", region="us-east-1")
    assert "paper.txt" in aws("s3", "ls", f"s3://two-regions-{there}", region="us-east-1")
    assert aws("s3", "cp", f"s3://two-regions-{there}/paper.txt", "-", region="ap-south-1").strip() == "hello"
    refused = aws("cognito-identity", "describe-identity-pool", "--identity-pool-id", pools[there], check=False)
    assert "ResourceNotFoundException" in refused
    assert aws("cognito-identity", "get-id", "--identity-pool-id", pools[there], region="us-east-1")
    unknown = aws("sts", "get-caller-identity", region="eu-nowhere-9", check=False)
    assert "Credential should be scoped to a valid region, not 'eu-nowhere-9'" in unknown
