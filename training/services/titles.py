"""What exercises and their checks are called; by their short names where a folder is not there any more."""

from training.exercises import catalogue


def title_of(exercise: str) -> str:
    """The title of an exercise."""
    folder = catalogue.find(exercise)
    return folder.exercise.title if folder else exercise


def check_sentence(exercise: str, check: str) -> str:
    """What a check says while it is missing."""
    folder = catalogue.find(exercise)
    checks = folder.exercise.checks if folder else ()
    return next((found.todo for found in checks if found.id == check), check)


def is_tried(exercise: str) -> bool:
    """Whether the system itself tries what somebody has mended: by the exercise's probes."""
    folder = catalogue.find(exercise)
    return bool(folder and folder.exercise.probes)
