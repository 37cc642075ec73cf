"""A guest's run, and one call with its credentials."""

from training.exercises.hands import Learner


def solve(learner: Learner) -> None:
    learner.run().use("sts", "GetCallerIdentity")
