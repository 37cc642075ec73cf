"""What moto is asked is what was authorised: whatever else a request holds means nothing to either."""

import json
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.testing import RunningSandbox
from tests.sandbox.aws.gate.people import Person, a_table, allow
from tests.sandbox.aws.gate.test_s3_rights import raw
from tests.sandbox.aws.gate.wire import send

Hired = Callable[..., Person]
BUCKET, TABLE = "reader-bucket", "ReaderTable"
PARAMETER = "arn:aws:ssm:us-east-1:000000000000:parameter"


@pytest.fixture(scope="module", autouse=True)
def content(admin: Person) -> Iterator[None]:
    s3, ssm = admin.client("s3"), admin.client("ssm")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="theirs/secret", Body=b"SECRET")
    for name in ("/mine/a", "/theirs/b"):
        ssm.put_parameter(Name=name, Value="SECRET", Type="String", Overwrite=True)
    with a_table(admin.client("dynamodb"), TABLE):
        admin.client("dynamodb").put_item(TableName=TABLE, Item={"pk": {"S": "1"}, "salary": {"S": "SECRET"}})
        yield


def posted(person: Person, service: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    """A POST to `/`, signed by the person with all its headers; `_` of a keyword is `-` of a header, `__` is `_`."""
    names = {name.replace("__", "\0").replace("_", "-").replace("\0", "_"): value for name, value in headers.items()}
    request = AWSRequest("POST", f"{person.sandbox.url}/", data=body, headers=names)
    keys = Credentials(*person.keys.values()) if person.keys else Credentials("test", "test")
    SigV4Auth(keys, service, "us-east-1").add_auth(request)
    return send(request, body)


@pytest.fixture
def reader(hired: Hired) -> Person:
    return hired(allow("s3:*"))


# --- S3 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x-amz-copy_source", "x_amz_copy_source", "x-amz_copy-source", "X_Amz-Copy-Source"])
def test_a_header_with_an_underscore_is_not_taken_for_the_one_with_a_dash(hired: Hired, name: str) -> None:
    person = hired(allow("s3:*", f"arn:aws:s3:::{BUCKET}/mine/*"))
    raw(person, "PUT", f"/{BUCKET}/mine/copy", b"own", headers={name: f"/{BUCKET}/theirs/secret"})
    assert b"SECRET" not in raw(person, "GET", f"/{BUCKET}/mine/copy")[1]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-moto-account-id": "111122223333"},
        {"x-amz-bypass-governance-retention": "false"},
        {"Action": "DeleteBucket"},
        {"tagging": ""},
        {"user-agent": "region/eu-west-1 us-west-2"},
        {"x-amz-target": "Unknown.GetObjectAcl"},
    ],
)
def test_a_header_that_the_operation_does_not_have_changes_nothing(reader: Person, headers: dict[str, str]) -> None:
    status, body = raw(reader, "GET", f"/{BUCKET}/theirs/secret", headers=headers)
    assert (status, body) == (200, b"SECRET")


def test_a_lock_is_not_bypassed_by_a_header_that_says_no(admin: Person, hired: Hired) -> None:
    """Any value of the header was a bypass to moto; to the gate only `true` was, and asked for the right to it."""
    s3, bucket = admin.client("s3"), "reader-locked"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": "2099-01-01T00:00:00Z"}
    version = s3.put_object(Bucket=bucket, Key="kept", Body=b"x", ChecksumAlgorithm="SHA256", **lock)["VersionId"]
    person = hired(allow(["s3:DeleteObject", "s3:DeleteObjectVersion"], f"arn:aws:s3:::{bucket}/*"))
    no = {"x-amz-bypass-governance-retention": "no"}
    raw(person, "DELETE", f"/{bucket}/kept?versionId={version}", headers=no)
    assert s3.head_object(Bucket=bucket, Key="kept", VersionId=version)["ContentLength"] == 1


@pytest.mark.parametrize(
    "query", ["Action=DeleteObject", "foo=1", "x-id=DeleteObject", "partNumber=1&foo", "response-x=1"]
)
def test_a_query_parameter_that_the_operation_does_not_have_changes_nothing(reader: Person, query: str) -> None:
    assert raw(reader, "GET", f"/{BUCKET}/theirs/secret?{query}")[1] == b"SECRET"


def test_a_part_without_a_number_is_no_upload(admin: Person, reader: Person) -> None:
    upload = admin.client("s3").create_multipart_upload(Bucket=BUCKET, Key="parts")["UploadId"]
    status, body = raw(reader, "PUT", f"/{BUCKET}/parts?uploadId={urllib.parse.quote(upload)}", b"part")
    assert status == 400
    assert b"partNumber" in body


