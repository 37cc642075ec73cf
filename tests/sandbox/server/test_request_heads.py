"""One reading of a request's head: addresses, hosts, names of headers, other protocols."""

import http.client
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.signing import signed_json
from tests.sandbox.wire import send


def answers(sandbox: RunningSandbox, *parts: bytes) -> list[int]:
    """The statuses of all answers on one connection on which these bytes were sent, and then its end."""
    where = urlsplit(sandbox.url)
    with socket.create_connection((where.hostname, where.port), timeout=60) as connection:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        stream = b"".join(iter(lambda: connection.recv(65536), b""))
    return [int(found[:3]) for found in stream.split(b"HTTP/1.1 ")[1:]]


def get(*lines: str, address: str = "/_sandbox/health") -> bytes:
    return ("\r\n".join([f"GET {address} HTTP/1.1", *lines]) + "\r\n\r\n").encode("latin-1")


HEALTH = get("Host: 127.0.0.1")


@pytest.mark.parametrize(
    "request_bytes",
    [
        get("Host: 127.0.0.1", "Host: 127.0.0.1"),
        get("Host: 127.0.0.1", "Host: elsewhere.example"),
        get(),
        get("Host:"),
        get("Host: 127.0.0.1:80@elsewhere.example"),
        get("Host: someone@127.0.0.1"),
        get("Host: 127.0.0.1,127.0.0.1"),
        get("Host: 127.0.0.1/"),
        get("Host: 127.0.0.1:http"),
        get("Host: 127.0.0.1", address="http://elsewhere.example/_sandbox/health"),
        get("Host: 127.0.0.1", address="http://someone@127.0.0.1/_sandbox/health"),
        get("Host: 127.0.0.1", address="ftp://127.0.0.1/_sandbox/health"),
        get("Host: 127.0.0.1", address="/_sandbox/health#part"),
        get("Host: 127.0.0.1", address="*"),
        get("Host: 127.0.0.1", "a_b: c"),
        get("Host: 127.0.0.1", "x-amz-copy_source: a/b"),
        get("Host: 127.0.0.1", "x_amz_target: a"),
        get("Host: 127.0.0.1", "x.y: c"),
        get("Host: 127.0.0.1", "X-Amz-Target: a", "x-amz-target: b"),
        get("Host: 127.0.0.1", "Origin: http://localhost", "Origin: https://elsewhere.example"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(shared_sandbox: RunningSandbox, request_bytes: bytes) -> None:
    assert answers(shared_sandbox, request_bytes + HEALTH) == [400]


@pytest.mark.parametrize(
    "request_bytes",
    [
        get("Host: 127.0.0.1", address="http://127.0.0.1/_sandbox/health"),
        get("Host: LOCALHOST:4566", address="HTTP://localhost:4566/_sandbox/health?a=b"),
        get("Host: [::1]:4566"),
        get("Host: 127.0.0.1 \t"),
        get("Host: 127.0.0.1", "Accept: a", "Accept: b"),
        get("Host: 127.0.0.1", "x-amz-meta-a_b.c: d"),
    ],
)
def test_what_has_one_reading_is_taken(shared_sandbox: RunningSandbox, request_bytes: bytes) -> None:
    assert answers(shared_sandbox, request_bytes) == [200]


def test_a_proxy_is_asked_for_elsewhere(shared_sandbox: RunningSandbox) -> None:
    tunnel = b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n"
    assert answers(shared_sandbox, tunnel + HEALTH) == [405]


def test_metadata_keeps_its_names(shared_sandbox: RunningSandbox) -> None:
    s3 = shared_sandbox.client("s3")
    s3.create_bucket(Bucket="names")
    s3.put_object(Bucket="names", Key="a", Body=b"x", Metadata={"my_key": "1", "my.key": "2"})
    assert s3.head_object(Bucket="names", Key="a")["Metadata"] == {"my_key": "1", "my.key": "2"}


# --- Other protocols --------------------------------------------------------------------------------------------------

UPGRADE = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"


@pytest.mark.parametrize(
    "framing", [f"Content-Length: {len(HEALTH)}\r\n\r\n", f"Transfer-Encoding: chunked\r\n\r\n{len(HEALTH):x}\r\n"]
)
def test_a_body_behind_upgrade_is_that_requests_body(shared_sandbox: RunningSandbox, framing: str) -> None:
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n{UPGRADE}{framing}".encode()
    end = b"\r\n0\r\n\r\n" if "chunked" in framing else b""
    assert answers(shared_sandbox, head, HEALTH, end) == [403]
    assert answers(shared_sandbox, head + HEALTH + end + HEALTH) == [403, 200]


def test_requests_go_on_behind_upgrade(shared_sandbox: RunningSandbox) -> None:
    asking = get("Host: 127.0.0.1", *UPGRADE.splitlines())
    assert answers(shared_sandbox, asking + asking + HEALTH) == [200, 200, 200]
    trailer = b"POST /_sandbox/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    assert answers(shared_sandbox, trailer + UPGRADE.encode() + b"\r\n" + HEALTH) == [404, 200]


def test_a_signed_call_as_clients_of_http_2_send_it(shared_sandbox: RunningSandbox) -> None:
    body = json.dumps({"MaxResults": 5}).encode()
    target = "AWSCognitoIdentityService.ListIdentityPools"
    call = signed_json(shared_sandbox, target, body, "cognito-identity")
    call.headers |= {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}
    assert call.send(shared_sandbox).status == 200


# --- IPv6 -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def on_all_addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    file = tmp_path_factory.mktemp("v6") / "sandbox.sqlite3"
    if not socket.has_dualstack_ipv6():
        pytest.skip("This machine has no IPv6.")
    with running_sandbox(SandboxConfig(data_file=file, host="::", port=0, seed=False), log_requests=True) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("address", "known"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1")])
def test_a_socket_of_both_protocols_knows_the_callers_address(
    on_all_addresses: RunningSandbox, address: str, known: str
) -> None:
    connection = http.client.HTTPConnection(address, urlsplit(on_all_addresses.url).port, timeout=60)
    connection.request("GET", "/_sandbox/health")
    assert connection.getresponse().status == 200
    connection.close()
    assert on_all_addresses.requests[-1].client == known


def test_an_unspecified_address_is_no_host_name(on_all_addresses: RunningSandbox) -> None:
    for host in ("[::]", "0.0.0.0:4566"):
        assert send(on_all_addresses, "GET", "/_sandbox/health", headers={"Host": host}).status == 400
