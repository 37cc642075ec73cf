"""AuthParameters and ChallengeResponses: texts by name, of which the model says nothing more."""

from collections.abc import Mapping

from sandbox.user_pools.refusals import invalid_parameter


def needed(parameters: Mapping[str, str], name: str) -> str:
    """A parameter that has to be there.

    Raises:
        AwsError: InvalidParameterException.
    """
    value = parameters.get(name, "")
    if not value:
        raise invalid_parameter(f"Missing required parameter {name}")
    return value
