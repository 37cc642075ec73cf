"""How each family of services words the same trouble: JSON services, query services, S3.

The codes are those that AWS documents under "Common errors" of each service's API reference, and S3's list
(https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
"""

from dataclasses import dataclass
from typing import Literal

from sandbox.core.errors import AwsError

Family = Literal["json", "query", "s3"]


@dataclass(frozen=True, slots=True)
class Wording:
    """(code, status) or (code, status, message) of each refusal."""

    missing: tuple[str, int, str]
    incomplete: tuple[str, int]
    unknown_key: tuple[str, int, str]
    invalid_token: tuple[str, int, str]
    expired_token: tuple[str, int, str]
    mismatch: tuple[str, int, str]
    wrong_scope: tuple[str, int]


_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)

WORDING: dict[Family, Wording] = {
    "json": Wording(
        missing=("MissingAuthenticationTokenException", 400, "Missing Authentication Token"),
        incomplete=("IncompleteSignatureException", 400),
        unknown_key=("UnrecognizedClientException", 400, _INVALID),
        invalid_token=("UnrecognizedClientException", 400, _INVALID),
        expired_token=("ExpiredTokenException", 400, _EXPIRED),
        mismatch=("InvalidSignatureException", 400, _MISMATCH),
        wrong_scope=("InvalidSignatureException", 400),
    ),
    "query": Wording(
        missing=("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
        incomplete=("IncompleteSignature", 400),
        unknown_key=("InvalidClientTokenId", 403, _INVALID),
        invalid_token=("InvalidClientTokenId", 403, _INVALID),
        expired_token=("ExpiredToken", 403, _EXPIRED),
        mismatch=("SignatureDoesNotMatch", 403, _MISMATCH),
        wrong_scope=("SignatureDoesNotMatch", 403),
    ),
    "s3": Wording(
        missing=("AccessDenied", 403, "Access Denied"),
        incomplete=("AuthorizationHeaderMalformed", 400),
        unknown_key=("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
        invalid_token=("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
        expired_token=("ExpiredToken", 400, "The provided token has expired."),
        mismatch=(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided. Check your key and signing "
            "method.",
        ),
        wrong_scope=("AuthorizationHeaderMalformed", 400),
    ),
}


def wrong_bucket_region(named: str, expected: str, *, in_url: bool) -> AwsError:
    """S3's refusal of a signature whose scope names another region than the endpoint's, or the bucket's."""
    kind, what = WORDING["s3"].wrong_scope, "The authorization header is malformed"
    if in_url:
        kind, what = ("AuthorizationQueryParametersError", 400), "Error parsing the X-Amz-Credential parameter"
    error = worded_refusal_because(kind, f"{what}; the region '{named[:40]}' is wrong; expecting '{expected}'")
    error.bucket_region = expected
    return error


def worded_refusal(entry: tuple[str, int, str]) -> AwsError:
    code, status, message = entry
    return AwsError(code, message, status)


def worded_refusal_because(entry: tuple[str, int], message: str) -> AwsError:
    return AwsError(entry[0], message, entry[1])
