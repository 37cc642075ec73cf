"""Objects of moto's as bytes, and back, with nothing but the classes of a list.

The bytes are a pickle that names a few functions of this module and nothing else: `make` is told the name of a class,
which has to be on the list (sandbox.aws.snapshots.classes), `fill` gives what was made its attributes, `value` makes a
date or a number, `attribute` and `item` what DynamoDB has in great numbers. The reader finds no other name, so that no
bytes, wherever they come from, have anything else called.
"""

import gc
import io
import pickle
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.aws.snapshots.classes import class_names, classes, methods_of, new_object

_FACTORIES: dict[str, type] = {"dict": dict, "list": list}
_FACTORY_NAMES: dict[Any, str] = {factory: name for name, factory in _FACTORIES.items()}
_NOT_STORED = {"_value_buffer", "lock"}  # of an object in S3: its content is in a buffer, and stands under this name
_BODY = "stored body"
_ATTRIBUTE, _ITEM, _ATTRIBUTES = (
    f"moto.dynamodb.models.dynamo_type.{name}" for name in ("DynamoType", "Item", "LimitedSizeDict")
)

# Bytes of a small object, the name of a large one's file, or None where there is nothing any more.
Body = bytes | str | None


class UnreadableSnapshot(Exception):
    """The bytes are no snapshot of this account, as a sentence without a full stop."""


class OtherVersion(UnreadableSnapshot):
    """The bytes are a snapshot that another version wrote."""


class Unwritable(Exception):
    """There is something that no snapshot can hold, as a sentence without a full stop."""


def written_graph(content: Any, body_of: Callable[[Any], Body]) -> bytes:
    """The bytes of `content`: plain values, and objects of the classes on the list.

    Args:
        body_of: what is to stand for the content of an object in S3.

    Raises:
        Unwritable
    """
    file = io.BytesIO()
    try:
        with _uncollected():
            _Writer(file, body_of).dump(content)
    except RecursionError:
        raise Unwritable("Something in it is nested too deeply") from None
    return file.getvalue()


def read_graph(data: bytes, account: str) -> tuple[Any, list[tuple[Any, Body]]]:
    """What `written_graph` was given, and the objects in S3 with what stands for their content, to be put into them.

    Raises:
        UnreadableSnapshot: they are no such bytes, name another class, or concern another account.
    """
    reader = _Reader(io.BytesIO(data), account)
    try:
        with _uncollected():
            return reader.load(), reader.bodies
    except UnreadableSnapshot:
        raise
    except Exception as error:  # pickle may raise anything on bytes of another origin
        raise UnreadableSnapshot(f"It cannot be read ({type(error).__name__})") from error


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector, which would look through all objects again and again, and hold up everybody."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


# What a snapshot calls. The reader has its own in their place, so none of these is ever called.


def make(name: str) -> Any:
    """An object of the class of this name."""
    raise NotImplementedError


def fill(made: Any, state: Any) -> None:
    """Give an object its attributes and its items."""
    raise NotImplementedError


def value(kind: str, text: str) -> Any:
    """A value that is written as text."""
    raise NotImplementedError


def attribute(kind: str, value: Any) -> Any:
    """A value of DynamoDB's."""
    raise NotImplementedError


def item(hash_key: Any, range_key: Any, attributes: dict[str, Any]) -> Any:
    """An item of DynamoDB's."""
    raise NotImplementedError


_OWN: tuple[Callable[..., Any], ...] = (make, fill, value, attribute, item)


