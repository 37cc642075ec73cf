"""What lets Ana in, and more than her."""

import json
from typing import Any

from training.exercises.building import COGNITO, trust
from training.exercises.hands import Learner

SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")
ROLES = ("ClinicA", "ClinicB", "ClinicC", "ClinicD", "ClinicE")

LEAVES = {
    "anybody_who_asks_with_any_pool": ["others-out", "strangers-out", "all-ask-for-aud"],
    "own_pool_added": ["strangers-out"],
    "anybody_of_this_pool": ["guests-out", "all-ask-for-amr"],
    "tags_taken_away": ["a-mended", "b-mended", "c-mended", "d-mended"],
    "one_left": ["d-mended"],
}


def anybody_who_asks_with_any_pool(learner: Learner) -> None:
    document = trust("*", "authenticated", actions=SIGNED_IN)
    condition = document["Statement"][0]["Condition"]
    condition["StringLike"] = condition.pop("StringEquals")
    _all(learner, document)


def own_pool_added(learner: Learner) -> None:
    """Ana gets in, and whoever got in before still does."""
    account = learner.account
    assert account.opponent is not None
    _all(learner, trust(account.pool_id, "authenticated", actions=SIGNED_IN))
    both = trust(account.pool_id, "authenticated", actions=SIGNED_IN)
    both["Statement"][0]["Condition"]["StringEquals"][f"{COGNITO}:aud"] = [account.opponent.pool_id, account.pool_id]
    _trust(learner, "ClinicA", both)


def anybody_of_this_pool(learner: Learner) -> None:
    _all(learner, trust(learner.account.pool_id, "*", actions=SIGNED_IN))


def tags_taken_away(learner: Learner) -> None:
    """ClinicE works then; what was wrong with the others is as it was."""
    cognito = learner.account.client("cognito-identity")
    provider = learner.account.providers["CognitoIdentityProviders"][0]["ProviderName"]
    cognito.set_principal_tag_attribute_map(
        IdentityPoolId=learner.account.pool_id, IdentityProviderName=provider, UseDefaults=False, PrincipalTags={}
    )


def one_left(learner: Learner) -> None:
    right = trust(learner.account.pool_id, "authenticated", actions=SIGNED_IN)
    still = trust(learner.account.pool_id, "authenticated", actions=SIGNED_IN, principal={"Service": COGNITO})
    _all(learner, right)
    _trust(learner, "ClinicD", still)


def _all(learner: Learner, document: dict[str, Any]) -> None:
    for name in ROLES:
        _trust(learner, name, document)


def _trust(learner: Learner, name: str, document: dict[str, Any]) -> None:
    iam = learner.account.client("iam")
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))
