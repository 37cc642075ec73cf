"""Copies of the data directories that earlier versions left."""

import json
import sqlite3
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy of a data directory, and the notes that were taken when it was filled."""

    path: Path
    notes: dict[str, Any]

    @property
    def sandbox_file(self) -> Path:
        return self.path / "sandbox.sqlite3"

    @property
    def since(self) -> int:
        """Seconds that have gone by since it was filled."""
        return int(time.time()) - int(self.notes["made"])

    def as_if_just_made(self) -> None:
        """Put off the end of what expires within the hour, in the vault and on the clocks of the accounts."""
        with sqlite3.connect(self.path / "app.sqlite3") as app:
            app.execute("UPDATE providers_sealedvalue SET expires_at = datetime('now', '+1 hour')")
            app.execute("UPDATE providers_signin SET expires_at = datetime('now', '+1 hour')")
            app.execute(
                "UPDATE flows_run SET credentials_expire_at = datetime('now', '+1 hour') WHERE access_key_id != ''"
            )
        app.close()
        with sqlite3.connect(self.sandbox_file) as sandbox:
            for account in (self.notes["home"]["account"], self.notes["second"]["account"]):
                sandbox.execute("INSERT OR REPLACE INTO clock VALUES (?, ?)", (account, -self.since))
        sandbox.close()


def unpacked(name: str, directory: Path) -> Kept:
    """A copy of the directory `name`, such as `schema-1`, below `directory`."""
    with tarfile.open(_HERE / f"{name}.tar.xz") as archive:
        archive.extractall(directory / name, filter="data")
    return Kept(directory / name, json.loads((_HERE / f"{name}.json").read_text()))
