"""Notes on runs. Whoever calls has asked flows.services.readers whether the author may write them."""

from accounts.models import User
from flows.models import Note, Run
from flows.services.errors import ChoiceRefused


def note_write(*, run: Run, author: User, text: str, call: int | None = None) -> Note:
    """Write a note on a run or, by its position, on one of its calls.

    Raises:
        ChoiceRefused: there is nothing in it, it is too long, or the run has no such call.
    """
    text = text.strip()
    if not text:
        raise ChoiceRefused("Write something first.")
    if len(text) > Note.LONGEST:
        raise ChoiceRefused(f"A note has at most {Note.LONGEST} characters.")
    if call is not None and not run.calls.filter(position=call).exists():
        raise ChoiceRefused("This run has no such call.")
    return Note.objects.create(run=run, author=author, text=text, call=call)


def note_delete(*, run: Run, author: User, number: int) -> bool:
    """Take back a note of one's own; returns whether there was one."""
    return Note.objects.filter(run=run, author=author, pk=number).delete()[0] > 0
