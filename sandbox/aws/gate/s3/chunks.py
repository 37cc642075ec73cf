"""The `aws-chunked` framing of uploads, and the signatures of its chunks.

Source: Amazon S3 API Reference, "Signature calculations for the Authorization header: transferring payload in multiple
chunks" and "... with trailing headers".
"""

import hmac
from hashlib import sha256

from sandbox.core.errors import AwsError

_CHUNK_LIMIT = 64 * 1024 * 1024
_EMPTY = sha256(b"").hexdigest()
_SIGNATURE = b"chunk-signature="
_TRAILER_SIGNATURE = "x-amz-trailer-signature"


class ChunkSigner:
    """Computes the signature of each chunk; every one goes into the next, the first from that of the request.

    Args:
        secret: the caller's secret access key.
        date: `x-amz-date` of the request.
        scope: `DATE/REGION/SERVICE/aws4_request`.
        seed: the signature of the request.
    """

    def __init__(self, secret: str, date: str, scope: str, seed: str) -> None:
        key = f"AWS4{secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        self._key, self._date, self._scope, self._previous = key, date, scope, seed

    def check_chunk(self, content: bytes, extension: bytes) -> None:
        """Compare the signature in a chunk's extension with the one that its content must have.

        Raises:
            AwsError: SignatureDoesNotMatch.
        """
        stated = extension.removeprefix(_SIGNATURE).decode("latin-1") if extension.startswith(_SIGNATURE) else ""
        self._check("AWS4-HMAC-SHA256-PAYLOAD", [_EMPTY, sha256(content).hexdigest()], stated)

    def check_trailers(self, trailers: dict[str, str]) -> None:
        """Take the signature of the trailers out of them and compare it.

        Raises:
            AwsError: SignatureDoesNotMatch.
        """
        stated = trailers.pop(_TRAILER_SIGNATURE, "")
        canonical = "".join(f"{name}:{value}\n" for name, value in sorted(trailers.items()))
        self._check("AWS4-HMAC-SHA256-TRAILER", [sha256(canonical.encode()).hexdigest()], stated)

    def _check(self, algorithm: str, hashes: list[str], stated: str) -> None:
        text = "\n".join([algorithm, self._date, self._scope, self._previous, *hashes])
        expected = hmac.digest(self._key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), stated.encode()):
            raise AwsError(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and "
                "signing method.",
                403,
            )
        self._previous = expected


def unpack(body: bytes, signer: ChunkSigner | None = None) -> tuple[bytes, dict[str, str]]:
    """The chunks put together, and the trailers after the last one.

    Raises:
        AwsError: IncompleteBody, InvalidChunkSizeError, EntityTooLarge, SignatureDoesNotMatch.
    """
    payload, position = bytearray(), 0
    while True:
        end = body.find(b"\r\n", position)
        if end < 0:
            raise _incomplete()
        digits, _, extension = body[position:end].partition(b";")
        size, position = _chunk_size(digits.strip()), end + 2
        content = body[position : position + size]
        if signer is not None:
            signer.check_chunk(content, extension.strip())
        if size == 0:
            return bytes(payload), _trailers(body[position:], signer)
        if body[position + size : position + size + 2] != b"\r\n":
            raise _incomplete()
        payload += content
        position += size + 2


def _incomplete() -> AwsError:
    return AwsError("IncompleteBody", "The request body terminated unexpectedly")


def _chunk_size(digits: bytes) -> int:
    if not digits or len(digits) > 8 or not set(digits.lower()) <= set(b"0123456789abcdef"):
        raise AwsError("InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes")
    size = int(digits, 16)
    if size > _CHUNK_LIMIT:
        raise AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
    return size


def _trailers(rest: bytes, signer: ChunkSigner | None) -> dict[str, str]:
    found = {}
    for line in rest.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon:
            found[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()
    if signer is not None and found:
        signer.check_trailers(found)
    return found
