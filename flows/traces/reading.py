"""Exported traces read back: version 2, and version 1, in which decisions had no code."""

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import msgspec

from flows.traces.model import FORMAT, VERSION, Trace

LARGEST = 16 * 1024 * 1024  # bytes of a document
_DEEPEST = 60  # objects and lists within each other: parameters have fifty at most
_YEARS = range(1970, 9000)  # in which every zone has every time
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class TraceError(ValueError):
    """The document is no trace that can be read; the text says why, for the person who brought it."""


def read_trace(document: bytes | str | Mapping[str, Any]) -> Trace:
    """The trace that a document holds, as version 2: decisions of a version 1 document have an empty code.

    Args:
        document: the exported file's content, at most 16 MB, or the value of its JSON.

    Raises:
        TraceError
    """
    found = _value(_encoded(document))
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise TraceError(f"This is not a trace of a run: its format is not “{FORMAT}”.")
    version = found.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise TraceError(f"Traces of version 1 and {VERSION} can be read; this one says {str(version)[:40]}.")
    if _is_deeper(found, _DEEPEST):
        raise TraceError("The document is nested too deeply.")
    try:
        trace = msgspec.convert(found if version == VERSION else _from_1(found), Trace)
    except (msgspec.ValidationError, OverflowError) as problem:
        raise TraceError(f"The trace is not as version {version} describes it: {problem}.") from None
    _require_showable(trace)
    return trace


def _require_showable(trace: Trace) -> None:
    """What no type says, and no run of ours lacks. Raises TraceError."""
    times = (trace.created_at, trace.finished_at, trace.credentials_expire_at)
    if any(time is not None and time.year not in _YEARS for time in times):
        raise TraceError("A time of the trace is too long ago, or too far off.")
    for call in trace.calls:
        try:
            urlsplit(call.url)
        except ValueError:
            raise TraceError(f"The address of call {call.position} is none.") from None


def _is_deeper(value: Any, most: int) -> bool:
    """Whether more objects and lists are within each other. Level by level, so that none is too deep to look at."""
    level = [value]
    for _ in range(most):
        level = list(chain.from_iterable(each.values() if isinstance(each, dict) else each for each in level))
        level = [each for each in level if isinstance(each, dict | list)]
        if not level:
            return False
    return True


def _encoded(document: bytes | str | Mapping[str, Any]) -> bytes:
    try:
        data = document if isinstance(document, bytes | str) else msgspec.json.encode(document)
        data = data.encode() if isinstance(data, str) and len(data) <= LARGEST else data
    except (TypeError, ValueError, RecursionError) as problem:
        raise TraceError(f"This cannot be written as JSON: {problem}.") from None
    if isinstance(data, str) or len(data) > LARGEST:
        raise TraceError(f"The document is larger than {LARGEST // 1024 // 1024} MB.")
    return data.removeprefix(_BYTE_ORDER_MARK)


def _value(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except RecursionError:
        raise TraceError("The document is nested too deeply.") from None
    except ValueError as problem:  # msgspec's errors, and bytes that are no UTF-8
        raise TraceError(f"The document is not JSON: {problem}.") from None


def _from_1(trace: dict[str, Any]) -> dict[str, Any]:
    return {**trace, "$schema": "", "version": VERSION, "calls": _each(_call, trace.get("calls"))}


def _call(call: dict[str, Any]) -> dict[str, Any]:
    return {**call, "decisions": _each(lambda entry: {**entry, "code": ""}, call.get("decisions"))}


def _each(change: Callable[[dict[str, Any]], dict[str, Any]], entries: Any) -> Any:
    """The list with each object changed. What is of another kind stays: the types say what is wrong with it."""
    if not isinstance(entries, list):
        return entries
    return [change(entry) if isinstance(entry, dict) else entry for entry in entries]
