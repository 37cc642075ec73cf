"""What a sandbox holds from the start."""

import re
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.endpoint.services import SCHEMAS
from sandbox.aws.samples.content import FILES
from sandbox.aws.samples.products import PRODUCTS
from sandbox.core.config import SandboxConfig
from sandbox.core.facts import CATALOGUE_KEY, IDENTITY_POOLS
from sandbox.core.instance import Instance
from sandbox.idp.sign_in.people import GROUPS
from sandbox.seed import seed_account, seed_home_account
from sandbox.testing import RunningSandbox, running_sandbox
from tests.apart import run_apart
from tests.sandbox.aws.gate.people import Person, hire, refused

POOLS = {
    "us-east-1:5a4db000-0000-c000-8000-000000000001": ("IdentityPoolsLab", True, True, "Lab"),
    "us-east-1:5a4db000-0000-c000-8000-000000000002": ("IdentityPoolsLabNoGuests", False, True, "LabNoGuests"),
    "us-east-1:5a4db000-0000-c000-8000-000000000003": ("IdentityPoolsLabClassicOff", True, False, "LabNoClassic"),
}


@pytest.mark.parametrize("pool_id", POOLS)
def test_the_pools_have_their_ids_settings_and_roles(admin: Person, pool_id: str) -> None:
    identity = admin.client("cognito-identity")
    found = identity.describe_identity_pool(IdentityPoolId=pool_id)
    told = (found["IdentityPoolName"], found["AllowUnauthenticatedIdentities"], found["AllowClassicFlow"])
    *expected, roles = POOLS[pool_id]
    assert told == tuple(expected)
    assert identity.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"] == {
        "authenticated": f"arn:aws:iam::000000000000:role/{roles}Authenticated",
        "unauthenticated": f"arn:aws:iam::000000000000:role/{roles}Guest",
    }


def test_each_role_trusts_one_pool_and_asks_who_comes(admin: Person) -> None:
    by_pool: Counter[str] = Counter()
    pages = admin.client("iam").get_paginator("list_roles").paginate()  # other tests in this sandbox make roles too
    for role in (role for page in pages for role in page["Roles"]):
        if not role["RoleName"].startswith("Lab"):
            continue
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        condition = statement["Condition"]
        assert condition.keys() == {"StringEquals", "ForAnyValue:StringLike"}
        (pool_id,) = condition["StringEquals"].values()
        assert condition["StringEquals"] == {"cognito-identity.amazonaws.com:aud": str(pool_id)}
        assert condition["ForAnyValue:StringLike"]["cognito-identity.amazonaws.com:amr"]
        by_pool[pool_id] += 1
    assert sorted(by_pool.values()) == [2, 2, 5, 7, 8]


def test_a_guest_is_refused_where_guests_are_off(sandbox: RunningSandbox) -> None:
    identity = sandbox.anonymous("cognito-identity")
    code, _, _ = refused(identity.get_id, IdentityPoolId="us-east-1:5a4db000-0000-c000-8000-000000000002")
    assert code == "NotAuthorizedException"


