"""Archives of accounts, changed by hand."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from sandbox.aws.snapshots.files import snapshot_bytes

Members = dict[str, bytes]


def members(archive: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def archive_of(found: Members) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in found.items():
            made.writestr(name, content)
    return file.getvalue()


def with_rows(archive: bytes, change: Callable[[Any], None]) -> bytes:
    found = members(archive)
    rows = json.loads(found["rows.json"])
    change(rows)
    return archive_of({**found, "rows.json": json.dumps(rows).encode()})


def with_description(archive: bytes, **more: Any) -> bytes:
    found = members(archive)
    return archive_of({**found, "account.json": json.dumps({**json.loads(found["account.json"]), **more}).encode()})


def with_snapshot(archive: bytes, account: str, service: str, content: bytes) -> bytes:
    """With a snapshot that is as good as ours but for what is in it."""
    found = members(archive)
    return archive_of({**found, f"content/{service}.snapshot": snapshot_bytes(account, service, content, samples=True)})


def column(rows: Any, table: str, name: str) -> int:
    return int(rows[table]["columns"].index(name))
