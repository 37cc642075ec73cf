"""Runs and their page a second, with one and with two processes of `manage.py serve`, and what each costs.

Load, sandbox and PostgreSQL share the machine's processors with what is measured. The sites are asked in turn, so that
other work on the machine slows all of them.
"""

import os
import statistics
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.browser import Browser
from benchmarks.sites import Ground, Site, code_of, ground, site

# Before queries of every page were made once, and rows of runs written without building their SQL.
BEFORE = "9d5de3ae02c350caab9bbed83286e1d3ff6d4b6f"
_BROWSERS, _TURNS = 8, 3
_CHOICES = {"access": "guest", "flow": "enhanced", "provider": "guest", "pool": "lab", "pace": "all"}
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
            workers: open_until_the_end.enter_context(site(stands_on, f"workers{workers}", workers))
            for workers in (1, 2)
        }
        code = open_until_the_end.enter_context(code_of(BEFORE, directory / "before"))
        if code:
            sites[0] = open_until_the_end.enter_context(site(stands_on, "before", 1, code))
        for one in sites.values():
            _turn(stands_on, one, 2.0)  # not counted: what each process makes once
        turns = [{name: _turn(stands_on, one, seconds / _TURNS) for name, one in sites.items()} for _ in range(_TURNS)]
    load = os.getloadavg()[0]
    print(f"\nRuns of a guest and their page a second: {_BROWSERS} browsers, PostgreSQL (load {load:.1f})")
    for name, words in ((1, "one process"), (2, "two processes"), (0, f"one process, as of {BEFORE[:7]}")):
        if name in sites:
            rate = statistics.median(turn[name].runs for turn in turns)
            spent = statistics.median(turn[name].processor for turn in turns)
            print(
                f"  {words:<32} {rate:5.1f} a second, {spent * 1000:5.1f} ms of the processor each, with PostgreSQL’s"
            )
    _ratio("two processes over one", [turn[2].runs / turn[1].runs for turn in turns], least=SECOND_WORKER)
    if code:
        _ratio("one process, today over then", [turn[1].runs / turn[0].runs for turn in turns], least=FASTER)
        cheaper = [turn[1].processor / turn[0].processor for turn in turns]
        _ratio("processor time, today over then", cheaper, most=CHEAPER)
    else:
        print(f"  (no commit {BEFORE[:7]} in this copy to compare with)")


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
            browser.get("/demo/?access=guest&flow=enhanced&pool=lab", "demo")
            run(browser)
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
