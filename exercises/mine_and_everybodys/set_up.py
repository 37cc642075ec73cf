"""A policy with a variable, without the slash behind it, and a list that asks for no prefix."""

from training.exercises.building import SUBJECT, allow, make_bucket, make_pool, make_role, trust
from training.exercises.hands import Account

BUCKET = "mine-and-everybodys"
ROLE = "MineUser"
SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")


def set_up(account: Account) -> None:
    make_role(
        account,
        ROLE,
        trust(account.pool_id, "authenticated", actions=SIGNED_IN),
        allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/{SUBJECT}*", Sid="OwnFiles"),
        allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", Sid="List"),
    )
    make_pool(account, user_role=ROLE, guests=False)
    pool = {"IdentityPoolId": account.pool_id}
    ana = account.anonymous("cognito-identity").get_id(**pool, Logins=account.logins("user-pool", "ana"))["IdentityId"]
    make_bucket(
        account,
        BUCKET,
        {
            f"{ana}/diary.txt": "Dear diary, this is mine.\n",
            f"{ana}-old/salary.txt": "Of somebody who has left: 88000\n",
            f"{account.region}:00000000-aaaa-bbbb-cccc-000000000000/letter.txt": "A letter of somebody else.\n",
        },
    )
