"""What is authorised and what S3 then does must be the same, and no value of a request ends a header of the answer."""

import http.client
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.testing import RunningSandbox
from tests.sandbox.aws.gate.people import Person, allow, refused
from tests.sandbox.aws.gate.test_s3_rights import raw

BUCKET = "attack-bucket"
EMPTY = "attack-keys"  # but for one key in a test
ARN = f"arn:aws:s3:::{BUCKET}"
Hired = Callable[..., Person]
# Each is one key, spelled as the path of a request, and would be another key to whoever decodes once more or less,
# folds slashes or dots, or takes a question mark or a hash for the end of the path.
SPELLINGS = [
    ("a%2520b", "a%20b"),
    ("a%20b", "a b"),
    ("a+b", "a+b"),
    ("a%2Bb", "a+b"),
    ("/a", "/a"),
    ("a//b", "a//b"),
    ("a/", "a/"),
    ("a/../b", "a/../b"),
    ("./a", "./a"),
    ("%2e%2e/a", "../a"),
    ("a%2Fb", "a/b"),
    ("a%3Fversions", "a?versions"),
    ("a%3Facl%23x", "a?acl#x"),
    ("a%23b", "a#b"),
    ("a%26b=c", "a&b=c"),
    ("a;b", "a;b"),
    ("%E2%82%AC", "€"),
    ("%F0%9F%94%91", "🔑"),
    ("a%0Ab", "a\nb"),
    ("%25", "%"),
    ("%2541", "%41"),
    ("http://x/y", "http://x/y"),
    ("a%5Cb", "a\\b"),
]


@pytest.fixture(scope="module", autouse=True)
def s3(admin: Person) -> Any:
    client = admin.client("s3")
    client.create_bucket(Bucket=BUCKET)
    client.create_bucket(Bucket=EMPTY)
    return client


