"""The admin's first page says how things stand, and lists of runs become files."""

import csv
import json
import re
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import User
from flows.models import Outcome, Run
from tests.flows.admin.conftest import MakeRun, client_of, today

EXPORT = "/admin/flows/run/export/"
CSV, XLSX, JSON = "0", "1", "2"


def test_the_first_page_counts_and_draws(make_run: MakeRun, staff_viewer: User) -> None:
    for outcome in (Outcome.REFUSED, Outcome.SUCCEEDED, Outcome.SUCCEEDED):
        make_run(created_at=today(), outcome=outcome, error_code="AccessDenied" if outcome == "refused" else "")
    make_run(reviewed_at=timezone.now())
    client = client_of(staff_viewer)
    page = " ".join(client.get("/admin/").content.decode().split())
    for figure in ("<b>3</b> Runs today", "<b>1</b> Refused today", "<b>3</b> Not reviewed"):
        assert figure in page
    assert "Refusals by reason" in page
    assert len(client.get("/admin/flows/run/?when=today&outcome__exact=refused").context["cl"].result_list) == 1


def test_more_runs_take_no_more_queries_there(make_run: MakeRun, staff_viewer: User) -> None:
    client, counts = client_of(staff_viewer), set()
    for _ in range(3):
        for _ in range(6):
            make_run()
        with CaptureQueriesContext(connection) as context:
            client.get("/admin/")
        counts.add(len(context))
    assert len(counts) == 1


def test_staff_without_a_permission_is_shown_nothing_of_runs(make_run: MakeRun) -> None:
    make_run()
    client = client_of(User.objects.create_user("sam", is_staff=True))
    assert "Runs today" not in client.get("/admin/").content.decode()
    assert client.get(EXPORT).status_code == client.post(EXPORT, {"format": CSV, "resource": "0"}).status_code == 403


def test_an_export_holds_the_runs_of_the_list_and_no_code(make_run: MakeRun, staff_viewer: User) -> None:
    run = make_run(outcome=Outcome.REFUSED, error_code="AccessDenied", user=staff_viewer, visitor=None)
    make_run()
    client = client_of(staff_viewer)
    page = client.get(EXPORT).content.decode()
    assert "<script>" not in page
    assert "onchange" not in page

    listed = f"{EXPORT}?outcome__exact=refused"
    began = timezone.now()
    answer = client.post(listed, {"format": JSON, "resource": "0"})
    days = {f"{moment:%Y-%m-%d}" for moment in (began, timezone.now())}  # two, where midnight passes meanwhile
    assert answer["Content-Disposition"] in {f'attachment; filename="runs-{day}.json"' for day in days}
    (row,) = json.loads(answer.content)
    assert (row["number"], row["person"], row["role"], row["error_code"]) == (
        run.short_code, "vera", "LabGuest", "AccessDenied",
    )  # fmt: skip
    assert run.code not in answer.content.decode()

    sheet = load_workbook(BytesIO(client.post(listed, {"format": XLSX, "resource": "0"}).content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]][:2] == ["number", "created_at"]
    assert sheet.max_row == 2


FORMULAE = ["=1+1", "==1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r\n=1", "＝1", "x;=1", "x\n=1", "–1"]


def test_a_spreadsheet_takes_nothing_that_somebody_chose_for_a_formula(make_run: MakeRun, staff_viewer: User) -> None:
    for text in FORMULAE:
        make_run(role_arn=text, subject=text)
    client = client_of(staff_viewer)
    sheet = load_workbook(BytesIO(client.post(EXPORT, {"format": XLSX, "resource": "0"}).content)).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {"s", "inlineStr", "n", "d"}
    written = client.post(EXPORT, {"format": CSV, "resource": "0"}).content.decode()
    for text, row in zip(FORMULAE, csv.DictReader(StringIO(written, newline="")), strict=True):
        for name in ("role_arn", "subject"):
            assert row[name].replace("'", "") == text
            assert not [cell for cell in re.split(r"[;\t\r\n]", row[name]) if cell.startswith(tuple("=+-@＝"))]
    found = json.loads(client.post(EXPORT, {"format": JSON, "resource": "0"}).content)
    assert [row["subject"] for row in found] == FORMULAE


@pytest.mark.parametrize("query", ["pk__in=x", "created_at__gte=x", "created_at__year=x", "visitor__exact=x", "kind=x"])
def test_values_that_suit_nothing_lead_to_the_form_without_them(staff_viewer: User, query: str) -> None:
    client = client_of(staff_viewer)
    for answer in (client.get(f"{EXPORT}?{query}"), client.post(f"{EXPORT}?{query}", {"format": CSV, "resource": "0"})):
        assert (answer.status_code, answer["Location"]) == (302, EXPORT)


@pytest.mark.parametrize(
    "path",
    ["flows/run/", "flows/run/export/", "flows/apicall/", "providers/signin/", "training/cohort/", "accounts/user/"],
)
def test_no_address_has_the_database_match_a_pattern(admin_user: User, path: str) -> None:
    client = client_of(admin_user)
    for lookup in ("pk__regex", "id__iregex", "user__username__regex"):
        assert client.get(f"/admin/{path}?{lookup}=^(a%2B)%2B$").status_code == 400


@pytest.mark.parametrize("verdict", ["pass", "deny", "info"])
def test_a_calls_decisions_are_a_table(make_run: MakeRun, admin_user: User, verdict: str) -> None:
    call = make_run(calls=1).calls.get()
    entry = {"code": "trust.amr", "check": "amr", "expected": "x", "actual": "<y>", "verdict": verdict, "doc": ""}
    call.decisions = [entry]
    call.save()
    page = client_of(admin_user).get(f"/admin/flows/apicall/{call.pk}/change/").content.decode()
    assert "<code>trust.amr</code>" in page
    assert "<td>&lt;y&gt;</td>" in page


def test_nobody_exports_without_signing_in(client: Client, make_run: MakeRun) -> None:
    make_run()
    assert client.post(EXPORT, {"format": CSV, "resource": "0"}).status_code == 302
    assert Run.objects.exists()
