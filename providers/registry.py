"""The identity providers as data. Adding one is an entry here; nobody else asks "is it this provider?"."""

from dataclasses import dataclass
from string import Formatter
from typing import Literal

from django.conf import settings

Kind = Literal["guest", "social", "enterprise", "user_pool", "developer"]
ArtifactKind = Literal["none", "id_token", "access_token", "oauth1_token", "saml_response", "developer_user_id"]


@dataclass(frozen=True, slots=True)
class Provider:
    """One way to say who somebody is.

    Attributes:
        key: in URLs, rows and code.
        label: what it is called in a sentence and in tables.
        button_label: on the button that starts it.
        kind: the group in which the choice shows it.
        logins_key: its provider name in the logins map; `{NAME}` stands for the setting NAME, or for a name that
            `_derived` makes out of one. Empty for guests.
        artifact_kind: what a sign-in yields for the logins map.
        settings_needed: names of settings without which it cannot be used. `A|B` means one of the two.
        yields: one sentence for its card.
        backend: name of its sign-in backend, part of its redirect URI; empty where none is involved.
        docs: name of its page under docs/providers/.
    """

    key: str
    label: str
    button_label: str
    kind: Kind
    logins_key: str
    artifact_kind: ArtifactKind
    settings_needed: tuple[str, ...] = ()
    yields: str = ""
    backend: str = ""
    docs: str = ""

    @property
    def access(self) -> str:
        """`guest` or `authenticated`: which of a pool's two roles and trust conditions apply."""
        return "guest" if self.kind == "guest" else "authenticated"

    @property
    def missing_settings(self) -> tuple[str, ...]:
        """What has to be set before it can be used, an alternative written `A or B`."""
        return tuple(
            needed.replace("|", " or ")
            for needed in self.settings_needed
            if not any(getattr(settings, name, "") for name in needed.split("|"))
        )

    @property
    def is_configured(self) -> bool:
        return not self.missing_settings

    @property
    def is_reusable(self) -> bool:
        """Whether an artifact that is still fresh may serve another run: a SAML response is spent with its use."""
        return self.artifact_kind != "saml_response"

    def provider_name(self) -> str:
        """The key of its entry in the logins map, with the settings filled in."""
        names = [name for _, name, _, _ in Formatter().parse(self.logins_key) if name]
        return self.logins_key.format(**{name: _derived(name) for name in names})

    def provider_name_shown(self) -> str:
        """The same for people, with words in place of settings that are missing."""
        return self.logins_key.format(**{name: _derived(name) or words for name, words in LOGINS_WORDS.items()})


def user_pool_region() -> str:
    """A user pool's id is `region_name`, and the pool lives in that region whatever AWS_REGION says."""
    return str(settings.COGNITO_USER_POOL_ID).partition("_")[0]


def _derived(name: str) -> str:
    match name:
        case "USER_POOL_REGION":
            return user_pool_region()
        case "OIDC_ISSUER_NAME":
            return str(settings.OIDC_ISSUER).partition("://")[2].rstrip("/")
    return str(getattr(settings, name))


# What stands in a provider name for settings that are missing, wherever one is shown.
LOGINS_WORDS = {
    "USER_POOL_REGION": "REGION",
    "COGNITO_USER_POOL_ID": "POOL",
    "OIDC_ISSUER_NAME": "issuer without https://",
    "SAML_PROVIDER_ARN": "arn:aws:iam::ACCOUNT:saml-provider/NAME",
    "DEVELOPER_PROVIDER_NAME": "the pool's developer provider name",
}

GUEST = Provider(
    key="guest",
    label="Guest",
    button_label="Test guest access",
    kind="guest",
    logins_key="",
    artifact_kind="none",
    yields="Nothing is proved and no login is sent: the identity pool makes a new unauthenticated identity.",
)

