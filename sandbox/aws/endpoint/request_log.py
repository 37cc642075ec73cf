"""What was decided in the latest requests, to be read after the fact under `/_sandbox/requests/ID`.

In memory and bounded: by number, and by size. No secret is in it, since none is in the decisions.
"""

import json
from collections import OrderedDict
from typing import Any

from sandbox.aws.wire.json_text import write_ascii_json
from sandbox.core.decisions import Decision, Decisions
from sandbox.core.instance import Instance

PATH = "/_sandbox/requests/"
_HEADER_LIMIT = 4096  # bytes; Node's client fails at 17 KB of headers, botocore at 64 KB
_MOST = 2000
_MOST_BYTES = 8 * 1024 * 1024
_SHOWN = 120  # characters of a value in the shortened form


class RequestLog:
    """The latest requests of an instance."""

    def __init__(self, _instance: Instance) -> None:
        self._entries: OrderedDict[str, tuple[dict[str, Any], str]] = OrderedDict()
        self._accounts: dict[str, str] = {}
        self._bytes = 0

    def keep(self, request_id: str, about: dict[str, Any], decisions: str, account: str) -> None:
        """`decisions` is the JSON of the list, `about` what else is worth knowing of the request of an account."""
        self._entries[request_id] = (about, decisions)
        self._accounts[request_id] = account
        self._bytes += len(decisions)
        while len(self._entries) > _MOST or self._bytes > _MOST_BYTES:
            self._drop(next(iter(self._entries)))

    def forget(self, account: str) -> None:
        """Drop what is remembered of an account's requests."""
        for request_id in [each for each, concerned in self._accounts.items() if concerned == account]:
            self._drop(request_id)

    def _drop(self, request_id: str) -> None:
        self._bytes -= len(self._entries.pop(request_id)[1])
        del self._accounts[request_id]

    def find(self, request_id: str) -> bytes | None:
        """The JSON document about one request, while it is remembered."""
        found = self._entries.get(request_id)
        if found is None:
            return None
        about, decisions = found
        return json.dumps({**about, "decisions": json.loads(decisions)}).encode()


def encoded(decisions: Decisions) -> str:
    """The whole list as ASCII JSON."""
    return write_ascii_json(decisions.entries)


def header_value(decisions: Decisions, whole: str, request_id: str) -> str:
    """The list as a header can carry it. One that is too long loses its links and the length of its values, then its
    middle; its first entry then says where the whole list is."""
    if len(whole) <= _HEADER_LIMIT:
        return whole
    pointer: Decision = {
        "code": "request.summary",
        "check": "summary",
        "expected": "",
        "actual": f"{len(decisions.entries)} checks, complete under {PATH}{request_id}",
        "verdict": "info",
        "doc": "",
    }
    short = [_shortened(entry) for entry in decisions.entries]
    text = write_ascii_json([pointer, *short])
    while len(text) > _HEADER_LIMIT and short:
        short = short[1 + len(short) // 4 :]
        text = write_ascii_json([pointer, *short])
    return text


def _shortened(entry: Decision) -> Decision:
    return {
        "code": entry["code"],
        "check": entry["check"][:_SHOWN],
        "expected": entry["expected"][:_SHOWN],
        "actual": entry["actual"][:_SHOWN],
        "verdict": entry["verdict"],
        "doc": "",
    }
