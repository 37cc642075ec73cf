"""The number that grows with everything that a page of the class shows."""

from django.db import transaction
from django.db.models import F

from training.models import Cohort


def touch(cohort: Cohort | int) -> int:
    """Raise the class's version, in the transaction of the change it stands for; returns the new one.

    The update holds the row until that transaction ends, so that no two changes have the same number.
    """
    pk = cohort if isinstance(cohort, int) else cohort.pk
    with transaction.atomic():
        Cohort.objects.filter(pk=pk).update(version=F("version") + 1)
        version = Cohort.objects.values_list("version", flat=True).get(pk=pk)
    if isinstance(cohort, Cohort):
        cohort.version = version
    return version
