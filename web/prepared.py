"""Queries whose SQL is made once, and run often with other values.

Django builds and compiles each query anew: for those of a page that takes four to ten times as long as the database
needs to answer. A query that every page asks is written down once, as `Prepared`; a row that is changed under
conditions is changed by `update`, and a new one written by `insert` or `put`, whose SQL needs no building; a
`PreparedDeletion` deletes. PostgreSQL keeps their plans. All others are better off as querysets.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import DeleteQuery

Row = TypeVar("Row", bound=models.Model)


class Given(Expression):
    """The place of a value that comes when the query is run."""

    def __init__(self, position: int, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.position = position

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        return "%s", [self]

    def value_of(self, values: tuple[Any, ...], connection: BaseDatabaseWrapper) -> Any:
        return self.output_field.get_db_prep_value(values[self.position], connection)


class Prepared(Generic[Row]):
    """A query for rows of a model, compiled at its first use on each connection.

    Args:
        build: the query, of a placeholder for each value. It is called once for all values, so that it must not look
            at one; nor at the time, which is a value.
        fields: of what kind the values are. None of them may be None, for which SQL has another operator.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], *fields: "Field[Any, Any]") -> None:
        self._build, self._fields = build, fields

    def rows(self, *values: Any) -> list[Row]:
        """What the query finds with these values."""
        connection = connections["default"]
        # With the connection, which what is compiled knows: each thread has its own.
        kept: dict[Prepared[Row], _Compiled[Row]] = vars(connection).setdefault("prepared_queries", {})
        if self not in kept:
            given = [Given(position, field) for position, field in enumerate(self._fields)]
            kept[self] = _Compiled(self._build(*given), connection)
        return kept[self].rows(values)

    def first(self, *values: Any) -> Row | None:
        """The first of them; the query should not ask for more."""
        return next(iter(self.rows(*values)), None)


