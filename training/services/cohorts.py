"""Which classes somebody sees, and which they run."""

from typing import Any

from django.urls import reverse

from training.models import Cohort, CohortQuerySet, CohortState


def cohorts_visible_to(user: Any) -> CohortQuerySet:
    """Classes that this account trains or observes. Every page and the admin ask here."""
    return Cohort.objects.visible_to(user)


def cohorts_run_by(user: Any) -> CohortQuerySet:
    """Of those the ones that it may change."""
    return Cohort.objects.run_by(user)


def may_make_classes(user: Any) -> bool:
    """People who run this site (staff), and those whom the group "Trainers" or an administrator allowed it."""
    return bool(user.is_authenticated and (user.is_staff or user.has_perm("training.make_class")))


def page_after_sign_in(user: Any) -> str:
    """The path to the class that somebody runs and that is open, to their classes where it is several, or nothing."""
    found = list(cohorts_run_by(user).filter(state=CohortState.OPEN)[:2])
    if not found:
        return ""
    return found[0].get_absolute_url() if len(found) == 1 else reverse("training:class_list")
