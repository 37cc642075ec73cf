"""Queries whose SQL is made once, and run often with other values.

Django builds and compiles each query anew: for those of a page that takes four to ten times as long as the database
needs to answer. A query that every page asks is written down once, as `Prepared`; a row that is changed under
conditions is changed by `update`, and a new one written by `insert`, whose SQL needs no building. All others are better
off as querysets.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import get_related_populators

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
        params = [one.value_of(values, self._connection) if isinstance(one, Given) else one for one in self._params]
        with self._connection.cursor() as cursor:
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
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {quoted(options.db_table)} SET {sets} WHERE {conditions}", params)  # noqa: S608
        return int(cursor.rowcount)


def insert(row: models.Model) -> None:
    """Write a new row, which has its key then: `row.save(force_insert=True)` of models without parents and signals.

    Raises:
        IntegrityError
    """
    connection = connections["default"]
    sql, fields = _insertion(type(row), connection.vendor)
    params = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        ((row.pk,),) = cursor.fetchall()
    row._state.adding, row._state.db = False, connection.alias


@cache
def _insertion(model: type[models.Model], vendor: str) -> tuple[str, list[Any]]:
    options: Any = model._meta
    quoted = connections["default"].ops.quote_name
    fields = [field for field in options.concrete_fields if not field.primary_key]
    names = ", ".join(quoted(field.column) for field in fields)
    places, key = ", ".join(["%s"] * len(fields)), quoted(options.pk.column)
    return f"INSERT INTO {quoted(options.db_table)} ({names}) VALUES ({places}) RETURNING {key}", fields  # noqa: S608


@cache
def _columns(model: type[models.Model]) -> dict[str, Any]:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {**fields, "pk": model._meta.pk}
