"""Who made a signed call, once the signature has been verified."""

import base64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from msgspec import Struct, field

ContextValue = str | Sequence[str]


class RoleSession(Struct, frozen=True):
    """What a set of temporary credentials stands for: an assumed role and what was agreed when it was assumed, or the
    account's administrator, whose ARN and id then stand in place of a role's.

    Attributes:
        role_arn: of the IAM role, path included.
        role_id: the `AROA...` unique id.
        context: policy condition keys that the session carries (`cognito-identity.amazonaws.com:sub`,
            `aws:PrincipalTag/...`, ...), names as AWS spells them.
        session_policies: policy documents that limit this session. Rights are those of the role that at least one of
            them allows as well; no documents, no limit.
        managed_policies: ARNs of AWS's own policies that limit the session in the same way. They never change and may
            be large, so a token holds their names; `session_policies` of a session that was opened has their documents.
        transitive: keys of the session tags that roles assumed from here inherit, in lower case.
        issued, expires: epoch seconds on the account's clock.
        epoch: how often the account had been reset; a session of before a reset is over.
    """

    account: str
    role_arn: str
    role_id: str
    session_name: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    session_policies: Sequence[Mapping[str, Any]] = ()
    managed_policies: Sequence[str] = ()
    transitive: Sequence[str] = ()
    issued: int = 0
    expires: int = 0
    epoch: int = 0

    @property
    def arn(self) -> str:
        """ARN of the assumed role; a role's path is not part of it (IAM User Guide, reference_identifiers)."""
        return f"arn:aws:sts::{self.account}:assumed-role/{self.role_arn.rsplit('/', 1)[-1]}/{self.session_name}"


ADMINISTRATOR = "administrator"
ADMINISTRATOR_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"


class Caller(Struct, frozen=True):
    """The principal behind a verified signature.

    Attributes:
        session: None for the account's administrator: an IAM user who has AdministratorAccess.
        issued: of an administrator who signs with temporary credentials (GetSessionToken), when those were given out,
            in epoch seconds; else 0.
        region: the one that the signature's scope names.
    """

    account: str
    access_key_id: str
    arn: str
    user_id: str
    session: RoleSession | None = None
    region: str = ""
    issued: int = 0


def administrator_of(account: str, access_key_id: str = "", region: str = "", issued: int = 0) -> Caller:
    """The IAM user who administers an account; `:root` as a principal covers every user of its account."""
    # As long as IAM's unique ids, and the same at every start: policies may test `aws:userid`.
    user_id = f"AIDA{base64.b32encode(sha256(f'administrator of {account}'.encode()).digest()).decode()[:17]}"
    arn = f"arn:aws:iam::{account}:user/{ADMINISTRATOR}"
    return Caller(account, access_key_id or account, arn, user_id, region=region, issued=issued)
