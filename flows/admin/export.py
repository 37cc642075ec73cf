"""Runs as a file: what the pages show of them, redacted as they are stored."""

from import_export import fields, resources

from flows.models import Run
from flows.pages.history.row import HistoryRow


class RunResource(resources.ModelResource):  # type: ignore[misc]  # django-import-export has no types
    """One row a run. Its code is left out: whoever knows that opens the run."""

    number = fields.Field()
    person = fields.Field()
    role = fields.Field()
    reviewed_by = fields.Field()

    class Meta:
        model = Run
        fields = (
            "number", "created_at", "finished_at", "outcome", "error_code", "error_message", "person", "subject",
            "mode", "account_id", "region", "pool_id", "access", "provider", "flow", "origin", "identity_id", "role",
            "role_arn", "assumed_role_arn", "duration_ms", "reviewed_at", "reviewed_by", "review_note",
        )  # fmt: skip
        export_order = fields

    def dehydrate_number(self, run: Run) -> str:
        return run.short_code

    def dehydrate_person(self, run: Run) -> str:
        return run.user.get_username() if run.user else ""

    def dehydrate_role(self, run: Run) -> str:
        return HistoryRow(run).role

    def dehydrate_reviewed_by(self, run: Run) -> str:
        return run.reviewed_by.get_username() if run.reviewed_by else ""
