"""The groups that migrations make are there for every test, also behind one that empties all tables."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command


@pytest.mark.django_db(transaction=True)
def test_groups_come_back_when_tables_were_emptied() -> None:
    call_command("flush", interactive=False, verbosity=0)
    made = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert made == {"Reviewers": {"review_run", "view_run", "view_apicall"}, "Trainers": {"make_class"}}
