"""The identity providers as data. Adding one is an entry here; nobody else asks "is it this provider?"."""

from dataclasses import dataclass
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
        logins_key: its provider name in the logins map; `{NAME}` stands for the setting NAME. Empty for guests.
        artifact_kind: what a sign-in yields for the logins map.
        settings_needed: names of settings without which it cannot be used.
        yields: one sentence for its card.
    """

    key: str
    label: str
    button_label: str
    kind: Kind
    logins_key: str
    artifact_kind: ArtifactKind
    settings_needed: tuple[str, ...] = ()
    yields: str = ""

    @property
    def access(self) -> str:
        """`guest` or `authenticated`: which of a pool's two roles and trust conditions apply."""
        return "guest" if self.kind == "guest" else "authenticated"

    @property
    def missing_settings(self) -> tuple[str, ...]:
        return tuple(name for name in self.settings_needed if not getattr(settings, name, ""))

    @property
    def is_configured(self) -> bool:
        return not self.missing_settings

    def provider_name(self) -> str:
        """The key of its entry in the logins map, with the settings filled in."""
        names = {name: getattr(settings, name) for name in self.settings_needed}
        return self.logins_key.format(**names)


GUEST = Provider(
    key="guest",
    label="Guest",
    button_label="Test guest access",
    kind="guest",
    logins_key="",
    artifact_kind="none",
    yields="Nothing is proved and no login is sent: the identity pool makes a new unauthenticated identity.",
)

PROVIDERS: dict[str, Provider] = {provider.key: provider for provider in (GUEST,)}
