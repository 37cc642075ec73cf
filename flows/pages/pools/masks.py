"""What of a pool's settings is a secret, and is not shown."""

from collections.abc import Mapping
from typing import Any

from redaction.names import TOLD_BOTH_KEYS

_X = TOLD_BOTH_KEYS
_TIMES = ("ResponseMetadata",)


def without_secrets(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition; of X, which is told key and secret in one, only the key."""
    shown = {name: value for name, value in definition.items() if name not in _TIMES}
    if (providers := definition.get("SupportedLoginProviders", {})).get(_X):
        shown["SupportedLoginProviders"] = {**providers, _X: shown_client(_X, providers[_X])}
    return shown


def shown_client(provider: str, client: str) -> str:
    """The client ID as it can be shown."""
    return f"{client.partition(';')[0]};SECRET" if provider == _X and ";" in client else client
