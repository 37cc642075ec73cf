"""Marking a run as reviewed."""

from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import User
from flows.models import Run
from tests.flows.admin.conftest import MakeRun, client_of

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
