"""What AWS says it computed, where a signature is another one."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from tests.sandbox.lab import Lab
from tests.sandbox.signing import signed_json, signed_query
from tests.sandbox.wire import Answer, send

SENTENCE = "The request signature we calculated does not match the signature you provided."


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What botocore signs, as it signs it."""
    found: dict[str, str] = {}

    def watch(name: str, wrapped: Any) -> Any:
        def look(self: Any, *args: Any) -> Any:
            found[name] = wrapped(self, *args)
            return found[name]

        return look

    for name in ("canonical_request", "string_to_sign"):
        wrapped = getattr(botocore.auth.SigV4Auth, name)
        monkeypatch.setattr(botocore.auth.SigV4Auth, name, watch(name, wrapped))
    return found


def member(answer: Answer, name: str) -> str:
    (found,) = re.findall(rf"<{name}>(.*?)</{name}>", answer.body.decode(), re.DOTALL)
    return unescape(found)


def test_a_query_service_says_both_texts_behind_its_sentence(lab: Lab, computed: dict[str, str]) -> None:
    answer = signed_query(lab.sandbox, secret="another").send(lab.sandbox)
    assert member(answer, "Code") == "SignatureDoesNotMatch"
    message = member(answer, "Message")
    assert message.startswith(SENTENCE)
    assert f"The Canonical String for this request should have been\n'{computed['canonical_request']}'\n\n" in message
    assert f"The String-to-Sign should have been\n'{computed['string_to_sign']}'\n" in message


def test_a_json_service_does_so_too(lab: Lab, computed: dict[str, str]) -> None:
    target = "AWSCognitoIdentityService.ListIdentityPools"
    answer = signed_json(lab.sandbox, target, b'{"MaxResults":1}', "cognito-identity", secret="no").send(lab.sandbox)
    assert answer.json["__type"] == "InvalidSignatureException"
    assert f"\n'{computed['canonical_request']}'\n" in answer.json["message"]
    assert "\n" not in answer.headers["x-amzn-errormessage"]


def test_a_body_that_was_altered_is_the_one_that_is_hashed(lab: Lab) -> None:
    request = signed_query(lab.sandbox)
    request.body = request.body + b"&Extra=1"
    message = member(request.send(lab.sandbox), "Message")
    assert "\n'POST\n/\n\n" in message
    (hashed,) = re.findall(r"\n([0-9a-f]{64})'\n\nThe String-to-Sign", message)
    assert hashed not in request.headers["Authorization"]


def by_header(lab: Lab, secret: str) -> Answer:
    headers = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    request = AWSRequest("GET", f"{lab.sandbox.url}/some-bucket/k?versionId=1", headers=headers)
    botocore.auth.S3SigV4Auth(Credentials(lab.account, secret), "s3", "us-east-1").add_auth(request)
    return send(lab.sandbox, "GET", "/some-bucket/k?versionId=1", headers=dict(request.headers.items()))


def test_s3_has_members_for_it(lab: Lab, computed: dict[str, str]) -> None:
    answer = by_header(lab, "another")
    assert (answer.status, member(answer, "Code")) == (403, "SignatureDoesNotMatch")
    assert member(answer, "AWSAccessKeyId") == lab.account
    assert member(answer, "StringToSign") == computed["string_to_sign"]
    assert member(answer, "CanonicalRequest") == computed["canonical_request"]
    assert bytes.fromhex(member(answer, "CanonicalRequestBytes")).decode() == computed["canonical_request"]
    assert bytes.fromhex(member(answer, "StringToSignBytes")).decode() == computed["string_to_sign"]
    assert re.fullmatch(r"[0-9a-f]{64}", member(answer, "SignatureProvided"))


def test_a_url_of_version_2_has_its_own_text(lab: Lab) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=lab.sandbox.url,
        region_name="us-east-1",
        aws_access_key_id=lab.account,
        aws_secret_access_key="another",
        config=Config(signature_version="s3", s3={"addressing_style": "path"}),
    )
    parts = urlsplit(client.generate_presigned_url("get_object", Params={"Bucket": "some-bucket", "Key": "k"}))
    answer = send(lab.sandbox, "GET", f"{parts.path}?{parts.query}")
    assert member(answer, "Code") == "SignatureDoesNotMatch"
    assert re.fullmatch(r"GET\n\n\n\d+\n/some-bucket/k", member(answer, "StringToSign"))
    assert b"CanonicalRequest" not in answer.body


def test_nothing_is_computed_for_a_key_that_nobody_has(lab: Lab) -> None:
    assert b"Canonical" not in signed_query(lab.sandbox, key="AKIANOBODY").send(lab.sandbox).body
