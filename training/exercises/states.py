"""A saved account state: what an exercise sets up, as data. A file of JSON whose members are known one by one.

It speaks of what an exercise may have and nothing else: its own identity pool, and the roles, buckets and tables that
its `[environment]` lists, in one account or in both. Names in braces stand for what differs between accounts, as
everywhere in an exercise.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from training.exercises.format import BadExercise, Environment
from training.exercises.paths import filled_in

FORMAT, VERSION = "identity-pools-lab/account-state", 1
MOST_OBJECTS = 200  # of a bucket
MOST_ITEMS = 500  # of a table
_DEEPEST = 30

Document = dict[str, Any]

# Members of a pool -> the type of each: those of CreateIdentityPool and SetIdentityPoolRoles that an exercise may set.
POOL_MEMBERS: Mapping[str, type] = {
    "AllowUnauthenticatedIdentities": bool,
    "AllowClassicFlow": bool,
    "SupportedLoginProviders": dict,
    "DeveloperProviderName": str,
    "OpenIdConnectProviderARNs": list,
    "CognitoIdentityProviders": list,
    "SamlProviderARNs": list,
}
_CHOOSING: Mapping[str, type] = {"Roles": dict, "RoleMappings": dict, "PrincipalTags": dict}
_ROLE: Mapping[str, type] = {"trust": dict, "policies": dict, "session": int}
_BUCKET: Mapping[str, type] = {"objects": dict, "policy": dict}
_TABLE: Mapping[str, type] = {"key": str, "items": list}
_PART: Mapping[str, type] = {"pool": dict, "roles": dict, "buckets": dict, "tables": dict}
_TOP: Mapping[str, type] = {"format": str, "version": int, **_PART, "opponent": dict}
_TAGS: Mapping[str, type] = {"UseDefaults": bool, "PrincipalTags": dict}
_FILE = re.compile(r"[a-z][a-z0-9_]{0,39}\.json")


@dataclass(frozen=True, slots=True)
class State:
    """The exercise's part of one account.

    Attributes:
        pool: members of CreateIdentityPool, and `Roles`, `RoleMappings` and `PrincipalTags`; empty for no pool.
        roles: name -> `trust`, `policies` (by name), and `session`, its longest session in seconds.
        buckets: name -> `objects` (key -> text) and `policy`.
        tables: name -> `key`, the attribute that items are found by, and `items` (attribute -> text).
    """

    pool: Document = field(default_factory=dict)
    roles: Mapping[str, Document] = field(default_factory=dict)
    buckets: Mapping[str, Document] = field(default_factory=dict)
    tables: Mapping[str, Document] = field(default_factory=dict)

    def filled(self, names: dict[str, str]) -> "State":
        """The same for one account: each name in braces replaced."""
        return State(*(filled_document(part, names) for part in (self.pool, self.roles, self.buckets, self.tables)))


@dataclass(frozen=True, slots=True)
class SavedState:
    """What a file says: of the account, and of the second one."""

    own: State
    opponent: State | None = None


def is_file_name(name: str) -> bool:
    """Whether a set_up.toml may name this file: one beside it, and no other."""
    return _FILE.fullmatch(name) is not None


def read_state(text: str, environment: Environment, name: str) -> SavedState:
    """The state that a file holds.

    Args:
        environment: of the exercise: what it lists is what may be there.
        name: of the file, for sentences.

    Raises:
        BadExercise: it is no JSON, has a member that is not known, or speaks of what the environment does not list.
    """
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as wrong:
        raise BadExercise(f"{name}: is no JSON that can be read ({wrong}).") from None
    _bounded(document, name)
    top = _members(document, _TOP, name)
    if top.get("format") != FORMAT or top.get("version") != VERSION:
        raise BadExercise(f"{name}: format is {FORMAT}, version {VERSION}.")
    other = top.get("opponent")
    if other is not None and not environment.opponent:
        raise BadExercise(f"{name}: opponent: the environment has no second account.")
    own = _state({key: value for key, value in top.items() if key in _PART}, environment, name)
    second = f"{name}: opponent"
    return SavedState(own, _state(_members(other, _PART, second), environment, second) if other else None)


def filled_document(value: Any, names: dict[str, str]) -> Any:
    """JSON with each name in braces replaced, in keys as well."""
    if isinstance(value, str):
        return filled_in(value, names)
    if isinstance(value, Mapping):
        return {filled_in(key, names): filled_document(each, names) for key, each in value.items()}
    return [filled_document(each, names) for each in value] if isinstance(value, list) else value


def written(own: Document, opponent: Document | None) -> str:
    """The file's text, of parts that have the members of `State`."""
    more = {"opponent": opponent} if opponent else {}
    return json.dumps({"format": FORMAT, "version": VERSION, **own, **more}, indent=2, ensure_ascii=False) + "\n"


