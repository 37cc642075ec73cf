"""Forms that browsers send to buckets, with a policy that somebody signed."""

import base64
import json
import re
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import unescape

import pytest
from botocore.auth import S3SigV4PostAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.aws.gate.people import Person, allow, hire

BUCKET = "for-forms"
Form = dict[str, Any]
LATER = "2999-01-01T00:00:00Z"
FILE = b'--b0\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b0--\r\n'


@pytest.fixture(scope="module", autouse=True)
def bucket(admin: Person) -> None:
    admin.client("s3").create_bucket(Bucket=BUCKET)


@pytest.fixture(scope="module")
def person(admin: Person) -> Person:
    return hire(admin.sandbox, [allow("s3:*", [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"])], {})


@pytest.fixture(scope="module")
def s3(admin: Person) -> Any:
    return admin.client("s3")


def form(person: Person, key: str, *conditions: Any, fields: dict[str, str] | None = None, seconds: int = 60) -> Form:
    made = person.client("s3").generate_presigned_post(
        BUCKET, key, Fields=dict(fields or {}), Conditions=list(conditions), ExpiresIn=seconds
    )
    return dict(made)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def post(
    form: Form, content: bytes = b"text", filename: str = "a.txt", *, behind: bool = False, **more: str
) -> tuple[int, dict[str, str], str]:
    """Status, headers in lower case and body. Further fields stand before the file, or `behind` it."""
    fields = {**form["fields"], **({} if behind else more)}
    parts = [f'--b0\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields]
    file = f'--b0\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: x/y\r\n\r\n'
    body = "".join(parts).encode() + file.encode() + content + b"\r\n"
    for name, value in (more if behind else {}).items():
        body += f'--b0\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    request = urllib.request.Request(
        form["url"], data=body + b"--b0--\r\n", headers={"Content-Type": "multipart/form-data; boundary=b0"}
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=60) as answer:
            return answer.status, {n.lower(): v for n, v in answer.headers.items()}, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, {n.lower(): v for n, v in error.headers.items()}, error.read().decode()


def refusal(answer: tuple[int, dict[str, str], str]) -> tuple[int, str, str]:
    status, _, body = answer
    (code,), (message,) = re.findall("<Code>(.*?)</Code>", body), re.findall("<Message>(.*?)</Message>", body)
    return status, code, unescape(message)


def test_a_file_is_put_with_what_the_form_says(person: Person, s3: Any) -> None:
    fields = {"Content-Type": "text/plain", "x-amz-meta-by": "form", "Cache-Control": "no-cache"}
    conditions = [{name: value} for name, value in fields.items()]
    status, headers, body = post(form(person, "whole", *conditions, fields=fields), b"from a form")
    found = s3.get_object(Bucket=BUCKET, Key="whole")
    assert (status, body, headers["etag"]) == (204, "", found["ETag"])
    assert headers["location"] == f"{person.sandbox.url}/{BUCKET}/whole"
    assert (found["Body"].read(), found["ContentType"], found["Metadata"]) == (
        b"from a form",
        "text/plain",
        {"by": "form"},
    )
    assert found["CacheControl"] == "no-cache"


def test_the_files_name_becomes_part_of_the_key(person: Person, s3: Any) -> None:
    made = form(person, "up/${filename}", ["starts-with", "$key", "up/"])
    assert post(made, filename="photos/ü 1.png")[0] == 204
    assert s3.head_object(Bucket=BUCKET, Key="up/ü 1.png")


@pytest.mark.parametrize(("asked", "status"), [("200", 200), ("201", 201), ("204", 204), ("500", 204)])
def test_the_status_that_the_form_asks_for(person: Person, asked: str, status: int) -> None:
    named = {"success_action_status": asked}
    answer = post(form(person, "a&b", named, fields=named))
    assert answer[0] == status
    if status == 201:
        assert f"<Bucket>{BUCKET}</Bucket><Key>a&amp;b</Key><ETag>" in answer[2]


def test_a_redirect_that_the_form_asks_for(person: Person) -> None:
    named = {"success_action_redirect": "https://app.example/done?x=1"}
    status, headers, _ = post(form(person, "led", named, fields=named))
    assert status == 303
    assert headers["location"].startswith(f"https://app.example/done?x=1&bucket={BUCKET}&key=led&etag=%22")


def test_tags_come_as_a_document(person: Person, s3: Any) -> None:
    document = "<Tagging><TagSet><Tag><Key>team</Key><Value>red blue</Value></Tag></TagSet></Tagging>"
    named = {"tagging": document}
    assert post(form(person, "tagged", named, fields=named))[0] == 204
    assert s3.get_object_tagging(Bucket=BUCKET, Key="tagged")["TagSet"] == [{"Key": "team", "Value": "red blue"}]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"x-amz-meta-a": "1"}, "Invalid according to Policy: Extra input fields: x-amz-meta-a"),
        ({"acl": "public-read"}, "Invalid according to Policy: Extra input fields: acl"),
        ({"key": "other"}, 'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "only"]'),
    ],
)
def test_what_the_policy_does_not_allow(person: Person, more: dict[str, str], message: str) -> None:
    assert refusal(post(form(person, "only"), b"x", "a", behind=False, **more)) == (403, "AccessDenied", message)


