"""The number that grows with everything that a page of the class shows."""

from django.db import connection

from training.models import Cohort


def touch(cohort: Cohort | int) -> int:
    """Raise the class's version, in the transaction of the change it stands for; returns the new one.

    The update holds the row until that transaction ends, so that no two changes have the same number.
    """
    pk = cohort if isinstance(cohort, int) else cohort.pk
    with connection.cursor() as cursor:
        cursor.execute("UPDATE training_cohort SET version = version + 1 WHERE id = %s RETURNING version", [pk])
        found = cursor.fetchall()
    if not found:
        raise Cohort.DoesNotExist("There is no such class.")
    version = int(found[0][0])
    if isinstance(cohort, Cohort):
        cohort.version = version
    return version
