"""A thousand people who arrive within a minute: is everybody answered in time, and with what is their own?"""

import os
import re
import statistics
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.browser import Browser, Page
from benchmarks.sites import ground, site
from benchmarks.workers import run

MOST = 1.0  # seconds: the 95th percentile of a page
WORKERS = 2
_IDENTITY = re.compile(r'"identity_id": "([^"]+)"')
_LISTED = re.compile(r'<a href="(/runs/[\w-]+/)">\d+</a>')


@dataclass
class Learner:
    """A browser of somebody without an account, and what it saw.

    Attributes:
        run: path of the run's page.
        pages: each address that was opened, with its time until the last byte.
    """

    number: int
    browser: Browser
    pages: list[Page] = field(default_factory=list)
    run: str = ""

    def arrive(self) -> None:
        """The front page, the demo, a run with its page, the history."""
        self.browser.get("/", "home")
        self.browser.get("/demo/?access=guest&flow=enhanced&pool=lab", "demo")
        self.run = run(self.browser)
        self.browser.get("/runs/", "history")


def arrival(directory: Path, learners: int, seconds: float) -> None:
    """Print how long pages took.

    Raises:
        AssertionError: a page answered with an error, or showed somebody what is another's.
    """
    with ground(directory / "arrival") as stands_on, site(stands_on, "arrival", WORKERS) as served:
        people = [_learner(served.origin, number) for number in range(learners)]
        _warm(served.origin)
        spent = served.processor_seconds()
        failures = _all(people, seconds)
        spent = served.processor_seconds() - spent
        taken = sorted(page.seconds for one in people for page in one.pages)
        assert failures == [], f"{len(failures)} of {learners} failed; the first: {failures[0]}"
        _no_mixed_owner(people)
    late = taken[int(len(taken) * 0.95)]
    load = os.getloadavg()[0]
    print(f"\n{learners} people arrive within {seconds:.0f} s: {WORKERS} processes, PostgreSQL (load {load:.1f})")
    print(f"  {len(taken)} pages and {learners} runs: no error, and nobody saw what is another’s")
    print(
        f"  95th percentile of a page   {late:.2f} s   (wanted ≤ {MOST:.0f} s: {'kept' if late <= MOST else 'MISSED'})"
    )
    print(
        f"  median {statistics.median(taken):.2f} s, longest {taken[-1]:.2f} s; {spent / seconds:.2f} processors busy"
    )


def _learner(origin: str, number: int) -> Learner:
    pages: list[Page] = []
    return Learner(number, Browser(origin, lambda what, page: pages.append(page)), pages)


def _warm(origin: str) -> None:
    """Not counted: what each process and each of its threads makes once."""
    threads = [threading.Thread(target=_learner(origin, -1).arrive) for _ in range(8 * WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _all(people: list[Learner], seconds: float) -> list[str]:
    """Have them arrive evenly; returns what went wrong."""
    begun = time.monotonic() + 0.5
    failures: list[str] = []

    def work(one: Learner) -> None:
        try:
            one.arrive()
            failures.extend(f"{page.path} answered {page.status}" for page in one.pages if page.status != 200)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller counts and shows it
            failures.append(f"{one.number}: {error!r}")
        finally:
            one.browser.close()

    threads = []
    for one in people:
        time.sleep(max(0.0, begun + one.number * seconds / len(people) - time.monotonic()))
        threads.append(threading.Thread(target=work, args=(one,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return failures


def _no_mixed_owner(people: list[Learner]) -> None:
    """By what each of them sees: one run in the history, their own, of an identity that nobody else has."""
    identities: dict[str, int] = {}
    for one in people:
        assert set(_LISTED.findall(one.browser.page.text)) == {one.run}, f"{one.number} sees other runs than their own"
        told = one.browser.get(f"{one.run}export.json", "export", swaps="none")
        found = _IDENTITY.search(told.text)
        assert told.status == 200
        assert found is not None
        assert identities.setdefault(found[1], one.number) == one.number, f"{one.number} has another’s identity"
        neighbour = people[(one.number + 1) % len(people)]
        refused = one.browser.get(neighbour.run, "another’s", swaps="none")
        assert refused.status == 404 or neighbour is one, f"{one.number} opened the run of {neighbour.number}"
        one.browser.close()
    assert len({one.run for one in people}) == len(identities) == len(people)
