"""What exercises and their checks are called; by their short names where a folder is not there any more."""

from training.exercises import catalogue


def title_of(exercise: str) -> str:
    """The title of an exercise."""
    folder = catalogue.find(exercise)
    return folder.exercise.title if folder else exercise


def check_sentence(exercise: str, check: str) -> str:
    """What a check says while it is missing; of a question that nobody has answered, that it is one."""
    folder = catalogue.find(exercise)
    found = next((one for one in folder.exercise.checks if one.id == check), None) if folder else None
    if found is None:
        return check
    return f"Answer the question: {found.todo}" if found.on == "question" else found.todo


def is_tried(exercise: str) -> bool:
    """Whether the system itself tries what somebody has mended: by the exercise's probes."""
    folder = catalogue.find(exercise)
    return bool(folder and folder.exercise.probes)
