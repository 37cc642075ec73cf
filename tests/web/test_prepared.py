"""Prepared queries find what querysets find, of which the SQL is made anew each time."""

from datetime import timedelta
from threading import Thread
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, CharField, Count, DateTimeField, UUIDField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from flows.models import ApiCall, Run
from web.prepared import Prepared, PreparedDeletion, insert, put, tried, update

CHOSEN = {"mode": "sandbox", "region": "us-east-1", "pool_id": "p", "access": "guest", "flow": "basic"}


@pytest.fixture
def runs(db: None) -> list[Run]:
    user, visitor = User.objects.create_user("devi"), uuid4()
    return [
        Run.objects.create(user=user, parameters={"RoleArn": "“ä”"}, duration_ms=3, **CHOSEN),
        Run.objects.create(visitor=visitor, credentials_expire_at=timezone.now(), **CHOSEN),
        Run.objects.create(user=user, scrubbed=True, **CHOSEN),
    ]


def fields(row: Run | ApiCall | User) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_rows_are_those_of_the_queryset_with_values_of_every_kind(runs: list[Run]) -> None:
    prepared = Prepared(lambda code: Run.objects.filter(code=code), CharField())
    for run in (*runs, *runs):
        found = prepared.rows(run.code)
        assert [fields(row) for row in found] == [fields(Run.objects.get(code=run.code))]
    assert prepared.rows("none") == []
    assert prepared.first("none") is None


def test_each_use_has_values_of_its_own_and_conditions_that_stay(runs: list[Run]) -> None:
    mine = Prepared(
        lambda user, since: Run.objects.filter(user_id=user, created_at__gte=since, scrubbed=False).order_by("pk")[:2],
        BigIntegerField(),
        DateTimeField(),
    )
    by_visitor = Prepared(lambda visitor: Run.objects.filter(user=None, visitor=visitor), UUIDField())
    now = timezone.now()
    assert mine.rows(runs[0].user_id, now - timedelta(hours=1)) == [runs[0]]
    assert mine.rows(runs[0].user_id, now + timedelta(hours=1)) == []
    assert mine.rows(0, now - timedelta(hours=1)) == []
    assert by_visitor.rows(runs[1].visitor) == [runs[1]]
    assert by_visitor.rows(uuid4()) == []


def test_related_rows_and_annotations_come_along_in_the_same_statement(runs: list[Run]) -> None:
    ApiCall.objects.create(run=runs[0], position=1, step="s", service="sts", operation="o", signed=False)
    prepared = Prepared(
        lambda code: Run.objects.select_related("user").annotate(many=Count("calls")).filter(code=code), CharField()
    )
    for run, name, many in ((runs[0], "devi", 1), (runs[1], None, 0)):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = prepared.first(run.code)
            assert found is not None
            assert (found.user and found.user.username) == name
            assert found.many == many  # type: ignore[attr-defined]
        assert len(asked) == 1


def test_what_was_found_can_be_changed_and_saved(runs: list[Run]) -> None:
    found = Prepared(lambda code: Run.objects.filter(code=code), CharField()).first(runs[0].code)
    assert found is not None
    found.pool_id = "another"
    found.save()
    assert Run.objects.get(pk=found.pk).pool_id == "another"
    assert Run.objects.count() == len(runs)


@pytest.mark.django_db(transaction=True)
def test_threads_have_connections_and_compiled_queries_of_their_own() -> None:
    user = User.objects.create_user("devi")
    prepared = Prepared(lambda key: User.objects.filter(pk=key), BigIntegerField())
    found: list[list[User]] = []

    def look() -> None:
        try:
            found.append(prepared.rows(user.pk))
        finally:
            connection.close()

    look()
    for thread in [Thread(target=look) for _ in range(3)]:
        thread.start()
        thread.join()
    assert found == [[user]] * 4


def test_an_update_changes_rows_under_its_conditions_alone(runs: list[Run]) -> None:
    now = timezone.now()
    where = {"pk": runs[0].pk, "outcome": "open", "lease_holder": ""}
    changed = {"outcome": "running", "parameters": {"a": ["“", None]}, "lease_until": now, "scrubbed": True}
    before = [fields(run) for run in Run.objects.order_by("pk")[1:]]
    assert update(Run, where, changed) == 1
    assert update(Run, where, {"outcome": "failed"}) == 0
    stored = fields(Run.objects.get(pk=runs[0].pk))
    assert stored == fields(runs[0]) | changed
    assert [fields(run) for run in Run.objects.order_by("pk")[1:]] == before


