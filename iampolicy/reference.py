"""Which condition keys AWS documents for an action: the Service Authorization Reference, read from a file.

The file is made by scripts/service_keys.py, and says there where it comes from. Global keys that every request may
have (`aws:SourceIp`) are not in it, only those that depend on the action.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("service_keys.json")
# What an action of a service that is not in the file may have, besides keys of the service's own.
_TAG_FAMILIES = frozenset({"aws:requesttag/", "aws:resourcetag/", "aws:tagkeys"})


def family_of(key: str) -> str:
    """The key in lower case, without the name of the tag or the like: `aws:RequestTag/Team` is `aws:requesttag/`."""
    head, slash, _ = key.lower().partition("/")
    return head + slash


@lru_cache(maxsize=1)
def _services() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_FILE.read_text())["services"]
    return found


@lru_cache(maxsize=1024)
def documented_keys(action: str) -> frozenset[str] | None:
    """The families of keys of an action such as `s3:GetObject`; None for an action that the reference does not have."""
    service, _, name = action.partition(":")
    known = _services().get(service)
    if known is None or name not in known["actions"]:
        return None
    return frozenset(map(family_of, known["keys"][known["actions"][name]]))


@lru_cache(maxsize=8192)
def is_documented(action: str, key: str) -> bool:
    """Whether the key is documented for the action. Of an action that nobody knows, it may be any of its service's."""
    family, keys = family_of(key), documented_keys(action)
    if keys is not None:
        return family in keys
    return family in _TAG_FAMILIES or family.startswith(f"{action.partition(':')[0]}:")


def keys_of_service(service: str) -> dict[str, str]:
    """Every family that one of the service's actions has, with a name as AWS spells it."""
    return {family_of(key): key for keys in _services()[service]["keys"] for key in keys}


def actions_of_service(service: str) -> list[str]:
    """The names of the service's actions, as AWS spells them."""
    return list(_services()[service]["actions"])
