"""A pool with guests, that trusts the account's user pool."""

from training.exercises.building import make_pool, make_role, trust
from training.exercises.hands import Account

SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")


def set_up(account: Account) -> None:
    make_role(account, "WhichPoolGuest", trust(account.pool_id, "unauthenticated"))
    make_role(account, "WhichPoolUser", trust(account.pool_id, "authenticated", actions=SIGNED_IN))
    make_pool(account, guest_role="WhichPoolGuest", user_role="WhichPoolUser")
