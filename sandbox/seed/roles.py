"""The roles of the seeded pools: who may assume them, what they may do."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.core.facts import NOTES_TABLE, PRIVATE_BUCKET, PRODUCTS_TABLE, PUBLIC_BUCKET
from sandbox.idp.sign_in.people import ADMINS, GROUPS

# The group of each role of its own. A group's files are in the private bucket, under `teams/` and its name.
_TEAMS = {group.role: group.name for group in GROUPS.values()}

_COGNITO = "cognito-identity.amazonaws.com"
_SUBJECT = "${cognito-identity.amazonaws.com:sub}"

Document = dict[str, Any]


def trust_policy(pool_ids: Sequence[str], amr: str) -> Document:
    """Only identities of these pools, and only guests (`unauthenticated`), only signed-in ones (`authenticated`) or
    only those of one provider.

    sts:TagSession is there for signed-in people, whose tokens may carry principal tags.
    """
    actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "LabPools",
                "Effect": "Allow",
                "Principal": {"Federated": _COGNITO},
                "Action": actions[0] if amr == "unauthenticated" else actions,
                "Condition": {
                    "StringEquals": {f"{_COGNITO}:aud": list(pool_ids)},
                    "ForAnyValue:StringLike": {f"{_COGNITO}:amr": amr},
                },
            }
        ],
    }


def group_trust_policy(choosing: Mapping[str, Sequence[str]]) -> Document:
    """Only people for whom a pool chooses the role: in the basic flow callers name a role themselves, and whoever
    signed in anywhere could name this one. Those whom a role mapping concerns get no token for that flow.

    Args:
        choosing: a provider as it is in `amr` -> ids of the pools that choose roles for its people.
    """
    statements = []
    for number, (provider, pool_ids) in enumerate(choosing.items(), start=1):
        (statement,) = trust_policy(pool_ids, provider)["Statement"]
        statements.append({**statement, "Sid": f"ChosenForProvider{number}"})
    return {"Version": "2012-10-17", "Statement": statements}


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


def authenticated_policy(region: str, account: str, role: str) -> Document:
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
            *_team_files(role),
        ],
    }


def _team_files(role: str) -> list[Document]:
    team = _TEAMS.get(role)
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
