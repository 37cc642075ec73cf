"""An index that a migration makes is there afterwards, and on PostgreSQL nobody who writes waits for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from flows.models import Run
from web.indexes import AddIndexBesideWriters, RemoveIndexBesideWriters

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "tried_by_a_test"


def apply(operation: Operation, *, state: Any = None, backwards: bool = False) -> Any:
    """Carry it out on the tables of `flows`, and return the state that follows."""
    before = state or MigrationLoader(None).project_state()
    after = before.clone()
    operation.state_forwards("flows", after)
    with connection.schema_editor(atomic=False) as editor:
        if backwards:
            operation.database_backwards("flows", editor, after, before)
        else:
            operation.database_forwards("flows", editor, before, after)
    return after


def is_there() -> bool:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, Run._meta.db_table)
    return NAME in found


@pytest.fixture
def add() -> Iterator[AddIndexBesideWriters]:
    yield AddIndexBesideWriters("run", models.Index(fields=["outcome", "flow"], name=NAME))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {NAME}")


def test_an_index_is_made_and_goes_again(add: AddIndexBesideWriters) -> None:
    state = apply(add)
    assert is_there()
    remove = RemoveIndexBesideWriters("run", NAME)
    apply(remove, state=state)
    assert not is_there()
    apply(remove, state=state, backwards=True)
    assert is_there()
    apply(add, backwards=True)
    assert not is_there()


@contextmanager
def _in_a_thread(verb: Any) -> Iterator[threading.Thread]:
    def work() -> None:
        try:
            verb()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    yield thread
    thread.join(timeout=60)
    assert not thread.is_alive()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
def test_writers_write_while_it_is_made(add: AddIndexBesideWriters) -> None:
    import psycopg

    where = connection.get_connection_params() | {"cursor_factory": None}
    where = {name: where[name] for name in ("host", "port", "user", "password", "dbname") if where.get(name)}
    Run.objects.create(visitor=uuid4(), provider="guest", flow="enhanced")
    with psycopg.connect(**where) as first, psycopg.connect(**where) as second:
        first.execute("UPDATE flows_run SET provider = 'google'")  # and does not end: the index has to wait for it
        with _in_a_thread(lambda: apply(add)) as making:
            second.execute("SET lock_timeout = '5s'")
            while not second.execute("SELECT 1 FROM pg_class WHERE relname = %s", [NAME]).fetchone():
                second.commit()
                assert making.is_alive()
            second.execute("SET lock_timeout = '5s'")
            copied = "INSERT INTO flows_run SELECT (jsonb_populate_record(run, %s)).* FROM flows_run run"
            second.execute(copied, [f'{{"id": 987654, "code": "{uuid4().hex}"}}'])
            second.commit()
            assert making.is_alive()
            first.commit()
    assert is_there()
    assert Run.objects.count() == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite makes an index or none")
def test_it_is_made_again_where_it_was_interrupted(add: AddIndexBesideWriters) -> None:
    apply(add)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [NAME])
        apply(add)
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [NAME])
        assert cursor.fetchone() == (True,)
