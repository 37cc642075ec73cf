"""Pages of other origins at buckets, by the buckets' own rules."""

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox
from tests.sandbox.aws.gate.people import Person, allow, hire

BUCKET = "for-pages"
PAGE = "https://app.example"
OTHER = "111122220001"  # another account, which has a bucket of the same name


def rule(**members: Any) -> dict[str, Any]:
    return {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": [PAGE], "AllowedHeaders": ["*"], **members}


@pytest.fixture(scope="module", autouse=True)
def bucket(admin: Person) -> None:
    s3 = admin.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"text")


@pytest.fixture(scope="module")
def person(sandbox: RunningSandbox) -> Person:
    """With a session: pages do not send what an administrator signed."""
    return hire(sandbox, [allow("s3:*")], {})


@pytest.fixture
def ruled(admin: Person) -> Any:
    def put(*rules: dict[str, Any], person: Person = admin) -> None:
        person.client("s3").put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": list(rules)})

    yield put
    admin.client("s3").delete_bucket_cors(Bucket=BUCKET)


def url(person: Person, operation: str = "get_object", key: str = "k") -> str:
    return str(person.client("s3").generate_presigned_url(operation, Params={"Bucket": BUCKET, "Key": key}))


def send(address: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, list[str]], str]:
    """Status, headers that speak to browsers (each with all its values), and the body."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, f"{parts.path}?{parts.query}", headers=named)
    answer = connection.getresponse()
    told: dict[str, list[str]] = {}
    for name, value in answer.getheaders():
        if name.lower().startswith("access-control-") or name.lower() == "vary":
            told.setdefault(name.lower().removeprefix("access-control-"), []).append(value)
    return answer.status, told, answer.read().decode()


def preflight(
    address: str, method: str = "GET", origin: str = PAGE, asked: str = ""
) -> tuple[int, dict[str, list[str]], str]:
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return send(address, "OPTIONS", **headers, **({"Access-Control-Request-Headers": asked} if asked else {}))


def test_a_bucket_without_rules_is_open(person: Person) -> None:
    for answer in (send(url(person), Origin=PAGE), preflight(url(person), "DELETE", asked="x-amz-meta-a")):
        assert (answer[0], answer[1]["allow-origin"]) == (200, ["*"])


@pytest.mark.parametrize(
    ("rules", "origin", "told"),
    [
        ([rule()], PAGE, PAGE),
        ([rule()], "https://other.example", None),
        ([rule()], "http://app.example", None),
        ([rule(AllowedOrigins=["*"])], PAGE, "*"),
        ([rule(AllowedOrigins=["https://*.example"])], PAGE, PAGE),
        ([rule(AllowedOrigins=["https://*.example"])], "https://example", None),
        ([rule(AllowedOrigins=["https://a.example", PAGE])], PAGE, PAGE),
        ([rule(AllowedMethods=["PUT"])], PAGE, None),
        ([rule(AllowedMethods=["PUT"]), rule(AllowedOrigins=["*"])], PAGE, "*"),
    ],
)
def test_answers_say_what_the_first_rule_that_fits_says(
    person: Person, ruled: Any, rules: list[dict[str, Any]], origin: str, told: str | None
) -> None:
    ruled(*rules)
    status, headers, body = send(url(person), Origin=origin)
    assert (status, body) == (200, "text")  # A rule is the browser's to keep.
    assert headers.get("allow-origin") == (None if told is None else [told])
    assert headers.get("allow-credentials") == (["true"] if told == PAGE else None)
    assert headers["vary"] == ["Origin, Access-Control-Request-Headers, Access-Control-Request-Method"]
    asked = preflight(url(person), origin=origin)
    assert asked[0] == (403 if told is None else 200)
    assert asked[1].get("allow-origin") == (None if told is None else [told])


def test_everything_that_a_rule_says_is_told_once(person: Person, ruled: Any) -> None:
    ruled(rule(ExposeHeaders=["ETag", "x-amz-version-id"], MaxAgeSeconds=300))
    for address, method in ((url(person), "GET"), (url(person, "put_object", "new"), "PUT")):
        _, headers, _ = send(address, method, Origin=PAGE)
        assert headers == {
            "allow-origin": [PAGE],
            "allow-methods": ["GET, PUT"],
            "allow-credentials": ["true"],
            "expose-headers": ["ETag, x-amz-version-id"],
            "max-age": ["300"],
            "vary": ["Origin, Access-Control-Request-Headers, Access-Control-Request-Method"],
        }
    assert "allow-origin" not in send(url(person))[1], "nobody asked"


@pytest.mark.parametrize(
    ("allowed", "asked", "taken"),
    [
        (["*"], "authorization, x-amz-date", True),
        (["x-amz-*", "Authorization"], "authorization,x-amz-date,X-Amz-Content-Sha256", True),
        (["x-amz-*"], "authorization", False),
        ([], "content-type", False),
        ([], "", True),
    ],
)
def test_headers_are_asked_for(person: Person, ruled: Any, allowed: list[str], asked: str, taken: bool) -> None:
    ruled({**rule(), "AllowedHeaders": allowed} if allowed else {"AllowedMethods": ["GET"], "AllowedOrigins": [PAGE]})
    status, headers, _ = preflight(url(person), asked=asked)
    assert status == (200 if taken else 403)
    if taken and asked:
        assert headers["allow-headers"] == [", ".join(name.strip().lower() for name in asked.split(","))]


def test_a_refused_question_is_answered_in_s3s_words(person: Person, ruled: Any) -> None:
    ruled(rule())
    status, headers, body = preflight(url(person), "DELETE")
    assert (status, "allow-origin" in headers) == (403, False)
    assert "<Code>AccessForbidden</Code><Message>CORSResponse: This CORS request is not allowed." in body
    assert "<Method>DELETE</Method><ResourceType>OBJECT</ResourceType>" in body


def test_refusals_can_be_read_by_the_page_too(person: Person, ruled: Any, hired: Any) -> None:
    ruled(rule())
    missing = send(url(person, key="missing"), Origin=PAGE)
    assert (missing[0], missing[1]["allow-origin"]) == (404, [PAGE])
    denied = send(url(hired(allow("s3:PutObject"))), Origin=PAGE)
    assert (denied[0], denied[1]["allow-origin"]) == (403, [PAGE])
    unsigned = send(f"{person.sandbox.url}/{BUCKET}/k", Origin=PAGE)
    assert (unsigned[0], unsigned[1]["allow-origin"]) == (403, [PAGE])
    assert "allow-origin" not in send(url(person, key="missing"), Origin="https://other.example")[1]


def test_buckets_by_host_name_have_their_rules_too(person: Person, ruled: Any) -> None:
    ruled(rule())
    port = urlsplit(person.sandbox.url).port
    status, headers, _ = preflight(f"{person.sandbox.url}/k", origin=PAGE)
    assert (status, headers["allow-origin"]) == (200, ["*"])  # There is no bucket `k`.
    asked = {"Host": f"{BUCKET}.localhost:{port}", "Origin": PAGE, "Access-Control-Request-Method": "GET"}
    assert send(f"{person.sandbox.url}/k", "OPTIONS", **asked)[1]["allow-origin"] == [PAGE]
    asked["Origin"] = "https://other.example"
    assert send(f"{person.sandbox.url}/k", "OPTIONS", **asked)[0] == 403


def test_another_accounts_bucket_of_that_name_has_its_own_rules(
    sandbox: RunningSandbox, person: Person, ruled: Any
) -> None:
    other = Person(sandbox, {"access_key": OTHER})
    other.client("s3").create_bucket(Bucket=BUCKET)
    try:
        ruled(rule())
        ruled(rule(AllowedOrigins=["https://theirs.example"]), person=other)
        # A presigned URL says whose bucket it is.
        assert preflight(url(person))[0] == 200
        assert preflight(url(other))[0] == 403
        assert preflight(url(other), origin="https://theirs.example")[0] == 200
        # A question alone does not: a rule of one of them is enough, and the answer is by the owner's.
        for origin in (PAGE, "https://theirs.example"):
            assert preflight(f"{sandbox.url}/{BUCKET}/k", origin=origin)[0] == 200
        assert preflight(f"{sandbox.url}/{BUCKET}/k", origin="https://nobodys.example")[0] == 403
        assert "allow-origin" not in send(url(other, key="k"), Origin=PAGE)[1]
    finally:
        other.client("s3").delete_bucket(Bucket=BUCKET)


def test_a_question_brings_no_account_into_being(sandbox: RunningSandbox) -> None:
    address = url(Person(sandbox, {"access_key": "999988880001"}))
    assert preflight(address)[1]["allow-origin"] == ["*"]
    from moto.s3.models import s3_backends

    assert "999988880001" not in s3_backends


@pytest.mark.parametrize(
    ("members", "code", "sentence"),
    [
        (
            {"AllowedOrigins": [PAGE, "https://*.shop.*"]},
            "InvalidRequest",
            'AllowedOrigin "https://*.shop.*" can not have more than one wildcard.',
        ),
        (
            {"AllowedHeaders": ["x-*-meta-*"]},
            "InvalidRequest",
            'AllowedHeader "x-*-meta-*" can not have more than one wildcard.',
        ),
        (
            {"ExposeHeaders": ["ETag", "x-amz-meta-*"]},
            "InvalidRequest",
            'ExposeHeader "x-amz-meta-*" contains wildcard. We currently do not support wildcard for ExposeHeader.',
        ),
        ({"AllowedMethods": ["PATCH"]}, "InvalidRequest", "Unsupported method is PATCH"),
        ({"AllowedOrigins": []}, "MalformedXML", "not well-formed"),
        ({"AllowedMethods": []}, "MalformedXML", "not well-formed"),
        ({"MaxAgeSeconds": -1}, "MalformedXML", "not well-formed"),
    ],
)
def test_rules_that_s3_does_not_take_change_nothing(
    admin: Person, ruled: Any, members: dict[str, Any], code: str, sentence: str
) -> None:
    ruled(rule())
    with pytest.raises(ClientError) as refused:
        ruled(rule(), rule(**members))
    assert refused.value.response["Error"]["Code"] == code
    assert sentence in refused.value.response["Error"]["Message"]
    assert len(admin.client("s3").get_bucket_cors(Bucket=BUCKET)["CORSRules"]) == 1


def test_a_rule_that_names_nothing_but_methods_and_origins_is_taken(person: Person, ruled: Any) -> None:
    ruled({"AllowedMethods": ["GET"], "AllowedOrigins": ["https://*.example"], "MaxAgeSeconds": 0})
    assert send(url(person), Origin=PAGE)[1]["allow-origin"] == [PAGE]
