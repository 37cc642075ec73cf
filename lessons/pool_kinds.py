"""User pool or identity pool: two services with similar names. What is between `…` is code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolKind:
    """One of the two.

    Attributes:
        asks: the question that it answers, as a sentence.
        issues: what it hands out, as the text says it; it stands out there.
        gets: what comes back, name by name.
    """

    asks: str
    text: str
    issues: str
    gets: str


# What this site is about, in the first sentence of its front page.
WHAT_AN_IDENTITY_POOL_DOES = (
    "An Amazon Cognito identity pool trades proof of who somebody is, or none at all for guests, for AWS credentials "
    "of one IAM role, which expire within hours."
)

WHY_BOTH = (
    "Two services with similar names answer two different questions. Many applications use both, one after the other."
)

POOL_KINDS: dict[str, PoolKind] = {
    "user_pool": PoolKind(
        "A user pool asks: who are you?",
        "It is a directory. People sign up and sign in there, and it issues tokens (JWTs) that say who they are. Your "
        "own API can check them.",
        "tokens",
        "You get: ID token, access token, refresh token.",
    ),
    "identity_pool": PoolKind(
        "An identity pool asks: what may you do in AWS?",
        "It trusts providers, a user pool among them, and exchanges their proof for temporary AWS credentials. S3, "
        "DynamoDB and the rest of AWS check those.",
        "temporary AWS credentials",
        "You get: access key ID, secret key, session token, expiry.",
    ),
}
