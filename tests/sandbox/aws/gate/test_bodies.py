import base64
import hashlib
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.aws.gate.s3.bodies import CHECKSUMS, decode_body
from sandbox.core.errors import AwsError

UNSIGNED = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "content-encoding": "aws-chunked"}


def crc32(content: bytes) -> str:
    return base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()


def test_chunks_are_put_together_and_the_trailer_becomes_a_header() -> None:
    body = f"3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:{crc32(b'abcde')}\r\n\r\n".encode()
    headers = {**UNSIGNED, "x-amz-trailer": "x-amz-checksum-crc32", "x-amz-decoded-content-length": "5"}
    content, passed = decode_body(headers, body)
    assert content == b"abcde"
    assert passed == {
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        "content-length": "5",
        "x-amz-checksum-crc32": crc32(b"abcde"),
    }


def test_signed_chunks_have_an_extension_behind_their_size() -> None:
    signature = "0" * 64
    body = f"3;chunk-signature={signature}\r\nabc\r\n0;chunk-signature={signature}\r\n\r\n".encode()
    headers = {"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "content-encoding": "aws-chunked,gzip"}
    content, passed = decode_body(headers, body)
    assert content == b"abc"
    assert passed["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "more", "code"),
    [
        (b"", {}, "IncompleteBody"),
        (b"3\r\nab", {}, "IncompleteBody"),
        (b"3\r\nabc", {}, "IncompleteBody"),
        (b"3\r\nabcd\r\n0\r\n\r\n", {}, "IncompleteBody"),
        (b"3\r\nabc\r\n", {}, "IncompleteBody"),
        (b"x\r\nabc\r\n0\r\n\r\n", {}, "InvalidChunkSizeError"),
        (b"-1\r\nabc\r\n0\r\n\r\n", {}, "InvalidChunkSizeError"),
        (b"ffffffffff\r\nabc\r\n0\r\n\r\n", {}, "InvalidChunkSizeError"),
        (b"ffffffff\r\nabc\r\n0\r\n\r\n", {}, "EntityTooLarge"),
        (b"3\r\nabc\r\n0\r\n\r\n", {"x-amz-decoded-content-length": "4"}, "IncompleteBody"),
        (b"3\r\nabc\r\n0\r\n\r\n", {"x-amz-trailer": "x-amz-checksum-crc32"}, "MalformedTrailerError"),
        (
            b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
            {"x-amz-trailer": "x-amz-checksum-crc32"},
            "BadDigest",
        ),
    ],
)
def test_bad_frames_are_refused(body: bytes, more: dict[str, str], code: str) -> None:
    with pytest.raises(AwsError) as refusal:
        decode_body({**UNSIGNED, **more}, body)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("name", "expected"),
    [("crc32", "cbf43926"), ("crc32c", "e3069283"), ("crc64nvme", "ae8b14860a799888")],
)
def test_checksums_agree_with_the_published_check_values(name: str, expected: str) -> None:
    """The check value of a CRC is that of the nine digits."""
    assert CHECKSUMS[name](b"123456789").hex() == expected


@pytest.mark.parametrize("name", sorted(CHECKSUMS))
def test_every_checksum_is_compared(name: str) -> None:
    right = base64.b64encode(CHECKSUMS[name](b"right")).decode()
    assert decode_body({f"x-amz-checksum-{name}": right}, b"right")[0] == b"right"
    with pytest.raises(AwsError) as refusal:
        decode_body({f"x-amz-checksum-{name}": right}, b"wrong")
    assert refusal.value.code == "BadDigest"


def test_md5_is_compared() -> None:
    right = base64.b64encode(hashlib.md5(b"right").digest()).decode()  # noqa: S324
    assert decode_body({"content-md5": right}, b"right")[0] == b"right"
    for stated, body, code in ((right, b"wrong", "BadDigest"), ("x", b"right", "InvalidDigest")):
        with pytest.raises(AwsError) as refusal:
            decode_body({"content-md5": stated}, body)
        assert refusal.value.code == code


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.lists(st.binary(min_size=1, max_size=30), max_size=4))
def test_any_body_is_decoded_or_refused(junk: bytes, chunks: list[bytes]) -> None:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    assert decode_body(UNSIGNED, framed)[0] == b"".join(chunks)
    try:
        decode_body(UNSIGNED, junk)
    except AwsError as refusal:
        assert refusal.status == 400  # noqa: PT017