PROVIDERS: dict[str, Provider] = {
    provider.key: provider
    for provider in (
        GUEST,
        Provider(
            key="google",
            label="Google",
            button_label="Sign in with Google",
            kind="social",
            logins_key="accounts.google.com",
            artifact_kind="id_token",
            settings_needed=("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"),
            yields="An ID token: a signed statement by Google of who signed in, for this application alone.",
            backend="google-openidconnect",
            docs="google",
        ),
        Provider(
            key="facebook",
            label="Facebook",
            button_label="Sign in with Facebook",
            kind="social",
            logins_key="graph.facebook.com",
            artifact_kind="access_token",
            settings_needed=("FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET"),
            yields="An access token. It says nothing by itself, so the identity pool asks Facebook whose it is.",
            backend="facebook",
            docs="facebook",
        ),
        Provider(
            key="amazon",
            label="Login with Amazon",
            button_label="Login with Amazon",
            kind="social",
            logins_key="www.amazon.com",
            artifact_kind="access_token",
            settings_needed=("AMAZON_CLIENT_ID", "AMAZON_CLIENT_SECRET"),
            yields="An access token. It says nothing by itself, so the identity pool asks Amazon whose it is.",
            backend="amazon",
            docs="amazon",
        ),
        Provider(
            key="apple",
            label="Apple",
            button_label="Sign in with Apple",
            kind="social",
            logins_key="appleid.apple.com",
            artifact_kind="id_token",
            settings_needed=("APPLE_CLIENT_ID", "APPLE_TEAM_ID", "APPLE_KEY_ID", "APPLE_PRIVATE_KEY"),
            yields="An ID token, in return for a code and a client secret that this server signs itself.",
            backend="apple-id",
            docs="apple",
        ),
        Provider(
            key="x",
            label="X",
            button_label="Sign in with X",
            kind="social",
            logins_key="api.twitter.com",
            artifact_kind="oauth1_token",
            settings_needed=("X_CONSUMER_KEY", "X_CONSUMER_SECRET"),
            yields="A token and its secret (OAuth 1.0a), sent as “token;secret”.",
            backend="twitter",
            docs="x",
        ),
        Provider(
            key="oidc",
            label="OIDC provider",
            button_label="Sign in with OIDC provider",
            kind="enterprise",
            logins_key="{OIDC_ISSUER_NAME}",
            artifact_kind="id_token",
            settings_needed=("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ISSUER"),
            yields="An ID token of any OpenID Connect provider that IAM knows: Okta, Auth0, Entra ID, Keycloak, …",
            backend="oidc",
            docs="oidc",
        ),
        Provider(
            key="saml",
            label="SAML provider",
            button_label="Sign in with SAML provider",
            kind="enterprise",
            logins_key="{SAML_PROVIDER_ARN}",
            artifact_kind="saml_response",
            settings_needed=("SAML_METADATA_URL|SAML_METADATA_FILE", "SAML_PROVIDER_ARN", "SAML_ENTITY_ID"),
            yields="A signed SAML response. The enhanced flow alone takes it, and takes it once.",
            backend="saml",
            docs="saml",
        ),
        Provider(
            key="user-pool",
            label="Amazon Cognito user pool",
            button_label="Sign in with Amazon Cognito user pools",
            kind="user_pool",
            logins_key="cognito-idp.{USER_POOL_REGION}.amazonaws.com/{COGNITO_USER_POOL_ID}",
            artifact_kind="id_token",
            settings_needed=("COGNITO_USER_POOL_ID", "COGNITO_APP_CLIENT_ID", "COGNITO_DOMAIN"),
            yields="An ID token of the user pool, with the person’s groups and roles in it.",
            backend="cognito",
            docs="cognito-user-pool",
        ),
        Provider(
            key="developer",
            label="Developer-authenticated identity",
            button_label="Use a developer-authenticated identity",
            kind="developer",
            logins_key="{DEVELOPER_PROVIDER_NAME}",
            artifact_kind="developer_user_id",
            settings_needed=("DEVELOPER_PROVIDER_NAME",),
            yields="Your account here: our server vouches for it with AWS credentials of its own.",
            docs="developer",
        ),
    )
}


def provider_of_backend(backend: str) -> Provider:
    """The provider whose redirect URI names that backend. Raises KeyError when there is none."""
    for provider in PROVIDERS.values():
        if backend and provider.backend == backend:
            return provider
    raise KeyError(backend)
