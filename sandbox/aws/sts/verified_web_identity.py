"""Whose web identity token it was, and the checks that tokens of every kind share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.aws.access.assume import Principal
from sandbox.core.call import Call
from sandbox.core.caller import ContextValue
from sandbox.core.errors import AwsError

DOC = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html"
NO_KEY = (
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
    "documentation for requirements"
)


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """Whose token it is, and what it brings to the session.

    Attributes:
        provider: as the answer names it: a host, or the ARN of a registered issuer.
        federated: the provider as `aws:FederatedProvider` names it.
        transitive: keys of the tags that chained sessions inherit, in lower case.
        passing: condition keys of the trust policy that the session does not keep.
    """

    principal: Principal
    subject: str
    audience: str
    provider: str
    federated: str
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: frozenset[str] = frozenset()
    source_identity: str = ""
    passing: Mapping[str, ContextValue] = field(default_factory=dict)


def check_expiry(call: Call, expires: float, now: float) -> None:
    """Refuse a token whose time is over.

    Raises:
        AwsError: ExpiredTokenException.
    """
    if now >= expires:
        call.decisions.denied("login.expiry", "expiry", f"a time before {int(expires)}", str(int(now)), DOC)
        message = f"Token expired: current date/time {int(now)} must be before the expiration date/time {int(expires)}"
        raise AwsError("ExpiredTokenException", message)
    call.decisions.passed("login.expiry", "expiry", f"a time before {int(expires)}", str(int(now)), DOC)
