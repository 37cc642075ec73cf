"""The exercises that there are: folders of this repository, and of the directories that a setting names."""

import importlib.util
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings

from training.exercises.declared import Steps, read_fixes, read_set_up, read_solve
from training.exercises.format import MOST_HINTS, BadExercise, Exercise, read_exercise
from training.exercises.states import SavedState, read_state

OWN = Path(__file__).resolve().parent.parent.parent / "exercises"
_LARGEST = 256 * 1024  # bytes of a file
_PROSE = ("brief.md", "solution.md", "design.md")


@dataclass(frozen=True, slots=True)
class Folder:
    """One exercise with its texts and its code.

    Attributes:
        digest: of every file but design.md, so that an attempt knows what it began with.
        trusted: whether its Python is run; foreign folders have requests as data instead.
        declared: name of a part (`set_up`, `solve`) -> its steps as data.
        state: what is set up before those steps, where a file was saved of it.
        fixes: name of a wrong fix -> its steps as data, and the checks it leaves open.
    """

    path: Path
    exercise: Exercise
    brief: str
    hints: tuple[str, ...]
    solution: str
    digest: str
    trusted: bool
    declared: Mapping[str, Steps]
    fixes: Mapping[str, tuple[Steps, tuple[str, ...]]]
    state: SavedState | None = None

    @property
    def slug(self) -> str:
        return self.exercise.slug

    def module(self, name: str) -> ModuleType | None:
        """Its Python module of that name, where there is one."""
        file = self.path / f"{name}.py"
        return _loaded(file, file.stat().st_mtime_ns) if self.trusted and file.is_file() else None


def folders() -> Mapping[str, Folder]:
    """Every exercise by its slug, in the order of their numbers.

    Raises:
        BadExercise: one of them is not as the format describes it.
    """
    return _folders((str(OWN), *settings.EXERCISE_DIRS))


def find(slug: str) -> Folder | None:
    return folders().get(slug)


def presets() -> Mapping[str, "ExercisePreset"]:
    """Choices for a class by name, the shortest first."""
    return _presets(str(OWN))


@dataclass(frozen=True, slots=True)
class ExercisePreset:
    """Some exercises that fit into a time.

    Attributes:
        minutes: how long it may take at most.
    """

    key: str
    title: str
    minutes: int
    exercises: tuple[str, ...]


@lru_cache(maxsize=4)
def _folders(directories: tuple[str, ...]) -> Mapping[str, Folder]:
    found: dict[str, Folder] = {}
    for directory in directories:
        for file in sorted(Path(directory).glob("*/exercise.toml")):
            folder = read_folder(file.parent, trusted=Path(directory) == OWN)
            if folder.slug in found:
                raise BadExercise(f"{file.parent}: there is another exercise {folder.slug}.")
            found[folder.slug] = folder
    order = _order(str(OWN))
    return dict(sorted(found.items(), key=lambda item: (order.get(item[0], len(order)), item[0])))


def read_folder(path: Path, *, trusted: bool) -> Folder:
    """The exercise of one folder.

    Raises:
        BadExercise: a file is missing, too large, or not as the format describes it.
    """
    try:
        exercise = read_exercise(_toml(path / "exercise.toml"))
        if exercise.slug.replace("-", "_") != path.name:
            raise BadExercise(f"the folder of {exercise.slug} is {exercise.slug.replace('-', '_')}.")
        hints = tuple(_text(path / "hints" / f"{number}.md") for number in range(1, MOST_HINTS + 1))
        texts = {name: _text(path / name) for name in _PROSE}
        if not trusted and (code := next(path.rglob("*.py"), None)):
            raise BadExercise(f"{code.name}: Python of a folder from elsewhere is not run; say it as data.")
        if not trusted and (link := next((file for file in path.rglob("*") if file.is_symlink()), None)):
            raise BadExercise(f"{link.name}: a link may lead to any file of this machine, so it is not followed.")
        declared: dict[str, Steps] = {}
        state = None
        if (path / "set_up.toml").is_file():
            file, declared["set_up"] = read_set_up(_toml(path / "set_up.toml"), exercise)
            state = read_state(_text(path / file), exercise.environment, file) if file else None
        if (path / "solve.toml").is_file():
            declared["solve"] = read_solve(_toml(path / "solve.toml"), exercise)
        fixes = path / "wrong_fixes.toml"
        return Folder(
            path=path,
            exercise=exercise,
            brief=texts["brief.md"],
            hints=hints,
            solution=texts["solution.md"],
            digest=_digest(path),
            trusted=trusted,
            declared=declared,
            fixes=read_fixes(_toml(fixes), exercise) if fixes.is_file() else {},
            state=state,
        )
    except BadExercise as bad:
        raise BadExercise(f"{path.name}: {bad}") from None


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError as wrong:
        raise BadExercise(f"{file.name}: {wrong}.") from None
    except RecursionError:
        raise BadExercise(f"{file.name}: it is nested too deeply.") from None


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
        if len(data) > _LARGEST:
            raise BadExercise(f"{file.name} is larger than {_LARGEST // 1024} KB.")
        text = data.decode()
    except OSError:
        raise BadExercise(f"{file.parent.name}/{file.name} is missing.") from None
    except UnicodeDecodeError:
        raise BadExercise(f"{file.name} is not UTF-8.") from None
    if not text.strip():
        raise BadExercise(f"{file.name} is empty.")
    return text


def _digest(path: Path) -> str:
    """Names and contents of the files that make the exercise, in one number."""
    files = sorted(
        file for file in path.rglob("*") if file.suffix in (".toml", ".md", ".py", ".json") and file.is_file()
    )
    told = sha256()
    for file in files:
        if file.name != "design.md":
            told.update(f"{file.relative_to(path)}\0".encode() + sha256(file.read_bytes()).digest())
    return told.hexdigest()


@lru_cache(maxsize=256)
def _loaded(file: Path, changed: int) -> ModuleType:
    """The module of a file, read again when the file has changed."""
    name = f"exercises.{file.parent.name}.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise BadExercise(f"{file.name} cannot be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@lru_cache(maxsize=4)
def _presets(directory: str) -> Mapping[str, ExercisePreset]:
    document = _toml(Path(directory) / "presets.toml")
    found = {}
    for table in document["preset"]:
        preset = ExercisePreset(table["key"], table["title"], table["minutes"], tuple(table["exercises"]))
        found[preset.key] = preset
    return found


@lru_cache(maxsize=4)
def _order(directory: str) -> Mapping[str, int]:
    """The order in which exercises are offered: the one of presets.toml."""
    names: Sequence[str] = _toml(Path(directory) / "presets.toml")["order"]
    return {slug: number for number, slug in enumerate(names)}
