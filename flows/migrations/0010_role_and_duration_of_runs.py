"""Runs that are there get the role that their pool chose, and a duration without what came after them."""

from django.db import migrations
from django.db.models import F, Sum
from django.db.models.functions import Greatest
from django.db.transaction import atomic

from web.batches import Turns

_CODES = ("role.custom", "role.mapping", "role.saml", "role.missing")
_CHECKS = ("custom role", "role mapping", "SAML role", "role")  # how they were worded before they had codes
_AT_A_TIME = 500
_DONE = "flows_0010_done"  # there while the migration is under way: up to which runs the time of uses is taken off


def _chosen(decisions):
    """The ARN of the role that these decisions chose, as flows.exchange.chosen_role finds it today; else empty."""
    found = ""
    for one in decisions:
        chooses = one["code"] in _CODES if one.get("code") else one["check"] in _CHECKS
        if chooses and one["verdict"] == "pass" and ":role/" in str(one["actual"]):
            found = str(one["actual"])
    return found[:2048]


def _batches(rows):
    """The primary keys of some rows at a time, in their order."""
    last = 0
    turns = Turns()
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_AT_A_TIME]):
        yield keys
        last = keys[-1]
        turns.give()


def name_roles(apps, schema_editor):
    """Of runs in which nobody asked for one."""
    database = schema_editor.connection.alias
    runs = apps.get_model("flows", "Run").objects.using(database)
    calls = apps.get_model("flows", "ApiCall").objects.using(database)
    asked = calls.filter(operation="GetCredentialsForIdentity", kind="exchange").order_by("pk")
    for keys in _batches(runs.filter(role_arn="")):
        said = asked.filter(run__in=keys).values_list("run", "decisions")
        named = {run: role for run, decisions in said if (role := _chosen(decisions))}
        runs.bulk_update([runs.model(pk=run, role_arn=role) for run, role in named.items()], ["role_arn"])


def count_all_where_none_leads_anywhere(apps, schema_editor):
    """Of runs of the CLI that are no exchange, each call is one of the run's own."""
    database = schema_editor.connection.alias
    runs = apps.get_model("flows", "Run").objects.using(database)
    calls = apps.get_model("flows", "ApiCall").objects.using(database)
    for keys in _batches(runs.filter(origin="cli", flow="call")):
        led = set(calls.filter(kind="exchange", run__in=keys).values_list("run", flat=True))
        calls.filter(kind="use", run__in=set(keys) - led).update(kind="exchange")


def leave_out_uses(apps, schema_editor):
    """Take off the time of calls that were made with a run's credentials.

    A second time would take it off again, so that each batch writes down in its transaction how far it came. Where the
    migration is interrupted, it goes on from there.
    """
    database = schema_editor.connection.alias
    runs = apps.get_model("flows", "Run").objects.using(database)
    calls = apps.get_model("flows", "ApiCall").objects.using(database)
    spent = calls.filter(kind="use").order_by("run").values_list("run").annotate(Sum("duration_ms"))
    schema_editor.execute(f"CREATE TABLE IF NOT EXISTS {_DONE} (run bigint NOT NULL)")
    last, turns = _done_before(schema_editor.connection), Turns()
    while batch := list(spent.filter(run__gt=last)[:_AT_A_TIME]):
        last = batch[-1][0]
        with atomic(using=database):
            for run, milliseconds in batch:
                left = Greatest(F("duration_ms") - round(milliseconds or 0), 0)
                runs.filter(pk=run).update(duration_ms=left)
            schema_editor.execute(f"INSERT INTO {_DONE} (run) VALUES (%s)", [last])
        turns.give()
    schema_editor.execute(f"DROP TABLE {_DONE}")


def _done_before(connection):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(run), 0) FROM {_DONE}")
        return cursor.fetchone()[0]


class Migration(migrations.Migration):
    atomic = False  # in batches: one transaction over all runs would keep their rows, with SQLite everything, from others

    dependencies = [("flows", "0009_pool_of_runs")]

    operations = [
        migrations.RunPython(name_roles, migrations.RunPython.noop),
        migrations.RunPython(count_all_where_none_leads_anywhere, migrations.RunPython.noop),
        migrations.RunPython(leave_out_uses, migrations.RunPython.noop),
    ]