def test_a_new_row_is_written_as_it_is_saved_elsewhere(runs: list[Run]) -> None:
    written = Run(user=runs[0].user, parameters={"a": [1, None, "“"]}, lease_until=timezone.now(), **CHOSEN)
    with CaptureQueriesContext(connection) as asked:
        insert(written)
    assert len(asked) == 1
    assert written.pk not in (None, *(run.pk for run in runs))
    assert not written._state.adding
    assert fields(Run.objects.get(pk=written.pk)) == fields(written)
    written.pool_id = "another"
    written.save()
    assert Run.objects.count() == len(runs) + 1
    again = Run(code=written.code, **CHOSEN)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(again)
    assert again.pk is None


def test_rows_are_put_in_the_place_of_those_that_are_the_same_in_what_is_unique(runs: list[Run]) -> None:
    there = Run.objects.get(pk=runs[0].pk)
    same = Run(code=there.code, visitor=uuid4(), parameters={"a": ["“"]}, duration_ms=7, **CHOSEN)
    other = Run(visitor=uuid4(), **CHOSEN)
    with CaptureQueriesContext(connection) as asked:
        put([same, other], ("code",))
    assert len(asked) == 1
    assert fields(Run.objects.get(pk=there.pk)) == fields(same) | {"id": there.pk}
    assert fields(Run.objects.get(code=other.code)) == fields(other) | {"id": Run.objects.get(code=other.code).pk}
    assert Run.objects.count() == len(runs) + 1


def test_a_deletion_deletes_what_its_query_finds_and_nothing_else(runs: list[Run]) -> None:
    old = PreparedDeletion(lambda until: Run.objects.filter(created_at__lte=until, scrubbed=False), DateTimeField())
    assert old.delete(runs[0].created_at - timedelta(seconds=1)) == 0
    with CaptureQueriesContext(connection) as asked:
        assert old.delete(timezone.now()) == 2
    assert len(asked) == 1
    assert list(Run.objects.all()) == [runs[2]]


@pytest.mark.django_db(transaction=True)
def test_what_is_tried_has_a_savepoint_in_a_transaction_and_is_one_by_itself() -> None:
    there = Run.objects.create(visitor=uuid4(), **CHOSEN)
    with CaptureQueriesContext(connection) as asked, tried():
        insert(Run(visitor=uuid4(), **CHOSEN))
    assert len(asked) == 1
    with transaction.atomic():
        with pytest.raises(IntegrityError), tried():
            insert(Run(code=there.code, **CHOSEN))
        assert Run.objects.count() == 2
    with pytest.raises(IntegrityError), tried():
        insert(Run(code=there.code, **CHOSEN))
    assert Run.objects.count() == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL keeps plans of statements")
def test_postgresql_is_told_a_statement_and_its_values_apart_and_keeps_its_plan(runs: list[Run]) -> None:
    prepared = Prepared(lambda code: Run.objects.filter(code=code), CharField())
    for run in runs * 3:
        assert prepared.rows(run.code) == [run]
        assert update(Run, {"pk": run.pk}, {"parameters": {"a": [None, "“"]}, "lease_until": None}) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        kept = [statement for (statement,) in cursor.fetchall()]
    assert [one for one in kept if one.startswith("SELECT") and '"flows_run"."code" = ($1)' in one]
    assert [one for one in kept if one.startswith("UPDATE") and '"parameters" = $1' in one]
    assert not [one for one in kept if runs[0].code in one]
    assert Run.objects.get(pk=runs[0].pk).parameters == {"a": [None, "“"]}


def test_an_account_is_found_by_its_key_and_missed_as_elsewhere(db: None) -> None:
    user = User.objects.create_user("devi")
    user.user_permissions.add(Permission.objects.get(codename="review_run"))
    assert User.objects.get(pk=user.pk).has_perm("flows.review_run")
    assert User.objects.get(username="devi") == user
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk=user.pk + 1)
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk=None)  # type: ignore[misc]


def test_a_session_ends_at_its_time(db: None) -> None:
    from accounts.sessions import SessionStore

    session = SessionStore()
    session["word"] = "kept"
    session.create()
    assert SessionStore(session.session_key).get("word") == "kept"
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert SessionStore(session.session_key).get("word") is None
