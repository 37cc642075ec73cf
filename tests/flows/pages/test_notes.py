"""Notes on a run and on its calls: written by reviewers, read by the person."""

import pytest

from accounts.models import User
from flows.models import Note, Run
from tests.flows.history.conftest import OTHER_VISITOR, MakeRun, ana, browser, make_run, reviewer

__all__ = ["ana", "make_run", "reviewer"]


@pytest.fixture
def run(make_run: MakeRun, ana: User) -> Run:
    return make_run(user=ana, visitor=None)


def test_the_person_reads_what_a_reviewer_wrote_on_the_run_and_on_a_call(run: Run, ana: User, reviewer: User) -> None:
    client = browser(OTHER_VISITOR, reviewer)
    address = f"{run.get_absolute_url()}notes/"
    assert client.post(address, {"text": " Look at the <second> call. "})["Location"] == run.get_absolute_url()
    assert client.post(address, {"text": "Here no Logins went along.", "call": "2"})["Location"].endswith(
        "?call=2#call-2"
    )

    theirs = browser(user=ana)
    results = theirs.get(run.get_absolute_url()).content.decode()
    assert "Look at the &lt;second&gt; call." in results
    assert "call 2, by rita" in results
    assert "Here no Logins went along." in theirs.get(f"{run.get_absolute_url()}calls/").content.decode()
    assert "Your note on" not in results


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": "  "}, "Write something first."),
        ({"text": "x" * 2001}, "A note has at most 2000 characters."),
        ({"text": "x", "call": "9"}, "This run has no such call."),
    ],
)
def test_a_note_that_cannot_be_kept_is_refused(run: Run, reviewer: User, fields: dict[str, str], sentence: str) -> None:
    answer = browser(OTHER_VISITOR, reviewer).post(f"{run.get_absolute_url()}notes/", fields, follow=True)
    assert sentence in answer.content.decode()
    assert not Note.objects.exists()


def test_nobody_else_writes_notes_and_only_the_author_deletes_one(run: Run, ana: User, reviewer: User) -> None:
    note = Note.objects.create(run=run, author=reviewer, text="Mine.")
    delete = f"{run.get_absolute_url()}notes/{note.pk}/delete/"
    for client in (browser(user=ana), browser(OTHER_VISITOR)):
        assert client.post(f"{run.get_absolute_url()}notes/", {"text": "x"}).status_code == 404
        assert client.post(delete).status_code == 404
    assert browser(OTHER_VISITOR, reviewer).post(delete).status_code == 302
    assert not Note.objects.exists()