@pytest.mark.parametrize(("spelled", "key"), SPELLINGS)
def test_the_key_that_is_authorised_is_the_key_that_is_used(hired: Hired, spelled: str, key: str) -> None:
    marked = key.replace("*", "${*}").replace("?", "${?}")
    person = hired(allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{EMPTY}/{marked}"))
    status, body = raw(person, "PUT", f"/{EMPTY}/{spelled}", key.encode())
    assert status == 200, body
    status, body = raw(person, "GET", f"/{EMPTY}/{spelled}")
    assert (status, body) == (200, key.encode())
    admin = Person(person.sandbox, {})
    listed = admin.client("s3").list_objects_v2(Bucket=EMPTY, EncodingType="url").get("Contents", [])
    keys = [urllib.parse.unquote(item["Key"]) for item in listed]
    raw(Person(person.sandbox, hired(allow("s3:DeleteObject")).keys), "DELETE", f"/{EMPTY}/{spelled}")
    left = admin.client("s3").list_objects_v2(Bucket=EMPTY).get("KeyCount", 0)
    assert (len(keys), left) == (1, 0), keys


@pytest.mark.parametrize(("spelled", "key"), SPELLINGS)
def test_the_source_of_a_copy(hired: Hired, s3: Any, spelled: str, key: str) -> None:
    marked = key.replace("*", "${*}").replace("?", "${?}")
    writer = hired(allow("s3:PutObject"))
    raw(writer, "PUT", f"/{BUCKET}/{spelled}", key.encode())
    both = hired(allow("s3:GetObject", f"{ARN}/{marked}"), allow("s3:PutObject", f"{ARN}/copied"))
    status, body = raw(both, "PUT", f"/{BUCKET}/copied", headers={"x-amz-copy-source": f"/{BUCKET}/{spelled}"})
    assert status == 200, body
    assert s3.get_object(Bucket=BUCKET, Key="copied")["Body"].read() == key.encode()
    raw(hired(allow("s3:DeleteObject")), "DELETE", f"/{BUCKET}/{spelled}")


def test_a_copy_source_with_a_version_needs_the_right_for_versions(hired: Hired, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="versioned", Body=b"x")
    person = hired(allow(["s3:GetObject", "s3:PutObject"]))
    for source in (f"{BUCKET}/versioned?versionId=null", f"{BUCKET}/versioned?x=1&versionId=null",
                   f"{BUCKET}/versioned?%76ersionId=null"):  # fmt: skip
        status, _ = raw(person, "PUT", f"/{BUCKET}/copied", headers={"x-amz-copy-source": source})
        assert status in (400, 403, 404), source


@pytest.mark.parametrize("subresource", ["acl", "tagging", "retention", "legal-hold", "uploadId=x", "partNumber=1"])
def test_a_copy_source_beside_a_subresource_reads_nothing(hired: Hired, s3: Any, subresource: str) -> None:
    s3.put_object(Bucket=BUCKET, Key="secret", Body=b"secret")
    s3.put_object(Bucket=BUCKET, Key="target", Body=b"target")
    person = hired(allow(["s3:PutObject*"], f"{ARN}/target"))
    raw(person, "PUT", f"/{BUCKET}/target?{subresource}", headers={"x-amz-copy-source": f"{BUCKET}/secret"})
    assert s3.get_object(Bucket=BUCKET, Key="target")["Body"].read() == b"target"


def test_governance_retention_is_bypassed_only_by_who_may(hired: Hired, s3: Any) -> None:
    s3.create_bucket(Bucket="attack-locked", ObjectLockEnabledForBucket=True)
    made = s3.put_object(
        Bucket="attack-locked",
        Key="kept",
        Body=b"x",
        ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate="2099-01-01T00:00:00Z",
    )
    person = hired(allow(["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention"]))
    version = made["VersionId"]
    headers = {"x-amz-bypass-governance-retention": "true"}
    status, body = raw(person, "DELETE", f"/attack-locked/kept?versionId={version}", headers=headers)
    assert status == 403
    assert b"s3:BypassGovernanceRetention" in body
    batch = f"<Delete><Object><Key>kept</Key><VersionId>{version}</VersionId></Object></Delete>".encode()
    raw(person, "POST", "/attack-locked?delete", batch, headers)
    assert s3.head_object(Bucket="attack-locked", Key="kept", VersionId=version)


def presigned(person: Person, method: str, path: str) -> str:
    """A presigned URL whose query holds whatever it is given."""
    request = AWSRequest(method, person.sandbox.url + path)
    keys = Credentials(*(("test", "test") if not person.keys else person.keys.values()))
    S3SigV4QueryAuth(keys, "s3", "us-east-1", expires=60).add_auth(request)
    return str(request.url)


def fetched(sandbox: RunningSandbox, method: str, url: str, **more: Any) -> tuple[int, http.client.HTTPMessage, bytes]:
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=60)
    connection.request(method, f"{parts.path}?{parts.query}", **more)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


SPLIT = "x%0D%0ASet-Cookie:%20stolen=1%0D%0A%0D%0A<script>"


@pytest.mark.parametrize(
    "name", ["response-content-type", "response-content-disposition", "response-cache-control", "response-expires"]
)
def test_a_header_that_the_url_asks_for_cannot_split_the_answer(admin: Person, s3: Any, name: str) -> None:
    s3.put_object(Bucket=BUCKET, Key="plain", Body=b"body")
    url = presigned(admin, "GET", f"/{BUCKET}/plain?{name}={SPLIT}")
    status, headers, content = fetched(admin.sandbox, "GET", url)
    assert "set-cookie" not in headers
    assert status >= 400 or content == b"body"


