"""What is wrong with the exercises, found without running them: names that do not exist, presets that take too long."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import UnknownServiceError
from django.conf import settings
from django.utils.module_loading import import_string

from decisioncodes import is_code
from providers.registry import PROVIDERS
from training.exercises import catalogue
from training.exercises.catalogue import Folder
from training.exercises.format import OPPONENT, Exercise, Use, opponents_key

_CODE_IN_PATH = re.compile(r"(?<![a-z_])code=='([^']*)'")
_OPERATION_IN_PATH = re.compile(r"(?<![a-z_])operation=='([^']*)'")
_SERVICES = ("cognito-identity", "sts", "s3", "dynamodb", "ssm", "iam", "cognito-idp")


def mistakes(folders: Mapping[str, Folder]) -> list[str]:
    """A sentence for each mistake; none for exercises that are well."""
    operations = set(_operations())
    found = []
    for folder in folders.values():
        told = (*_of_exercise(folder.exercise, set(folders), operations), *_of_steps(folder), *_of_pools(folder))
        found += [f"{folder.slug}: {text}" for text in told]
    return found + list(_of_presets(folders))


def _of_exercise(exercise: Exercise, slugs: set[str], operations: set[str]) -> Iterator[str]:
    if unknown := set(exercise.requires) - slugs:
        yield f"requires names no exercise: {', '.join(sorted(unknown))}"
    for code in exercise.concepts:
        if not is_code(code):
            yield f"concepts: there is no decision {code}"
    for check in exercise.checks:
        for path in (check.path, check.where, check.show):
            for name in _CODE_IN_PATH.findall(path.text if path else ""):
                if not is_code(name):
                    yield f"check {check.id}: there is no decision {name}"
            for name in _OPERATION_IN_PATH.findall(path.text if path else ""):
                if name not in operations:
                    yield f"check {check.id}: there is no operation {name}"
    for probe in exercise.probes:
        if probe.provider and probe.provider not in PROVIDERS:
            yield f"probe {probe.id}: there is no provider {probe.provider}"
        yield from (f"probe {probe.id}: {problem}" for problem in _of_uses((*probe.before, *probe.uses)))


def _of_steps(folder: Folder) -> Iterator[str]:
    """What is declared instead of Python: requests and runs."""
    named = {f"{name}.toml": steps for name, steps in folder.declared.items()}
    named |= {f"fix {name}": steps for name, (steps, _) in folder.fixes.items()}
    for name, steps in named.items():
        for step in steps:
            uses = [*([step.request] if step.request else []), *(step.run.uses if step.run else ())]
            yield from (f"{name}: {problem}" for problem in _of_uses(uses))
            if step.run and step.run.provider and step.run.provider not in PROVIDERS:
                yield f"{name}: there is no provider {step.run.provider}"


def _of_pools(folder: Folder) -> Iterator[str]:
    """Pools that probes and runs name: the exercise's own, one that accounts have from the start, or the opponent's."""
    seeded: Callable[[str], list[dict[str, Any]]] = import_string(settings.POOLS_AT_ACCOUNT)
    known = {"", folder.slug, *(row["key"] for row in seeded(settings.SANDBOX_ACCOUNT_ID))}
    known |= {OPPONENT, *map(opponents_key, known - {""})}
    steps = [*folder.declared.values(), *(steps for steps, _ in folder.fixes.values())]
    runs = [step.run for each in steps for step in each if step.run]
    for probe in (*folder.exercise.probes, *runs):
        if probe.pool not in known:
            yield f"{probe.title}: there is no identity pool {probe.pool}"


def _of_uses(uses: Iterable[Use]) -> Iterator[str]:
    for use in uses:
        if use.operation not in _operations_of(use.service):
            yield f"{use.service} has no operation {use.operation}"


def _of_presets(folders: Mapping[str, Folder]) -> Iterator[str]:
    for preset in catalogue.presets().values():
        if unknown := set(preset.exercises) - folders.keys():
            yield f"preset {preset.key}: no exercise {', '.join(sorted(unknown))}"
        minutes = sum(folders[slug].exercise.minutes for slug in preset.exercises if slug in folders)
        if minutes > preset.minutes:
            yield f"preset {preset.key}: its exercises take {minutes} minutes, and {preset.minutes} are there"


def _operations() -> Iterator[str]:
    for service in _SERVICES:
        yield from _operations_of(service)


_session: Any = None


def _operations_of(service: str) -> set[str]:
    global _session
    _session = _session or boto3.session.Session()._session
    try:
        return set(_session.get_service_model(service).operation_names)
    except UnknownServiceError:
        return set()
