"""A new class that is like an earlier one, and has none of its people."""

from accounts.models import User
from training.exercises import catalogue
from training.models import Assignment, Cohort
from training.services.classes import cohort_make
from training.services.versions import touch

_KEPT = ("names", "hints", "hint_minutes", "names_on_projector", "retention_days", "welcome")


def cohort_like(cohort: Cohort, *, trainer: User, name: str) -> Cohort:
    """Make a class with the seats, settings and exercises of another, with which were locked when it was made."""
    made = cohort_make(
        trainer=trainer,
        name=name,
        seats=cohort.seats,
        preset=cohort.preset,
        **{field: getattr(cohort, field) for field in _KEPT},
    )
    made.assignments.all().delete()
    rows = [(row, *_newest(row)) for row in cohort.assignments.all()]
    Assignment.objects.bulk_create(
        Assignment(
            cohort=made, exercise=row.exercise, version=version, digest=digest, position=row.position, state=row.state
        )
        for row, version, digest in rows
    )
    touch(made)
    return made


def _newest(row: Assignment) -> tuple[int, str]:
    """Version and digest of an exercise as it is now; as it was, where its folder is not there any more."""
    folder = catalogue.find(row.exercise)
    return (folder.exercise.version, folder.digest) if folder else (row.version, row.digest)
