"""Signatures: who is believed, and what each family of services says when nobody is."""

import re

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.lab import Lab, refused
from tests.sandbox.signing import presigned_query, signed_json, signed_query
from tests.sandbox.wire import Answer, call_query, send

DESCRIBE = "AWSCognitoIdentityService.ListIdentityPools"


def code(answer: Answer) -> str:
    found = re.search(rb"<Code>(.*?)</Code>", answer.body)
    return found[1].decode() if found else str(answer.json["__type"])


def test_the_administrator_is_believed(lab: Lab) -> None:
    assert lab.sandbox.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:user/administrator"


def test_twelve_digits_are_the_administrator_of_that_account(lab: Lab) -> None:
    assert lab.client("sts").get_caller_identity()["Account"] == lab.account


@pytest.mark.parametrize(
    ("service", "operation", "params", "expected"),
    [
        ("cognito-identity", "list_identity_pools", {"MaxResults": 1}, (400, "UnrecognizedClientException")),
        ("dynamodb", "list_tables", {}, (400, "UnrecognizedClientException")),
        ("sts", "get_caller_identity", {}, (403, "InvalidClientTokenId")),
        ("iam", "list_roles", {}, (403, "InvalidClientTokenId")),
        ("s3", "list_buckets", {}, (403, "InvalidAccessKeyId")),
    ],
)
def test_an_unknown_access_key(lab: Lab, service: str, operation: str, params: dict, expected: tuple) -> None:
    client = lab.sandbox.client(service, access_key="AKIAUNKNOWN000000000")
    with pytest.raises(ClientError) as error:
        getattr(client, operation)(**params)
    assert refused(error.value)[:2] == expected


@pytest.mark.parametrize(
    ("service", "operation", "params", "expected"),
    [
        ("cognito-identity", "list_identity_pools", {"MaxResults": 1}, (400, "InvalidSignatureException")),
        ("dynamodb", "list_tables", {}, (400, "InvalidSignatureException")),
        ("sts", "get_caller_identity", {}, (403, "SignatureDoesNotMatch")),
        ("s3", "list_buckets", {}, (403, "SignatureDoesNotMatch")),
    ],
)
def test_a_wrong_secret(lab: Lab, service: str, operation: str, params: dict, expected: tuple) -> None:
    client = lab.sandbox.client(service, secret_key="wrong")
    with pytest.raises(ClientError) as error:
        getattr(client, operation)(**params)
    assert refused(error.value)[:2] == expected


def test_an_altered_body_is_refused(lab: Lab) -> None:
    request = signed_query(lab.sandbox)
    request.body = request.body.replace(b"GetCallerIdentity", b"GetAccessKeyInfo&AccessKeyId=ASIAQAAAAAAAL6INY37Z")
    answer = request.send(lab.sandbox)
    assert (answer.status, code(answer)) == (403, "SignatureDoesNotMatch")


def test_an_altered_json_body_is_refused_though_its_hash_is_stated(lab: Lab) -> None:
    request = signed_json(lab.sandbox, DESCRIBE, b'{"MaxResults":1}', "cognito-identity")
    request.body = b'{"MaxResults":2}'
    answer = request.send(lab.sandbox)
    assert (answer.status, code(answer)) == (400, "InvalidSignatureException")


def test_an_altered_target_is_refused(lab: Lab) -> None:
    request = signed_json(lab.sandbox, DESCRIBE, b'{"MaxResults":1}', "cognito-identity")
    request.headers["X-Amz-Target"] = "AWSCognitoIdentityService.DeleteIdentityPool"
    assert code(request.send(lab.sandbox)) == "InvalidSignatureException"


def test_an_unsigned_amz_header_is_refused(lab: Lab) -> None:
    request = signed_query(lab.sandbox)
    request.headers["x-amz-something"] = "smuggled"
    answer = request.send(lab.sandbox)
    assert (answer.status, code(answer)) == (403, "SignatureDoesNotMatch")
    assert b"must be a 'SignedHeader'" in answer.body


def test_a_signature_for_another_service_is_refused(lab: Lab) -> None:
    answer = signed_query(lab.sandbox, service="iam").send(lab.sandbox)
    assert (answer.status, code(answer)) == (403, "SignatureDoesNotMatch")
    assert b"Credential should be scoped to correct service: 'sts'" in answer.body


def test_a_signature_for_a_region_that_does_not_exist_is_refused(lab: Lab) -> None:
    answer = signed_query(lab.sandbox, region="eu-nowhere-9").send(lab.sandbox)
    assert (answer.status, code(answer)) == (403, "SignatureDoesNotMatch")
    assert b"Credential should be scoped to a valid region, not 'eu-nowhere-9'" in answer.body


def test_the_region_is_part_of_what_is_signed(lab: Lab) -> None:
    request = signed_query(lab.sandbox, region="eu-west-1")
    request.headers["Authorization"] = request.headers["Authorization"].replace("/eu-west-1/", "/eu-west-2/")
    assert code(request.send(lab.sandbox)) == "SignatureDoesNotMatch"


def test_no_signature(lab: Lab) -> None:
    answer = call_query(lab.sandbox, "GetCallerIdentity")
    assert (answer.status, code(answer)) == (403, "MissingAuthenticationToken")


@pytest.mark.parametrize(
    "header",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request",
        "AWS4-HMAC-SHA256 Credential=test, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/b/c/sts/aws4_request, SignedHeaders=host, Signature=zz",
        "AWS4-ECDSA-P256-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request, SignedHeaders=a, Signature=b",
        "Bearer abc",
    ],
)
def test_an_authorization_that_cannot_be_read(lab: Lab, header: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": header}
    answer = send(lab.sandbox, "POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15", headers)
    assert (answer.status, code(answer)) == (400, "IncompleteSignature")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_presigned_url_is_believed(lab: Lab, method: str) -> None:
    answer = presigned_query(lab.sandbox, method=method).send(lab.sandbox)
    assert answer.status == 200
    assert b"<GetCallerIdentityResult>" in answer.body


def test_a_presigned_url_that_was_altered_is_not(lab: Lab) -> None:
    request = presigned_query(lab.sandbox)
    request.path += "&extra=1"
    answer = request.send(lab.sandbox)
    assert (answer.status, code(answer)) == (403, "SignatureDoesNotMatch")


def test_a_presigned_url_of_more_than_a_week_is_refused(lab: Lab) -> None:
    answer = presigned_query(lab.sandbox, expires=8 * 86_400).send(lab.sandbox)
    assert code(answer) == "IncompleteSignature"
