"""Marking a run as reviewed."""

from importlib import import_module

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from accounts.models import User
from flows.models import Run
from tests.flows.admin.conftest import MakeRun, client_of
from tests.flows.history.conftest import browser

LIST = "/admin/flows/run/"


def test_a_reviewer_marks_a_run_with_a_note(make_run: MakeRun, staff_reviewer: User) -> None:
    run = make_run(calls=0)
    client = client_of(staff_reviewer)
    path = f"{LIST}{run.pk}/change/"
    assert 'name="review_note"' in client.get(path).content.decode()

    inline = {"calls-TOTAL_FORMS": 0, "calls-INITIAL_FORMS": 0}
    assert client.post(path, {"review_note": " Well done. ", **inline}).status_code == 302

    run.refresh_from_db()
    assert (run.review_note, run.reviewed_by) == ("Well done.", staff_reviewer)
    assert run.reviewed_at is not None
    assert LogEntry.objects.get().user == staff_reviewer


def test_many_runs_are_marked_at_once_and_old_notes_stay(make_run: MakeRun, staff_reviewer: User) -> None:
    earlier = timezone.now()
    runs = [make_run(), make_run(), make_run(reviewed_at=earlier, review_note="Kept.")]
    client_of(staff_reviewer).post(LIST, {"action": "mark_reviewed", "_selected_action": [run.pk for run in runs]})
    assert not Run.objects.filter(reviewed_at=None).exists()
    assert Run.objects.get(pk=runs[2].pk).review_note == "Kept."
    assert Run.objects.get(pk=runs[2].pk).reviewed_at == earlier


def test_a_review_can_be_withdrawn(make_run: MakeRun, staff_reviewer: User) -> None:
    run = make_run(reviewed_at=timezone.now(), reviewed_by=staff_reviewer, review_note="Too soon.")
    client_of(staff_reviewer).post(LIST, {"action": "withdraw_review", "_selected_action": [run.pk]})
    run.refresh_from_db()
    assert (run.reviewed_at, run.reviewed_by, run.review_note) == (None, None, "")


def test_staff_without_the_permission_cannot_review(make_run: MakeRun, staff_viewer: User) -> None:
    run = make_run()
    client = client_of(staff_viewer)
    client.post(LIST, {"action": "mark_reviewed", "_selected_action": [run.pk]})
    assert not Run.objects.exclude(reviewed_at=None).exists()
    assert "mark_reviewed" not in client.get(LIST).content.decode()


def test_a_reviewer_deletes_nothing(make_run: MakeRun, staff_reviewer: User) -> None:
    run = make_run()
    client = client_of(staff_reviewer)
    assert client.post(f"{LIST}{run.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [run.pk], "post": "yes"})
    assert Run.objects.exists()


def test_the_group_of_reviewers_is_made_once_and_may_read_and_review(db: None) -> None:
    migration = import_module("flows.migrations.0008_reviewers")
    Group.objects.filter(name=migration.GROUP).delete()
    for _ in range(2):
        migration.make_group(apps, connection.schema_editor())
    user = User.objects.create_user("rudi")
    user.groups.add(Group.objects.get(name="Reviewers"))
    assert user.get_all_permissions() == {"flows.review_run", "flows.view_run", "flows.view_apicall"}


def test_a_reviewer_marks_a_run_on_its_page_and_goes_on(make_run: MakeRun, staff_reviewer: User) -> None:
    newest, middle, oldest = make_run(), make_run(reviewed_at=timezone.now()), make_run()
    make_run(outcome="open")
    client = client_of(staff_reviewer)
    assert "Mark reviewed" in client.get(newest.get_absolute_url()).content.decode()

    path = f"{newest.get_absolute_url()}review/"
    assert (
        client.post(path, {"note": " Look at the trust policy. ", "next": "1"})["Location"] == oldest.get_absolute_url()
    )
    newest.refresh_from_db()
    assert (newest.review_note, newest.reviewed_by) == ("Look at the trust policy.", staff_reviewer)

    following = f"{oldest.get_absolute_url()}review/next/"
    assert client.get(following)["Location"] == oldest.get_absolute_url()  # of the others, none is left
    client.post(path, {"withdraw": "1"})
    assert client.get(following)["Location"] == newest.get_absolute_url()
    assert middle.reviewed_by is None


def test_the_person_reads_the_note_and_has_no_bar(make_run: MakeRun, staff_reviewer: User) -> None:
    run = make_run(reviewed_at=timezone.now(), reviewed_by=staff_reviewer, review_note="Mind <b>aud</b>.")
    page = browser().get(run.get_absolute_url()).content.decode()
    assert "Reviewed by rita" in page
    assert "Mind &lt;b&gt;aud&lt;/b&gt;." in page
    assert "review-bar" not in page
    for path in ("review/", "review/next/"):
        assert browser().get(f"{run.get_absolute_url()}{path}").status_code in (404, 405)
    assert browser().post(f"{run.get_absolute_url()}review/", {"note": "Mine."}).status_code == 404
    run.refresh_from_db()
    assert run.review_note == "Mind <b>aud</b>."
