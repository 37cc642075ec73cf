"""What is missing or does not fit in the providers' settings; every `manage.py` command runs these checks."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from providers.registry import PROVIDERS
from providers.sign_in.registration import registration_for
from web.fake_values import FAKE


@register("lab")
def check_half_configured(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """lab.W030: a provider that has some of its settings and lacks others was probably meant to work."""
    found: list[CheckMessage] = []
    registration = registration_for()
    for provider in PROVIDERS.values():
        missing = provider.missing_settings(registration)
        # A default says nothing about anybody's intentions.
        meant = [needed for needed in provider.settings_needed if needed not in provider.settings_with_default]
        if missing and any(registration.setting(name) for needed in meant for name in needed.split("|")):
            problem = f"{provider.label} is only partly set up: {', '.join(missing)} is missing."
            hint = f"docs/providers/{provider.docs}.md says where it comes from."
            found.append(Warning(problem, hint=hint, id="lab.W030"))
    return found


@register("lab")
def check_example_values(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """lab.W032: no setting of a real provider has the value of an example. Values are not shown: some are secrets."""
    if settings.APP_MODE != "aws":
        return []
    registration = registration_for()
    hint = "Put in the real value, or remove the provider's lines: its card then says what it needs."
    return [
        Warning(f"{provider.label}: {name} has the value of an example.", hint=hint, id="lab.W032")
        for provider in PROVIDERS.values()
        for needed in provider.settings_needed
        for name in needed.split("|")
        if FAKE.search(registration.setting(name))
    ]


@register("lab")
def check_addresses(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """lab.E031: issuers and metadata of real providers are https URLs; a token from anywhere else proves nothing."""
    if settings.APP_MODE != "aws":
        return []
    registration = registration_for()
    return [
        Error(f"{name} is {value!r}, which is not an https URL.", hint="It must begin with https://.", id="lab.E031")
        for provider in PROVIDERS.values()
        for name in provider.settings_https
        if (value := registration.setting(name)) and not value.startswith("https://")
    ]
