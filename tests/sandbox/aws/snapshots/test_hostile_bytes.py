"""Bytes that somebody made to be read as a snapshot: none has anything called but what the reader itself brings."""

import copyreg
import io
import os
import pickle
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.moto.bridge import import_moto
from sandbox.aws.snapshots import graph
from sandbox.aws.snapshots.classes import classes
from sandbox.aws.snapshots.graph import UnreadableSnapshot, Unwritable, read_graph, written_graph

ACCOUNT = "111122223333"


@pytest.fixture(scope="module", autouse=True)
def _moto() -> None:
    import_moto()


class Calls:
    """An object whose pickle calls a function with arguments."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> Any:
        return self._call


# Each makes the file of the name that it is given, if it is read by one who trusts it.
ATTACKS: dict[str, Callable[[str], Any]] = {
    "os.system": lambda path: Calls(os.system, f"touch {path}"),
    "eval": lambda path: Calls(eval, f"open({path!r}, 'w')"),
    "exec": lambda path: Calls(exec, f"open({path!r}, 'w')"),
    "open": lambda path: Calls(open, path, "w"),
    "getattr of a module": lambda path: Calls(map_all, Calls(getattr, Calls(__import__, "os"), "mkdir"), path),
    "a constructor": lambda path: Calls(subprocess.Popen, ["touch", path]),
    "copyreg": lambda path: Calls(copyreg._reconstructor, Opens, Makes, path),  # type: ignore[attr-defined]
    "a pickle in a pickle": lambda path: Calls(pickle.loads, pickle.dumps(Calls(open, path, "w"))),
    "deep inside": lambda path: [{"deep": ([Calls(open, path, "w")],)}],
    "a key of a dictionary": lambda path: {Calls(os.mkdir, path): 1},
}


class Makes(str):
    """A text whose making has an effect."""

    def __new__(cls, path: str) -> "Makes":
        os.mkdir(path)
        return super().__new__(cls, path)

    def __init__(self, path: str) -> None:
        """Called by copyreg on what it made."""


class Opens(Makes):
    pass


def map_all(function: Any, argument: str) -> None:
    function(argument)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_no_other_function_is_called(attack: str, protocol: int, tmp_path: Path) -> None:
    proof, other = tmp_path / "proof", tmp_path / "other"
    with pytest.raises(UnreadableSnapshot, match="not allowed"):
        read_graph(pickle.dumps(ATTACKS[attack](str(proof)), protocol=protocol), ACCOUNT)
    assert not proof.exists()
    with suppress(TypeError):  # a key that cannot be one; by then it has happened
        pickle.loads(pickle.dumps(ATTACKS[attack](str(other)), protocol=protocol))  # noqa: S301
    deadline = time.monotonic() + 60
    while not other.exists():
        assert time.monotonic() < deadline, "the attack is none"
        time.sleep(0.01)


def opcodes(*codes: bytes) -> bytes:
    return b"\x80\x05" + b"".join(codes) + b"."


def text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def named(function: str) -> bytes:
    return text("sandbox.aws.snapshots.graph") + text(function) + b"\x93"


def made(name: str) -> bytes:
    return named("make") + text(name)[:0] + b"X" + len(name).to_bytes(4, "little") + name.encode() + b"\x85R"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (opcodes(text("os"), text("system"), b"\x93"), "names os.system"),
        (opcodes(b"cbuiltins\neval\n"), "names builtins.eval"),
        (opcodes(text("sandbox.aws.snapshots.graph"), text("make.__globals__"), b"\x93"), "make.__globals__"),
        (opcodes(text("sandbox.aws.snapshots.graph"), text("pickle.loads"), b"\x93"), "pickle.loads"),
        (opcodes(text("moto.s3.models"), text("FakeKey"), b"\x93"), "names moto.s3.models.FakeKey"),
        (opcodes(b"(ios\nsystem\n"), "names os.system"),
        (opcodes(b"\x82\x01"), "cannot be read"),
        (opcodes(b"Pwhatever\n"), "refers to something outside"),
        (opcodes(text("x"), b"Q"), "refers to something outside"),
        (opcodes(made("moto.s3.models.S3Backend")), "S3Backend, which is not allowed"),
        (opcodes(made("moto.s3.models.FakeTableStorageBucket")), "not allowed"),
        (opcodes(made("os.system")), "os.system, which is not allowed"),
        (opcodes(made("collections.Counter")), "not allowed"),
        (opcodes(named("value"), text("eval"), text("1"), b"\x86R"), "holds a eval"),
        (opcodes(named("value"), text("datetime"), text("tomorrow"), b"\x86R"), "cannot be read"),
        (opcodes(named("make"), b")R"), "cannot be read"),
        # Without arguments of their own, or on other objects than their own.
        (opcodes(named("fill"), b"}", b"}NN\x87\x86R"), "changes what is not its own"),
        (opcodes(named("fill"), named("make"), b"}NN\x87\x86R"), "changes what is not its own"),
        (opcodes(named("fill"), made("moto.s3.models.FakeAcl"), b"}}N\x87\x86R"), "cannot be read"),
        (b"", "cannot be read"),
        (b"\x80\x05", "cannot be read"),
        (b"not a pickle at all", "cannot be read"),
    ],
)
def test_names_and_forms_that_a_snapshot_does_not_have_are_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableSnapshot) as refused:
        read_graph(data, ACCOUNT)
    assert sentence in str(refused.value)


def test_what_the_reader_calls_cannot_be_changed_by_what_it_reads() -> None:
    """BUILD sets attributes of whatever stands before it, a function as well."""
    with pytest.raises(UnreadableSnapshot):
        read_graph(opcodes(named("make"), b"N}", text("__code__"), b"NsN\x86b"), ACCOUNT)
    state = b"N}" + text("__defaults__") + b")s\x86b"
    with pytest.raises(UnreadableSnapshot):
        read_graph(opcodes(named("make"), state), ACCOUNT)
    assert isinstance(
        read_graph(opcodes(made("moto.s3.models.FakeAcl")), ACCOUNT)[0], classes()["moto.s3.models.FakeAcl"]
    )


def filled(name: str, attributes: dict[str, Any]) -> bytes:
    """What a snapshot would be whose object has these attributes."""

    class Writer(pickle.Pickler):
        def reducer_override(self, found: Any) -> Any:
            if type(found) is Filled:
                return graph.make, (name,), (attributes, None, None), None, None, graph.fill
            return NotImplemented

    class Filled:
        pass

    file = io.BytesIO()
    Writer(file, protocol=5).dump(Filled())
    return file.getvalue()


def test_an_object_of_another_account_is_refused() -> None:
    for name in ("moto.s3.models.FakeBucket", "moto.dynamodb.models.table.Table", "moto.ssm.models.Parameter"):
        assert read_graph(filled(name, {"account_id": ACCOUNT}), ACCOUNT)
        with pytest.raises(UnreadableSnapshot, match="another account"):
            read_graph(filled(name, {"account_id": "999999999999"}), ACCOUNT)


@pytest.mark.parametrize("attribute", ["dispose", "__class__", "__reduce__", "advance", "__init__"])
def test_no_attribute_takes_the_place_of_a_method(attribute: str) -> None:
    with pytest.raises(UnreadableSnapshot, match="cannot have"):
        read_graph(filled("moto.s3.models.FakeKey", {attribute: 5}), ACCOUNT)


def test_nothing_that_is_made_from_a_snapshot_can_be_called() -> None:
    assert [name for name, kind in classes().items() if "__call__" in dir(kind)] == []


def test_what_no_snapshot_can_hold_is_said() -> None:
    for found in (object(), open, os, lambda: None, io.BytesIO(b"x")):
        with pytest.raises(Unwritable, match="cannot be kept"):
            written_graph({"x": found}, lambda _: None)


def test_each_model_of_moto_is_kept_or_known_not_to_be_made() -> None:
    """A new version of moto may bring classes; whether they have to be kept is then to be decided."""
    from moto.dynamodb.models import table, table_export, table_import
    from moto.s3 import models as s3
    from moto.ssm import models as ssm

    not_made = {
        # the containers of all, which are made anew, and base classes
        *("S3Backend", "S3BackendDict", "SimpleSystemManagerBackend", "SecondaryIndex"),
        # through no operation that the gate passes on
        *("FakeTableStorageBucket", "TableExport", "TableImport"),
        # while a request is answered
        *("MultipartChecksumBuilder", "TransitionDefaultMinimumObjectSize"),
    }
    kept = {kind.__name__ for kind in classes().values()}
    for module in (s3, table, table_export, table_import, ssm):
        own = {
            name for name, kind in vars(module).items() if isinstance(kind, type) and kind.__module__ == module.__name__
        }
        assert own - kept - not_made == set()
