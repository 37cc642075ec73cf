"""Documents with something else in any one place are imported or refused with a sentence: nothing breaks."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest

from poolconfig.document import Document
from sandbox.testing import RunningSandbox
from tests.poolconfig.test_import import refusal, take

OFFSETS = (0, 4)  # of those; all of them take a minute
_ELSE: tuple[Any, ...] = (None, 7, "x", "", [], {}, [None], {"x": None}, True, "\ud800", "é" * 3000)


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, those of policies down to their statements."""
    if at:
        yield at
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from places(inner, (*at, name))
    elif isinstance(node, list):
        for number, inner in enumerate(node[:2]):
            yield from places(inner, (*at, number))


@pytest.mark.slow
def test_something_else_in_any_place_breaks_nothing(lab: RunningSandbox, as_read: Document) -> None:
    broken = []
    for number, at in enumerate(places(as_read)):
        for other in (_ELSE[(number + offset) % len(_ELSE)] for offset in OFFSETS):
            document = copy.deepcopy(as_read)
            holder: Any = document
            for step in at[:-1]:
                holder = holder[step]
            holder[at[-1]] = other
            try:
                made = take(lab, document, remap=True)
                lab.switch("accounts", {"action": "remove", "account": made["account"]})
            except HTTPError as error:
                if error.code not in (400, 409) or not json.loads(error.read())["message"]:
                    broken.append((at, other, error.code))
    assert broken == []


def test_a_document_that_is_nested_without_end_is_refused(lab: RunningSandbox, document: Document) -> None:
    for depth in (300, 700, 900):
        deep: Any = "x"
        for _ in range(depth):
            deep = [deep]
        document["iamRoles"][0]["InlinePolicies"] = {"deep": {"Version": "2012-10-17", "Statement": deep}}
        assert refusal(lab, document, remap=True)[0] in ("ValidationException", "SerializationException")


def test_a_document_that_is_too_large_is_refused(lab: RunningSandbox, document: Document) -> None:
    document["missing"] = ["x" * 1_100_000]
    with pytest.raises(HTTPError) as error:
        take(lab, document)
    assert error.value.code == 413
