"""Roles as the rest of the sandbox sees them, and the cache that keeps them close to every decision."""

from dataclasses import dataclass, field
from sqlite3 import Row
from weakref import WeakKeyDictionary

from iampolicy.documents import stored_policy
from iampolicy.statements import PolicyDocument
from sandbox.aws.iam.managed_policies import find_managed_policy
from sandbox.aws.iam.names import account_of, arn
from sandbox.aws.iam.tags import read_tags
from sandbox.core.store import Store


@dataclass(frozen=True, slots=True)
class Role:
    """A role with everything that decisions need.

    Attributes:
        role_id: the `AROA...` unique id.
        max_session_duration: seconds, 3600 to 43200.
        policies: all identity policies, inline ones first, then the attached managed ones.
        policy_names: the name of each, for explanations.
        boundary: the document of its permissions boundary; None where it has none. One whose policy is gone allows
            nothing.
        tags: the role's own; sessions carry them as principal tags unless a session tag has the same key.
    """

    account: str
    arn: str
    role_id: str
    name: str
    trust_policy: PolicyDocument
    max_session_duration: int
    policies: list[PolicyDocument]
    policy_names: list[str]
    boundary: PolicyDocument | None = None
    tags: dict[str, str] = field(default_factory=dict)


# Reading a role takes several queries and parses its documents; the enhanced flow needs one for every pair of calls.
_cache: WeakKeyDictionary[Store, dict[str, Role | None]] = WeakKeyDictionary()
_CACHE_SIZE = 10_000


def find_role(store: Store, role_arn: str) -> Role | None:
    """The role of this ARN, its path included, in whichever account; None when there is no such role."""
    known = _cache.setdefault(store, {})
    if role_arn not in known:
        if len(known) >= _CACHE_SIZE:
            known.clear()
        known[role_arn] = _read_role(store, role_arn)
    return known[role_arn]


def forget_roles(store: Store) -> None:
    """What the cache knows is out of date: a role, a policy or an attachment has changed."""
    _cache.pop(store, None)


def role_arn_of(row: Row) -> str:
    return arn(row["account"], "role", row["path"], row["name"])


def _read_role(store: Store, role_arn: str) -> Role | None:
    account, name = account_of(role_arn), role_arn.rsplit("/", 1)[-1]
    row = store.connection.execute("SELECT * FROM iam_role WHERE account = ? AND name = ?", (account, name)).fetchone()
    if row is None or role_arn_of(row) != role_arn:
        return None
    policies = _policies(store, account, name)
    return Role(
        account=account,
        arn=role_arn,
        role_id=row["role_id"],
        name=row["name"],
        trust_policy=stored_policy(row["trust_policy"]),
        max_session_duration=row["max_session_duration"],
        policies=[document for _, document in policies],
        policy_names=[policy_name for policy_name, _ in policies],
        boundary=_boundary(store, account, name),
        tags=read_tags(row["tags"]),
    )


def boundary_of(store: Store, account: str, role: str) -> str:
    """The ARN of a role's permissions boundary; empty where it has none."""
    row = store.connection.execute(
        "SELECT policy_arn FROM iam_boundary WHERE account = ? AND role = ?", (account, role)
    ).fetchone()
    return str(row[0]) if row else ""


def _boundary(store: Store, account: str, role: str) -> PolicyDocument | None:
    arn = boundary_of(store, account, role)
    if not arn:
        return None
    return find_managed_policy(store, arn, account) or PolicyDocument(Statement=[])


def _policies(store: Store, account: str, role: str) -> list[tuple[str, PolicyDocument]]:
    inline = store.connection.execute(
        "SELECT name, document FROM iam_role_policy WHERE account = ? AND role = ? ORDER BY name", (account, role)
    )
    found = [(row["name"], stored_policy(row["document"])) for row in inline]
    attached = store.connection.execute(
        "SELECT policy_arn FROM iam_attachment WHERE account = ? AND role = ? ORDER BY policy_arn", (account, role)
    )
    for (policy_arn,) in attached.fetchall():
        document = find_managed_policy(store, policy_arn, account)
        if document is not None:
            found.append((policy_arn.rsplit("/", 1)[-1], document))
    return found
