"""Buckets: one name in all regions of an account, each bucket in one of them, and clients that find out in which."""

import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.sandbox.lab import Lab, allow, refused
from tests.sandbox.wire import Answer, send

HERE, THERE = "us-east-1", "eu-west-1"


def bucket_in(lab: Lab, region: str, name: str = "papers") -> str:
    more = {} if region == HERE else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    lab.client("s3", region).create_bucket(Bucket=name, **more)
    return name


def plain(lab: Lab, region: str, **config: Any) -> Any:
    """A client as people make it, with nothing said of signatures and styles."""
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=lab.sandbox.url,
        aws_access_key_id=lab.account,
        aws_secret_access_key="test",
        config=Config(**config),
    )


def asked(lab: Lab, method: str, path: str, region: str, host: str = "") -> Answer:
    """The answer to a signed request that nobody sends a second time."""
    host = host or urlsplit(lab.sandbox.url).netloc
    request = AWSRequest(method, f"http://{host}{path}")
    S3SigV4Auth(Credentials(lab.account, "test"), "s3", region).add_auth(request)
    return send(lab.sandbox, method, path, headers={**dict(request.headers.items()), "Host": host})


@pytest.mark.parametrize("region", [HERE, THERE, "eu-south-2"])
def test_a_bucket_is_where_its_location_constraint_says(lab: Lab, region: str) -> None:
    s3 = lab.client("s3", region)
    bucket_in(lab, region)
    head = s3.head_bucket(Bucket="papers")
    assert head["BucketRegion"] == head["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == region
    assert s3.get_bucket_location(Bucket="papers")["LocationConstraint"] == (None if region == HERE else region)
    listed = s3.list_objects_v2(Bucket="papers")["ResponseMetadata"]["HTTPHeaders"]
    assert listed["x-amz-bucket-region"] == region


@pytest.mark.parametrize(
    ("region", "constraint", "code", "message"),
    [
        (THERE, None, "IllegalLocationConstraintException",
         "The unspecified location constraint is incompatible for the region specific endpoint this request was sent "
         "to."),
        (THERE, "eu-central-1", "IllegalLocationConstraintException",
         "The eu-central-1 location constraint is incompatible for the region specific endpoint this request was sent "
         "to."),
        (HERE, HERE, "InvalidLocationConstraint", "The specified location-constraint is not valid"),
        (HERE, "eu-nowhere-9", "InvalidLocationConstraint", "The specified location-constraint is not valid"),
        (HERE, "cn-north-1", "InvalidLocationConstraint", "The specified location-constraint is not valid"),
    ],
)  # fmt: skip
def test_endpoints_make_buckets_of_their_own_region(
    lab: Lab, region: str, constraint: str | None, code: str, message: str
) -> None:
    more = {"CreateBucketConfiguration": {"LocationConstraint": constraint}} if constraint else {}
    with pytest.raises(ClientError) as error:
        lab.client("s3", region).create_bucket(Bucket="papers", **more)
    assert refused(error.value) == (400, code, message)
    assert lab.client("s3").list_buckets()["Buckets"] == []


def test_the_first_region_makes_buckets_anywhere(lab: Lab) -> None:
    lab.client("s3").create_bucket(Bucket="papers", CreateBucketConfiguration={"LocationConstraint": THERE})
    assert lab.client("s3", THERE).put_object(Bucket="papers", Key="a", Body=b"1")


def test_a_name_is_taken_in_every_region(lab: Lab) -> None:
    bucket_in(lab, THERE)
    lab.client("s3", THERE).put_object(Bucket="papers", Key="a", Body=b"hello")
    for region in (HERE, THERE):
        with pytest.raises(ClientError) as error:
            bucket_in(lab, region)
        assert refused(error.value) == (
            409,
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
        )
    assert lab.client("s3", THERE).get_object(Bucket="papers", Key="a")["Body"].read() == b"hello"


def test_all_buckets_are_listed_from_everywhere(lab: Lab) -> None:
    bucket_in(lab, HERE, "home")
    bucket_in(lab, THERE, "away")
    for region in (HERE, THERE, "sa-east-1"):
        assert {one["Name"] for one in lab.client("s3", region).list_buckets()["Buckets"]} == {"home", "away"}
    there = lab.client("s3").list_buckets(BucketRegion=THERE)["Buckets"]
    assert [one["Name"] for one in there] == ["away"]


def test_boto3_finds_a_bucket_that_is_elsewhere(lab: Lab) -> None:
    bucket_in(lab, THERE)
    s3 = plain(lab, HERE)
    s3.put_object(Bucket="papers", Key="a", Body=b"hello")
    assert s3.get_object(Bucket="papers", Key="a")["Body"].read() == b"hello"
    assert s3.head_object(Bucket="papers", Key="a")["ContentLength"] == 5
    assert s3.head_bucket(Bucket="papers")["BucketRegion"] == THERE
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="papers")["Contents"]] == ["a"]
    s3.delete_object(Bucket="papers", Key="a")
    assert s3.list_objects_v2(Bucket="papers")["KeyCount"] == 0