def test_fields_that_nobody_looks_at(person: Person, s3: Any) -> None:
    assert post(form(person, "free"), b"x", "a", behind=False, **{"x-ignore-me": "1"})[0] == 204
    assert post(form(person, "behind"), b"x", "a", behind=True, key="elsewhere", acl="public-read")[0] == 204
    assert "elsewhere" not in [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]


@pytest.mark.parametrize(("size", "code"), [(0, "EntityTooSmall"), (1, ""), (10, ""), (11, "EntityTooLarge")])
def test_how_large_the_file_may_be(person: Person, size: int, code: str) -> None:
    answer = post(form(person, "sized", ["content-length-range", 1, 10]), b"x" * size)
    assert (answer[0] == 204) is (code == "")
    if code:
        assert refusal(answer)[:2] == (400, code)
        assert f"<ProposedSize>{size}</ProposedSize>" in answer[2]


def test_a_policy_ends(person: Person) -> None:
    answer = post(form(person, "late", seconds=-5))
    assert refusal(answer) == (403, "AccessDenied", "Invalid according to Policy: Policy expired.")


def test_rights_are_those_of_whoever_signed(admin: Person, hired: Any, s3: Any) -> None:
    own = hired(allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/mine/*"))
    assert post(form(own, "mine/a"))[0] == 204
    status, code, message = refusal(post(form(own, "yours/a")))
    assert (status, code) == (403, "AccessDenied")
    assert f'is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::{BUCKET}/yours/a"' in message
    named = {"tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"}
    assert refusal(post(form(own, "mine/b", named, fields=named)))[1] == "AccessDenied", (
        "tags need a right of their own"
    )
    assert post(form(admin, "by-the-administrator"))[0] == 204


def test_policies_of_roles_see_a_form(hired: Any) -> None:
    for kind, allowed in (("POST", True), ("REST-HEADER", False)):
        condition = {"StringEquals": {"s3:authType": kind}}
        person = hired(allow("s3:PutObject", Condition=condition))
        assert (post(form(person, "seen"))[0] == 204) is allowed


@pytest.mark.parametrize("field", ["policy", "x-amz-signature", "x-amz-credential", "x-amz-security-token"])
def test_a_form_that_was_altered(person: Person, field: str) -> None:
    made = form(person, "altered")
    value = made["fields"][field]
    if field == "policy":
        document = json.loads(base64.b64decode(value))
        document["conditions"] = [["starts-with", "$key", ""]]
        made["fields"][field] = base64.b64encode(json.dumps(document).encode()).decode()
    else:
        made["fields"][field] = value.replace(value[:6], "000000", 1)
    status, code, _ = refusal(post(made))
    assert status in (400, 403)
    assert code in ("SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidToken")


def test_the_refusal_says_what_was_signed(person: Person) -> None:
    made = form(person, "altered")
    made["fields"]["x-amz-signature"] = "0" * 64
    status, _, body = post(made)
    assert status == 403
    assert f"<StringToSign>{made['fields']['policy']}</StringToSign>" in body


def test_signature_version_2(admin: Person, s3: Any) -> None:
    from botocore.auth import HmacV1PostAuth

    def signed(secret: str) -> Form:
        request = AWSRequest("POST", f"{admin.sandbox.url}/{BUCKET}")
        until = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        policy = {"expiration": until, "conditions": [{"bucket": BUCKET}, {"key": "second"}]}
        request.context["s3-presign-post-fields"] = {"key": "second"}
        request.context["s3-presign-post-policy"] = policy
        HmacV1PostAuth(Credentials("test", secret)).add_auth(request)
        return {"url": request.url, "fields": request.context["s3-presign-post-fields"]}

    assert post(signed("test"), b"by version 2")[0] == 204
    assert s3.get_object(Bucket=BUCKET, Key="second")["Body"].read() == b"by version 2"
    assert refusal(post(signed("wrong")))[1] == "SignatureDoesNotMatch"


def by_hand(person: Person, policy: Any, **fields: str) -> Form:
    """A form with a policy as it stands here."""
    request = AWSRequest("POST", f"{person.sandbox.url}/{BUCKET}")
    request.context["s3-presign-post-fields"] = {"key": "k", **fields}
    request.context["s3-presign-post-policy"] = policy
    keys = person.keys
    made_by = Credentials(keys["access_key"], keys["secret_key"], keys["token"])
    S3SigV4PostAuth(made_by, "s3", "us-east-1").add_auth(request)
    return {"url": request.url, "fields": request.context["s3-presign-post-fields"]}


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ({"expiration": LATER, "conditions": [["eq", "key", "k"]]}, "InvalidPolicyDocument"),
        ({"expiration": LATER, "conditions": [["like", "$key", "k"]]}, "InvalidPolicyDocument"),
        ({"expiration": LATER, "conditions": ["key"]}, "InvalidPolicyDocument"),
        (
            {"expiration": LATER, "conditions": [["content-length-range", "a", 1]]},
            "InvalidPolicyDocument",
        ),
        ({"expiration": LATER, "conditions": [["content-length-range", float("inf"), 1]]}, "InvalidPolicyDocument"),
        ({"expiration": "soon", "conditions": []}, "InvalidPolicyDocument"),
        ({"conditions": []}, "InvalidPolicyDocument"),
        ({"expiration": LATER, "conditions": [{"bucket": "another"}]}, "AccessDenied"),
    ],
)
def test_policies_that_are_none(person: Person, policy: Any, code: str) -> None:
    assert refusal(post(by_hand(person, policy)))[1] == code


def test_no_field_makes_another_operation_of_it(person: Person, s3: Any) -> None:
    """A copy, a part, a version: what is not a form's is not passed on."""
    s3.put_object(Bucket=BUCKET, Key="secret", Body=b"secret")
    anything = {"expiration": LATER, "conditions": [
        ["starts-with", "$key", ""], ["starts-with", "$x-amz-copy-source", ""], ["starts-with", "$uploadid", ""],
        ["starts-with", "$x-amz-grant-read", ""]]}  # fmt: skip
    more = {"x-amz-copy-source": f"/{BUCKET}/secret", "uploadId": "1", "x-amz-grant-read": "id=1"}
    assert post(by_hand(person, anything, **more), b"mine")[0] == 204
    assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"mine"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MalformedPOSTRequest"),
        (b"no form", "MalformedPOSTRequest"),
        (b'--b0\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--b0--\r\n', "InvalidArgument"),
        (FILE, "InvalidArgument"),
        (b'--b0\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n' * 2 + FILE, "InvalidArgument"),
        (b'--b0\r\nContent-Disposition: form-data; name="key"\r\n\r\n\xff\xfe\r\n--b0--\r\n', "MalformedPOSTRequest"),
        (b'--b0\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n', "MalformedPOSTRequest"),
        (b"".join(b'--b0\r\nContent-Disposition: form-data; name="n%d"\r\n\r\nk\r\n' % n for n in range(200)),
         "MalformedPOSTRequest"),
        # Each ${filename} would become as much as the file's name is long.
        (b'--b0\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + b"${filename}" * 1800 + b"\r\n"
         + FILE.replace(b'"a"', b'"%s"' % (b"a" * 1025)), "KeyTooLongError"),
        (b"".join(b'--b0\r\nContent-Disposition: form-data; name="n%d"\r\n\r\n%s\r\n' % (n, b"k" * 7000)
                  for n in range(3)) + FILE, "MaxPostPreDataLengthExceeded"),
        (b'--b0\r\nContent-Disposition: form-data; name="key"\r\nA: ' + b"a" * 70_000 + b"\r\n\r\nk\r\n" + FILE,
         "MaxPostPreDataLengthExceeded"),
        (b'--b0\r\nContent-Disposition: form-data; a="b"\r\n\r\nk\r\n' + FILE, "MalformedPOSTRequest"),
        (b'--b0\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n'
         b'--b0\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b0--\r\n', "AccessDenied"),
    ],
)  # fmt: skip
def test_forms_that_are_none(admin: Person, body: bytes, code: str) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b0"}
    request = urllib.request.Request(f"{admin.sandbox.url}/{BUCKET}", data=body, headers=headers)
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=60)
    assert f"<Code>{code}</Code>" in error.value.read().decode()
    assert error.value.code in (400, 403)
