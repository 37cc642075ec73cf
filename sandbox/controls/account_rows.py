"""The rows of an account, of whichever table: read for an archive, and put in again elsewhere.

A table that has a column `account` belongs to accounts; which there are is asked of the file itself, so that a new one
comes along by itself. A column that numbers the rows (`INTEGER PRIMARY KEY`) is numbered anew, in the same order.

What an archive brings is held against the file's own declarations: known tables and columns, values of the declared
kind, each row of this account. Some tables are read without asking whose the row is, by an id that is the only one of
its kind: a login by the pool's, say. What stands in them may only name what the archive itself has, so that no row
becomes somebody else's, now or when somebody else gets such an id.
"""

import base64
import binascii
import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.core.store import tables_with

# An account's own row is made anew where it is imported.
_SEPARATE = {"account"}
# Columns that are read as JSON wherever they stand, besides those whose default is an empty object or list.
_JSON: Mapping[str, type] = {
    **dict.fromkeys(("definition", "trust_policy", "document", "attributes", "tags", "consent"), dict),
    **dict.fromkeys(("client_ids", "thumbprints"), list),
}
_EMPTY: Mapping[str | None, type] = {"'{}'": dict, "'[]'": list}
_KINDS: Mapping[str, tuple[type, ...]] = {
    "INTEGER": (int, float),  # SQLite keeps in both what it is given
    "REAL": (int, float),
    "TEXT": (str,),
    "BLOB": (bytes, str),
}
_IDS = ("_id", "_jti")
_LARGEST_INTEGER = 2**63

Rows = dict[str, dict[str, list[Any]]]  # table -> {"columns": names, "rows": lists of values}


class Unacceptable(Exception):
    """An archive cannot be taken over, as a sentence."""


class AlreadyHeld(Unacceptable):
    """Its number, or one of its IDs, belongs to somebody here."""


@dataclass(frozen=True)
class DeclaredTable:
    """One table as the file declares it.

    Attributes:
        columns: name -> declared kind, but for the column that numbers the rows.
        json_columns: name -> which kind of JSON its text is.
        number: the name of that one, or empty.
        keys: the sets of columns of which no two rows have the same values.
    """

    name: str
    columns: dict[str, str]
    json_columns: Mapping[str, type]
    number: str
    keys: tuple[frozenset[str], ...]

    @cached_property
    def ids(self) -> frozenset[str]:
        """The columns each of which tells a row from all others of all accounts."""
        return frozenset(column for key in self.keys if len(key) == 1 for column in key)

    @cached_property
    def named_ids(self) -> frozenset[str]:
        """Those of them by which other tables name the row, in a column of the same name."""
        return frozenset(column for column in self.ids if column.endswith(_IDS))

    @property
    def is_common(self) -> bool:
        """Whether rows are found without the account."""
        return any("account" not in key for key in self.keys)


def tables_of(connection: sqlite3.Connection) -> dict[str, DeclaredTable]:
    """The tables that have a column `account`."""
    return {name: _table(connection, name) for name in tables_with(connection, "account") if name not in _SEPARATE}


def _table(connection: sqlite3.Connection, name: str) -> DeclaredTable:
    columns: dict[str, str] = {}
    json_columns: dict[str, type] = {}
    primary = []
    for _, column, kind, _, default, place in connection.execute(f"PRAGMA table_info({name})"):
        columns[column] = kind.upper()
        if kind_of_json := _JSON.get(column) or _EMPTY.get(default):
            json_columns[column] = kind_of_json
        if place:
            primary.append(column)
    indexes = connection.execute(f"PRAGMA index_list({name})").fetchall()
    unique = [index for index in indexes if index[2] and not index[4]]
    keys = [frozenset(row[2] for row in connection.execute(f"PRAGMA index_info({index[1]})")) for index in unique]
    number = ""
    if len(primary) == 1 and columns[primary[0]] == "INTEGER" and not any(index[3] == "pk" for index in indexes):
        number = primary[0]
        del columns[number]
    return DeclaredTable(name, columns, json_columns, number, tuple(keys))


def read_rows(connection: sqlite3.Connection, account: str) -> Rows:
    """All rows of an account, but for those that name what is no longer there."""
    found: Rows = {}
    tables = tables_of(connection)
    for table in tables.values():
        order = table.number or ", ".join(sorted(table.keys[0])) if table.keys or table.number else "rowid"
        query = f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE account = ? ORDER BY {order}"  # noqa: S608
        rows = [list(row) for row in connection.execute(query, (account,))]
        if rows:
            found[table.name] = {"columns": list(table.columns), "rows": rows}
    own = _own_ids(tables, found)
    for name, content in found.items():
        named = _named(tables[name], own, content["columns"])
        content["rows"] = [row for row in content["rows"] if _names_own(row, named)]
    return found


def insert_rows(connection: sqlite3.Connection, account: str, rows: Rows) -> None:
    """Put rows that `checked_rows` passed in the place of those that the account left behind.

    Raises:
        AlreadyHeld: another account has one of the IDs, or there are two rows of one.
        Unacceptable: a value is missing.
    """
    tables = tables_of(connection)
    for table in tables:
        connection.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608 (our own names)
    for name, content in rows.items():
        columns = content["columns"]
        marks = ", ".join("?" * len(columns))
        try:
            connection.executemany(
                f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 (compared with our own)
                content["rows"],
            )
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_NOTNULL:
                raise Unacceptable(f"A row of the table {name} lacks a value.") from None
            raise AlreadyHeld(f"An ID in the table {name} is there twice, or held by another account here.") from None


