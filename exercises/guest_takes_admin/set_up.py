"""A pool that is well made, and a role whose trust policy forgets to ask how somebody was authenticated."""

from training.exercises.building import allow, make_bucket, make_pool, make_role, trust
from training.exercises.hands import Account

BUCKET = "guest-takes-admin"
PAYROLL = "name,department,salary\nAna Lima,Engineering,71000\nBo Winther,Finance,64500\nDevi Rao,Engineering,93000\n"
SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")


def set_up(account: Account) -> None:
    make_bucket(account, BUCKET, {"payroll.csv": PAYROLL})
    make_role(account, "TakesAdminGuest", trust(account.pool_id, "unauthenticated"))
    make_role(account, "TakesAdminUser", trust(account.pool_id, "authenticated", actions=SIGNED_IN))
    make_role(
        account,
        "TakesAdminAdmins",
        trust(account.pool_id, None, actions=SIGNED_IN),
        allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*"),
        allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"),
    )
    provider = account.providers["CognitoIdentityProviders"][0]
    rule = {
        "Claim": "cognito:groups",
        "MatchType": "Contains",
        "Value": "admins",
        "RoleARN": account.role_arn("TakesAdminAdmins"),
    }
    mapping = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "AuthenticatedRole",
        "RulesConfiguration": {"Rules": [rule]},
    }
    make_pool(
        account,
        guest_role="TakesAdminGuest",
        user_role="TakesAdminUser",
        mappings={f"{provider['ProviderName']}:{provider['ClientId']}": mapping},
    )
