"""To add a provider takes three files in the application: its own, `.env.example`, and its page in the docs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.registry import PROVIDERS
from providers.social.base import SocialProvider

ROOT = Path(__file__).resolve().parents[2]
# `lessons` may teach about a single provider; nothing has to be added to it.
APPLICATION = ("accounts", "cognitodemo", "flows", "providers", "redaction", "static", "templates", "vault")
SOURCES = (".py", ".html", ".js", ".css", ".svg")
SOCIAL = [provider for provider in PROVIDERS.values() if isinstance(provider, SocialProvider)]


def files_that_name(provider: SocialProvider) -> Iterator[str]:
    """Files with its key in quotes, with its module, with one of its settings, or with its name in the logins map."""
    module = provider.backend_class.__module__.rpartition(".")[2]
    names = [re.escape(name) for name in (*provider.setting_names, provider.logins_key)]
    wanted = re.compile(rf"""["']{provider.key}["']|\bbackends[./]{module}\b|{"|".join(names)}""")
    sources = [path for room in APPLICATION for path in (ROOT / room).rglob("*.*") if path.suffix in SOURCES]
    for path in (ROOT / ".env.example", *sources):
        if wanted.search(path.read_text()):
            yield path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("provider", SOCIAL, ids=lambda provider: provider.key)
def test_a_provider_is_named_in_its_own_file_alone(provider: SocialProvider) -> None:
    module = provider.backend_class.__module__.replace(".", "/")
    assert set(files_that_name(provider)) == {".env.example", f"{module}.py"}
    assert (ROOT / "docs" / "providers" / f"{provider.docs}.md").is_file()


def test_providers_are_listed_in_an_order_of_their_own() -> None:
    places = [provider.order for provider in PROVIDERS.values()]
    assert places == sorted(set(places))
