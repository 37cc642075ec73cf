"""Identity pools and identities live in the region of the call that made them."""

import json
import uuid
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from tests.sandbox.lab import Lab, allow, decisions_of, refused, trust
from tests.sandbox.signing import signed_json
from tests.sandbox.wire import send

HERE, THERE = "us-east-1", "eu-west-1"


def new_pool(lab: Lab, region: str, **settings: object) -> str:
    made = lab.client("cognito-identity", region).create_identity_pool(
        IdentityPoolName=f"of {region}", AllowUnauthenticatedIdentities=True, **settings
    )
    return str(made["IdentityPoolId"])


def test_a_pool_is_in_the_region_that_the_signature_names(lab: Lab) -> None:
    here, there = new_pool(lab, HERE), new_pool(lab, THERE)
    assert here.startswith(f"{HERE}:")
    assert there.startswith(f"{THERE}:")
    for region, pool in ((HERE, here), (THERE, there)):
        listed = lab.client("cognito-identity", region).list_identity_pools(MaxResults=60)["IdentityPools"]
        assert [one["IdentityPoolId"] for one in listed] == [pool]


def test_pages_of_pools_hold_those_of_the_region(lab: Lab) -> None:
    wanted = []
    for _ in range(3):
        new_pool(lab, HERE)
        wanted.append(new_pool(lab, THERE))
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = lab.client("cognito-identity", THERE).list_identity_pools(MaxResults=2, **more)
        found += [one["IdentityPoolId"] for one in page["IdentityPools"]]
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert found == wanted


@pytest.mark.parametrize(
    "operation",
    [
        "describe_identity_pool", "delete_identity_pool", "get_identity_pool_roles", "list_identities",
        "set_identity_pool_roles", "update_identity_pool", "lookup_developer_identity",
    ],
)  # fmt: skip
def test_a_pool_of_another_region_is_not_there(lab: Lab, operation: str) -> None:
    pool = new_pool(lab, THERE, DeveloperProviderName="login.example")
    more: dict[str, dict[str, Any]] = {
        "list_identities": {"MaxResults": 1},
        "set_identity_pool_roles": {"Roles": {}},
        "update_identity_pool": {"IdentityPoolName": "mine", "AllowUnauthenticatedIdentities": False},
        "lookup_developer_identity": {"DeveloperUserIdentifier": "ana"},
    }
    with pytest.raises(ClientError) as error:
        getattr(lab.pools, operation)(IdentityPoolId=pool, **more.get(operation, {}))
    assert refused(error.value)[:2] == (400, "ResourceNotFoundException")
    assert refused(error.value)[2] == f"IdentityPool '{pool}' not found."
    assert lab.client("cognito-identity", THERE).describe_identity_pool(IdentityPoolId=pool)


def test_tags_are_asked_for_where_the_pool_is(lab: Lab) -> None:
    pool = new_pool(lab, THERE, IdentityPoolTags={"team": "red"})
    arn = f"arn:aws:cognito-identity:{THERE}:{lab.account}:identitypool/{pool}"
    there = lab.client("cognito-identity", THERE)
    assert there.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "red"}
    for client, other in ((lab.pools, arn), (there, arn.replace(f":{THERE}:{lab.account}", f":{HERE}:{lab.account}"))):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            client.list_tags_for_resource(ResourceArn=other)


def test_a_guest_of_another_region_needs_no_client_of_that_region(lab: Lab) -> None:
    """Calls without a signature say by the pool's or the identity's ID where they belong."""
    pool = new_pool(lab, THERE)
    role = lab.role("ThereGuest", trust(pool, "unauthenticated"), allow("s3:*"))
    lab.client("cognito-identity", THERE).set_identity_pool_roles(IdentityPoolId=pool, Roles={"unauthenticated": role})
    identity = lab.guest(pool)
    assert identity.startswith(f"{THERE}:")
    keys = lab.public.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    for region in (HERE, THERE, "ap-southeast-2"):
        me = lab.with_credentials("sts", keys, region).get_caller_identity()
        assert me["Arn"].endswith("ThereGuest/CognitoIdentityCredentials")
    token = lab.public.get_open_id_token(IdentityId=identity)["Token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["https://cognito-identity.amazonaws.com/identity-pool-arn"] == (
        f"arn:aws:cognito-identity:{THERE}:{lab.account}:identitypool/{pool}"
    )
    assumed = lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="basic", WebIdentityToken=token)
    assert assumed["SubjectFromWebIdentityToken"] == identity


def test_at_the_host_of_another_region_neither_pool_nor_identity_is_found(lab: Lab) -> None:
    pool = new_pool(lab, THERE)
    identity = lab.guest(pool)
    for target, body in (("GetId", {"IdentityPoolId": pool}), ("GetOpenIdToken", {"IdentityId": identity})):
        for region, status in ((HERE, 400), (THERE, 200)):
            answer = send(
                lab.sandbox,
                "POST",
                "/",
                json.dumps(body).encode(),
                {
                    "Host": f"cognito-identity.{region}.amazonaws.com",
                    "Content-Type": "application/x-amz-json-1.1",
                    "X-Amz-Target": f"AWSCognitoIdentityService.{target}",
                },
            )
            assert answer.status == status
            if status == 400:
                assert answer.json["__type"] == "ResourceNotFoundException"


