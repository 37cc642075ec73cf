"""Clients that DNS or a proxy leads here know the sandbox by the host names of AWS's services."""

import itertools
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.core.config import SandboxConfig
from sandbox.core.http import Site
from sandbox.server.hosts import HostNames, aws_site
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.signing import signed_json, signed_query
from tests.sandbox.wire import send

POOL = "us-east-1:5a4db000-0000-c000-8000-000000000001"
SESSION = boto3.session.Session()
SERVICES = ("cognito-identity", "cognito-idp", "sts", "iam", "s3", "dynamodb", "dynamodbstreams", "ssm")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    config = SandboxConfig(data_file=tmp_path_factory.mktemp("hosts") / "sandbox.sqlite3", port=0)
    with running_sandbox(config, log_requests=True) as sandbox:
        yield sandbox


@pytest.fixture
def dns(seeded: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> RunningSandbox:
    """Every name of AWS's is this sandbox, as a resolver of one's own would have it."""
    port, resolve = urlsplit(seeded.url).port, socket.getaddrinfo

    def here(host: Any, _port: Any, *more: Any, **named: Any) -> Any:
        is_aws = isinstance(host, str) and host.endswith((".amazonaws.com", ".api.aws", ".amazoncognito.com"))
        return resolve("127.0.0.1" if is_aws else host, port if is_aws else _port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    return seeded


def client(service: str, keys: Any = None, **config: Any) -> Any:
    """A client that was given no endpoint; without TLS, which a proxy would end."""
    region = config.pop("region_name", "us-east-1")
    signed = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    if keys:
        signed = {f"aws_{name}": value for name, value in keys.items()}
    return SESSION.client(
        service, region, use_ssl=False, config=Config(retries={"total_max_attempts": 1}, **config), **signed
    )


@pytest.mark.slow
def test_a_guests_exchange_without_an_endpoint(dns: RunningSandbox) -> None:
    cognito = client("cognito-identity", signature_version=UNSIGNED)
    identity = cognito.get_id(IdentityPoolId=POOL)["IdentityId"]
    keys = cognito.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    own = {
        "access_key_id": keys["AccessKeyId"],
        "secret_access_key": keys["SecretKey"],
        "session_token": keys["SessionToken"],
    }
    for style in ("virtual", "path"):
        s3 = client("s3", own, s3={"addressing_style": style}, signature_version="s3v4")
        body = s3.get_object(Bucket="identity-pools-lab-public", Key="product-catalog.pdf")["Body"]
        assert body.read(5) == b"%PDF-"
    assert client("dynamodb", own).get_item(TableName="SampleProducts", Key={"ProductId": {"S": "none"}})
    assert ":assumed-role/" in client("sts", own).get_caller_identity()["Arn"]
    hosts = {request.headers["host"] for request in dns.requests}
    assert {"cognito-identity.us-east-1.amazonaws.com", "identity-pools-lab-public.s3.amazonaws.com"} <= hosts


@pytest.mark.parametrize("form", ["use_dualstack_endpoint", "use_fips_endpoint"])
def test_other_forms_of_the_names(dns: RunningSandbox, form: str) -> None:
    more = {form: True}
    assert client("sts", **more).get_caller_identity()["Account"] == "000000000000"
    assert client("iam", **more).list_roles(MaxItems=1)["Roles"]
    s3 = client("s3", **more, signature_version="s3v4", s3={"addressing_style": "virtual"})
    assert s3.head_bucket(Bucket="identity-pools-lab-public")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_another_region_is_another_place(dns: RunningSandbox) -> None:
    cognito = client("cognito-identity", region_name="eu-west-1", signature_version=UNSIGNED)
    with pytest.raises(ClientError, match=f"IdentityPool '{POOL}' not found."):
        cognito.get_id(IdentityPoolId=POOL)
    there = client("cognito-identity", region_name="eu-west-1")
    made = there.create_identity_pool(IdentityPoolName="there", AllowUnauthenticatedIdentities=True)
    assert cognito.get_id(IdentityPoolId=made["IdentityPoolId"])["IdentityId"].startswith("eu-west-1:")
    hosts = {request.headers["host"] for request in dns.requests}
    assert "cognito-identity.eu-west-1.amazonaws.com" in hosts


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_buckets_of_other_regions_are_found_by_the_hosts_of_s3(dns: RunningSandbox, style: str) -> None:
    bucket = f"of-ireland-{style}"
    there = client("s3", region_name="eu-west-1")
    there.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for region in ("us-east-1", "eu-central-1"):
        s3 = client("s3", region_name=region, s3={"addressing_style": style})
        s3.put_object(Bucket=bucket, Key="a", Body=region.encode())
        assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == region.encode()
    hosts = {request.headers["host"] for request in dns.requests}
    assert f"{bucket}.s3.eu-west-1.amazonaws.com" in hosts or style == "path"


def at(sandbox: RunningSandbox, host: str, path: str, accept: str = "*/*") -> Any:
    return send(sandbox, "GET", path, headers={"Host": host, "Accept": accept})


@pytest.mark.slow
def test_pages_that_aws_has_at_these_names(seeded: RunningSandbox) -> None:
    keys = at(seeded, "cognito-idp.us-east-1.amazonaws.com", "/us-east-1_LabPool01/.well-known/jwks.json")
    assert keys.json["keys"]
    pool = seeded.client("cognito-idp").create_user_pool(PoolName="other")["UserPool"]["Id"]
    assert at(seeded, "cognito-idp.us-east-1.amazonaws.com", f"/{pool}/.well-known/jwks.json").json["keys"]
    issuer = at(seeded, "cognito-identity.amazonaws.com", "/.well-known/openid-configuration")
    assert issuer.json["issuer"] == "https://cognito-identity.amazonaws.com"
    login = at(seeded, "identity-pools-lab.auth.us-east-1.amazoncognito.com", "/login?client_id=none")
    assert login.headers["x-stand-in"]
    assert at(seeded, "elsewhere.auth.us-east-1.amazoncognito.com", "/login").status == 404


def test_the_sandboxs_own_pages_are_not_at_these_names(seeded: RunningSandbox) -> None:
    for path in ("/_sandbox/health", "/idp/", "/"):
        assert at(seeded, "s3.us-east-1.amazonaws.com", path, "text/html").status == 403


def test_host_and_operation_must_be_of_one_service(seeded: RunningSandbox) -> None:
    host = {"Host": "dynamodb.us-east-1.amazonaws.com"}
    target = "AWSCognitoIdentityService.ListIdentityPools"
    json_call = signed_json(seeded, target, b'{"MaxResults": 1}', "cognito-identity")
    json_call.headers |= host
    assert json_call.send(seeded).json["__type"] == "UnknownOperationException"
    query = signed_query(seeded)
    query.headers["Host"] = "iam.amazonaws.com"
    assert b"<Code>InvalidAction</Code>" in query.send(seeded).body
    scope = signed_query(seeded, service="sts", body=b"Action=ListRoles&Version=2010-05-08")
    scope.headers["Host"] = "iam.amazonaws.com"
    assert b"Credential should be scoped to correct service: 'iam'" in scope.send(seeded).body


@pytest.mark.slow
def test_every_endpoint_that_botocore_knows_is_read() -> None:
    session = botocore.session.Session()
    for service, region in itertools.product(SERVICES, ("us-east-1", "eu-west-3", "cn-north-1", "us-gov-west-1")):
        for fips, dual in itertools.product((False, True), repeat=2):
            made = session.create_client(
                service,
                region_name=region,
                aws_access_key_id="a",
                aws_secret_access_key="b",
                config=Config(use_fips_endpoint=fips, use_dualstack_endpoint=dual),
            )
            site = aws_site(urlsplit(made.meta.endpoint_url).hostname or "")
            assert site is not None, made.meta.endpoint_url
            assert site.service == ("dynamodb" if service == "dynamodbstreams" else service)
            assert site.region in ("", region)


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("a.b.s3.us-east-1.amazonaws.com", Site("s3", "us-east-1", "a.b")),
        ("bucket.s3.amazonaws.com", Site("s3", "", "bucket")),
        ("bucket.s3-us-west-2.amazonaws.com", Site("s3", "us-west-2", "bucket")),
        ("bucket.s3-fips.dualstack.us-gov-west-1.amazonaws.com", Site("s3", "us-gov-west-1", "bucket")),
        ("123456789012.ddb.us-east-1.amazonaws.com", Site("dynamodb", "us-east-1")),
        ("p.auth.us-east-1.amazoncognito.com", Site(region="us-east-1", login="p.auth.us-east-1.amazoncognito.com")),
        ("bucket.s3-website-us-east-1.amazonaws.com", None),
        ("cognito-identity.eusc-de-east-1.amazonaws.eu", Site("cognito-identity", "eusc-de-east-1")),
        ("bucket.s3.dualstack.eusc-de-east-1.api.amazonwebservices.eu", Site("s3", "eusc-de-east-1", "bucket")),
        ("sts.eusc-de-east-1.amazonaws.com", None),
        ("sts.eu-west-1.amazonaws.eu", None),
        ("s3.us-east-1.amazonaws.com.cn", None),
        ("sts.cn-north-1.amazonaws.com", None),
        ("ec2-192-0-2-1.compute-1.amazonaws.com", None),
        ("sts.us-east-1.amazonaws.com.elsewhere.example", None),
        ("evilsts.amazonaws.com", None),
    ],
)
def test_names_as_aws_gives_them_out(host: str, site: Site | None) -> None:
    assert aws_site(host) == site


def test_services_that_are_not_served_have_no_name(tmp_path_factory: pytest.TempPathFactory) -> None:
    names = HostNames(SandboxConfig(data_file=tmp_path_factory.mktemp("none") / "x", services=("s3",)))
    assert names.site("ssm.us-east-1.amazonaws.com") is None
    assert names.site("s3.us-east-1.amazonaws.com:443") == Site("s3", "us-east-1")


def test_the_names_of_every_region_of_the_partition_are_known(tmp_path_factory: pytest.TempPathFactory) -> None:
    names = HostNames(SandboxConfig(data_file=tmp_path_factory.mktemp("none") / "x"))
    assert names.site("sts.eu-south-2.amazonaws.com") == Site("sts", "eu-south-2")
    others = ("sts.eu-nowhere-9.amazonaws.com", "sts.us-gov-west-1.amazonaws.com", "sts.cn-north-1.amazonaws.com.cn")
    for other in (*others, "a.auth.eu-nowhere-9.amazoncognito.com"):
        assert names.site(other) is None
