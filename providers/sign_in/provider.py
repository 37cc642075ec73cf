"""How a provider describes itself: one description each, beside what is its own; `providers.registry` collects them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from appearance.colours import ink_on
from providers.sign_in.registration import Registration, registration_for

Kind = Literal["guest", "social", "enterprise", "user_pool", "developer"]
ArtifactKind = Literal["none", "id_token", "access_token", "oauth1_token", "saml_response", "developer_user_id"]


_COMMON_NOUNS = ("provider", "pool", "identity")  # what is no name ends with one


def _nothing_more(read: Mapping[str, str], others: Mapping[str, Any]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One way to say who somebody is.

    The settings read the names of settings from here, so a module that describes a provider must not need any setting
    (nor a model) while it is imported.

    Attributes:
        key: in URLs, rows and code.
        order: its place among the providers wherever they are listed.
        label: what it is called in tables.
        button_label: on the button that starts it.
        kind: the group in which the choice shows it.
        logins_key: its provider name in the logins map; words stand for what a setting says. Empty for guests.
        logins_key_set: the same as a registration has it, empty while it lacks the value; None where no setting plays a
            part.
        artifact_kind: what a sign-in yields for the logins map.
        settings_needed: names of settings without which it cannot be used. `A|B` means one of the two.
        settings_optional: names of further settings.
        settings_with_default: those of the above that have a value before anybody sets one.
        settings_https: those of the above that are an https URL of a real provider.
        settings_derived: from its settings as read, and from all settings before them, those whose value is another.
        yields: a sentence for its card about what a sign-in yields.
        colour: that people know it by, as #rrggbb.
        monogram: one or two letters that stand for it, where others would put its logo; the first of its label.
        docs: name of its page under docs/providers/.
    """

    key: str
    order: int
    label: str
    button_label: str
    kind: Kind
    logins_key: str
    logins_key_set: Callable[[Registration], str] | None = None
    artifact_kind: ArtifactKind
    settings_needed: tuple[str, ...] = ()
    settings_optional: tuple[str, ...] = ()
    settings_with_default: tuple[str, ...] = ()
    settings_https: tuple[str, ...] = ()
    settings_derived: Callable[[Mapping[str, str], Mapping[str, Any]], Mapping[str, str]] = _nothing_more
    yields: str = ""
    colour: str = "#44546a"
    monogram: str = ""
    docs: str = ""

    @property
    def backend(self) -> str:
        """Name of its social-auth backend, which is part of its redirect URI; empty where none is involved."""
        return ""

    @property
    def initials(self) -> str:
        """What stands on its mark."""
        return self.monogram or self.label[0]

    @property
    def in_a_sentence(self) -> str:
        """What it is called in one: `Google`, `the OIDC provider`, `the developer-authenticated identity`."""
        if self.label.endswith(_COMMON_NOUNS):
            return f"the {self.label.replace('Developer-', 'developer-')}"
        return self.label.removeprefix("Login with ")

    @property
    def ink(self) -> str:
        """The colour of what stands on its own."""
        return ink_on(self.colour)

    @property
    def access(self) -> str:
        """`guest` or `authenticated`: which of a pool's two roles and trust conditions apply."""
        return "guest" if self.kind == "guest" else "authenticated"

    @property
    def setting_names(self) -> Iterator[str]:
        """Every setting of this provider."""
        for needed in self.settings_needed:
            yield from needed.split("|")
        yield from self.settings_optional

    def missing_settings(self, registration: Registration) -> tuple[str, ...]:
        """What has to be set before it can be used, an alternative written `A or B`."""
        return tuple(
            needed.replace("|", " or ")
            for needed in self.settings_needed
            if not any(registration.setting(name) for name in needed.split("|"))
        )

    def is_configured(self, registration: Registration) -> bool:
        return not self.missing_settings(registration)

    @property
    def is_reusable(self) -> bool:
        """Whether an artifact that is still fresh may serve another run: a SAML response can be used only once."""
        return self.artifact_kind != "saml_response"

    def registration(self, account_id: str) -> Registration:
        """What it knows this application by, for runs of an AWS account."""
        return registration_for(account_id)

    def provider_name(self, registration: Registration) -> str:
        """The key of its entry in the logins map; empty while the setting that says it is missing."""
        return self.logins_key_set(registration) if self.logins_key_set else self.logins_key
