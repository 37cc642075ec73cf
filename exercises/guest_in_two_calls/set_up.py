"""A pool with guests, who may read the samples and nothing else."""

from training.exercises.building import allow, make_pool, make_role, trust
from training.exercises.hands import Account

ROLE = "TwoCallsGuest"


def set_up(account: Account) -> None:
    make_role(
        account,
        ROLE,
        trust(account.pool_id, "unauthenticated"),
        allow("s3:ListBucket", "arn:aws:s3:::identity-pools-lab-public"),
        allow("s3:GetObject", "arn:aws:s3:::identity-pools-lab-public/*"),
        allow("dynamodb:Scan", f"arn:aws:dynamodb:{account.region}:{account.number}:table/SampleProducts"),
    )
    make_pool(account, guest_role=ROLE)
