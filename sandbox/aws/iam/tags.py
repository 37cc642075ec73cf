"""Tags as IAM takes and returns them, and as the tables keep them: a JSON object."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.aws.iam.names import limit_exceeded
from sandbox.core.errors import AwsError

MAXIMUM = 50


def pack_tags(tags: Sequence[dict[str, str]]) -> str:
    """The stored form of a list of `{Key, Value}`.

    Raises:
        AwsError: InvalidInput for a key that appears twice, LimitExceeded beyond 50 tags.
    """
    return with_tags("{}", tags)


def with_tags(stored: str, tags: Sequence[dict[str, str]]) -> str:
    """The stored form with `tags` added or replaced; keys are compared without regard to case."""
    lower = [tag["Key"].lower() for tag in tags]
    if len(lower) != len(set(lower)):
        raise AwsError("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.", 400)
    for tag in tags:
        if tag["Key"].lower().startswith("aws:"):
            raise AwsError("InvalidInput", f"Tag keys that begin with aws: are reserved: {tag['Key']}", 400)
    kept = {key: value for key, value in read_tags(stored).items() if key.lower() not in lower}
    kept.update((tag["Key"], tag["Value"]) for tag in tags)
    if len(kept) > MAXIMUM:
        raise limit_exceeded(f"The number of tags has reached the maximum limit of {MAXIMUM}.")
    return json.dumps(kept)


def without_tags(stored: str, keys: Iterable[str]) -> str:
    gone = {key.lower() for key in keys}
    return json.dumps({key: value for key, value in read_tags(stored).items() if key.lower() not in gone})


def read_tags(stored: str) -> dict[str, str]:
    tags: dict[str, str] = json.loads(stored)
    return tags


def as_list(stored: str) -> list[dict[str, Any]]:
    return [{"Key": key, "Value": value} for key, value in read_tags(stored).items()]