class _Compiled(Generic[Row]):
    """What Django's ModelIterable makes of a queryset at each use, kept."""

    def __init__(self, queryset: QuerySet[Row], connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        compiler: Any = queryset.query.get_compiler(connection=connection)
        self._sql, self._params = compiler.as_sql()
        expressions = [expression for expression, *_ in compiler.select]
        self._compiler, self._converters = compiler, compiler.get_converters(expressions)
        info, own = compiler.klass_info, compiler.klass_info["select_fields"]
        self._model, self._own = info["model"], slice(own[0], own[-1] + 1)
        self._names = [expression.target.attname for expression in expressions[self._own]]
        populators: Any = get_related_populators  # whose arguments differ between versions of Django's types
        self._related = populators(info, compiler.select, connection.alias)
        self._annotated = dict(compiler.annotation_col_map or {})

    def rows(self, values: tuple[Any, ...]) -> list[Row]:
        params = _filled(self._params, values, self._connection)
        with cursor_of_plans(self._connection) as cursor:
            cursor.execute(self._sql, params)
            found = cursor.fetchall()
        if self._converters:
            found = self._compiler.apply_converters(found, self._converters)
        return [self._row(columns) for columns in found]

    def _row(self, columns: Any) -> Row:
        row: Row = self._model.from_db(self._connection.alias, self._names, columns[self._own])
        for related in self._related:
            related.populate(columns, row)
        for name, place in self._annotated.items():
            setattr(row, name, columns[place])
        return row


class PreparedDeletion(Generic[Row]):
    """The same for `queryset.delete()`, of a model without signals to whose rows no others point.

    Args:
        build, fields: as of `Prepared`.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], *fields: "Field[Any, Any]") -> None:
        self._build, self._fields = build, fields

    def delete(self, *values: Any) -> int:
        """Delete what the query finds with these values; returns how many rows there were."""
        connection = connections["default"]
        kept: dict[PreparedDeletion[Row], Any] = vars(connection).setdefault("prepared_deletions", {})
        if self not in kept:
            found = self._build(*(Given(position, field) for position, field in enumerate(self._fields)))
            kept[self] = found.query.chain(klass=DeleteQuery).get_compiler(connection=connection).as_sql()
        statement, params = kept[self]
        with cursor_of_plans(connection) as cursor:
            cursor.execute(statement, _filled(params, values, connection))
            return int(cursor.rowcount)


def cursor_of_plans(connection: BaseDatabaseWrapper) -> Any:
    """A cursor. PostgreSQL is sent a statement and its values apart, and plans what it has seen before no more, where
    the connection may keep statements there (`prepare_threshold`). Django's own writes the values into each, which is
    what whoever reads the statements wants to see."""
    if connection.vendor != "postgresql" or connection.queries_logged:
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.ensure_connection()
    own: Any = connection.connection
    usual, own.cursor_factory = own.cursor_factory, ServerBindingCursor
    try:
        return connection.cursor()
    finally:
        own.cursor_factory = usual


def _filled(params: Sequence[Any], values: tuple[Any, ...], connection: BaseDatabaseWrapper) -> list[Any]:
    return [one.value_of(values, connection) if isinstance(one, Given) else one for one in params]


def tried() -> AbstractContextManager[Any]:
    """Around one statement after whose failure another is tried: a savepoint where a transaction is open. Where none
    is, a statement is one by itself, and saying so would take two more."""
    return transaction.atomic() if connections["default"].in_atomic_block else nullcontext()


def update(model: type[models.Model], where: Mapping[str, Any], fields: Mapping[str, Any]) -> int:
    """Change the rows whose columns have exactly these values; returns how many there were.

    As `model.objects.filter(**where).update(**fields)`, for plain values and by the names of columns (`user_id`).
    """
    connection = connections["default"]
    quoted, options = connection.ops.quote_name, model._meta
    columns = _columns(model)
    sets = ", ".join(f"{quoted(columns[name].column)} = %s" for name in fields)
    conditions = " AND ".join(f"{quoted(columns[name].column)} = %s" for name in where)
    params = [columns[name].get_db_prep_save(value, connection) for name, value in fields.items()]
    params += [columns[name].get_db_prep_value(value, connection) for name, value in where.items()]
    with cursor_of_plans(connection) as cursor:
        cursor.execute(f"UPDATE {quoted(options.db_table)} SET {sets} WHERE {conditions}", params)  # noqa: S608
        return int(cursor.rowcount)


def insert(row: models.Model) -> None:
    """Write a new row, which has its key then: `row.save(force_insert=True)` of models without parents and signals.

    Raises:
        IntegrityError
    """
    ((row.pk,),) = _inserted([row], "")
    row._state.adding, row._state.db = False, "default"


def put(rows: Sequence[models.Model], unique: tuple[str, ...]) -> None:
    """Write rows of one model, each in the place of one that has the same in the fields `unique`, if there is one."""
    _inserted(rows, _replacement(type(rows[0]), unique))


def _inserted(rows: Sequence[models.Model], ending: str) -> list[tuple[Any, ...]]:
    connection = connections["default"]
    beginning, places, fields, key = _insertion(type(rows[0]))
    params = [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields]
    values = ", ".join([places] * len(rows))
    with cursor_of_plans(connection) as cursor:
        cursor.execute(f"{beginning} VALUES {values} {ending} RETURNING {key}", params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


@cache
def _insertion(model: type[models.Model]) -> tuple[str, str, list[Any], str]:
    options: Any = model._meta
    quoted = connections["default"].ops.quote_name
    fields = [field for field in options.concrete_fields if not field.primary_key]
    names = ", ".join(quoted(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {quoted(options.db_table)} ({names})", f"({places})", fields, quoted(options.pk.column)


@cache
def _replacement(model: type[models.Model], unique: tuple[str, ...]) -> str:
    quoted, columns = connections["default"].ops.quote_name, _columns(model)
    others = [field.column for name, field in columns.items() if name not in (*unique, "pk") and not field.primary_key]
    sets = ", ".join(f"{quoted(name)} = EXCLUDED.{quoted(name)}" for name in others)
    same = ", ".join(quoted(columns[name].column) for name in unique)
    return f"ON CONFLICT ({same}) DO UPDATE SET {sets}"


@cache
def _columns(model: type[models.Model]) -> dict[str, Any]:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {**fields, "pk": model._meta.pk}