def test_a_signed_in_person_has_a_place_of_their_own(admin: Person) -> None:
    """The role's policy with an identity id in its variables, as a session would have it."""
    iam = admin.client("iam")
    document = iam.get_role_policy(RoleName="LabAuthenticated", PolicyName="LabAuthenticatedAccess")["PolicyDocument"]
    me = "us-east-1:0000"

    def fixed(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("${cognito-identity.amazonaws.com:sub}", me)
        if isinstance(value, list):
            return [fixed(item) for item in value]
        return {key: fixed(item) for key, item in value.items()} if isinstance(value, dict) else value

    person = hire(admin.sandbox, fixed(document["Statement"]), {})
    s3, dynamodb = person.client("s3"), person.client("dynamodb")
    bucket = "identity-pools-lab-private"
    s3.put_object(Bucket=bucket, Key=f"{me}/note.txt", Body=b"x")
    assert s3.list_objects_v2(Bucket=bucket, Prefix=f"{me}/")["KeyCount"] == 1
    assert refused(s3.list_objects_v2, Bucket=bucket)[0] == "AccessDenied"
    assert refused(s3.put_object, Bucket=bucket, Key="another/note.txt", Body=b"x")[0] == "AccessDenied"
    dynamodb.put_item(TableName="LabNotes", Item={"IdentityId": {"S": me}, "NoteId": {"S": "1"}})
    other = {"IdentityId": {"S": "another"}, "NoteId": {"S": "1"}}
    assert refused(dynamodb.put_item, TableName="LabNotes", Item=other)[0] == "AccessDeniedException"
    assert dynamodb.scan(TableName="SampleProducts", Limit=5)["Count"] == 5


@pytest.mark.slow
def test_seeding_again_keeps_what_people_changed(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0)
    pool_id = "us-east-1:5a4db000-0000-c000-8000-000000000001"
    with running_sandbox(config) as sandbox:
        sandbox.client("cognito-identity").update_identity_pool(
            IdentityPoolId=pool_id, IdentityPoolName="Mine", AllowUnauthenticatedIdentities=False
        )
        sandbox.client("iam").update_role(RoleName="LabGuest", Description="mine")
    with running_sandbox(config) as sandbox:
        found = sandbox.client("cognito-identity").describe_identity_pool(IdentityPoolId=pool_id)
        assert (found["IdentityPoolName"], found["AllowUnauthenticatedIdentities"]) == ("Mine", False)
        assert sandbox.client("iam").get_role(RoleName="LabGuest")["Role"]["Description"] == "mine"
        assert sandbox.client("s3").head_object(Bucket="identity-pools-lab-public", Key="product-catalog.pdf")


@pytest.mark.slow
def test_a_learner_has_an_own_account(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, seed=False)

    async def seed_both() -> None:
        instance = Instance(config, SCHEMAS)
        await seed_home_account(instance)
        await seed_account(instance, "123456789012")
        await seed_account(instance, "123456789012")
        instance.close()

    run_apart(seed_both())
    with running_sandbox(config) as sandbox:
        learner = sandbox.client("cognito-identity", access_key="123456789012")
        ids = [pool["IdentityPoolId"] for pool in learner.list_identity_pools(MaxResults=10)["IdentityPools"]]
        assert "us-east-1:5a4db000-0001-c000-8000-123456789012" in ids
        assert len(ids) == len(IDENTITY_POOLS)
        identity = sandbox.anonymous("cognito-identity")
        identity_id = identity.get_id(IdentityPoolId="us-east-1:5a4db000-0001-c000-8000-123456789012")["IdentityId"]
        assert identity.get_credentials_for_identity(IdentityId=identity_id)["Credentials"]


def test_the_catalogue_is_a_sound_pdf() -> None:
    """Each entry of the cross-reference table points at its object, and every product is on a page."""
    content = (FILES / CATALOGUE_KEY).read_bytes()
    start = int(content.rpartition(b"startxref\n")[2].split()[0])
    offsets = [int(line[:10]) for line in content[start:].splitlines() if line.endswith(b" n ")]
    assert len(offsets) > 5
    for number, offset in enumerate(offsets, start=1):
        assert content[offset:].startswith(f"{number} 0 obj".encode())
    streams = re.findall(rb"/Length (\d+) /Filter /FlateDecode >>\nstream\n", content)
    drawn = b""
    position = 0
    for length in streams:
        position = content.index(b"stream\n", content.index(b"/Length " + length, position)) + 7
        drawn += zlib.decompress(content[position : position + int(length)])
    for product in PRODUCTS:
        assert f"({product.name})".encode() in drawn
        assert f"$ {product.price}".encode() in drawn


def test_twenty_products_each_with_a_picture() -> None:
    from lxml import etree

    assert len({product.product_id for product in PRODUCTS}) == 20
    assert {f"pictures/{file.name}" for file in (FILES / "pictures").iterdir()} == {
        product.picture_key for product in PRODUCTS
    }
    for product in PRODUCTS:
        assert etree.fromstring((FILES / product.picture_key).read_bytes()).get("aria-label") == product.name


@pytest.mark.parametrize(
    ("pool", "person", "teams"),
    [
        (1, "ana", []),
        (4, "ana", ["engineers"]),
        (4, "bo", ["finance"]),
        (4, "chidi", ["support"]),
        (4, "grace", None),
        (5, "ana", ["engineers"]),
        (5, "bo", ["finance"]),
        (5, "devi", ["admins", "engineers", "finance", "auditors", "support"]),
        (5, "finn", None),
    ],
)
def test_a_role_reads_its_own_teams_file(
    sandbox: RunningSandbox, pool: int, person: str, teams: list[str] | None
) -> None:
    """`None`: the pool knows no role for the person."""
    cognito, logins = sandbox.anonymous("cognito-identity"), sandbox.logins("userpool", person)
    pool_id = f"us-east-1:5a4db000-0000-c000-8000-{pool:012d}"
    identity = cognito.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    if teams is None:
        assert refused(cognito.get_credentials_for_identity, IdentityId=identity, Logins=logins)[0]
        return
    keys = cognito.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
    s3 = sandbox.client("s3", access_key=keys["AccessKeyId"], secret_key=keys["SecretKey"], token=keys["SessionToken"])
    bucket = "identity-pools-lab-private"
    for team in GROUPS:
        asked = {"Bucket": bucket, "Key": f"teams/{team}/roadmap.txt"}
        if team in teams:
            assert team in s3.get_object(**asked)["Body"].read().decode()
        else:
            assert refused(s3.get_object, **asked)[0] == "AccessDenied"
        assert refused(s3.put_object, **asked, Body=b"x")[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("pool", "person", "role"),
    [
        (1, "chidi", "LabSupport"),
        (1, "grace", "LabSamlUsers"),
        (2, "chidi", "LabNoGuestsAuthenticated"),
        (3, "devi", "LabNoClassicAuthenticated"),
        (4, "chidi", "LabRulesSupport"),
        (4, "grace", None),
        (5, "devi", "LabTokenAuthenticated"),
    ],
)
def test_roles_of_an_assertion_are_the_main_pools(
    sandbox: RunningSandbox, pool: int, person: str, role: str | None
) -> None:
    """The other pools say by a rule which of their own somebody of the company gets."""
    cognito, logins = sandbox.anonymous("cognito-identity"), sandbox.logins("saml", person)
    pool_id = f"us-east-1:5a4db000-0000-c000-8000-{pool:012d}"
    identity = cognito.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    if role is None:
        assert refused(cognito.get_credentials_for_identity, IdentityId=identity, Logins=logins)[0]
        return
    keys = cognito.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
    sts = sandbox.client(
        "sts", access_key=keys["AccessKeyId"], secret_key=keys["SecretKey"], token=keys["SessionToken"]
    )
    assert f"/{role}/" in sts.get_caller_identity()["Arn"]


@pytest.mark.slow
@pytest.mark.parametrize(("pool", "slug"), [(1, "google"), (1, "userpool"), (4, "google"), (5, "oidc")])
def test_nobody_takes_a_teams_role_in_the_basic_flow(sandbox: RunningSandbox, pool: int, slug: str) -> None:
    cognito, logins = sandbox.anonymous("cognito-identity"), sandbox.logins(slug, "ana")
    pool_id = f"us-east-1:5a4db000-0000-c000-8000-{pool:012d}"
    identity = cognito.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    token = cognito.get_open_id_token(IdentityId=identity, Logins=logins)["Token"]
    sts = sandbox.anonymous("sts")
    asked = {"RoleSessionName": "mine", "WebIdentityToken": token}
    own = {1: "Lab", 4: "LabRules", 5: "LabToken"}
    role = "arn:aws:iam::000000000000:role/"
    for team in GROUPS.values():
        for prefix in own.values():
            arn = f"{role}{prefix}{team.kind}"
            assert refused(sts.assume_role_with_web_identity, RoleArn=arn, **asked)[0] == "AccessDenied"
    assert sts.assume_role_with_web_identity(RoleArn=f"{role}{own[pool]}Authenticated", **asked)["Credentials"]
