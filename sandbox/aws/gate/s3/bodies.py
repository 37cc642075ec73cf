"""Bodies of S3 uploads: `aws-chunked` framing taken off, checksums compared.

Source: Amazon S3 API Reference, "Signature calculations: transferring payload in multiple chunks" and "Checking object
integrity".
"""

import base64
import hashlib
import hmac
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache

from sandbox.aws.gate.s3.chunks import ChunkSigner, unpack
from sandbox.core.errors import AwsError

_STREAMING = "STREAMING-"
_CHECKSUM = "x-amz-checksum-"


def decode_body(
    headers: Mapping[str, str], body: bytes, signer: ChunkSigner | None = None
) -> tuple[bytes, dict[str, str]]:
    """The payload of an upload and the headers that go with it.

    An `aws-chunked` body is unpacked, its trailing checksum becomes a header, and its encoding leaves no trace.

    Args:
        signer: knows the signature that each chunk must have, when chunks are signed.

    Raises:
        AwsError: IncompleteBody, InvalidChunkSizeError, MalformedTrailerError for a bad frame; SignatureDoesNotMatch
            for a chunk with another signature; InvalidRequest for a trailer that is no checksum; BadDigest,
            InvalidDigest for a checksum that is not the payload's.
    """
    result = dict(headers)
    chunked = headers.get("x-amz-content-sha256", "").startswith(_STREAMING)
    codings = [coding.strip() for coding in headers.get("content-encoding", "").split(",") if coding.strip()]
    if chunked or "aws-chunked" in codings:
        body, trailers = unpack(body, signer)
        stated = headers.get("x-amz-decoded-content-length")
        if stated is not None and stated != str(len(body)):
            raise AwsError("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length")
        _add_trailers(result, headers, trailers)
        rest = [coding for coding in codings if coding != "aws-chunked"]
        result.pop("content-encoding", None)
        if rest:
            result["content-encoding"] = ",".join(rest)
        for name in ("x-amz-decoded-content-length", "x-amz-trailer"):
            result.pop(name, None)
        result["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
    result["content-length"] = str(len(body))
    _check(result, body)
    return body, result


def _add_trailers(result: dict[str, str], headers: Mapping[str, str], trailers: Mapping[str, str]) -> None:
    announced = {name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",") if name.strip()}
    # Rights were decided by the headers. One that came behind them could name a source to copy, a grant or a tag.
    if not all(name.startswith(_CHECKSUM) for name in announced):
        raise AwsError("InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
    if announced - trailers.keys():
        raise AwsError("MalformedTrailerError", "The request contained trailing data that was not well-formed")
    result.update({name: trailers[name] for name in announced})


# --- Checksums --------------------------------------------------------------------------------------------------------


def _check(headers: Mapping[str, str], body: bytes) -> None:
    """Compare every checksum that the request states with the payload's."""
    stated = headers.get("content-md5")
    if stated is not None:
        wanted = _decoded(stated, "Content-MD5", 16)
        if not hmac.compare_digest(wanted, hashlib.md5(body, usedforsecurity=False).digest()):
            raise AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.")
    for name, checksum in CHECKSUMS.items():
        stated = headers.get(f"{_CHECKSUM}{name}")
        if stated is None or "-" in stated:  # a checksum of checksums belongs to CompleteMultipartUpload
            continue
        actual = checksum(body)
        if not hmac.compare_digest(_decoded(stated, f"{_CHECKSUM}{name}", len(actual)), actual):
            raise AwsError("BadDigest", f"The {name.upper()} you specified did not match the calculated checksum.")


def _decoded(text: str, header: str, length: int) -> bytes:
    try:
        digest = base64.b64decode(text, validate=True)
    except ValueError:
        digest = b""
    if len(digest) == length:
        return digest
    if header == "Content-MD5":
        raise AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.")
    raise AwsError("InvalidRequest", f"Value for {header} header is invalid.")


@lru_cache(maxsize=4)
def _table(polynomial: int) -> tuple[int, ...]:
    """The 256 remainders of a reflected CRC."""
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ polynomial if value & 1 else value >> 1
        table.append(value)
    return tuple(table)


def _crc(body: bytes, polynomial: int, width: int) -> bytes:
    """A reflected CRC with all bits set before and inverted after (RFC 3720 for CRC-32C, NVMe for CRC-64)."""
    table, mask = _table(polynomial), (1 << width) - 1
    value = mask
    for byte in body:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return (value ^ mask).to_bytes(width // 8, "big")


CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "crc32c": lambda body: _crc(body, 0x82F63B78, 32),
    "crc64nvme": lambda body: _crc(body, 0x9A6C9329AC4BC9B5, 64),
    "sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "sha256": lambda body: hashlib.sha256(body).digest(),
}
