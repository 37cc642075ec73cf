"""The enhanced and the basic flow: point by point, for somebody who has chosen one, and what each is good for.

What is between `…` is code.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FlowDifference:
    """One point in which the flows differ, or do not, and what it is in each."""

    point: str
    enhanced: str
    basic: str


_WHO_CHOOSES = "Who chooses the role"

DIFFERENCES: tuple[FlowDifference, ...] = (
    FlowDifference(
        _WHO_CHOOSES,
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


@dataclass(frozen=True, slots=True)
class Fact:
    """One point, and what it is for somebody who has chosen who asks and in which flow."""

    point: str
    text: str


def _facts(about: tuple[Fact, ...], chosen_by: str, *more: Fact) -> tuple[Fact, ...]:
    return (*about, Fact(_WHO_CHOOSES, chosen_by), *more)


_GUEST = (
    Fact("User access type", "Unauthenticated: a guest. Nobody has proved anything, so only the identity ID is known."),
    Fact("What the pool trusts", "Anyone who sends its ID, as long as guest access is on."),
)
_SIGNED_IN = (
    Fact("User access type", "Authenticated: a provider has checked who this is."),
    Fact(
        "What the pool trusts",
        "The providers that it lists, and from each one only tokens issued for the registered app.",
    ),
)
_SAME = Fact("What stays the same", "Sign in twice, and you get the same identity ID.")
_BY_THE_APP = "Your app, and the role’s trust policy says yes or no."

# access -> flow -> what matters there
FACTS: dict[str, dict[str, tuple[Fact, ...]]] = {
    "guest": {
        "enhanced": _facts(_GUEST, "The pool. AWS adds a session policy that limits guests to a list of services."),
        "basic": _facts(
            _GUEST,
            f"{_BY_THE_APP} No session policy limits the guest.",
            Fact("If the pool says no", "The run ends as refused. It never falls back to the enhanced flow."),
        ),
    },
    "authenticated": {
        "enhanced": _facts(
            _SIGNED_IN,
            "The pool: its role for signed-in people, or the one that a role mapping finds for this person.",
            _SAME,
        ),
        "basic": _facts(_SIGNED_IN, f"{_BY_THE_APP} A pool that maps roles for the provider refuses this flow.", _SAME),
    },
}

# What both have in common and what not, before all the rest.
IN_SHORT = (
    "Both end with the same kind of credentials. They differ in who chooses the role, and so in who has to be trusted. "
    "AWS also calls them “simplified” and “classic”."
)

# What each flow is good for, and what it costs.
TRADE_OFFS: dict[str, str] = {
    "enhanced": "Your app does less: two calls, no role names, nothing to configure twice. The pool’s owner decides "
    "centrally who gets which role, and can change it without a new version of the app. The price is that the "
    "session’s length and name are fixed, and a refusal tells the app little about the role behind it.",
    "basic": "Your app decides more: which role, which session name, how long. That is also the risk. Anyone who holds "
    "a token from the pool can ask for any role whose trust policy names the pool, so a trust policy without a "
    "condition on `amr` opens a role meant for signed-in people to every guest. Keep the flow off unless you need it, "
    "and keep both conditions, `aud` and `amr`, in every trust policy.",
}

# Identities of either flow for which the app's own server vouches, by this operation, which the text names.
VOUCHING_OPERATION = "GetOpenIdTokenForDeveloperIdentity"
VOUCHING = (
    f"With developer-authenticated identities your server calls {VOUCHING_OPERATION}, signed with its own credentials, "
    "for a person it has signed in itself. The token it gets then goes through either flow."
)