def checked_rows(connection: sqlite3.Connection, account: str, rows: Any, is_reserved: Callable[[str], bool]) -> Rows:
    """The rows of an archive, held against the file into which they are to go.

    Args:
        is_reserved: whether an ID can only be another account's.

    Raises:
        Unacceptable
    """
    tables = tables_of(connection)
    if not isinstance(rows, dict):
        raise Unacceptable("The rows of the archive are not divided into tables.")
    for name, content in rows.items():
        table = tables.get(name)
        if table is None:
            raise Unacceptable(f"The archive has rows of a table {str(name)[:60]!r}, which is unknown here.")
        _require_shape(table, content)
        _require_values(table, content, account)
        _require_not_reserved(table, content, is_reserved)
    own = _own_ids(tables, rows)
    for name, content in rows.items():
        named = _named(tables[name], own, content["columns"])
        if not all(_names_own(row, named) for row in content["rows"]):
            raise Unacceptable(f"A row of the table {name} names what the archive does not have.")
        _require_free(connection, tables[name], content, account)
    return rows


def _require_shape(table: DeclaredTable, content: Any) -> None:
    if not isinstance(content, dict) or set(content) != {"columns", "rows"}:
        raise Unacceptable(f"The rows of the table {table.name} cannot be read.")
    columns, rows = content["columns"], content["rows"]
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise Unacceptable(f"The rows of the table {table.name} cannot be read.")
    unknown = set(columns) - table.columns.keys()
    if unknown:
        raise Unacceptable(f"The table {table.name} has no column {min(unknown)[:60]!r} here.")
    if len(set(columns)) != len(columns) or "account" not in columns:
        raise Unacceptable(f"The rows of the table {table.name} do not say whose they are.")
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == len(columns) for row in rows):
        raise Unacceptable(f"The rows of the table {table.name} are not as long as it has columns.")


def _require_values(table: DeclaredTable, content: Any, account: str) -> None:
    columns = content["columns"]
    kinds = [_KINDS.get(table.columns[column], (int, float, str, bytes)) for column in columns]
    whose = columns.index("account")
    as_json = [(place, table.json_columns[name]) for place, name in enumerate(columns) if name in table.json_columns]
    for row in content["rows"]:
        if row[whose] != account:
            raise Unacceptable(f"A row of the table {table.name} is of another account than {account}.")
        for value, kind in zip(row, kinds, strict=True):
            if value is not None and (not isinstance(value, kind) or isinstance(value, bool) or not _fits(value)):
                raise Unacceptable(f"A row of the table {table.name} has a value of the wrong kind.")
        for place, kind_of_json in as_json:
            _require_json(table, row[place], kind_of_json)


def _fits(value: Any) -> bool:
    """Whether SQLite can keep the value."""
    if isinstance(value, int):
        return -_LARGEST_INTEGER <= value < _LARGEST_INTEGER
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    return not isinstance(value, float) or math.isfinite(value)


def _require_json(table: DeclaredTable, text: Any, kind: type) -> None:
    try:
        fits = text is None or isinstance(json.loads(text), kind)
    except (ValueError, RecursionError, TypeError):
        fits = False
    if not fits:
        raise Unacceptable(f"A row of the table {table.name} has a text that cannot be read.")


def _own_ids(tables: Mapping[str, DeclaredTable], rows: Rows) -> dict[str, set[Any]]:
    """Name of a column -> the ids of this name that are the rows' own."""
    own: dict[str, set[Any]] = {column: set() for table in tables.values() for column in table.named_ids}
    for name, content in rows.items():
        for column in tables[name].named_ids & set(content["columns"]):
            place = content["columns"].index(column)
            own[column] |= {row[place] for row in content["rows"]}
    return own


def _named(table: DeclaredTable, own: Mapping[str, set[Any]], columns: list[str]) -> list[tuple[int, set[Any]]]:
    """Places in a row whose value has to be one of these."""
    if not table.is_common:
        return []
    return [(place, own[column]) for place, column in enumerate(columns) if column in own and column not in table.ids]


def _names_own(row: list[Any], named: Iterable[tuple[int, set[Any]]]) -> bool:
    return all(row[place] in ("", None) or row[place] in ids for place, ids in named)


def _require_not_reserved(table: DeclaredTable, content: Any, is_reserved: Callable[[str], bool]) -> None:
    if not table.is_common:
        return
    keys = frozenset(column for key in table.keys for column in key)
    places = [place for place, column in enumerate(content["columns"]) if column in keys]
    if any(isinstance(row[place], str) and is_reserved(row[place]) for row in content["rows"] for place in places):
        raise Unacceptable(f"The table {table.name} has an ID that belongs to another account.")


def _require_free(connection: sqlite3.Connection, table: DeclaredTable, content: Any, account: str) -> None:
    for column in table.ids & set(content["columns"]):
        place = content["columns"].index(column)
        query = f"SELECT 1 FROM {table.name} WHERE {column} = ? AND account <> ?"  # noqa: S608 (our own names)
        for row in content["rows"]:
            if connection.execute(query, (row[place], account)).fetchone():
                raise AlreadyHeld(f"One of the IDs in the table {table.name} is held by another account here.")


def rows_to_json(rows: Rows) -> bytes:
    """As text; bytes as base64."""
    return json.dumps(rows, default=_plain, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def rows_from_json(text: bytes) -> Any:
    """What `rows_to_json` wrote, if it did.

    Raises:
        Unacceptable
    """
    try:
        return json.loads(text, object_hook=_bytes)
    except (ValueError, RecursionError, TypeError):
        raise Unacceptable("The rows of the archive cannot be read.") from None


def _bytes(found: dict[str, Any]) -> Any:
    if found.keys() == {"base64"}:
        try:
            return base64.b64decode(found["base64"], validate=True)
        except binascii.Error as error:
            raise ValueError from error
    return found
