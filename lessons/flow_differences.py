"""The enhanced and the basic flow side by side. What is between `…` is code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FlowDifference:
    """One point in which the flows differ, or do not, and what it is in each."""

    point: str
    enhanced: str
    basic: str


DIFFERENCES: tuple[FlowDifference, ...] = (
    FlowDifference(
        "Who chooses the role",
        "The identity pool: its default role, or a role mapping by rules or by token.",
        "Your app. It may ask for any role whose trust policy accepts the token.",
    ),
    FlowDifference(
        "Who calls STS",
        "The pool, on your app’s behalf.",
        "Your app, without a signature: the token is the proof.",
    ),
    FlowDifference(
        "How long the credentials last",
        "One hour. It cannot be changed.",
        "From 15 minutes up to the role’s maximum session duration, at most 12 hours. One hour by default.",
    ),
    FlowDifference(
        "Role session name",
        "`CognitoIdentityCredentials`",
        "Your app’s choice; it shows up in CloudTrail.",
    ),
    FlowDifference(
        "Role mappings",
        "Applied.",
        "Refused: a pool with role mappings for the provider gives no OpenID token.",
    ),
    FlowDifference(
        "SAML",
        "Supported.",
        "Refused.",
    ),
    FlowDifference(
        "Guests",
        "A session policy that AWS adds limits the role’s rights. Only a fixed list of services is available, "
        "whatever the role allows.",
        "No limit: the role’s rights apply in full.",
    ),
    FlowDifference(
        "The pool’s setting",
        "None: it cannot be switched off.",
        "`AllowClassicFlow`. Only `false` forbids it: a pool where it was never set still allows it.",
    ),
    FlowDifference(
        "When a role does not trust the token",
        "`InvalidIdentityPoolConfigurationException`, without saying which part of the trust policy failed.",
        "`AccessDenied` from STS: “Not authorized to perform sts:AssumeRoleWithWebIdentity”.",
    ),
    FlowDifference(
        "When the pool takes no guests",
        "GetId refuses a guest: `NotAuthorizedException`, “Unauthenticated access is not supported for this "
        "identity pool.”",
        "The same.",
    ),
    FlowDifference(
        "When the pool forbids the flow",
        "Cannot happen.",
        "GetOpenIdToken refuses: `InvalidParameterException`, “Basic (classic) flow is not enabled, please use "
        "enhanced flow.”",
    ),
    FlowDifference(
        "When to choose it",
        "Nearly always.",
        "When the app really must choose the role, name the session or set its length, or when a guest needs a "
        "service that the session policy blocks.",
    ),
)
