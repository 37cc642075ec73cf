"""A page of another origin and a bucket, in Chromium: what the bucket's own CORS rules let it do."""

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from sandbox.testing import RunningSandbox

pytestmark = pytest.mark.slow
# What the page's script was answered, or that the browser kept it from the script.
FETCH = """
async ([url, init]) => {
  try {
    const answer = await fetch(url, {cache: "no-store", ...init});
    const headers = Object.fromEntries(answer.headers);
    const text = await answer.text();
    return {status: answer.status, text, etag: headers.etag || "", meta: headers["x-amz-meta-by"] || ""};
  } catch (problem) {
    return {status: 0, text: problem.name, etag: "", meta: ""};
  }
}
"""
BLOCKED = {"status": 0, "text": "TypeError", "etag": "", "meta": ""}


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Of a page at `localhost`; the sandbox is at `127.0.0.1`, which to a browser is somebody else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Another origin</title>")

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser, origin: str) -> Iterator[Page]:
    context = browser.new_context()  # Each with a memory of preflights of its own.
    opened = context.new_page()
    opened.goto(origin)
    yield opened
    context.close()


class Bucket:
    """A bucket with one object, and URLs that somebody with a session has signed for it."""

    def __init__(self, served: RunningSandbox, session: Any) -> None:
        self.owner, self.session, self.name = served.client("s3"), session, f"pages-{uuid.uuid4().hex[:12]}"
        self.owner.create_bucket(Bucket=self.name)
        self.owner.put_object(Bucket=self.name, Key="k", Body=b"text", Metadata={"by": "owner"})

    def rules(self, *rules: dict[str, Any]) -> None:
        self.owner.put_bucket_cors(Bucket=self.name, CORSConfiguration={"CORSRules": list(rules)})

    def url(self, operation: str = "get_object", key: str = "k", **more: Any) -> str:
        params = {"Bucket": self.name, "Key": key, **more}
        return str(self.session.generate_presigned_url(operation, Params=params))


@pytest.fixture
def bucket(served: RunningSandbox) -> Bucket:
    iam, name = served.client("iam"), f"Page{uuid.uuid4().hex[:8]}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(
        Principal={"AWS": "000000000000"}, Action="sts:AssumeRole"))["Role"]["Arn"]  # fmt: skip
    iam.put_role_policy(RoleName=name, PolicyName="s3", PolicyDocument=_document(Action="s3:*", Resource="*"))
    keys = served.client("sts").assume_role(RoleArn=role, RoleSessionName="page")["Credentials"]
    session = served.client(
        "s3", access_key=keys["AccessKeyId"], secret_key=keys["SecretAccessKey"], token=keys["SessionToken"]
    )
    return Bucket(served, session)


def _document(**members: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **members}]})


def fetched(page: Page, url: str, **init: Any) -> dict[str, Any]:
    return dict(page.evaluate(FETCH, [url, init]))


def test_a_page_reads_and_writes_what_the_rules_allow(page: Page, bucket: Bucket, origin: str) -> None:
    bucket.rules(
        {"AllowedOrigins": [origin], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["content-type", "x-amz-*"],
         "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}
    )  # fmt: skip
    read = fetched(page, bucket.url())
    assert (read["status"], read["text"], bool(read["etag"])) == (200, "text", True)
    assert read["meta"] == "", "it is not among those that the rule exposes"
    url = bucket.url("put_object", "new", Metadata={"by": "page"})
    headers = {"x-amz-meta-by": "page", "content-type": "text/plain"}
    assert fetched(page, url, method="PUT", body="from a page", headers=headers)["status"] == 200
    found = bucket.owner.get_object(Bucket=bucket.name, Key="new")
    assert (found["Body"].read(), found["Metadata"]) == (b"from a page", {"by": "page"})
    # A refusal is read like any answer.
    missing = fetched(page, bucket.url(key="missing"))
    assert (missing["status"], "<Code>NoSuchKey</Code>" in missing["text"]) == (404, True)


def test_the_browser_keeps_everything_else_from_the_page(page: Page, bucket: Bucket, origin: str) -> None:
    bucket.rules({"AllowedOrigins": [origin], "AllowedMethods": ["GET"], "AllowedHeaders": ["x-amz-date"]})
    assert fetched(page, bucket.url())["status"] == 200
    assert fetched(page, bucket.url("put_object", "no"), method="PUT", body="x") == BLOCKED
    assert fetched(page, bucket.url("delete_object"), method="DELETE") == BLOCKED
    assert fetched(page, bucket.url(), headers={"x-amz-meta-a": "b"}) == BLOCKED
    bucket.rules({"AllowedOrigins": ["https://app.example"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["*"]})
    assert fetched(page, bucket.url()) == BLOCKED
    # What needs no question was done all the same; only the answer is kept back.
    listed = [found["Key"] for found in bucket.owner.list_objects_v2(Bucket=bucket.name)["Contents"]]
    assert listed == ["k"]


def test_origins_by_pattern_and_all_of_them(page: Page, bucket: Bucket) -> None:
    for pattern, allowed in (("http://local*", True), ("https://*", False), ("*", True)):
        bucket.rules({"AllowedOrigins": [pattern], "AllowedMethods": ["GET"], "AllowedHeaders": ["*"]})
        assert (fetched(page, bucket.url())["status"] == 200) is allowed, pattern
    # Cookies are for origins that the rule names: for all of them at once, browsers do not take them.
    assert fetched(page, bucket.url(), credentials="include") == BLOCKED


def test_a_bucket_without_rules_is_open(page: Page, bucket: Bucket) -> None:
    assert fetched(page, bucket.url())["text"] == "text"
    assert fetched(page, bucket.url("put_object", "new"), method="PUT", body="x")["status"] == 200


def test_a_form_of_the_page_is_taken_by_its_policy(page: Page, bucket: Bucket, origin: str) -> None:
    """As `createPresignedPost` makes it for browsers; a form asks no question beforehand."""
    bucket.rules({"AllowedOrigins": [origin], "AllowedMethods": ["POST"], "AllowedHeaders": ["*"]})
    condition = ["content-length-range", 1, 20]
    form = bucket.session.generate_presigned_post(bucket.name, "up/${filename}", Conditions=[condition])
    assert _sent(page, form, "from a form") == 204
    assert bucket.owner.get_object(Bucket=bucket.name, Key="up/notes.txt")["Body"].read() == b"from a form"
    assert _sent(page, form, "more than it may be") == 204
    assert _sent(page, form, "more than it may be by its policy") == 400
    form["fields"]["key"] = "elsewhere"
    assert _sent(page, form, "x") == 403


def _sent(page: Page, form: dict[str, Any], text: str) -> int:
    script = """
    async ([form, text]) => {
      const data = new FormData();
      for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
      data.append("file", new File([text], "notes.txt", {type: "text/plain"}));
      return (await fetch(form.url, {method: "POST", body: data})).status;
    }
    """
    return int(page.evaluate(script, [form, text]))
