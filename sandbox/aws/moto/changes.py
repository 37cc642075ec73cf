"""How often what moto holds of an account was changed, and who wants to know. All of the process, as moto is."""

from collections import Counter
from collections.abc import Callable, Mapping

from sandbox.aws.moto.buckets import find_bucket

Listener = Callable[[str, str], None]

# Operations of the JSON services that only read. Whatever is not named so may write.
_READS = ("Get", "Describe", "List", "BatchGet", "Query", "Scan", "TransactGet")

_ALL = ("", "")

_changes: Counter[tuple[str, str]] = Counter()  # since the account's memory was last emptied
_filled: set[tuple[str, str]] = set()
_emptied: Counter[tuple[str, str]] = Counter()
_holders: Counter[tuple[str, str]] = Counter()  # sandboxes of the process that serve it
_listeners: list[Listener] = []


def may_write(service: str, method: str, path: str, headers: Mapping[str, str], account: str) -> bool:
    """Whether a request to moto may change what it holds. Cheap: it is asked after each."""
    if service != "s3":
        return not headers.get("x-amz-target", "").rpartition(".")[2].startswith(_READS)
    return method not in ("GET", "HEAD") or _is_logged(account, path)


def _is_logged(account: str, path: str) -> bool:
    """Whether moto writes an object for each request to the bucket, those that read included."""
    found = find_bucket(account, path.split("/", 2)[1])
    return found is not None and bool(found[0].logging)


def count_change(account: str, service: str) -> None:
    """To be called while moto's lock is held."""
    _changes[account, service] += 1


def changes_of(account: str, service: str) -> int:
    """How many there were since the memory was emptied."""
    return _changes[account, service]


def tell_listeners(account: str, service: str) -> None:
    """To be called once moto's lock is free again, from whichever thread."""
    for listener in tuple(_listeners):
        listener(account, service)


def add_listener(listener: Listener) -> None:
    _listeners.append(listener)


def remove_listener(listener: Listener) -> None:
    if listener in _listeners:
        _listeners.remove(listener)


def is_filled(account: str, service: str) -> bool:
    """Whether a sandbox of this process has put there what it kept, or its samples, since the memory was emptied."""
    return (account, service) in _filled


def set_filled(account: str, service: str) -> None:
    _filled.add((account, service))


def hold(account: str, service: str) -> None:
    """A sandbox serves it from now on."""
    _holders[account, service] += 1


def release(account: str, service: str) -> bool:
    """The sandbox does no longer. Whether it was the last one of the process."""
    _holders[account, service] -= 1
    return _holders[account, service] <= 0


def note_emptied(account: str, service: str) -> None:
    """To be called while moto's lock is held."""
    _emptied[account, service] += 1
    _changes.pop((account, service), None)
    _filled.discard((account, service))


def note_all_emptied() -> None:
    """To be called while moto's lock is held."""
    _changes.clear()
    _filled.clear()
    _emptied[_ALL] += 1


def times_emptied(account: str, service: str) -> int:
    """How often moto's memory of it was emptied, by whichever sandbox of the process."""
    return _emptied[account, service] + _emptied[_ALL]
