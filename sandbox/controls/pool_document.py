"""A pool's document (poolconfig.document), as somebody sent it: its shape, the IDs in it, and the same under others.

Pure: nothing here knows what is in the sandbox.
"""

import re
import secrets
import string
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.core.errors import AwsError

FORMAT = "identity-pool/1"
_LISTS = ("principalTags", "iamRoles", "policies", "openIdConnectProviders", "samlProviders", "userPools", "missing")
_OBJECTS = ("identityPool", "roles")
_ACCOUNT = re.compile(r"[0-9]{12}")
_POOL_ID = re.compile(r"([a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}):[0-9a-f-]{36}")
_USER_POOL_ID = re.compile(r"([a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2})_[0-9A-Za-z]{1,55}")
_CLIENT_ID = re.compile(r"[\w+]{1,128}", re.ASCII)
_DEEPEST = 40
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class PoolDocument:
    """A document whose shape is right: sections are there, IDs look like IDs. The rest is still to be checked.

    Attributes:
        content: as it was sent.
    """

    account: str
    region: str
    pool_id: str
    user_pools: tuple[str, ...]
    clients: tuple[str, ...]
    content: Mapping[str, Any]

    @property
    def ids(self) -> tuple[str, ...]:
        """Every ID that only one account can have, the pool's first."""
        return (self.pool_id, *self.user_pools, *self.clients)


def read_document(content: Any) -> PoolDocument:
    """The document that somebody sent.

    Raises:
        AwsError: ValidationException.
    """
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise invalid(f"'document' is none of the format {FORMAT}, as manage.py pool import writes it.")
    _require_plain(content)
    for names, kind in ((_LISTS, list), (_OBJECTS, dict)):
        for name in names:
            if not isinstance(content.get(name), kind):
                raise invalid(f"The document has no '{name}', or one of the wrong kind.")
    pool_id, account = _text(content["identityPool"], "IdentityPoolId"), _text(content, "account")
    found = _POOL_ID.fullmatch(pool_id)
    if not _ACCOUNT.fullmatch(account) or found is None or content.get("region") != found[1]:
        raise invalid("The document's account, region and IdentityPoolId do not fit each other.")
    for name in _LISTS[:-1]:
        if not all(isinstance(entry, dict) for entry in content[name]):
            raise invalid(f"An entry of '{name}' is no object.")
    user_pools, clients = _user_pools(content["userPools"])
    return PoolDocument(account, found[1], pool_id, tuple(user_pools), tuple(clients), content)


def _require_plain(content: Any) -> None:
    """Pass for what can be kept and gone through: texts that are Unicode, nested as policies are.

    Raises:
        AwsError: ValidationException.
    """
    level: list[Any] = [content]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner += [*one, *one.values()]
            elif isinstance(one, list):
                inner += one
            elif isinstance(one, str) and not one.isascii() and any("\ud800" <= each <= "\udfff" for each in one):
                raise invalid("A text of the document is no Unicode.")
        if not inner:
            return
        level = inner
    raise invalid(f"The document is nested deeper than {_DEEPEST} levels.")


def _user_pools(entries: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    pools, clients = [], []
    for entry in entries:
        pool_id = _text(entry, "Id")
        if not _USER_POOL_ID.fullmatch(pool_id):
            raise invalid(f"'{pool_id[:60]}' cannot be the ID of a user pool.")
        pools.append(pool_id)
        for name, kind in (("Settings", dict), ("Groups", list), ("Clients", list)):
            if not isinstance(entry.get(name), kind):
                raise invalid(f"The user pool {pool_id} has no '{name}', or one of the wrong kind.")
        for one in entry["Clients"]:
            client_id = _text(one, "ClientId") if isinstance(one, dict) else ""
            if not _CLIENT_ID.fullmatch(client_id) or not isinstance(one.get("Settings"), dict):
                raise invalid(f"A client of the user pool {pool_id} cannot be read.")
            clients.append(client_id)
    if len(set(pools)) != len(pools) or len(set(clients)) != len(clients):
        raise invalid("A user pool or a client is in the document twice.")
    return pools, clients


def remapped(document: PoolDocument, account: str) -> tuple[PoolDocument, dict[str, str]]:
    """The same pool under IDs that nobody has, in another account; old ID -> new ID.

    Policies name the pool by its ID and things by ARNs, so IDs are replaced wherever they stand by themselves.
    """
    renamed = {document.account: account, document.pool_id: f"{document.region}:{uuid.uuid4()}"}
    for pool_id in document.user_pools:
        renamed[pool_id] = f"{pool_id.partition('_')[0]}_{_chosen(_LETTERS, 9)}"
    for client_id in document.clients:
        renamed[client_id] = _chosen(string.ascii_lowercase + string.digits, 26)
    for role_id in _role_ids(document.content):
        renamed[role_id] = f"AROA{_chosen(string.ascii_uppercase + '234567', 17)}"
    either = "|".join(re.escape(old) for old in sorted(renamed, key=len, reverse=True))
    pattern = re.compile(rf"(?<![0-9A-Za-z])(?:{either})(?![0-9A-Za-z])")
    content = _replaced(document.content, lambda text: pattern.sub(lambda one: renamed[one[0]], text))
    return read_document(content), renamed


def _replaced(value: Any, replace: Callable[[str], str]) -> Any:
    """A copy in which every text, names of members among them, is what `replace` makes of it."""
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, Mapping):
        return {replace(name): _replaced(member, replace) for name, member in value.items()}
    return [_replaced(entry, replace) for entry in value] if isinstance(value, list) else value


def _role_ids(content: Mapping[str, Any]) -> Iterator[str]:
    for role in content["iamRoles"]:
        if isinstance(role.get("RoleId"), str) and role["RoleId"]:
            yield role["RoleId"]


def _chosen(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
