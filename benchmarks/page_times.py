"""How long each page takes the server with many runs: a hundred thousand in SQLite, a million in PostgreSQL."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.class_room import postgres

MOST = 50.0  # milliseconds
# How many runs there are, and which of them are those of the person who looks: all, or every tenth.
SIZES = {"sqlite": (100_000, 1), "postgresql": (1_000_000, 10)}
_SHOWN = 12


def page_times(directory: Path, databases: Sequence[str]) -> None:
    """Measure with each database, and print the slowest pages.

    What counts is the processor time of the two processes that serve a page, the application's and the database's:
    that is how long it takes on a machine that does nothing else. How long it took stands beside it.
    """
    for database in databases:
        size, every = SIZES[database]
        home = directory / f"pages-{database}"
        with servers.sandbox(home / "sandbox") as server, _database(home, database) as environment:
            told = servers.told_by(
                "pages", str(size), str(every), directory=home / "app", sandbox=server.port, **environment
            )
        _print(f"{size:,} runs in {database}", told["pages"])


@contextmanager
def _database(home: Path, database: str) -> Iterator[dict[str, str]]:
    if database == "sqlite":
        yield {}
        return
    with postgres(home / "server") as url:
        yield {"DATABASE_URL": url, "SECRET_KEY": secrets.token_urlsafe(50)}


def _print(what: str, pages: dict[str, dict[str, Any]]) -> None:
    slowest = sorted(pages.items(), key=lambda page: -page[1]["processor"])
    late = sum(page["processor"] > MOST for page in pages.values())
    print(f"\nServer time of {len(pages)} pages with {what}: wanted ≤ {MOST:.0f} ms each, above it {late}")
    print(f"  processor   passed  queries   (load {os.getloadavg()[0]:.1f}; medians; the {_SHOWN} slowest)")
    for name, page in slowest[: max(_SHOWN, late)]:
        print(f"  {page['processor']:6.1f} ms {page['median']:6.1f} ms {page['queries']:5}   {name}")
