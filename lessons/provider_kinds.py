"""The kinds of providers that can say who somebody is, in the order in which the demo offers them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProviderKind:
    title: str
    text: str


PROVIDER_KINDS: dict[str, ProviderKind] = {
    "social": ProviderKind(
        "Social",
        "A public provider. The identity pool knows it by name and needs nothing but your app’s ID there.",
    ),
    "enterprise": ProviderKind(
        "Enterprise",
        "An organisation’s own provider. IAM has to know it: by its issuer, or by its SAML metadata.",
    ),
    "user_pool": ProviderKind(
        "User pool", "Amazon Cognito’s own directory of people, with groups that can carry roles."
    ),
    "developer": ProviderKind(
        "Developer", "Your own server says who somebody is, and signs for it with AWS credentials."
    ),
}

SAML_IN_BASIC_FLOW = (
    "The identity pool accepts SAML only in the enhanced flow. The calls are made for real, and you see it refuse."
)
