"""How the AWS side of the sandbox says no."""

from decisioncodes import Code

_DECISIONS: dict[Code, set[str]] = {
    "service.emulated": {"NotImplemented"},
    "request.limit": {"RequestEntityTooLarge", "EntityTooLarge", "RequestTooLarge"},
    "request.operation": {"UnknownOperationException", "InvalidAction", "MissingAction", "MethodNotAllowed"},
    "request.parameters": {
        *("SerializationException", "ValidationException", "ValidationError", "InvalidParameterException"),
        *("InvalidParameterValue", "InvalidInput", "InvalidArgument", "MalformedQueryString", "MissingParameter"),
    },
}


def _decision_of(code: str) -> Code:
    return next((decision for decision, codes in _DECISIONS.items() if code in codes), "request.valid")


class AwsError(Exception):
    """A refusal in AWS's own words; the protocol of the service decides how it looks on the wire.

    Attributes:
        code: the error code as AWS spells it, such as `NotAuthorizedException`.
        message: the sentence as AWS writes it.
        status: the HTTP status. cognito-identity answers 400 to everything but InternalErrorException (its model).
        decision: what the refusal is called in the list of decisions, when no check of its own stands there; taken from
            the error code unless told.
        bucket_region, endpoint: where S3 says the request should have been sent to; empty for all other refusals.
        members: what S3's document has besides code and message, in order.
    """

    def __init__(self, code: str, message: str, status: int = 400, *, decision: Code | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.decision: Code = decision or _decision_of(code)
        self.bucket_region = self.endpoint = ""
        self.members: dict[str, str] = {}


def not_emulated(what: str) -> AwsError:
    """The refusal of what AWS has and the sandbox leaves out; SDKs do not try it again."""
    return AwsError("NotImplemented", f"This sandbox does not emulate {what}.", 501)
