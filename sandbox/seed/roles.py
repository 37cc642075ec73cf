"""The roles of the seeded pools: who may assume them, what they may do."""

from collections.abc import Sequence
from typing import Any

from sandbox.core.facts import NOTES_TABLE, PRIVATE_BUCKET, PRODUCTS_TABLE, PUBLIC_BUCKET
from sandbox.idp.sign_in.people import ADMINS, GROUPS

# The group for which a kind of role is. A group's files are in the private bucket, under `teams/` and its name.
_TEAMS = {group.kind: group.name for group in GROUPS.values()}

COGNITO = "cognito-identity.amazonaws.com"
_SUBJECT = "${cognito-identity.amazonaws.com:sub}"

Document = dict[str, Any]


def trust_policy(pool_id: str, amr: Sequence[str]) -> Document:
    """Only identities of this pool, and of them only guests (`unauthenticated`), only people who signed in
    (`authenticated`) or only those of some providers.

    sts:TagSession is there for people who signed in, whose tokens may carry principal tags.
    """
    actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ThisPoolOnly",
                "Effect": "Allow",
                "Principal": {"Federated": COGNITO},
                "Action": actions[0] if "unauthenticated" in amr else actions,
                "Condition": {
                    "StringEquals": {f"{COGNITO}:aud": pool_id},
                    "ForAnyValue:StringLike": {f"{COGNITO}:amr": amr[0] if len(amr) == 1 else list(amr)},
                },
            }
        ],
    }


def _public_content(region: str, account: str) -> list[Document]:
    return [
        {
            "Sid": "ListPublicBucket",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{PUBLIC_BUCKET}",
        },
        {
            "Sid": "ReadPublicObjects",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{PUBLIC_BUCKET}/*",
        },
        {
            "Sid": "ReadProducts",
            "Effect": "Allow",
            "Action": ["dynamodb:Scan", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:DescribeTable"],
            "Resource": f"arn:aws:dynamodb:{region}:{account}:table/{PRODUCTS_TABLE}",
        },
    ]


def guest_policy(region: str, account: str) -> Document:
    """What guests may do.

    ssm:GetParameter is allowed here and yet refused in the enhanced flow: its session policy does not have it. In the
    basic flow, which has no such limit, only the role decides.
    """
    lesson = {
        "Sid": "AllowedHereButNotByTheEnhancedFlow",
        "Effect": "Allow",
        "Action": "ssm:GetParameter",
        "Resource": f"arn:aws:ssm:{region}:{account}:parameter/identity-pools-lab/*",
    }
    return {"Version": "2012-10-17", "Statement": [*_public_content(region, account), lesson]}


def authenticated_policy(region: str, account: str, kind: str) -> Document:
    """What guests may do, and in the private bucket and the table of notes whatever is under one's own identity id.

    A group's role reads the files of its team as well, that of the administrators those of every team.
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            *guest_policy(region, account)["Statement"],
            {
                "Sid": "ListOwnPrefix",
                "Effect": "Allow",
                "Action": "s3:ListBucket",
                "Resource": f"arn:aws:s3:::{PRIVATE_BUCKET}",
                "Condition": {"StringLike": {"s3:prefix": [f"{_SUBJECT}/*"]}},
            },
            {
                "Sid": "OwnObjects",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                "Resource": f"arn:aws:s3:::{PRIVATE_BUCKET}/{_SUBJECT}/*",
            },
            {
                "Sid": "OwnNotes",
                "Effect": "Allow",
                "Action": ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem"],
                "Resource": f"arn:aws:dynamodb:{region}:{account}:table/{NOTES_TABLE}",
                "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [_SUBJECT]}},
            },
            *_team_files(kind),
        ],
    }


def _team_files(kind: str) -> list[Document]:
    team = _TEAMS.get(kind)
    if team is None:
        return []
    return [
        {
            "Sid": "ReadTeamFiles",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{PRIVATE_BUCKET}/teams/{'*' if team == ADMINS else f'{team}/*'}",
        }
    ]
