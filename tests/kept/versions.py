"""The versions that versions.toml names."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its commit, the schema of its sandbox's file, and each application's last migration."""

    name: str
    commit: str
    sandbox_schema: int
    migrations: dict[str, str]


def versions() -> list[Version]:
    found = tomllib.loads((Path(__file__).parent / "versions.toml").read_text())
    return [Version(name, **facts) for name, facts in found.items()]
