"""What the matrix foretells is what the sandbox then does, caller by caller and role by role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from flows.exchange.pool import Pool
from flows.exchange.pool_facts import AccountReader, PoolFacts
from flows.pages.pools.who_gets_in import CallerRow, who_gets_in
from sandbox.core.facts import IDENTITY_POOLS
from sandbox.testing import RunningSandbox

COGNITO = "cognito-identity.amazonaws.com"
_HOME = "us-east-1:5a4db000-0000-c000-8000-000000000001"


class Account:
    """A made account, its administrator's clients, and its callers."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.number, self.secret = sandbox.make_account(name="Who gets in")
        self.client = partial(sandbox.client, access_key=self.number, secret_key=self.secret)

    def pool(self, key: str) -> Pool:
        seeded = next(pool for pool in IDENTITY_POOLS if pool.key == key)
        pool_id = seeded.pool_id("us-east-1", self.number, "000000000000")
        return Pool(key, pool_id, key, "", "us-east-1", self.number)

    def matrix(self, pool: Pool) -> tuple[PoolFacts, list[CallerRow]]:
        reader = AccountReader(pool, self.client)
        facts = reader.pool()
        rows = who_gets_in(facts, reader.roles(facts, whole_account=True))
        assert reader.problems == []
        return facts, rows

    def logins(self) -> dict[str, str]:
        return self.sandbox.logins("google", "ana", account=self.number, secret_key=self.secret)

    def token(self, pool_id: str, logins: dict[str, str]) -> str:
        anonymous = self.sandbox.anonymous("cognito-identity")
        identity = anonymous.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
        return str(anonymous.get_open_id_token(IdentityId=identity, Logins=logins)["Token"])

    def assumes(self, role: str, *tokens: str) -> bool:
        """Whether one of these tokens leads to the role."""
        sts = self.sandbox.anonymous("sts")
        for token in tokens:
            try:
                sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="somebody", WebIdentityToken=token)
            except ClientError:
                continue
            return True
        return False

    def tokens(self, pool_id: str, logins: dict[str, str]) -> list[str]:
        """A token of the basic flow; none where the pool refuses it."""
        try:
            return [self.token(pool_id, logins)]
        except ClientError:
            return []

    def foreign(self, key: str) -> list[str]:
        """Guests' tokens of a pool of another account, and of those others of this account that give any."""
        others = [self.pool(other).pool_id for other in ("lab", "rules", "token") if other != key]
        return [self.token(pool_id, {}) for pool_id in (_HOME, *others)]

    def chosen(self, pool_id: str, logins: dict[str, str]) -> str:
        """The role that the enhanced flow takes, by name; empty where it is refused."""
        anonymous = self.sandbox.anonymous("cognito-identity")
        try:
            identity = anonymous.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
            keys = anonymous.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
        except ClientError:
            return ""
        caller = self.sandbox.client(
            "sts", access_key=keys["AccessKeyId"], secret_key=keys["SecretKey"], token=keys["SessionToken"]
        )
        return str(caller.get_caller_identity()["Arn"]).split("/")[1]


@contextmanager
def made_account(sandbox: RunningSandbox) -> Iterator[Account]:
    made = Account(sandbox)
    yield made
    sandbox.switch("accounts", {"action": "remove", "account": made.number})


@pytest.fixture(scope="module")
def account(served_sandbox: RunningSandbox) -> Iterator[Account]:
    """As it was seeded: tests change nothing in it."""
    with made_account(served_sandbox) as made:
        yield made


@pytest.fixture
def changed_account(served_sandbox: RunningSandbox) -> Iterator[Account]:
    with made_account(served_sandbox) as made:
        yield made


def _told(rows: list[CallerRow], caller: str) -> dict[str, bool]:
    (row,) = (row for row in rows if row.caller.key == caller)
    return {cell.role.name: cell.gets_in for cell in row.cells}


