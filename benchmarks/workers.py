"""Runs and their page a second, with one and with two processes of `manage.py serve`, and what each costs; and the same
with one process of earlier states of this project.

Load, sandbox and PostgreSQL share the machine's processors with what is measured. The sites are asked in turn, so that
other work on the machine slows all of them.
"""

import os
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.browser import Browser
from benchmarks.sites import Ground, Site, code_of, ground, served_by_us, site


def _served_by_granian(port: int) -> list[str]:
    """What Python is started with where the code has no server of its own with granian: one process, with as many
    threads as `serve` has."""
    options = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "8", "--http", "1", "--no-ws"]
    return ["-m", "granian", *options, "--log-level", "error", "--port", str(port), "cognitodemo.wsgi:application"]


# What is compared with, and how it is served. The first is the last state before granian came, whose page of a run is
# half as long as today's. In the second, SQL that pages repeat was still built anew for each.
EARLIER: dict[str, Callable[[int], list[str]]] = {
    "8260bf5a3cdd1cf644125f19fbbdff085ff6ae4c": _served_by_granian,
    "9d5de3ae02c350caab9bbed83286e1d3ff6d4b6f": served_by_us,
}
_BROWSERS, _TURNS = 8, 5
_CHOICES = {"access": "guest", "flow": "enhanced", "provider": "guest", "pool": "lab", "pace": "all"}
_FORM = "/demo/?access=guest&flow=enhanced&pool=lab"
FASTER, SECOND_WORKER, CHEAPER = 1.5, 1.7, 0.67


@dataclass(frozen=True, slots=True)
class Turn:
    """What one site did in its turn: runs a second, and seconds of the processor for each."""

    runs: float
    processor: float


def workers(directory: Path, seconds: float) -> None:
    """Print the ratios. `seconds`: of each site, in all turns together.

    Raises:
        RuntimeError: a page did not show what it should.
    """
    with ExitStack() as open_until_the_end:
        stands_on = open_until_the_end.enter_context(ground(directory / "workers"))
        sites = {
            f"workers{number}": open_until_the_end.enter_context(site(stands_on, f"workers{number}", number))
            for number in (1, 2)
        }
        for commit, served_by in EARLIER.items():
            if code := open_until_the_end.enter_context(code_of(commit, directory / commit)):
                name = f"one process of {commit[:7]}"
                sites[name] = open_until_the_end.enter_context(site(stands_on, name, 1, code, served_by))
            else:
                print(f"\n(No commit {commit[:7]} in this copy to compare with.)")
        for one in sites.values():
            _turn(stands_on, one, 2.0)  # not counted: what each process makes once
        turns = [{name: _turn(stands_on, one, seconds / _TURNS) for name, one in sites.items()} for _ in range(_TURNS)]
    _print(turns)


def _print(turns: list[dict[str, Turn]]) -> None:
    """The figures, and their ratios in each turn, the first two sites being today's with one process and with two."""
    one, two, *earlier = turns[0]
    print(
        f"\nRuns of a guest and their page a second: {_BROWSERS} browsers, PostgreSQL (load {os.getloadavg()[0]:.1f})"
    )
    for name, words in {one: "one process", two: "two processes", **{name: name for name in earlier}}.items():
        rate = statistics.median(turn[name].runs for turn in turns)
        spent = statistics.median(turn[name].processor for turn in turns)
        print(f"  {words:<32} {rate:5.1f} a second, {spent * 1000:5.1f} ms of the processor each, with PostgreSQL’s")
    _ratio("two processes over one", [turn[two].runs / turn[one].runs for turn in turns], least=SECOND_WORKER)
    for name in earlier:
        _ratio(f"today over {name}", [turn[one].runs / turn[name].runs for turn in turns], least=FASTER)
        cheaper = [turn[one].processor / turn[name].processor for turn in turns]
        _ratio("  in processor time", cheaper, most=CHEAPER)


def _ratio(words: str, ratios: list[float], *, least: float = 0.0, most: float = 0.0) -> None:
    found = statistics.median(ratios)
    kept = found >= least if least else found <= most
    wanted = f"≥ {least}" if least else f"≤ {most}"
    each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"  {words:<32} {found:.2f}   (wanted {wanted}: {'kept' if kept else 'MISSED'}; in turns {each})")


def _turn(stands_on: Ground, asked: Site, seconds: float) -> Turn:
    done = [0] * _BROWSERS
    failures: list[BaseException] = []
    begun, spent = time.perf_counter(), asked.processor_seconds() + stands_on.database_seconds()
    end = begun + seconds

    def work(number: int) -> None:
        try:
            browser = Browser(asked.origin)
            browser.get(_FORM, "demo")
            run(browser)
            browser.get(_FORM, "demo")
            again = browser.repeated("/runs/", **_CHOICES)
            while not done[number] or time.perf_counter() < end:
                status, text = again()
                if status != 200 or b"Succeeded" not in text:
                    raise RuntimeError(f"A run’s page answered {status}: {text[:300]!r}")
                done[number] += 1
            browser.close()
        except BaseException as error:  # noqa: BLE001 - a thread's failure is raised again by the caller below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(_BROWSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    used = asked.processor_seconds() + stands_on.database_seconds() - spent
    return Turn(sum(done) / (time.perf_counter() - begun), used / sum(done))


def run(browser: Browser) -> str:
    """Make a guest's run with a form of the page that is open, and read its page; returns the page's path.

    Raises:
        RuntimeError: it did not succeed.
    """
    page = browser.post("/runs/", "run", **_CHOICES)
    if page.status != 200 or "Succeeded" not in page.text or not page.path.startswith("/runs/"):
        raise RuntimeError(f"{page.path} answered {page.status}: {page.text[:300]}")
    return page.path
