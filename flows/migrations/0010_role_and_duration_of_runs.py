"""Runs that are there get the role that their pool chose, and a duration without what came after them."""

from django.db import migrations
from django.db.models import Sum

_CODES = ("role.custom", "role.mapping", "role.saml", "role.missing")
_CHECKS = ("custom role", "role mapping", "SAML role", "role")  # how they were worded before they had codes
_AT_A_TIME = 500


def _chosen(decisions):
    """The ARN of the role that these decisions chose, as flows.exchange.chosen_role finds it today; else empty."""
    found = ""
    for one in decisions:
        chooses = one["code"] in _CODES if one.get("code") else one["check"] in _CHECKS
        if chooses and one["verdict"] == "pass" and ":role/" in str(one["actual"]):
            found = str(one["actual"])
    return found[:2048]


def name_roles(apps, schema_editor):
    """Of runs in which nobody asked for one."""
    database = schema_editor.connection.alias
    runs = apps.get_model("flows", "Run").objects.using(database)
    calls = apps.get_model("flows", "ApiCall").objects.using(database)
    asked = calls.filter(operation="GetCredentialsForIdentity", kind="exchange", run__role_arn="").order_by("pk")
    changed = []
    for run, decisions in asked.values_list("run", "decisions").iterator(_AT_A_TIME):
        if role := _chosen(decisions):
            changed.append(runs.model(pk=run, role_arn=role))
        if len(changed) == _AT_A_TIME:
            runs.bulk_update(changed, ["role_arn"])
            changed = []
    runs.bulk_update(changed, ["role_arn"], batch_size=_AT_A_TIME)


def count_all_where_none_leads_anywhere(apps, schema_editor):
    """Of runs of the CLI that are no exchange, each call is one of the run's own."""
    database = schema_editor.connection.alias
    runs = apps.get_model("flows", "Run").objects.using(database).filter(origin="cli", flow="call")
    calls = apps.get_model("flows", "ApiCall").objects.using(database)
    led = calls.filter(kind="exchange", run__in=runs.values("pk")).values("run")
    calls.filter(kind="use", run__in=runs.exclude(pk__in=led).values("pk")).update(kind="exchange")


def leave_out_uses(apps, schema_editor):
    """Take off the time of calls that were made with a run's credentials."""
    database = schema_editor.connection.alias
    runs = apps.get_model("flows", "Run").objects.using(database)
    calls = apps.get_model("flows", "ApiCall").objects.using(database)
    spent = calls.filter(kind="use").order_by().values_list("run").annotate(Sum("duration_ms"))
    for run, milliseconds in spent.iterator(_AT_A_TIME):
        row = runs.only("duration_ms").get(pk=run)
        row.duration_ms = max(row.duration_ms - round(milliseconds or 0), 0)
        row.save(update_fields=["duration_ms"])


class Migration(migrations.Migration):
    dependencies = [("flows", "0009_pool_of_runs")]

    operations = [
        migrations.RunPython(name_roles, migrations.RunPython.noop),
        migrations.RunPython(count_all_where_none_leads_anywhere, migrations.RunPython.noop),
        migrations.RunPython(leave_out_uses, migrations.RunPython.noop),
    ]
