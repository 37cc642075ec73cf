"""What scanners of accounts report about identity pools, why, and when it is meant to be so.

As the tools' own documents say; each rule has its page. What is between `…` is code.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool's rule by its name there, and the page about it."""

    tool: str
    rule: str
    doc: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is reported.

    Attributes:
        found: the sentence where it is so, and `fine` where it is not.
        tools: who reports it; empty where it is advice of AWS's guide only.
        why: what can come of it.
        mend: what to do, or when it is right as it is.
    """

    title: str
    found: str
    fine: str
    tools: tuple[Tool, ...]
    why: str
    mend: str


_GUIDE = Tool(
    "Amazon Cognito Developer Guide",
    "Security best practices for identity pools",
    "https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools-security-best-practices.html",
)

RULES: dict[str, Rule] = {
    "guests": Rule(
        "Guest access",
        "Guest access is on.",
        "Guest access is off.",
        (
            Tool(
                "AWS Security Hub",
                "Cognito.2",
                "https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html#cognito-2",
            ),
            Tool(
                "AWS Config",
                "cognito-identity-pool-unauth-access-check",
                "https://docs.aws.amazon.com/config/latest/developerguide/cognito-identity-pool-unauth-access-check.html",
            ),
            Tool(
                "Prowler",
                "cognito_identity_pool_guest_access_disabled",
                "https://hub.prowler.com/check/cognito_identity_pool_guest_access_disabled",
            ),
            Tool("Checkov", "CKV_AWS_366", "https://www.checkov.io/5.Policy%20Index/all.html"),
        ),
        "Whoever has the pool’s ID gets AWS credentials of the role for guests, without signing in. The ID is in "
        "the code "
        "of every app that uses the pool.",
        "Switch it off where nobody needs it. Where guests are meant to be let in, the role for guests is the "
        "fence: give "
        "it what everybody on the internet may have.",
    ),
    "classic": Rule(
        "Basic (classic) flow",
        "The basic (classic) flow is allowed.",
        "The basic (classic) flow is off.",
        (
            Tool(
                "Datadog",
                "Cognito identity pool should not have the classic authentication flow enabled",
                "https://docs.datadoghq.com/security/default_rules/def-000-k8u/",
            ),
        ),
        "The caller names the role. Any role that trusts the pool too widely can be had, and guests are not "
        "limited by the "
        "session policy that AWS adds in the enhanced flow.",
        "Set `AllowClassicFlow` to `false`; where it was never set the flow is allowed. Keep it only for apps that "
        "must "
        "choose role, name or length of a session.",
    ),
    "aud": Rule(
        "Roles that ask for this pool",
        "A role does not ask for this pool (`aud`).",
        "Each role asks for this pool (`aud`).",
        (_GUIDE,),
        "Tokens of other identity pools are taken as well.",
        "Add the condition `StringEquals` on `cognito-identity.amazonaws.com:aud` with the pool’s ID.",
    ),
    "amr": Rule(
        "Roles that ask who comes",
        "A role does not ask whether somebody signed in (`amr`).",
        "Each role asks whether somebody signed in (`amr`).",
        (_GUIDE,),
        "Guests can have a role that is meant for people who signed in, by the basic flow.",
        "Add the condition `ForAnyValue:StringLike` on `cognito-identity.amazonaws.com:amr`, `authenticated` or "
        "`unauthenticated`.",
    ),
    "rights": Rule(
        "Rights of the role for guests",
        "The role for guests has a statement with a wildcard for all actions of a service, or of all.",
        "The role for guests names its actions one by one.",
        (
            Tool(
                "AWS Config",
                "iam-policy-no-statements-with-full-access",
                "https://docs.aws.amazon.com/config/latest/developerguide/iam-policy-no-statements-with-full-access.html",
            ),
            _GUIDE,
        ),
        "Everybody on the internet has these rights.",
        "Name the actions and the resources that guests need.",
    ),
}

# What somebody who has nothing but the pool's ID finds out by one call that nobody has to sign: whether the flow or the
# kind of caller is allowed shows in the service's own answer.
STRANGERS: dict[str, tuple[str, str]] = {
    "on": (
        "GetId",
        "answers with a new identity ID: guest access is on. GetCredentialsForIdentity then gives credentials.",
    ),
    "off": ("GetId", "refuses with “Unauthenticated access is not supported for this identity pool.”"),
    "classic-on": ("GetOpenIdToken", "answers with a token for STS: the basic flow is allowed."),
    "classic-off": ("GetOpenIdToken", "refuses with “Basic (classic) flow is not enabled, please use enhanced flow.”"),
}
