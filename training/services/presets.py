"""Which exercises a class begins with."""

from training.exercises import catalogue


def preset_choices() -> list[tuple[str, str]]:
    """Key of each preset, and its title with how much it is."""
    return [
        (key, f"{one.title}: {len(one.exercises)} exercises, {one.minutes} minutes at most")
        for key, one in catalogue.presets().items()
    ]


def exercises_of(preset: str) -> list[tuple[str, int, str]]:
    """Slug, version and digest of a preset's exercises, in their order; of all exercises for another name."""
    folders = catalogue.folders()
    chosen = catalogue.presets().get(preset)
    slugs = [slug for slug in (chosen.exercises if chosen else folders) if slug in folders]
    return [(slug, folders[slug].exercise.version, folders[slug].digest) for slug in slugs]
