"""What the application keeps while its process lives, forgotten: for tests that change what it was made from."""

from flows.exchange import clients, issuer_keys
from operations import imported_accounts
from training.exercises import catalogue


def forget_clients() -> None:
    """The next call is made by a new client, in a new session, over a new connection."""
    with clients._lock:
        clients._clients.clear()
        clients._session.cache_clear()


def forget_keys() -> None:
    """Issuers' keys are fetched again when a token is looked at."""
    with issuer_keys._lock:
        issuer_keys._key_sets.clear()


def forget_imported_accounts() -> None:
    """The sandbox is asked again into which accounts pools were imported."""
    imported_accounts._known = (0.0, "", ())


def forget_exercises() -> None:
    """The folders of exercises are read again."""
    catalogue._folders.cache_clear()
    catalogue._presets.cache_clear()
