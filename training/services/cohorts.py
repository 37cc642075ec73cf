"""Which classes somebody sees, and which they run."""

from typing import Any

from training.models import Cohort, CohortQuerySet


def cohorts_visible_to(user: Any) -> CohortQuerySet:
    """Classes that this account trains or observes. Every page and the admin ask here."""
    return Cohort.objects.visible_to(user)


def cohorts_run_by(user: Any) -> CohortQuerySet:
    """Of those the ones that it may change."""
    return Cohort.objects.run_by(user)