@pytest.mark.parametrize(
    "query",
    [
        f"x-amz-meta-note={SPLIT}",
        "x-amz-meta-note%0D%0ASet-Cookie:%20stolen=1=x",
        f"x-amz-website-redirect-location={SPLIT}",
        f"x-amz-storage-class={SPLIT}",
    ],
)
def test_metadata_in_a_url_cannot_split_the_answer(admin: Person, s3: Any, query: str) -> None:
    url = presigned(admin, "PUT", f"/{BUCKET}/meta?{query}")
    status, headers, _ = fetched(admin.sandbox, "PUT", url, body=b"body")
    assert "set-cookie" not in headers
    assert status < 500
    status, headers, content = fetched(admin.sandbox, "GET", presigned(admin, "GET", f"/{BUCKET}/meta"))
    assert "set-cookie" not in headers
    assert status in (200, 404)
    assert status == 404 or content == b"body"


def test_an_upload_that_breaks_off_is_not_stored(admin: Person, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="whole", Body=b"the whole")
    url = presigned(admin, "PUT", f"/{BUCKET}/whole")
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=60)
    connection.putrequest("PUT", f"{parts.path}?{parts.query}")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b"a part")
    connection.close()
    for _ in range(20):
        assert s3.get_object(Bucket=BUCKET, Key="whole")["Body"].read() == b"the whole"


@pytest.mark.parametrize(
    ("kind", "tamed"),
    [("text/html", True), ("Text/HTML; charset=x", True), ("image/svg+xml", True), ("application/pdf", False),
     ("image/png", False), ("text/plain", False)],
)  # fmt: skip
@pytest.mark.parametrize("by_url", [False, True])
def test_an_object_that_is_a_page_runs_no_script(admin: Person, s3: Any, kind: str, tamed: bool, by_url: bool) -> None:
    """The application's cookies are on the same host, whatever the port."""
    s3.put_object(Bucket=BUCKET, Key="page", Body=b"<script>1</script>", ContentType="text/plain" if by_url else kind)
    asked = f"?response-content-type={urllib.parse.quote(kind)}" if by_url else ""
    _, headers, _ = fetched(admin.sandbox, "GET", presigned(admin, "GET", f"/{BUCKET}/page{asked}"))
    assert headers["content-type"] == kind
    assert (headers["content-security-policy"] == "sandbox") is tamed
    assert headers["x-content-type-options"] == "nosniff"


def test_an_upload_is_of_the_key_for_which_it_was_begun(hired: Hired, s3: Any) -> None:
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="not/yours")["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="not/yours", UploadId=upload, PartNumber=1, Body=b"as it was")
    mine = hired(allow(["s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"], f"{ARN}/mine"))
    asked = {"Bucket": BUCKET, "Key": "mine", "UploadId": upload}
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client = mine.client("s3")
    for call, more in (
        (client.upload_part, {"PartNumber": 1, "Body": b"something else"}),
        (client.upload_part_copy, {"PartNumber": 1, "CopySource": f"{BUCKET}/mine"}),
        (client.list_parts, {}),
        (client.complete_multipart_upload, {"MultipartUpload": parts}),
        (client.abort_multipart_upload, {}),
    ):
        assert refused(call, **asked, **more)[0] in ("NoSuchUpload", "AccessDenied")
    s3.complete_multipart_upload(Bucket=BUCKET, Key="not/yours", UploadId=upload, MultipartUpload=parts)
    assert s3.get_object(Bucket=BUCKET, Key="not/yours")["Body"].read() == b"as it was"


def test_a_carriage_return_in_a_key_to_delete_stays_one(hired: Hired, s3: Any) -> None:
    """A parser of XML reads a bare one as a line feed, and would delete another key than was authorised."""
    for key in ("a\rb", "a\nb"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"1")
    person = hired(allow("s3:*"), allow("s3:DeleteObject", f"{ARN}/a\nb", Effect="Deny"))
    body = b"<Delete><Object><Key>a&#13;b</Key></Object></Delete>"
    status, _ = raw(person, "POST", f"/{BUCKET}?delete", body)
    kept = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET, Prefix="a").get("Contents", [])]
    s3.delete_object(Bucket=BUCKET, Key="a\nb")
    assert (status, kept) == (200, ["a\nb"])
