"""Which members of an operation its service's model marks as sensitive. The model is botocore's, and is handed in."""

from typing import Any

# An application's ID stands in the `aud` of each token, and in the address of its sign-in page.
_PUBLIC = frozenset({"ClientId"})
_sensitive: dict[tuple[str, str], frozenset[str]] = {}


def sensitive_members(model: Any) -> frozenset[str]:
    """Names, ours and the wire's, of the members whose shape the model marks `sensitive`, or those of a list or map;
    without what is public all the same."""
    key = (model.service_model.service_name, model.name)
    if key not in _sensitive:
        _sensitive[key] = (_marked(model.input_shape) | _marked(model.output_shape)) - _PUBLIC
    return _sensitive[key]


def _marked(shape: Any, names: frozenset[str] = frozenset(), seen: frozenset[str] = frozenset()) -> frozenset[str]:
    if shape is None or shape.name in seen:
        return frozenset()
    if shape.metadata.get("sensitive"):
        return names
    seen |= {shape.name}
    if shape.type_name == "structure":
        inner = [
            _marked(member, frozenset({name, member.serialization.get("name", name)}), seen)
            for name, member in shape.members.items()
        ]
    elif shape.type_name == "list":
        inner = [_marked(shape.member, names, seen)]
    elif shape.type_name == "map":
        inner = [_marked(shape.key, names, seen), _marked(shape.value, names, seen)]
    else:
        inner = []
    return frozenset().union(*inner)
