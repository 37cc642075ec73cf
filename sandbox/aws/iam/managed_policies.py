"""Managed policies: an account's own, and those of AWS."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from iampolicy.documents import stored_policy
from iampolicy.guest_limits import MANAGED_POLICY, MANAGED_POLICY_ARN
from iampolicy.statements import PolicyDocument
from sandbox.aws.iam.names import account_of
from sandbox.core.store import Store

_AWS = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True, slots=True)
class AwsPolicy:
    """A managed policy of AWS, in its default version. Times are epoch seconds."""

    name: str
    path: str
    version: str
    document: PolicyDocument
    created: float
    updated: float

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::aws:policy{self.path}{self.name}"


def find_managed_policy(store: Store, policy_arn: str, holder: str) -> PolicyDocument | None:
    """The default version of a managed policy, AWS's or an account's; None when there is none of this ARN.

    Args:
        holder: the account in which it is attached or passed.
    """
    if account_of(policy_arn) == "aws":
        known = find_aws_policy(store, policy_arn, holder)
        return known.document if known else None
    account, _, rest = policy_arn.removeprefix("arn:aws:iam::").partition(":policy/")
    path, _, name = f"/{rest}".rpartition("/")
    row = store.connection.execute(
        "SELECT version.document FROM iam_policy AS policy JOIN iam_policy_version AS version "
        "ON version.account = policy.account AND version.policy = policy.name "
        "AND version.version = policy.default_version "
        "WHERE policy.account = ? AND policy.name = ? AND policy.path = ?",
        (account, name, f"{path}/"),
    ).fetchone()
    return stored_policy(row["document"]) if row else None


def find_aws_policy(store: Store, policy_arn: str, holder: str) -> AwsPolicy | None:
    """A managed policy of AWS: as the account has kept it, else as it was when this version was made."""
    row = store.connection.execute(
        "SELECT * FROM iam_aws_policy WHERE account = ? AND policy_arn = ?", (holder, policy_arn)
    ).fetchone()
    if row is None:
        if policy_arn == MANAGED_POLICY_ARN:  # The one that all guests have, without reading the others.
            return _cognito_guests()
        return aws_policies().get(policy_arn)
    path, _, name = f"/{policy_arn.removeprefix(_AWS)}".rpartition("/")
    document = PolicyDocument(json.loads(row["document"]))
    return AwsPolicy(name, f"{path}/", row["version"], document, row["updated"], row["updated"])


def keep_aws_policy(store: Store, holder: str, policy_arn: str, version: str, document: str, now: float) -> None:
    """Have an account know one of AWS's policies by this document."""
    columns = "account, policy_arn, version, document, updated"
    store.connection.execute(
        f"INSERT OR REPLACE INTO iam_aws_policy ({columns}) VALUES (?, ?, ?, ?, ?)",  # noqa: S608 (our own names)
        (holder, policy_arn, version, document, now),
    )


@lru_cache(maxsize=1)
def aws_policies() -> dict[str, AwsPolicy]:
    """AWS's managed policies by ARN. moto brings them along; half a second to read, so only who asks waits."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found = {MANAGED_POLICY_ARN: _cognito_guests()}
    for name, data in json.loads(aws_managed_policies_data).items():
        policy = _aws_policy(name, data)
        found.setdefault(policy.arn, policy)
    return found


def _aws_policy(name: str, data: dict[str, Any]) -> AwsPolicy:
    return AwsPolicy(
        name=name,
        path=data["Path"],
        version=data["DefaultVersionId"],
        document=PolicyDocument(data["Document"]),
        created=datetime.fromisoformat(data["CreateDate"]).timestamp(),
        updated=datetime.fromisoformat(data["UpdateDate"]).timestamp(),
    )


@lru_cache(maxsize=1)
def _cognito_guests() -> AwsPolicy:
    created, updated = datetime.fromisoformat("2023-07-19T00:00:00Z"), datetime.fromisoformat("2024-11-01T00:00:00Z")
    name = MANAGED_POLICY_ARN.removeprefix(_AWS)
    return AwsPolicy(name, "/", "v4", MANAGED_POLICY, created.timestamp(), updated.timestamp())
