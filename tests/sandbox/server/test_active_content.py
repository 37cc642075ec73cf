"""What users wrote is nobody's page when it comes back from the sandbox's own origin."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.testing import RunningSandbox
from tests.sandbox.lab import Lab
from tests.sandbox.wire import Answer, call_query, send


def stored(lab: Lab, kind: str, **response: str) -> Answer:
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="content")
    s3.put_object(Bucket="content", Key="page", Body=b"<script>1</script>", ContentType=kind)
    named = {f"Response{name}": value for name, value in response.items()}
    url = urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": "content", "Key": "page", **named}))
    answer = send(lab.sandbox, "GET", f"{url.path}?{url.query}")
    assert answer.status == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer


@pytest.mark.parametrize(
    "kind",
    [
        "text/html", "TEXT/HTML; charset=utf-8", "text/xsl", "text/xml", "application/xml", "application/xhtml+xml",
        "image/svg+xml", "application/rss+xml", "text/javascript", "text/plain, text/html",
        "text/plain; a=b, text/html", "text/plainx", "multipart/related", "message/rfc822",
        "application/x-unknown", "text/cache-manifest",
    ],
)  # fmt: skip
def test_what_may_run_is_contained(lab: Lab, kind: str) -> None:
    assert stored(lab, kind).headers["content-security-policy"] == "sandbox"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain", "text/plain; charset=utf-8", "Text/CSV", "application/json", "application/pdf",
        "application/octet-stream", "binary/octet-stream", "image/png", "image/jpeg",
        "audio/mpeg", "video/mp4", "font/woff2",
    ],
)  # fmt: skip
def test_what_runs_nothing_is_left_as_it_is(lab: Lab, kind: str) -> None:
    assert "content-security-policy" not in stored(lab, kind).headers


def test_the_kind_that_is_sent_counts(lab: Lab) -> None:
    assert "content-security-policy" in stored(lab, "text/plain", ContentType="text/html").headers
    assert "content-security-policy" not in stored(lab, "text/html", ContentType="text/plain").headers


def test_documents_that_name_what_users_wrote_are_contained(shared_sandbox: RunningSandbox) -> None:
    answers: list[Any] = [
        send(shared_sandbox, "GET", "/bucket/%3Cscript%3E"),
        call_query(shared_sandbox, "<script>"),
        call_query(shared_sandbox, "GetCallerIdentity"),
    ]
    for answer in answers:
        assert answer.headers["content-security-policy"] == "sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