def test_an_identity_is_described_in_its_own_region_only(lab: Lab) -> None:
    identity = lab.guest(new_pool(lab, THERE))
    assert lab.client("cognito-identity", THERE).describe_identity(IdentityId=identity)["IdentityId"] == identity
    with pytest.raises(ClientError) as error:
        lab.pools.describe_identity(IdentityId=identity)
    assert refused(error.value)[1:] == ("ResourceNotFoundException", f"Identity '{identity}' not found.")
    left = lab.pools.delete_identities(IdentityIdsToDelete=[identity])["UnprocessedIdentityIds"]
    assert left == [{"IdentityId": identity, "ErrorCode": "AccessDenied"}]


def test_a_pinned_id_is_one_of_the_region(lab: Lab) -> None:
    pinned = f"{THERE}:{uuid.uuid4()}"
    with pytest.raises(ClientError) as error:
        new_pool(lab, HERE, IdentityPoolTags={"sandbox:custom-id": pinned})
    assert refused(error.value)[1:] == (
        "InvalidParameterException",
        f"'{pinned}' cannot be the id of an identity pool in {HERE}.",
    )
    assert new_pool(lab, THERE, IdentityPoolTags={"sandbox:custom-id": pinned}) == pinned
    assert lab.guest(pinned)


def test_developers_vouch_in_the_region_of_the_pool(lab: Lab) -> None:
    pool = new_pool(lab, THERE, DeveloperProviderName="login.example")
    asked = {"IdentityPoolId": pool, "Logins": {"login.example": "ana"}}
    made = lab.client("cognito-identity", THERE).get_open_id_token_for_developer_identity(**asked)
    assert made["IdentityId"].startswith(f"{THERE}:")
    with pytest.raises(ClientError, match="not found"):
        lab.pools.get_open_id_token_for_developer_identity(**asked)
    found = lab.client("cognito-identity", THERE).list_identities(IdentityPoolId=pool, MaxResults=5)["Identities"]
    assert [one["IdentityId"] for one in found] == [made["IdentityId"]]


def test_a_region_that_does_not_exist_is_refused_in_the_words_of_aws(lab: Lab) -> None:
    for region in ("eu-nowhere-9", "us-gov-west-1", "aws-global", "Frankfurt"):
        request = signed_json(
            lab.sandbox,
            "AWSCognitoIdentityService.ListIdentityPools",
            b'{"MaxResults": 1}',
            "cognito-identity",
            region=region,
        )
        answer = request.send(lab.sandbox)
        assert (answer.status, answer.json["__type"]) == (400, "InvalidSignatureException")
        assert answer.json["message"] == f"Credential should be scoped to a valid region, not '{region}'. "


def test_policies_name_pools_with_their_region(lab: Lab) -> None:
    here, there = new_pool(lab, HERE), new_pool(lab, THERE)
    arn = f"arn:aws:cognito-identity:{THERE}:{lab.account}:identitypool/*"
    account = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    role = lab.role("OfEurope", {"Version": "2012-10-17", "Statement": [account]},
                    allow("cognito-identity:DescribeIdentityPool", resource=arn))  # fmt: skip
    keys = lab.client("sts").assume_role(RoleArn=role, RoleSessionName="xx")["Credentials"]
    assert lab.with_credentials("cognito-identity", keys, THERE).describe_identity_pool(IdentityPoolId=there)
    with pytest.raises(ClientError) as error:
        lab.with_credentials("cognito-identity", keys).describe_identity_pool(IdentityPoolId=here)
    assert refused(error.value)[1] == "AccessDeniedException"
    assert decisions_of(error.value.response)[-1]["code"] == "policy.identity"


def test_the_limits_of_guests_are_those_of_the_pools_region(lab: Lab) -> None:
    """In regions that accounts opt into, a guest's inline session policy has a few services less."""
    for region, allowed in ((THERE, True), ("eu-south-1", False)):
        pool = new_pool(lab, region)
        role = lab.role(f"Guest-{region}", trust(pool, "unauthenticated"), allow("*"))
        client = lab.client("cognito-identity", region)
        client.set_identity_pool_roles(IdentityPoolId=pool, Roles={"unauthenticated": role})
        keys = lab.public.get_credentials_for_identity(IdentityId=lab.guest(pool))["Credentials"]
        with pytest.raises(ClientError) as error:
            lab.with_credentials("textract", keys, THERE).detect_document_text(Document={"Bytes": b"x"})
        # Textract is not emulated; who gets that far was allowed.
        assert (refused(error.value)[1] == "NotImplemented") == allowed