def test_names_of_metadata_are_kept_as_they_were_sent(admin: Person) -> None:
    metadata = {"my_key": "1", "my-key": "2", "a.b": "3", "a~b!c": "4"}
    s3 = admin.client("s3")
    s3.put_object(Bucket=BUCKET, Key="named", Body=b"x", Metadata=metadata)
    assert s3.head_object(Bucket=BUCKET, Key="named")["Metadata"] == metadata


# --- JSON services ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["ssm", "dynamodb"])
@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=urlencoded",
        "multipart/form-data; boundary=b",
        "application/json",
    ],
)
def test_a_json_service_speaks_through_its_target_alone(admin: Person, service: str, content_type: str) -> None:
    body = b"Action=PutParameter&Name=/theirs/b&Value=x"
    status, answer = posted(admin, service, body, content_type=content_type)
    assert (status, b"UnknownOperationException" in answer) == (400, True)


@pytest.mark.parametrize(
    "targets",
    [
        {"x__amz__target": "AmazonSSM.GetParameter"},
        {"x_amz_target": "AmazonSSM.GetParameter,AmazonSSM.PutParameter"},
        {"x_amz_target": "DynamoDB_20120810.GetParameter"},
        {"x_amz_target": "Anything.GetParameter"},
        {"x_amz_target": "AmazonSSM.Get.Parameter"},
        {"x_amz_target": ".GetParameter"},
    ],
)
def test_a_target_is_taken_whole_or_not_at_all(admin: Person, targets: dict[str, str]) -> None:
    body = json.dumps({"Name": "/mine/a"}).encode()
    status, answer = posted(admin, "ssm", body, content_type="application/x-amz-json-1.1", **targets)
    assert status in (400, 403)
    assert b"SECRET" not in answer


@pytest.mark.parametrize("service", ["ssm", "dynamodb", "cognito-idp", "cognito-identity"])
def test_compressed_bodies_are_for_s3_alone(admin: Person, service: str) -> None:
    target = {"ssm": "AmazonSSM.DescribeParameters", "dynamodb": "DynamoDB_20120810.ListTables"}.get(service, "x.y")
    status, answer = posted(admin, service, b"{}", x_amz_target=target, content_encoding="gzip")
    assert (status, b"Content-Encoding gzip" in answer) == (400, True)


FOREIGN = [
    ("ssm", "AmazonSSM", "GetParametersByPath", {"Path": "/theirs", "Name": "/mine/a"}),
    ("ssm", "AmazonSSM", "DescribeParameters", {"Name": "/mine/a"}),
    ("ssm", "AmazonSSM", "GetParameter", {"Name": "/theirs/b", "Names": ["/mine/a"], "Path": "/mine"}),
    ("ssm", "AmazonSSM", "ListDocuments", {"Name": "/mine/a"}),
    (
        "ssm",
        "AmazonSSM",
        "AddTagsToResource",
        {"ResourceType": "Document", "ResourceId": "/mine/a", "Name": "/mine/a", "Tags": []},
    ),
]


@pytest.mark.parametrize(("service", "prefix", "operation", "params"), FOREIGN)
def test_a_member_of_another_operation_names_no_resource(
    hired: Hired, service: str, prefix: str, operation: str, params: dict[str, Any]
) -> None:
    person = hired(allow(f"{service}:*", f"{PARAMETER}/mine/*"))
    target = f"{prefix}.{operation}"
    status, answer = posted(person, service, json.dumps(params).encode(), x_amz_target=target)
    assert (status, json.loads(answer)["__type"]) == (400, "AccessDeniedException")


@pytest.mark.parametrize("operation", ["DescribeUserPoolDomain", "ListUserPools", "CreateUserPool"])
def test_an_operation_without_a_pool_is_not_authorised_by_one(admin: Person, hired: Hired, operation: str) -> None:
    mine = admin.client("cognito-idp").create_user_pool(PoolName="mine")["UserPool"]
    person = hired(allow("cognito-idp:*", mine["Arn"]))
    params = {"UserPoolId": mine["Id"], "Domain": "d", "MaxResults": 5, "PoolName": "p"}
    target = f"AWSCognitoIdentityProviderService.{operation}"
    status, answer = posted(person, "cognito-idp", json.dumps(params).encode(), x_amz_target=target)
    assert (status, json.loads(answer)["__type"]) == (400, "AccessDeniedException")


