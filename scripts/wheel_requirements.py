"""What the wheel requires, out of requirements.txt: hatchling asks when it builds (`scripts/wheel`)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINE = re.compile(r"(?P<name>[\w.-]+)(?P<extras>\[[\w,]+\])?==(?P<version>[\d.]+)(?P<marker>\s*;.*)?")


class RequirementsHook(MetadataHookInterface):  # type: ignore[misc]  # there only while it builds
    """Fills `project.dependencies`."""

    def update(self, metadata: dict[str, Any]) -> None:
        lines = (Path(self.root) / "requirements.txt").read_text().splitlines()
        kinds = {name: kind for kind in ("ranges", "minor", "exact") for name in self.config[kind]}
        metadata["dependencies"] = list(requirements(lines, kinds))


def requirements(lines: Iterable[str], kinds: Mapping[str, str]) -> Iterator[str]:
    """The requirements of the wheel (PEP 508), such as `boto3>=1.44.5,<2` for the line `boto3==1.44.5`.

    Args:
        kinds: name of a distribution -> `ranges`, `minor` or `exact`.

    Raises:
        LookupError: one of the names is not in the lines.
    """
    pinned = {match["name"]: match for line in lines if (match := _LINE.fullmatch(line.partition("#")[0].strip()))}
    if missing := set(kinds) - set(pinned):
        raise LookupError(f"requirements.txt does not have {', '.join(sorted(missing))}")
    for name in sorted(kinds, key=str.lower):
        line, version = pinned[name], pinned[name]["version"]
        wanted = f"=={version}" if kinds[name] == "exact" else f">={version},<{_next(version, kinds[name])}"
        yield f"{name}{line['extras'] or ''}{wanted}{line['marker'] or ''}"


def _next(version: str, kind: str) -> str:
    """The next version that may break what uses this one: the next major one; before 1.0, or by its kind, the minor."""
    major, minor, *_ = (int(number) for number in version.split("."))
    return f"{major}.{minor + 1}" if major == 0 or kind == "minor" else str(major + 1)
