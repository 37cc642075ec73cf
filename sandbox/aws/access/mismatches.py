"""What a refused signature should have been of: the text that AWS says it computed, so that clients can compare.

S3 has members of its document for it; elsewhere it follows the sentence. What was sent comes back to whoever sent it,
session token included, and is written down nowhere.
"""

from sandbox.aws.signing import sigv2, sigv4
from sandbox.aws.wire.error_codes import WORDING, Family, worded_refusal
from sandbox.core.errors import AwsError
from sandbox.core.http import Request


def mismatch(request: Request, family: Family, signed: sigv4.Signed, *, with_body: bool) -> AwsError:
    """The refusal of a signature of Signature Version 4.

    Args:
        with_body: whether the body is there already; what is said of it is what was stated until it is.
    """
    error = worded_refusal(WORDING[family].mismatch)
    hashed = family != "s3" and with_body
    payload = request.body_sha256 if hashed else sigv4.payload_hash(request, signed)
    canonical = next(iter(sigv4.canonical_requests(request, signed, payload)))
    to_sign = sigv4.string_to_sign(canonical, signed)
    if family == "s3":
        error.members = {
            "AWSAccessKeyId": signed.access_key_id,
            "StringToSign": _readable(to_sign),
            "SignatureProvided": signed.signature,
            "StringToSignBytes": _bytes(to_sign),
            "CanonicalRequest": _readable(canonical),
            "CanonicalRequestBytes": _bytes(canonical),
        }
        return error
    error.message += (
        f"\n\nThe Canonical String for this request should have been\n'{_readable(canonical)}'"
        f"\n\nThe String-to-Sign should have been\n'{_readable(to_sign)}'\n"
    )
    return error


def mismatch_of_url(request: Request, presigned: sigv2.Presigned) -> AwsError:
    """The refusal of a URL of Signature Version 2."""
    error = worded_refusal(WORDING["s3"].mismatch)
    to_sign = next(iter(sigv2.strings_to_sign(request, presigned.expires)))
    error.members = {
        "AWSAccessKeyId": presigned.access_key_id,
        "StringToSign": _readable(to_sign),
        "SignatureProvided": presigned.signature,
        "StringToSignBytes": _bytes(to_sign),
    }
    return error


def mismatch_of_form(policy: str, access_key_id: str, signature: str) -> AwsError:
    """The refusal of a form: what is signed is its policy, as it was sent."""
    error = worded_refusal(WORDING["s3"].mismatch)
    error.members = {
        "AWSAccessKeyId": access_key_id,
        "StringToSign": policy,
        "SignatureProvided": signature,
        "StringToSignBytes": _bytes(policy),
    }
    return error


def _readable(text: str) -> str:
    """Bytes that are no UTF-8, which a header may have, cannot be written as such."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _bytes(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex(" ")