@pytest.mark.slow
@pytest.mark.parametrize(
    "key",
    ["lab", *(pytest.param(key, marks=pytest.mark.slow) for key in ("rules", "no-guests", "no-classic", "token"))],
)
def test_seeded_pools(account: Account, key: str) -> None:
    pool = account.pool(key)
    facts, rows = account.matrix(pool)
    roles = {cell.role.name: cell.role.arn for cell in rows[0].cells}
    assert len(roles) == 24
    logins = account.logins()
    tokens = {
        "guest-basic": account.tokens(pool.pool_id, {}),
        "user-basic": account.tokens(pool.pool_id, logins),
        "foreign-guest": account.foreign(key),
    }
    for caller, held in tokens.items():
        happened = {name: account.assumes(arn, *held) for name, arn in roles.items()}
        foretold = _told(rows, caller)
        if caller == "foreign-guest":
            # These trust guests of pools which give them no token: the matrix looks at this pool only.
            for name in ("LabNoGuestsGuest", "LabNoClassicGuest"):
                assert not happened.pop(name)
                del foretold[name]
        assert foretold == happened, caller
    for caller, given in (("guest-enhanced", {}), ("user-enhanced", logins)):
        taken = account.chosen(pool.pool_id, given)
        told = {name for name, gets_in in _told(rows, caller).items() if gets_in}
        # The matrix speaks of everybody who can sign in, and this person is one of them.
        assert {taken} - {""} <= told, caller
        if not facts.mappings:
            assert told == {taken} - {""}, caller


def _trust(condition: dict[str, Any], *, federated: str = COGNITO, actions: Any = None, effect: str = "Allow") -> Any:
    return {
        "Effect": effect,
        "Principal": {"Federated": federated},
        "Action": actions or "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }


def _documents(pool_id: str) -> dict[str, list[Any]]:
    aud = {"StringEquals": {f"{COGNITO}:aud": pool_id}}
    signed_in = {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}
    guests = {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "unauthenticated"}}
    both = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    return {
        "aud only": [_trust(aud)],
        "aud and amr": [_trust(aud | signed_in)],
        "tags allowed": [_trust(aud | signed_in, actions=both)],
        # It is another account's, from where both conditions have to be made.
        "another pool": [_trust({"StringEquals": {f"{COGNITO}:aud": _HOME}} | guests)],
        "any pool": [_trust({"StringLike": {f"{COGNITO}:aud": "*"}})],
        "guests": [_trust(aud | guests)],
        "one identity": [_trust(aud | {"StringLike": {f"{COGNITO}:sub": "us-east-1:nobody"}})],
        "denied": [_trust(aud), _trust(signed_in, effect="Deny")],
        "google only": [_trust(aud | {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "accounts.google.com"}})],
        "another action": [_trust(aud, actions="sts:AssumeRoleWithSAML")],
        "another provider": [_trust({}, federated="accounts.google.com")],
    }


@pytest.mark.slow
def test_trust_policies_of_every_kind(changed_account: Account) -> None:
    account = changed_account
    pool = account.pool("lab")
    account.client("cognito-identity").set_principal_tag_attribute_map(
        IdentityPoolId=pool.pool_id, IdentityProviderName="accounts.google.com", PrincipalTags={"department": "sub"}
    )
    iam, logins = account.client("iam"), account.logins()
    role = f"arn:aws:iam::{account.number}:role/Tried"
    iam.create_role(RoleName="Tried", AssumeRolePolicyDocument=json.dumps(_document([_trust({
        "StringEquals": {f"{COGNITO}:aud": pool.pool_id}
    })])))  # fmt: skip
    tokens = {
        "guest-basic": account.tokens(pool.pool_id, {}),
        "user-tagged": account.tokens(pool.pool_id, logins),
        "foreign-guest": account.foreign("lab"),
    }
    for name, statements in _documents(pool.pool_id).items():
        iam.update_assume_role_policy(RoleName="Tried", PolicyDocument=json.dumps(_document(statements)))
        _, rows = account.matrix(pool)
        for caller, held in tokens.items():
            happened = account.assumes(role, *held)
            assert _told(rows, caller)["Tried"] == happened, (name, caller)


def _document(statements: list[Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}