# --- What may stand in it ---------------------------------------------------------------------------------------------


def _state(part: Document, environment: Environment, name: str) -> State:
    roles = {environment.guest_role, environment.user_role, *environment.roles} - {""}
    return State(
        pool=_pool(part.get("pool", {}), f"{name}: pool"),
        roles=_listed(part, "roles", roles, _role, name),
        buckets=_listed(part, "buckets", set(environment.buckets), _bucket, name),
        tables=_listed(part, "tables", set(environment.tables), _table, name),
    )


def _listed(
    part: Document, member: str, listed: set[str], read: Callable[[Any, str], Document], name: str
) -> Mapping[str, Document]:
    found: Document = part.get(member, {})
    if unknown := found.keys() - listed:
        raise BadExercise(f"{name}: {member}: the environment lists no {min(unknown)}, so no reset would find it.")
    return {key: read(value, f"{name}: {member}: {key}") for key, value in found.items()}


def _pool(value: Any, name: str) -> Document:
    found = _members(value, {**POOL_MEMBERS, **_CHOOSING}, name)
    for provider, tags in found.get("PrincipalTags", {}).items():
        _texts(_members(tags, _TAGS, f"{name}: {provider}").get("PrincipalTags", {}), f"{name}: {provider}")
    _texts(found.get("Roles", {}), f"{name}: Roles")
    if any(not isinstance(mapping, dict) for mapping in found.get("RoleMappings", {}).values()):
        raise BadExercise(f"{name}: RoleMappings: a role mapping has members.")
    return found


def _role(value: Any, name: str) -> Document:
    found = _members(value, _ROLE, name)
    if "trust" not in found:
        raise BadExercise(f"{name}: trust is missing.")
    for document in (found["trust"], *found.get("policies", {}).values()):
        _policy(document, name)
    return found


def _bucket(value: Any, name: str) -> Document:
    found = _members(value, _BUCKET, name)
    objects = _texts(found.get("objects", {}), name)
    if len(objects) > MOST_OBJECTS:
        raise BadExercise(f"{name}: at most {MOST_OBJECTS} objects.")
    if "policy" in found:
        _policy(found["policy"], name)
    return found


def _table(value: Any, name: str) -> Document:
    found = _members(value, _TABLE, name)
    items = found.get("items", [])
    if not found.get("key") or len(items) > MOST_ITEMS:
        raise BadExercise(f"{name}: has a key, and at most {MOST_ITEMS} items.")
    for item in items:
        if found["key"] not in _texts(item, name):
            raise BadExercise(f"{name}: an item has no {found['key']}.")
    return found


def _policy(value: Any, name: str) -> None:
    if not isinstance(value, dict) or "Statement" not in value:
        raise BadExercise(f"{name}: a policy has a Statement.")


def _members(value: Any, known: Mapping[str, type], name: str) -> Document:
    """A dictionary of known members, each of its type; `bool` is no number here."""
    if not isinstance(value, dict):
        raise BadExercise(f"{name}: has members.")
    for member, held in value.items():
        kind = known.get(member)
        if kind is None:
            raise BadExercise(f"{name}: {member[:60]}: no such member.")
        if not isinstance(held, kind) or (kind is int and isinstance(held, bool)):
            raise BadExercise(f"{name}: {member} is not of the right form ({kind.__name__}).")
    return value


def _texts(value: Any, name: str) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise BadExercise(f"{name}: is a list of names with a text for each.")
    return value


def _bounded(value: Any, name: str) -> None:
    """Nothing is nested deeper than it can be written again."""
    waiting = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if depth > _DEEPEST:
            raise BadExercise(f"{name}: is nested too deeply.")
        inner = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        waiting += [(one, depth + 1) for one in inner]


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")
