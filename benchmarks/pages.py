"""How long each page takes the server with many runs. Run in a process of its own, with a sandbox at SANDBOX_PORT.

    python -m benchmarks.pages 100000 1

prints one JSON object: for each page the median of its milliseconds, and the number of its queries.
benchmarks/page_times.py starts it, with SQLite and with PostgreSQL.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks.many_runs import crowd  # noqa: E402
from benchmarks.page_list import Page, pages  # noqa: E402

ROUNDS = 7


def measured(shown: list[Page]) -> dict[str, dict[str, float]]:
    """Each page in turn, `ROUNDS` times, so that a machine that slows down slows all of them; the first is not counted.

    `processor` is what this process and the database's for it used: what a page takes where nobody else is at work.
    """
    taken: dict[str, list[float]] = {page.name: [] for page in shown}
    busy: dict[str, list[float]] = {page.name: [] for page in shown}
    queries = {}
    for page in shown:
        page.open()
        with CaptureQueriesContext(connection) as context:
            page.open()
        queries[page.name] = len(context)
    for _ in range(ROUNDS):
        for page in shown:
            begun, used = time.perf_counter(), processor_seconds()
            page.open()
            taken[page.name].append(time.perf_counter() - begun)
            busy[page.name].append(processor_seconds() - used)
    return {
        name: {
            "median": statistics.median(times) * 1000,
            "processor": statistics.median(busy[name]) * 1000,
            "queries": queries[name],
        }
        for name, times in taken.items()
    }


def processor_seconds() -> float:
    """Used so far by this process, and by the one that serves it in PostgreSQL."""
    served_by = ""
    if connection.vendor == "postgresql":
        info = connection.connection.info
        served_by = Path(f"/proc/{info.backend_pid}/schedstat").read_text()
    return time.process_time() + int((served_by or "0").split()[0]) / 1e9


def main() -> None:
    size, every = (int(argument) for argument in sys.argv[1:3])
    call_command("migrate", verbosity=0)
    print(json.dumps({"pages": measured(pages(crowd(size, every=every)))}))


if __name__ == "__main__":
    main()
