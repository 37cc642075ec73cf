"""Which exercises a class begins with."""

from importlib import import_module
from importlib.util import find_spec

_CATALOGUE = "training.exercises.catalogue"


def preset_choices() -> list[tuple[str, str]]:
    """Key and title of each preset."""
    if find_spec(_CATALOGUE) is None:
        return []
    presets = import_module(_CATALOGUE).presets()
    return [(key, f"{preset.title} ({len(preset.exercises)} exercises)") for key, preset in presets.items()]


def exercises_of(preset: str) -> list[tuple[str, int, str]]:
    """Slug, version and digest of a preset's exercises, in their order; of all exercises for another name."""
    if find_spec(_CATALOGUE) is None:
        return []
    catalogue = import_module(_CATALOGUE)
    folders = catalogue.folders()
    chosen = catalogue.presets().get(preset)
    slugs = [slug for slug in (chosen.exercises if chosen else folders) if slug in folders]
    return [(slug, folders[slug].exercise.version, folders[slug].digest) for slug in slugs]