@pytest.mark.parametrize("operation", ["head_bucket", "head_object"])
def test_a_first_request_may_be_one_whose_refusal_has_no_body(lab: Lab, operation: str) -> None:
    bucket_in(lab, THERE)
    lab.client("s3", THERE).put_object(Bucket="papers", Key="a", Body=b"hello")
    more = {"Key": "a"} if operation == "head_object" else {}
    assert getattr(plain(lab, HERE), operation)(Bucket="papers", **more)


def test_the_redirect_says_where_the_bucket_is(lab: Lab) -> None:
    bucket_in(lab, THERE)
    netloc = urlsplit(lab.sandbox.url).netloc
    answer = asked(lab, "GET", "/papers/a", HERE)
    assert (answer.status, answer.headers["x-amz-bucket-region"]) == (301, THERE)
    # A browser would keep it for this address, which is the same in every region.
    assert answer.headers["cache-control"] == "no-store"
    for part in (
        b"<Code>PermanentRedirect</Code>",
        b"<Message>The bucket you are attempting to access must be addressed using the specified endpoint. Please send "
        b"all future requests to this endpoint.</Message>",
        f"<Region>{THERE}</Region>".encode(),
        # The sandbox sends nobody to AWS.
        f"<Endpoint>{netloc}</Endpoint>".encode(),
    ):
        assert part in answer.body
    head = asked(lab, "HEAD", "/papers", HERE)
    assert (head.status, head.headers["x-amz-bucket-region"], head.body) == (301, THERE, b"")


@pytest.mark.parametrize(
    ("host", "path", "region", "status", "code"),
    [
        ("s3.amazonaws.com", "/papers", HERE, 301, "PermanentRedirect"),
        ("s3.us-east-1.amazonaws.com", "/papers", HERE, 301, "PermanentRedirect"),
        ("papers.s3.us-east-1.amazonaws.com", "/", HERE, 301, "PermanentRedirect"),
        ("s3.eu-west-1.amazonaws.com", "/papers", THERE, 200, ""),
        ("papers.s3.eu-west-1.amazonaws.com", "/", THERE, 200, ""),
        ("papers.s3.amazonaws.com", "/", THERE, 200, ""),
        # Here the request has found its bucket, and only its signature is for somewhere else.
        ("s3.eu-west-1.amazonaws.com", "/papers", HERE, 400, "AuthorizationHeaderMalformed"),
        ("papers.s3.eu-west-1.amazonaws.com", "/", HERE, 400, "AuthorizationHeaderMalformed"),
        ("papers.s3.amazonaws.com", "/", HERE, 400, "AuthorizationHeaderMalformed"),
    ],
)
def test_hosts_of_regions_answer_as_s3s_do(lab: Lab, host: str, path: str, region: str, status: int, code: str) -> None:
    bucket_in(lab, THERE)
    answer = asked(lab, "GET", path, region, host)
    assert answer.status == status
    assert answer.headers["x-amz-bucket-region"] == THERE
    if code:
        assert f"<Code>{code}</Code>".encode() in answer.body
    if status == 301:
        assert b"<Endpoint>papers.s3.eu-west-1.amazonaws.com</Endpoint>" in answer.body
    if status == 400:
        assert (
            f"<Message>The authorization header is malformed; the region '{HERE}' is wrong; expecting '{THERE}'"
            f"</Message><Region>{THERE}</Region>".encode()
        ) in answer.body


def test_a_region_that_does_not_exist(lab: Lab) -> None:
    answer = asked(lab, "GET", "/", "eu-nowhere-9")
    assert answer.status == 400
    assert b"<Code>AuthorizationHeaderMalformed</Code>" in answer.body
    assert b"the region 'eu-nowhere-9' is wrong; expecting 'us-east-1'" in answer.body