@pytest.mark.parametrize("operation", ["delete_user_pool_domain", "update_user_pool_domain"])
def test_a_domain_belongs_to_the_pool_that_is_named(admin: Person, operation: str) -> None:
    idp = admin.client("cognito-idp")
    mine, theirs = (idp.create_user_pool(PoolName=name)["UserPool"]["Id"] for name in ("mine", "theirs"))
    domain = f"reader-{operation.partition('_')[0]}"
    idp.create_user_pool_domain(UserPoolId=theirs, Domain=domain)
    more = {"CustomDomainConfig": {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/a"}}
    with pytest.raises(idp.exceptions.ResourceNotFoundException):
        getattr(idp, operation)(UserPoolId=mine, Domain=domain, **(more if "update" in operation else {}))
    assert idp.describe_user_pool_domain(Domain=domain)["DomainDescription"]["UserPoolId"] == theirs


def test_names_that_stand_twice_are_read_once(hired: Hired) -> None:
    person = hired(allow("ssm:GetParameter", f"{PARAMETER}/mine/*"))
    body = b'{"Name": "/mine/a", "Name": "/theirs/b"}'
    status, answer = posted(person, "ssm", body, x_amz_target="AmazonSSM.GetParameter")
    assert (status, json.loads(answer)["__type"]) == (400, "AccessDeniedException")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"Name": 3}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"Name": ["/mine/a"]}', "START_ARRAY can not be converted to a String"),
        (b'["Name"]', "START_ARRAY can not be converted to a Structure"),
        (b'{"Name": "\xff"}', "not valid JSON"),
        (b"[" * 5000, "not valid JSON"),
    ],
)
def test_values_of_another_type_are_refused_before_they_are_looked_at(admin: Person, body: bytes, message: str) -> None:
    status, answer = posted(admin, "ssm", body, x_amz_target="AmazonSSM.GetParameter")
    assert (status, json.loads(answer)["__type"]) == (400, "SerializationException")
    assert message in json.loads(answer)["message"]


def test_a_parameter_of_another_account_is_not_read_as_ones_own(admin: Person) -> None:
    ssm = admin.client("ssm")
    for arn in (
        "arn:aws:ssm:us-east-1:111122223333:parameter/mine/a",
        "arn:aws:ssm:eu-west-1:000000000000:parameter/mine/a",
    ):
        with pytest.raises(ssm.exceptions.ParameterNotFound):
            ssm.get_parameter(Name=arn)


@pytest.mark.parametrize("path", ["mine", "mine:1", "/mine:1", "/mine*", "", f"{PARAMETER}/mine"])
def test_a_path_of_parameters_is_one(admin: Person, path: str) -> None:
    body = json.dumps({"Path": path}).encode()
    status, answer = posted(admin, "ssm", body, x_amz_target="AmazonSSM.GetParametersByPath")
    assert (status, json.loads(answer)["__type"]) == (400, "ValidationException")


def test_a_forged_token_beside_ones_own_user_signs_nobody_out(sandbox: RunningSandbox) -> None:
    """The claims of a token were believed because the call that carried it succeeded, for another reason."""
    ours, theirs = (sandbox.client("cognito-idp", access_key=account) for account in ("111122223333", "444455556666"))
    pools = {}
    for client in (ours, theirs):
        pool = client.create_user_pool(PoolName="p")["UserPool"]["Id"]
        client.admin_create_user(UserPoolId=pool, Username="u", MessageAction="SUPPRESS")
        client.admin_set_user_password(UserPoolId=pool, Username="u", Password="Passw0rd!x", Permanent=True)
        pools[client] = pool
    app = ours.create_user_pool_client(
        UserPoolId=pools[ours], ClientName="c", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    key = f"cognito-idp.us-east-1.amazonaws.com/{pools[ours]}"
    identity = sandbox.client("cognito-identity", access_key="111122223333")
    provider = {"ProviderName": key, "ClientId": app, "ServerSideTokenCheck": True}
    identity_pool = identity.create_identity_pool(
        IdentityPoolName="v", AllowUnauthenticatedIdentities=False, CognitoIdentityProviders=[provider]
    )["IdentityPoolId"]
    token = ours.initiate_auth(
        ClientId=app, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "u", "PASSWORD": "Passw0rd!x"}
    )["AuthenticationResult"]["AccessToken"]
    id_token = ours.initiate_auth(
        ClientId=app, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "u", "PASSWORD": "Passw0rd!x"}
    )["AuthenticationResult"]["IdToken"]
    body = json.dumps({"UserPoolId": pools[theirs], "Username": "u", "AccessToken": token}).encode()
    attacker = Person(sandbox, {"access_key": "444455556666", "secret_key": "test", "token": ""})
    target = "AWSCognitoIdentityProviderService.AdminUserGlobalSignOut"
    assert posted(attacker, "cognito-idp", body, x_amz_target=target)[0] == 200
    assert sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=identity_pool, Logins={key: id_token})
