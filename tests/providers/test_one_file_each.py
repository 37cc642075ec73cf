"""To add a provider takes three files in the application (its own, `.env.example`, its page) and one in the sandbox."""

import re
from collections.abc import Iterator

import pytest

from providers.registry import PROVIDERS
from providers.social.base import SocialProvider
from tests import ROOT

# `lessons` may teach about a single provider; nothing has to be added to it.
APPLICATION = (
    ".env.example",
    "accounts",
    "cognitodemo",
    "flows",
    "operations",
    "poolconfig",
    "providers",
    "redaction",
    "static",
    "templates",
    "training",
    "vault",
    "web",
)
# Where single providers are known for what AWS has of them. None of it has to be there for another provider.
_DOCTOR = frozenset(
    {"operations/doctor/examination.py", "operations/doctor/checks/providers.py"}
)  # looks at the account
_CASES, _PLACE = "operations/conformance/cases.py", "operations/conformance/place.py"  # questions that AWS is asked
_EXERCISES = "training/services/grounds.py"  # the providers that pools of exercises trust
ALSO: dict[str, frozenset[str]] = {
    "google": frozenset({_CASES, _PLACE, _EXERCISES}),
    "facebook": frozenset({_CASES}),
    # What an identity pool is told about X ends with a secret, so that what writes pools down knows its name.
    "x": frozenset({"redaction/names.py", "poolconfig/cli.py", "poolconfig/document.py"}),
    "oidc": _DOCTOR,
    # It is a service of the account: made by `provision`, and by exercises for themselves.
    "user-pool": frozenset(
        {
            *_DOCTOR,
            "operations/doctor/checks/pool.py",
            "operations/management/commands/provision.py",
            "operations/provisioning/env_text.py",
            "training/exercises/format.py",
            _EXERCISES,
        }
    ),
}
SOURCES = (".py", ".html", ".js", ".css", ".svg")
SOCIAL = [provider for provider in PROVIDERS.values() if isinstance(provider, SocialProvider)]


def files_with(pattern: str, *places: str) -> Iterator[str]:
    sources = [path for place in places for path in (ROOT / place).rglob("*.*") if path.suffix in SOURCES]
    for path in [*sources, *(ROOT / place for place in places if (ROOT / place).is_file())]:
        if re.search(pattern, path.read_text()):
            yield path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("provider", SOCIAL, ids=lambda provider: provider.key)
def test_a_provider_is_named_in_its_own_file_alone(provider: SocialProvider) -> None:
    """By its key in quotes, its module, its settings, or its name in the logins map."""
    module = provider.backend_class.__module__
    names = [re.escape(name) for name in (*provider.setting_names, provider.logins_key)]
    pattern = rf"""["']{provider.key}["']|\bbackends[./]{module.rpartition(".")[2]}\b|{"|".join(names)}"""
    also = ALSO.get(provider.key, frozenset())
    assert set(files_with(pattern, *APPLICATION)) - also == {".env.example", f"{module.replace('.', '/')}.py"}
    assert (ROOT / "docs" / "providers" / f"{provider.docs}.md").is_file()


@pytest.mark.parametrize("provider", SOCIAL, ids=lambda provider: provider.key)
def test_its_stand_in_is_one_file_too(provider: SocialProvider) -> None:
    """By the settings with which the application is registered there."""
    (found,) = files_with("|".join(provider.setting_names), "sandbox")
    assert found.startswith("sandbox/idp/stand_ins/")


def test_providers_are_listed_in_an_order_of_their_own() -> None:
    places = [provider.order for provider in PROVIDERS.values()]
    assert places == sorted(set(places))
