"""Each way to come to an identity pool in short: what it is, what the pool is shown, and what follows for the app."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """One way.

    Attributes:
        text: paragraphs. What is between `…` is code.
        start: the query of the demo's address where it can be tried.
    """

    key: str
    title: str
    text: tuple[str, ...]
    start: str


WAYS: tuple[Way, ...] = (
    Way(
        "guest",
        "Guest access",
        (
            "Nobody signs in. The app sends the pool’s ID and nothing else, and gets a new identity and the role "
            "for guests. "
            "The pool’s ID is in the app’s code, so everybody can do the same.",
            "The pool must allow it (`AllowUnauthenticatedIdentities`). In the enhanced flow AWS limits guests "
            "further by a "
            "session policy. An app keeps the identity ID, so that the guest stays the same one, and can take it "
            "along when "
            "they sign in.",
        ),
        "access=guest",
    ),
    Way(
        "social",
        "Social providers",
        (
            "Google, Facebook, Amazon, Apple and X are known to AWS by name. The pool is told only the app’s ID at "
            "the "
            "provider and checks that a token was issued for it.",
            "Google and Apple give an ID token, which the pool verifies by itself. Facebook and Amazon give an "
            "access token, "
            "which says nothing by itself: the pool asks the provider. X gives a token and its secret (OAuth 1.0a).",
        ),
        "access=authenticated",
    ),
    Way(
        "user-pool",
        "User pool",
        (
            "Amazon Cognito’s directory of people. The pool is told the user pool and the app client, and takes "
            "the ID token, "
            "not the access token, which has no `aud`.",
            "Groups of the user pool can carry roles: with the role mapping “by token” the person gets the role of "
            "their "
            "group. With the server-side token check the pool also asks whether the person has signed out.",
        ),
        "access=authenticated",
    ),
    Way(
        "oidc",
        "OpenID Connect",
        (
            "Any provider with a discovery document and a key set. IAM has to know it: an OIDC provider is made "
            "there, with "
            "issuer and client IDs, and the pool refers to it.",
            "The name in `Logins` is the issuer without `https://`, exactly as the token spells it. Signature, "
            "issuer, "
            "audience and expiry are checked, and each has a refusal of its own.",
        ),
        "access=authenticated",
    ),
    Way(
        "saml",
        "SAML",
        (
            "An organisation’s own directory. IAM holds the provider’s metadata; the name in `Logins` is the "
            "provider’s ARN "
            "and the value is the SAML response, base64 as it came.",
            "Only the enhanced flow takes it. The assertion may list roles, of which the app asks for one by "
            "`CustomRoleArn`. "
            "A response can be used once and for a few minutes.",
        ),
        "access=authenticated",
    ),
    Way(
        "developer",
        "Your own server",
        (
            "Developer-authenticated identities: your server signs people in however it likes, and tells the pool "
            "who they are "
            "by GetOpenIdTokenForDeveloperIdentity. It signs that call with its AWS credentials, which never leave "
            "it.",
            "Take the person’s identifier from your own session, never from a form field: whoever can name it can "
            "be anybody. "
            "The token that comes back is good for either flow.",
        ),
        "access=authenticated",
    ),
)

# By the kind of what a sign-in yields: what the pool does with it before it believes it.
CHECKED: dict[str, str] = {
    "none": "Whether the pool allows guests.",
    "id_token": "Signature, issuer, audience and expiry, by itself.",
    "access_token": "Asks the provider whether it issued the token for this app.",
    "oauth1_token": "Asks the provider with it who it belongs to.",
    "saml_response": "Signature, audience and times, by the metadata that IAM holds.",
    "developer_user_id": "Who signed the call: only your server’s AWS credentials may.",
}
