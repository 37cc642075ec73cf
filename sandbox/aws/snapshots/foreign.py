"""A snapshot that somebody brings: what is asked of it besides what is asked of our own.

Our reader has nothing called but its own functions, wherever the bytes come from. Bytes of a stranger may still try to
fill the memory or to occupy the process, so they have no forms but those that we write, and no more inside than that.
"""

import pickletools
from collections.abc import Iterator
from typing import Any

from sandbox.aws.snapshots.backends import require_content
from sandbox.aws.snapshots.files import Heading, split_snapshot
from sandbox.aws.snapshots.graph import Body, UnreadableSnapshot, read_graph

# Those of protocol 5 that the writer of graph.py needs. Without BUILD, which sets attributes unchecked, and without
# PUT and EXT, whose numbers would be of any size or mean something to the process.
_OPCODES = {
    *("PROTO", "FRAME", "STOP", "MARK", "POP", "MEMOIZE", "BINGET", "LONG_BINGET", "STACK_GLOBAL", "REDUCE"),
    *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
    *("SHORT_BINUNICODE", "BINUNICODE", "SHORT_BINBYTES", "BINBYTES", "BYTEARRAY8"),
    *("EMPTY_TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "TUPLE", "EMPTY_LIST", "APPEND", "APPENDS"),
    *("EMPTY_DICT", "SETITEM", "SETITEMS", "EMPTY_SET", "ADDITEMS", "FROZENSET"),
}
_MOST = 20_000_000  # values, each counted as often as it is met


def read_foreign(whole: bytes, account: str, service: str) -> tuple[Heading, list[tuple[int, Body]]]:
    """The heading of somebody's snapshot, and of each object in S3 its size and what stands for its content.

    Raises:
        UnreadableSnapshot: it could not be taken over as it is.
    """
    heading, content = split_snapshot(whole, account, service)
    _require_known_opcodes(content)
    found, bodies = read_graph(content, account)
    _require_modest(found)
    require_content(account, service, found)
    return heading, [(_size(made, body), body) for made, body in bodies]


def _require_known_opcodes(content: bytes) -> None:
    try:
        for opcode, _, _ in pickletools.genops(content):
            if opcode.name not in _OPCODES:
                raise UnreadableSnapshot(f"It has a form that no snapshot has ({opcode.name})")
    except ValueError as error:
        raise UnreadableSnapshot("It cannot be read") from error


def _require_modest(root: Any) -> None:
    """What is referred to again and again becomes without end for whoever walks through it."""
    sizes: dict[int, int] = {}
    begun: set[int] = set()
    ahead: list[tuple[Any, bool]] = [(root, False)]
    while ahead:
        found, is_counted = ahead.pop()
        if is_counted:
            sizes[id(found)] = size = 1 + sum(sizes.get(id(part), 1) for part in _parts(found))
            if size > _MOST:
                raise UnreadableSnapshot("It holds more than it has")
        elif id(found) not in begun:
            begun.add(id(found))
            ahead.append((found, True))
            ahead += [(part, False) for part in _parts(found) if _is_composed(part)]
        if getattr(found, "lambda_event_source_mappings", None):
            raise UnreadableSnapshot("It has functions called when a table is written")


def _is_composed(found: Any) -> bool:
    return isinstance(found, dict | list | tuple | set | frozenset) or hasattr(found, "__dict__")


def _parts(found: Any) -> Iterator[Any]:
    if isinstance(found, dict):
        yield from dict.keys(found)
        yield from dict.values(found)
    elif isinstance(found, list | tuple | set | frozenset):
        yield from found
    if hasattr(found, "__dict__"):
        yield from vars(found).values()


def _size(made: Any, body: Body) -> int:
    size = vars(made).get("contentsize", 0)
    if not isinstance(body, bytes | str | None):
        raise UnreadableSnapshot("The content of an object is nowhere")
    if type(size) is not int or (type(body) is bytes and len(body) != size):
        raise UnreadableSnapshot("The content of an object is not as long as it was")
    return size
