"""What somebody who sends too much, too slowly or too often may hold of a sandbox that others use."""

import http.client
import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from sandbox.aws.wire.query import form_fields
from sandbox.core.config import SandboxConfig
from sandbox.core.limits import MB, SMALL, BytesHeld, HeadProof, Limits, peer_of, plain_address
from sandbox.server import http1, lifecycle
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.signing import signed_json, signed_query
from tests.sandbox.wire import call_json, send

HOST = "Host: 127.0.0.1\r\n"
HEALTH = f"GET /_sandbox/health HTTP/1.1\r\n{HOST}\r\n".encode()


def connect(sandbox: RunningSandbox) -> socket.socket:
    parts = urlsplit(sandbox.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=60)


def answer(connection: socket.socket) -> http.client.HTTPResponse:
    found = http.client.HTTPResponse(connection)
    found.begin()
    return found


def wait_until_read(sandbox: RunningSandbox) -> None:
    """Return when all that was sent is read: the server reads of each connection in turn, a quarter of a megabyte."""
    for _ in range(20):
        assert send(sandbox, "GET", "/_sandbox/health").status == 200


def has_ended(connection: socket.socket, seconds: float = 0.2) -> bool:
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


def put(size: int, *more: str) -> bytes:
    lines = ["PUT /bucket/key HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {size}", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Limits of the sandboxes that a test starts; it changes them before it does."""
    chosen: dict[str, Any] = {}
    monkeypatch.setattr(lifecycle, "Limits", lambda: Limits(**chosen))
    return chosen


@pytest.fixture
def sandbox(tmp_path_factory: pytest.TempPathFactory, limits: dict[str, Any]) -> Iterator[RunningSandbox]:
    file = tmp_path_factory.mktemp("strangers") / "sandbox.sqlite3"
    limits |= {"of_proof": (MB, 2 * MB, 64 * MB), "of_peer": (MB, 2 * MB, 30 * MB), "connections_of_peer": 6}
    with running_sandbox(SandboxConfig(data_file=file, port=0, seed=False)) as running:
        yield running


# --- Sizes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        ("X-Amz-Target: AWSCognitoIdentityService.GetId", 413, "RequestEntityTooLarge"),
        ("X-Amz-Target: DynamoDB_20120810.PutItem", 413, "RequestEntityTooLarge"),
        ("Content-Type: application/x-www-form-urlencoded", 413, "RequestEntityTooLarge"),
        ("Content-Type: application/octet-stream", 413, "EntityTooLarge"),
    ],
)
def test_a_size_that_is_too_large_is_refused_before_the_body(
    shared_sandbox: RunningSandbox, head: str, status: int, code: str
) -> None:
    with connect(shared_sandbox) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\n{HOST}{head}\r\nContent-Length: {MB + 1}\r\n\r\n".encode())
        found = answer(connection)
        assert found.status == status
        assert found.headers["connection"] == "close"
        assert code in found.read().decode()


def test_a_size_that_nobody_states_is_refused_while_it_comes(shared_sandbox: RunningSandbox) -> None:
    with connect(shared_sandbox) as connection:
        head = "X-Amz-Target: AWSCognitoIdentityService.GetId\r\nTransfer-Encoding: chunked\r\n"
        connection.sendall(f"POST / HTTP/1.1\r\n{HOST}{head}\r\n".encode())
        for _ in range(17):
            connection.sendall(b"10000\r\n" + b" " * SMALL + b"\r\n")
        assert answer(connection).status == 413


def test_each_service_has_its_largest_request(shared_sandbox: RunningSandbox) -> None:
    two = b'{"TableName": "' + b"x" * (2 * MB) + b'"}'
    taken = signed_json(shared_sandbox, "DynamoDB_20120810.DescribeTable", two, "dynamodb").send(shared_sandbox)
    assert taken.status == 400
    refused = signed_json(shared_sandbox, "AmazonSSM.GetParameter", two, "ssm").send(shared_sandbox)
    assert refused.status == 413
    body = urlencode({"Action": "ListRoles", "Version": "2010-05-08", "Marker": "x" * 2 * MB}).encode()
    assert signed_query(shared_sandbox, service="sts", body=body).send(shared_sandbox).status == 413
    assert signed_query(shared_sandbox, service="iam", body=body).send(shared_sandbox).status == 413


@pytest.mark.slow
@pytest.mark.parametrize("size", [MB, pytest.param(10_000_000, marks=pytest.mark.slow)])
def test_iam_takes_the_longest_saml_metadata(shared_sandbox: RunningSandbox, size: int) -> None:
    longest = "<" * size
    iam = shared_sandbox.client("iam")
    with pytest.raises(iam.exceptions.InvalidInputException, match="Could not parse metadata"):
        iam.create_saml_provider(Name="Longest", SAMLMetadataDocument=longest)


def test_metadata_of_strangers_is_not_decoded(shared_sandbox: RunningSandbox) -> None:
    body = b"Action=CreateSAMLProvider&Version=2010-05-08&SAMLMetadataDocument=" + b"%41" * MB
    refused = signed_query(shared_sandbox, secret="wrong", service="iam", body=body).send(shared_sandbox)
    assert (refused.status, b"SignatureDoesNotMatch" in refused.body) == (403, True)


@pytest.mark.parametrize("text", ["a=" + "%41" * 70_000, "a=" + "é%C3%A9+" * 30_000, "b=" + "x" * 65_535 + "%25y&c=d"])
def test_a_large_form_reads_like_a_small_one(text: str) -> None:
    from urllib.parse import parse_qsl

    assert form_fields(text) == dict(parse_qsl(text, keep_blank_values=True))


def test_json_of_too_many_values_is_not_read(shared_sandbox: RunningSandbox) -> None:
    body = b'{"TableName": "x", "Extra": [' + b"[]," * 600_000 + b"[]]}"
    refused = signed_json(shared_sandbox, "DynamoDB_20120810.DescribeTable", body, "dynamodb").send(shared_sandbox)
    assert (refused.status, refused.json["__type"]) == (400, "SerializationException")


def test_an_upload_with_a_wrong_signature_is_refused_before_it_comes(shared_sandbox: RunningSandbox) -> None:
    signed = "host;x-amz-content-sha256;x-amz-date"
    scope = f"Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders={signed}, Signature={'0' * 64}"
    with connect(shared_sandbox) as connection:
        connection.sendall(
            put(
                50 * MB,
                f"Authorization: AWS4-HMAC-SHA256 {scope}",
                "X-Amz-Date: 20260101T000000Z",
                "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD",
            )
        )
        found = answer(connection)
        assert (found.status, found.headers["connection"]) == (403, "close")
        assert b"SignatureDoesNotMatch" in found.read()


# --- Bytes under way --------------------------------------------------------------------------------------------------


def test_bodies_of_strangers_have_a_share_and_small_calls_need_none(sandbox: RunningSandbox) -> None:
    with ExitStack() as stack:
        first, second = (stack.enter_context(connect(sandbox)) for _ in range(2))
        first.sendall(put(MB, "Content-Type: text/plain") + b"a" * (700 * 1024))
        wait_until_read(sandbox)
        second.sendall(put(MB, "Content-Type: text/plain") + b"a" * (700 * 1024))
        found = answer(second)
        assert (found.status, found.headers["retry-after"], found.headers["connection"]) == (503, "1", "close")
        assert json.loads(found.headers["x-sandbox-decisions"])[-1]["code"] == "request.busy"
        assert b"Please reduce your request rate" in found.read()
        assert call_json(sandbox, "GetId", {"IdentityPoolId": "x"}).status == 400
    with connect(sandbox) as third:  # What ended gave its share back.
        third.sendall(put(MB) + b"a" * MB)
        assert answer(third).status == 403


@pytest.mark.slow
def test_proven_uploads_are_taken_while_strangers_hold_their_share(sandbox: RunningSandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="uploads")
    with connect(sandbox) as stranger:
        stranger.sendall(put(MB) + b"a" * (1000 * 1024))
        s3.put_object(Bucket="uploads", Key="large", Body=b"b" * (2 * MB))
    assert s3.get_object(Bucket="uploads", Key="large")["ContentLength"] == 2 * MB


@pytest.mark.slow
def test_answers_that_are_not_read_have_a_share(sandbox: RunningSandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="slow")
    s3.put_object(Bucket="slow", Key="large", Body=b"b" * (20 * MB))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "slow", "Key": "large"})
    parts = urlsplit(url)
    get = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    with connect(sandbox) as slow, connect(sandbox) as other:
        slow.sendall(get)
        assert select.select([slow], [], [], 60)[0]
        other.sendall(get)
        assert answer(other).status == 503
        assert len(answer(slow).read()) == 20 * MB
    assert s3.get_object(Bucket="slow", Key="large")["ContentLength"] == 20 * MB


def test_shares_by_proof_and_peer() -> None:
    held_by_all = BytesHeld(Limits(total=10, of_proof=(4, 6, 10), of_peer=(2, 3, 8)))
    held = held_by_all.share("a", HeadProof.STRANGER)
    assert [held.grow(2), held.grow(1), held_by_all.share("b", HeadProof.STRANGER).grow(2)] == [True, False, True]
    assert not held_by_all.share("c", HeadProof.STRANGER).grow(1)
    assert held_by_all.share("a", HeadProof.PROVEN).grow(6)
    assert not held_by_all.share("d", HeadProof.PROVEN).grow(1)
    held.release()
    held.release()
    assert held_by_all.total == 8


@pytest.mark.parametrize(
    ("address", "plain", "peer"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("::1", "::1", "::1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::1", "fe80::/64"),
        ("", "", ""),
    ],
)
def test_who_is_one_peer(address: str, plain: str, peer: str) -> None:
    assert (plain_address(address), peer_of(plain_address(address))) == (plain, peer)


# --- Connections ------------------------------------------------------------------------------------------------------


def test_one_peer_gives_up_what_it_does_not_use_for_what_it_does(sandbox: RunningSandbox) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(sandbox)) for _ in range(6)]
        for connection in slow:
            connection.sendall(b"GET / HT")
        assert send(sandbox, "GET", "/_sandbox/health").status == 200
        assert has_ended(slow[0], 60)  # the one that had waited longest
        assert not any(has_ended(connection) for connection in slow[1:])


def test_a_class_behind_one_address_fits() -> None:
    limits = Limits()
    assert 24 * 6 + 100 < limits.connections_of_peer <= limits.connections // 2


# --- Time -------------------------------------------------------------------------------------------------------------


def test_a_head_that_comes_byte_by_byte_has_a_deadline(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_HEAD_SECONDS", "_CHECK_SECONDS"):
        monkeypatch.setattr(http1, name, 0.3)
    file = tmp_path_factory.mktemp("slow") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=file, port=0, seed=False)) as sandbox, connect(sandbox) as slow:
        slow.settimeout(0.05)
        until = time.monotonic() + 60
        found, sent = b"", 0
        while not found and time.monotonic() < until:
            slow.sendall(b"\r\n" if not sent else b"GET / HTTP/1.1"[sent - 1 : sent] or b"/")
            sent += 1
            try:
                found = slow.recv(100)
            except TimeoutError:
                continue
        assert found.startswith(b"HTTP/1.1 408")


@pytest.mark.slow
def test_a_body_and_a_reader_need_a_pace(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path_factory.mktemp("pace") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=file, port=0, seed=False)) as sandbox, ExitStack() as stack:
        s3 = sandbox.client("s3")
        s3.create_bucket(Bucket="pace")
        s3.put_object(Bucket="pace", Key="large", Body=b"b" * (20 * MB))
        for name, value in {"_BODY_SECONDS": 0.3, "_CHECK_SECONDS": 0.2, "_LINGER": 0.2, "_PACE": 64 * MB}.items():
            monkeypatch.setattr(http1, name, value)
        slow, reader = (stack.enter_context(connect(sandbox)) for _ in range(2))
        slow.sendall(put(1000))
        parts = urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": "pace", "Key": "large"}))
        reader.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert answer(slow).status == 408
        time.sleep(5)  # what the server has closed shows to nobody who does not read
        with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
            answer(reader).read()
