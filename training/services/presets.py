"""Which exercises a class has: those of a preset, or chosen one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from training.exercises import catalogue
from training.services.errors import Refused
from training.services.titles import title_of
from web.counted import counted

ALL = "all"


@dataclass(frozen=True, slots=True)
class ExerciseChoice:
    """One exercise that a class can have. `minutes` is 0, and `there` false, where its folder is gone."""

    slug: str
    title: str
    minutes: int
    works_here: bool = True
    there: bool = True

    @property
    def note(self) -> str:
        """What stands beside its title."""
        if not self.there:
            return "is not there any more"
        return f"{self.minutes} min" if self.works_here else f"{self.minutes} min, needs the sandbox"


def preset_choices() -> list[tuple[str, str]]:
    """Key of each preset, `all` at the end, and its title with how much it is."""
    titles = {key: one.title for key, one in catalogue.presets().items()} | {ALL: "All"}
    return [(key, f"{title}: {amount_of(exercises_of(key))}") for key, title in titles.items()]


def amount_of(slugs: Sequence[str]) -> str:
    """How many exercises, and how long they take, in words."""
    count = len(slugs)
    return f"{counted(count, 'exercise')}, {minutes_of(slugs)} minutes"


def minutes_of(slugs: Sequence[str]) -> int:
    """The minutes of these exercises; one that is not there any more takes none."""
    folders = catalogue.folders()
    return sum(folders[slug].exercise.minutes for slug in slugs if slug in folders)


def exercise_choices(first: Sequence[str] = ()) -> list[ExerciseChoice]:
    """Every exercise that can be chosen: these first, in their order, then the others in the order of the catalogue."""
    folders = catalogue.folders()
    slugs = list(dict.fromkeys([*first, *folders]))
    return [
        ExerciseChoice(
            slug,
            title_of(slug),
            folders[slug].exercise.minutes if slug in folders else 0,
            slug in folders and folders[slug].exercise.works_in(settings.APP_MODE),
            slug in folders,
        )
        for slug in slugs
    ]


def exercises_of(preset: str) -> list[str]:
    """The slugs of a preset's exercises, in their order, as far as they can be done here; of all for another name."""
    folders = catalogue.folders()
    chosen = catalogue.presets().get(preset)
    slugs = [slug for slug in (chosen.exercises if chosen else folders) if slug in folders]
    return [slug for slug in slugs if folders[slug].exercise.works_in(settings.APP_MODE)]


def preset_with(slugs: Sequence[str]) -> str:
    """The preset that has just these in this order; empty where there is none."""
    return next((key for key in catalogue.presets() if exercises_of(key) == list(slugs)), "")


def require_known(slugs: Sequence[str], *, also: Sequence[str] = ()) -> list[str]:
    """The slugs as they were chosen, each once. `also`: those that a class has already, though they may be gone.

    Raises:
        Refused: there is none, there is no such exercise, or it cannot be done here.
    """
    chosen = list(dict.fromkeys(slugs))
    if not chosen:
        raise Refused("Choose at least one exercise.")
    known = catalogue.folders().keys() | set(also)
    if unknown := [slug for slug in chosen if slug not in known]:
        raise Refused(f"There is no exercise {', '.join(slug[:64] for slug in unknown[:5])}.")
    new = [one for one in exercise_choices(chosen) if one.slug in set(chosen) - set(also)]
    if elsewhere := [one.title for one in new if not one.works_here]:
        raise Refused(f"On AWS these cannot be done, they need the sandbox: {', '.join(elsewhere[:5])}.")
    return chosen


def version_of(slug: str) -> tuple[int, str]:
    """Version and digest of an exercise as it is now."""
    folder = catalogue.folders()[slug]
    return folder.exercise.version, folder.digest
