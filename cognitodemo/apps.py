from contextlib import suppress
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from web import outages


class CognitodemoConfig(AppConfig):
    name = "cognitodemo"

    def ready(self) -> None:
        from cognitodemo import checks  # noqa: F401 - importing registers them

        connection_created.connect(_close_to_others, dispatch_uid="cognitodemo.close_to_others")
        connection_created.connect(outages.database_is_there, dispatch_uid="cognitodemo.database_is_there")


def _close_to_others(connection: Any, **_: Any) -> None:
    """SQLite's file holds sessions, so whoever can read it can be anybody. Its journal takes the file's mode."""
    if connection.vendor != "sqlite":
        return
    name = str(connection.settings_dict["NAME"])
    path = Path(name)
    if ":memory:" in name or not path.is_file():
        return
    for file in (path, Path(f"{name}-wal"), Path(f"{name}-shm")):
        with suppress(OSError):  # not there, or another's, who has to look after it
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)
