"""A pool with guests, and a role that may do nothing: asking who one is needs no permission."""

from training.exercises.building import make_pool, make_role, trust
from training.exercises.hands import Account


def set_up(account: Account) -> None:
    make_role(account, "ReadyGuest", trust(account.pool_id, "unauthenticated"))
    make_pool(account, guest_role="ReadyGuest")