class _Writer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, body_of: Callable[[Any], Body]) -> None:
        super().__init__(file, protocol=5)
        self._names = class_names()
        self._attribute, self._item = classes()[_ATTRIBUTE], classes()[_ITEM]
        self._body_of = body_of

    def reducer_override(self, found: Any) -> Any:
        """Called for all that is no plain value or container of Python's own."""
        kind = type(found)
        if kind is self._attribute:
            return attribute, (found.type, found.value)
        if kind is self._item:
            return item, (found.hash_key, found.range_key, dict(dict.items(found.attrs)))
        name = self._names.get(kind)
        if name is not None:
            return make, (name,), self._state(found), None, None, fill
        if kind is datetime:
            return value, ("datetime", found.isoformat())
        if kind is Decimal:
            return value, ("decimal", str(found))
        if any(found is own for own in _OWN):
            return NotImplemented
        if isinstance(found, str):  # such as an enumeration's member, which compares as its text
            return value, ("text", str.__str__(found))
        raise Unwritable(f"It holds a {kind.__module__}.{kind.__qualname__}, which cannot be kept")

    def _state(self, found: Any) -> tuple[dict[str, Any], dict[Any, Any] | None, str | None]:
        items = dict(_items(found)) if isinstance(found, dict) else None
        factory = _FACTORY_NAMES.get(found.default_factory) if isinstance(found, defaultdict) else None
        if isinstance(found, defaultdict) and factory is None:
            raise Unwritable("It holds a dictionary whose missing values cannot be described")
        attributes = getattr(found, "__dict__", {})
        if "_value_buffer" in attributes:
            kept = {name: each for name, each in attributes.items() if name not in _NOT_STORED}
            attributes = {**kept, _BODY: self._body_of(found)}
        return attributes, items, factory


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, account: str) -> None:
        super().__init__(file)
        self._account = account
        self._classes = classes()
        self.bodies: list[tuple[Any, Body]] = []
        self._functions: Mapping[tuple[str, str], Callable[..., Any]] = {
            (__name__, "make"): self._make,
            (__name__, "fill"): self._fill,
            (__name__, "value"): self._value,
            (__name__, "attribute"): self._new_attribute,
            (__name__, "item"): self._new_item,
        }
        self._attribute, self._item = self._classes[_ATTRIBUTE], self._classes[_ITEM]
        self._attributes = self._classes[_ATTRIBUTES]

    def find_class(self, module: str, name: str) -> Any:
        found = self._functions.get((module, name))
        if found is None:
            raise UnreadableSnapshot(f"It names {module[:80]}.{name[:80]}, which is not allowed")
        return found

    def persistent_load(self, pid: Any) -> Any:
        raise UnreadableSnapshot("It refers to something outside of itself")

    def _make(self, name: str) -> Any:
        kind = self._classes.get(name)
        if kind is None:
            raise UnreadableSnapshot(f"It holds a {str(name)[:160]}, which is not allowed")
        made = new_object(kind)
        if name.endswith(".FakeKey"):
            made.disposed = True  # until it has its content: moto complains of objects that nobody closed
        return made

    def _fill(self, made: Any, state: Any) -> None:
        kind: type = type(made)
        if kind not in class_names():
            raise UnreadableSnapshot("It changes what is not its own")
        attributes, items, factory = state
        if attributes.get("account_id", self._account) != self._account:
            raise UnreadableSnapshot(f"It concerns another account than {self._account}")
        for name in attributes:
            if type(name) is not str or name in methods_of(kind):
                raise UnreadableSnapshot(f"It gives a {kind.__name__} an attribute that it cannot have")
        body = attributes.pop(_BODY, None)
        made.__dict__.update(attributes) if attributes else None
        if isinstance(made, OrderedDict):
            made.update(items)
        elif items is not None:
            dict.update(made, items)
        if isinstance(made, defaultdict):
            made.default_factory = _FACTORIES[factory]
        if kind.__name__ == "FakeKey":
            self.bodies.append((made, body))

    def _value(self, kind: str, text: str) -> Any:
        if kind == "datetime":
            return datetime.fromisoformat(text)
        if kind == "decimal":
            return Decimal(text)
        if kind == "text":
            return str(text)
        raise UnreadableSnapshot(f"It holds a {str(kind)[:80]}, which is not allowed")

    def _new_attribute(self, kind: str, found: Any) -> Any:
        made: Any = object.__new__(self._attribute)
        made.type, made.value = str(kind), found
        return made

    def _new_item(self, hash_key: Any, range_key: Any, attributes: dict[str, Any]) -> Any:
        made: Any = object.__new__(self._item)
        made.hash_key, made.range_key = hash_key, range_key
        # Without its own checks of the size, which take longer than all else: each was checked when it was written.
        made.attrs = new_object(self._attributes)
        dict.update(made.attrs, attributes)
        return made


def _items(found: dict[Any, Any]) -> Iterable[tuple[Any, Any]]:
    """All items. By dict's own method: some of moto's dictionaries show less than they hold."""
    return found.items() if isinstance(found, OrderedDict) else dict.items(found)
