"""Runs as a file: what the pages show of them, redacted as they are stored."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from import_export import fields, resources
from import_export.formats.base_formats import CSV, XLSX

from accounts.names import name_people
from flows.models import Run
from flows.pages.history.row import HistoryRow
from flows.pages.measures import with_calls

_AT_ONCE = 500  # rows
# A spreadsheet runs what begins like a formula, in full width too. Where it separates by other characters than commas,
# so does what comes after one. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"(?:^|(?<=[;|\t\r\n]))(?=[=+\-@\t\r\n＝＋－＠])")


def as_text(cell: Any) -> Any:
    """A cell that a spreadsheet takes for text, with an apostrophe before what it would run: people choose their names
    and parameters, and providers what they say of them."""
    return _FORMULA.sub("'", cell) if isinstance(cell, str) else cell


class PlainCSV(CSV):  # type: ignore[misc]  # django-import-export has no types
    """Comma-separated values in which nothing is a formula."""

    def export_data(self, dataset: Any, **kwargs: Any) -> Any:
        return super().export_data(_plain(dataset), **kwargs)


class PlainXLSX(XLSX):  # type: ignore[misc]
    """A workbook in which nothing is a formula."""

    def export_data(self, dataset: Any, **kwargs: Any) -> Any:
        return super().export_data(_plain(dataset), **kwargs)


def _plain(dataset: Any) -> Any:
    rows = [tuple(as_text(cell) for cell in row) for row in dataset]
    return type(dataset)(*rows, headers=dataset.headers, title=dataset.title)


class RunResource(resources.ModelResource):  # type: ignore[misc]  # django-import-export has no types
    """One row a run. Its code is left out: whoever knows that opens the run."""

    number = fields.Field()
    person = fields.Field()
    role = fields.Field()
    calls = fields.Field(attribute="call_count")
    reviewed_by = fields.Field()

    class Meta:
        model = Run
        fields = (
            "number", "created_at", "finished_at", "outcome", "error_code", "error_message", "person", "subject",
            "mode", "account_id", "region", "pool_id", "access", "provider", "flow", "origin", "identity_id", "role",
            "role_arn", "assumed_role_arn", "calls", "duration_ms", "reviewed_at", "reviewed_by", "review_note",
        )  # fmt: skip
        export_order = fields

    def filter_export(self, queryset: QuerySet[Run], **kwargs: Any) -> QuerySet[Run]:
        return with_calls(queryset)

    def iter_queryset(self, queryset: Any) -> Iterator[Run]:
        """Its rows, with how their people are called looked up for many at once."""
        rows = super().iter_queryset(queryset)
        while some := list(islice(rows, _AT_ONCE)):
            name_people(run.user for run in some)
            yield from some

    def dehydrate_number(self, run: Run) -> str:
        return run.short_code

    def dehydrate_person(self, run: Run) -> str:
        return run.user.called if run.user else ""

    def dehydrate_role(self, run: Run) -> str:
        return HistoryRow(run).role_said

    def dehydrate_reviewed_by(self, run: Run) -> str:
        return str(run.reviewed_by) if run.reviewed_by else ""
