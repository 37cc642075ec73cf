"""Runs of earlier versions: without the role that their pool chose, and with the time of later uses in their own."""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import connection

from flows.models import ApiCall, Run
from tests.flows.history.conftest import MakeRun, call_row, make_run

__all__ = ["make_run"]

_MIGRATION = import_module("flows.migrations.0010_role_and_duration_of_runs")
_CHOSEN = "arn:aws:iam::000000000000:role/Chosen"


def upgraded(run: Run) -> Run:
    for verb in ("name_roles", "count_all_where_none_leads_anywhere", "leave_out_uses"):
        getattr(_MIGRATION, verb)(apps, connection.schema_editor())
    return Run.objects.get(pk=run.pk)


def called(run: Run, position: int, **fields: Any) -> None:
    call_row(run, position, **fields).save()


def decision(**fields: str) -> dict[str, str]:
    return {"code": "", "check": "", "expected": "", "actual": _CHOSEN, "verdict": "pass", **fields}


def test_the_role_that_the_pool_chose_is_named_with_and_without_codes(make_run: MakeRun) -> None:
    for said in (decision(code="role.mapping"), decision(check="role mapping")):
        run = make_run(calls=0, role_arn="")
        called(run, 1, operation="GetCredentialsForIdentity", decisions=[decision(code="trust.aud"), said])
        assert upgraded(run).role_arn == _CHOSEN


def test_a_role_that_was_asked_for_stays(make_run: MakeRun) -> None:
    run = make_run(calls=0)
    called(run, 1, operation="GetCredentialsForIdentity", decisions=[decision(code="role.custom")])
    assert upgraded(run).role_arn == run.role_arn


def test_later_uses_take_none_of_the_runs_time(make_run: MakeRun) -> None:
    run = make_run(calls=1, duration_ms=50)
    called(run, 2, kind=ApiCall.Kind.USE, operation="Scan", duration_ms=20.4)
    assert upgraded(run).duration_ms == 30


def test_after_an_interruption_the_time_of_uses_is_taken_off_once(make_run: MakeRun) -> None:
    before, after = (make_run(calls=1, duration_ms=50) for _ in range(2))
    for run in (before, after):
        called(run, 2, kind=ApiCall.Kind.USE, operation="Scan", duration_ms=20)
    with connection.cursor() as cursor:  # as the migration leaves it whose first batch was the last
        cursor.execute("CREATE TABLE flows_0010_done (run bigint NOT NULL)")
        cursor.execute("INSERT INTO flows_0010_done VALUES (%s)", [before.pk])
    assert (upgraded(after).duration_ms, Run.objects.get(pk=before.pk).duration_ms) == (30, 50)
    assert "flows_0010_done" not in connection.introspection.table_names()


def test_of_what_the_cli_asked_all_is_counted_where_nothing_leads_to_credentials(make_run: MakeRun) -> None:
    alone, led = (make_run(calls=0, origin="cli", flow="call", duration_ms=20) for _ in range(2))
    called(led, 1)
    for run in (alone, led):
        called(run, 2, kind=ApiCall.Kind.USE, operation="ListBuckets", duration_ms=20)
    upgraded(alone)
    kinds = [[call.kind for call in run.calls.all()] for run in (alone, led)]
    assert kinds == [["exchange"], ["exchange", "use"]]
    assert [Run.objects.get(pk=run.pk).duration_ms for run in (alone, led)] == [20, 0]
