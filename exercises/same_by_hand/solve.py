"""Refused, switched on, done by hand; and refused for another reason."""

from training.exercises.hands import Learner


def solve(learner: Learner) -> None:
    learner.answer("guess", 2)
    learner.run(flow="basic")
    cognito = learner.account.client("cognito-identity")
    pool = cognito.describe_identity_pool(IdentityPoolId=learner.account.pool_id)
    pool.pop("ResponseMetadata")
    cognito.update_identity_pool(**{**pool, "AllowClassicFlow": True})
    learner.run(flow="basic")
    learner.run(flow="basic", DurationSeconds="900")
    learner.run(flow="basic", provider="user-pool", person="ana")
    learner.run(provider="user-pool", person="ana")
