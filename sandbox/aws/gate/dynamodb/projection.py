"""A projection applied to an item of an answer: moto is not told of it, as it reads some of them in ways of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

Path = tuple[str | int, ...]


def projected(item: Mapping[str, Any], paths: Sequence[Path]) -> dict[str, Any]:
    """What a projection leaves of an item, both in DynamoDB's JSON; of a list the chosen elements, in their order."""
    found: dict[str, Any] = {}
    for name, value in item.items():
        rests = [path[1:] for path in paths if path[0] == name]
        if rests:
            part = _part(value, rests)
            if part is not None:
                found[name] = part
    return found


def _part(value: Mapping[str, Any], rests: Sequence[Path]) -> Any:
    """The part of an attribute value to which the rests of the paths lead; None for nothing."""
    if () in rests:
        return value
    if "M" in value:
        inner = projected(value["M"], [rest for rest in rests if isinstance(rest[0], str)])
        return {"M": inner} if inner else None
    if "L" not in value:
        return None
    chosen = [
        part
        for index, element in enumerate(value["L"])
        if (further := [rest[1:] for rest in rests if rest[0] == index])
        and (part := _part(element, further)) is not None
    ]
    return {"L": chosen} if chosen else None


def reduced(answer: Mapping[str, Any], paths: Sequence[Path] | None) -> dict[str, Any]:
    """An answer that has `Item` or `Items`, without what a projection leaves out of them; None leaves out nothing."""
    found = dict(answer)
    if paths is None:
        return found
    if isinstance(answer.get("Item"), Mapping):
        found["Item"] = projected(answer["Item"], paths)
    if isinstance(answer.get("Items"), list):
        found["Items"] = [projected(item, paths) for item in answer["Items"]]
    return found
