"""What an S3 request is called: the protocol has no operation in it, so it is told by method, path and query."""

from functools import cache

from sandbox.aws.wire.models import service_model

# Query parameters that SDKs add and that tell no operation apart.
_NAMELESS = {"x-id"}


def s3_operation(method: str, *, bucket: bool, key: bool, query: frozenset[str], copies: bool = False) -> str:
    """The operation of botocore's model, such as `ListObjectsV2`; empty where there is none of that kind.

    Args:
        bucket, key: whether the request names one.
        query: the names in its query.
        copies: whether it names an object to copy from.
    """
    place = "key" if key else "bucket" if bucket else ""
    found = [(len(needed), name) for needed, name in _operations().get((method, place), ()) if needed <= query]
    most = max((size for size, _ in found), default=0)
    names = [name for size, name in found if size == most]
    wanted = [name for name in names if ("Copy" in name) is copies] or names
    # Two configurations had a first form, which no SDK sends any more.
    return next((name for name in wanted if name.endswith("Configuration")), (wanted or [""])[0])


@cache
def _operations() -> dict[tuple[str, str], list[tuple[frozenset[str], str]]]:
    found: dict[tuple[str, str], list[tuple[frozenset[str], str]]] = {}
    model = service_model("s3")
    for name in model.operation_names:
        operation = model.operation_model(name)
        path, _, query = operation.http["requestUri"].partition("?")
        place = "key" if "{Key" in path else "bucket" if "{Bucket}" in path else ""
        needed = {part.partition("=")[0] for part in query.split("&") if part} - _NAMELESS
        shape = operation.input_shape
        for member in shape.required_members if shape is not None else ():
            serialization = shape.members[member].serialization
            if serialization.get("location") == "querystring":
                needed.add(serialization["name"])
        found.setdefault((operation.http["method"], place), []).append((frozenset(needed), name))
    return {place: sorted(names, key=lambda pair: pair[1]) for place, names in found.items()}