def test_the_first_region_tells_where_any_bucket_is(lab: Lab) -> None:
    bucket_in(lab, THERE)
    assert asked(lab, "GET", "/papers?location", HERE).status == 200
    assert asked(lab, "GET", "/papers?location", "eu-central-1").status == 301


def test_a_bucket_that_nobody_has_is_missing_everywhere(lab: Lab) -> None:
    for region in (HERE, THERE):
        with pytest.raises(ClientError) as error:
            lab.client("s3", region).list_objects_v2(Bucket="nobodys")
        assert refused(error.value)[:2] == (404, "NoSuchBucket")


def test_a_copy_reads_from_another_region(lab: Lab) -> None:
    bucket_in(lab, THERE, "source")
    bucket_in(lab, HERE, "target")
    lab.client("s3", THERE).put_object(Bucket="source", Key="a", Body=b"hello")
    lab.client("s3").copy_object(Bucket="target", Key="a", CopySource={"Bucket": "source", "Key": "a"})
    assert lab.client("s3").get_object(Bucket="target", Key="a")["Body"].read() == b"hello"


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def presigned(client: Any) -> str:
    return str(client.generate_presigned_url("get_object", Params={"Bucket": "papers", "Key": "a"}))


def test_urls_are_signed_for_the_buckets_region(lab: Lab) -> None:
    bucket_in(lab, THERE)
    lab.client("s3", THERE).put_object(Bucket="papers", Key="a", Body=b"hello")
    assert fetch(presigned(plain(lab, THERE, signature_version="s3v4"))) == (200, "hello")
    status, body = fetch(presigned(plain(lab, HERE, signature_version="s3v4")))
    assert (status, "<Code>PermanentRedirect</Code>" in body) == (301, True)


@pytest.mark.parametrize(("region", "answer"), [(HERE, 200), (THERE, 200), ("eu-central-1", 400)])
def test_urls_of_signature_version_2_are_taken_in_the_oldest_regions(lab: Lab, region: str, answer: int) -> None:
    bucket_in(lab, region)
    lab.client("s3", region).put_object(Bucket="papers", Key="a", Body=b"hello")
    url = presigned(plain(lab, HERE, signature_version="s3"))
    assert "Signature" in parse_qs(urlsplit(url).query)
    status, body = fetch(url)
    assert status == answer
    if answer == 400:
        assert "<Code>InvalidRequest</Code>" in body
        assert "Please use AWS4-HMAC-SHA256." in body


def test_a_policy_for_one_region_does_not_open_anothers_bucket(lab: Lab) -> None:
    bucket_in(lab, HERE, "home")
    bucket_in(lab, THERE, "away")
    account = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    rights = allow("s3:*")
    rights["Statement"][0]["Condition"] = {"StringEquals": {"aws:RequestedRegion": THERE}}
    role = lab.role("OfEurope", {"Version": "2012-10-17", "Statement": [account]}, rights)
    keys = lab.client("sts").assume_role(RoleArn=role, RoleSessionName="xx")["Credentials"]
    assert lab.with_credentials("s3", keys, THERE).list_objects_v2(Bucket="away")
    with pytest.raises(ClientError) as error:
        lab.with_credentials("s3", keys, HERE).list_objects_v2(Bucket="home")
    assert refused(error.value)[:2] == (403, "AccessDenied")
    # Signing for the region that is allowed does not lead into the bucket of the other.
    with pytest.raises(ClientError) as error:
        lab.with_credentials("s3", keys, THERE).put_object(Bucket="home", Key="a", Body=b"")
    assert refused(error.value)[:2] == (403, "AccessDenied")


def test_the_location_constraint_is_a_condition_key(lab: Lab) -> None:
    account = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    rights = allow("s3:CreateBucket")
    rights["Statement"][0]["Condition"] = {"StringLike": {"s3:LocationConstraint": "eu-*"}}
    role = lab.role("InEurope", {"Version": "2012-10-17", "Statement": [account]}, rights)
    keys = lab.client("sts").assume_role(RoleArn=role, RoleSessionName="xx")["Credentials"]
    s3 = lab.with_credentials("s3", keys)
    assert s3.create_bucket(Bucket="papers", CreateBucketConfiguration={"LocationConstraint": THERE})
    for more in ({}, {"CreateBucketConfiguration": {"LocationConstraint": "sa-east-1"}}):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.create_bucket(Bucket="other", **more)
