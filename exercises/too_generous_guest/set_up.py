"""A guests' role that allows everything of three services."""

from training.exercises.building import allow, make_bucket, make_pool, make_role, make_table, trust
from training.exercises.hands import Account

NAME = "too-generous-guest"
ORDERS = (
    {"OrderId": "1001", "Customer": "Grace Adeyemi", "Card": "ends in 4711"},
    {"OrderId": "1002", "Customer": "Finn Moss", "Card": "ends in 0815"},
)


def set_up(account: Account) -> None:
    files = {"catalogue.txt": "Tea, coffee, cocoa\n", "internal/plans.txt": "We shall sell water next year.\n"}
    make_bucket(account, NAME, files)
    make_table(account, "GenerousOrders", "OrderId", ORDERS)
    make_role(
        account,
        "GenerousGuest",
        trust(account.pool_id, "unauthenticated"),
        allow(["s3:*", "dynamodb:*", "ssm:*"], "*", Sid="Everything"),
    )
    make_pool(account, guest_role="GenerousGuest")
