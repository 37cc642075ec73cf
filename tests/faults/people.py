"""A class at work: learners who run flows one after another, whatever happens, and keep what they were told."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape

import requests

from tests.cognitodemo.demo.classroom import Learner
from tests.faults.site import Site
from tests.sandbox.idp.driver import Browser as StandInBrowser

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_TO_THE_PROVIDER = re.compile(r'<a\s+class="btn btn-main btn-large"\s+href="([^"]+)"')
_RUN = re.compile(r"/runs/([\w-]{20,})/")
_FORM = {"provider": "guest", "access": "guest", "flow": "enhanced", "pace": "all"}


@dataclass(frozen=True, slots=True)
class Told:
    """One answer. `status` 0: there was none. `code`: of the run whose page it is."""

    at: float
    status: int
    page: str
    code: str = ""

    @property
    def succeeded(self) -> bool:
        return bool(self.code) and "Succeeded" in self.page


class Worker(Learner):
    """Somebody who goes on. `pool`: the one that they choose, `configured` in AWS mode."""

    def __init__(self, url: str, name: str, pool: str = "lab") -> None:
        super().__init__(url, name)
        self.pool = pool
        self.told: list[Told] = []

    def try_a_run(self) -> Told:
        """A guest's run, as far as it comes: the last answer on the way."""
        try:
            form = self.session.get(f"{self.url}/demo/?access=guest", timeout=60)
            answer = form
            if form.status_code == 200:
                token = _CSRF.search(form.text)
                assert token, form.text[:2000]
                fields = {"csrfmiddlewaretoken": token[1], "pool": self.pool, **_FORM}
                answer = self.session.post(f"{self.url}/runs/", fields, timeout=60)
        except requests.RequestException as error:
            told = Told(time.monotonic(), 0, str(error))
        else:
            code = _RUN.search(answer.url) if answer.status_code == 200 else None
            told = Told(time.monotonic(), answer.status_code, answer.text, code[1] if code else "")
        self.told.append(told)
        return told

    def sign_in_for_a_run(self, provider: str) -> str:
        """A run with a sign-in at a stand-in: the page on which it ends."""
        choices = {"access": "authenticated", "flow": "enhanced", "pool": "lab", "pace": "all"}
        between = self.post("/runs/", "/demo/?access=authenticated", provider=provider, **choices).text
        (link,) = _TO_THE_PROVIDER.findall(between)
        back = StandInBrowser().sign_in(unescape(link), "ana").headers["Location"]
        return self.session.get(back, timeout=60).text


class Class:
    """Several of them, in a class: with accounts of their own, or, in AWS mode, all at the configured pool.

    Attributes:
        code: by which it is joined; `stay_outside`: nobody has yet.
    """

    def __init__(self, site: Site, people: int = 4, name: str = "Oslo, Monday", *, stay_outside: bool = False) -> None:
        self.site = site
        self.code, self.public_id = site.make_class(people, name)
        pool = "configured" if site.is_on_aws else "lab"
        self.people = [Worker(site.url, f"Learner {number}", pool) for number in range(people)]
        for one in () if stay_outside else self.people:
            if site.is_on_aws:  # there are no accounts to be told
                one.post(f"/join/{self.code}/", name=one.name)
            else:
                one.join(self.code)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """All of them work until the block ends."""
        stopping = threading.Event()

        def work(one: Worker) -> None:
            while not stopping.is_set():
                one.try_a_run()
                time.sleep(0.05)

        threads = [threading.Thread(target=work, args=(one,)) for one in self.people]
        for thread in threads:
            thread.start()
        try:
            self.site.wait_until(lambda: all(any(told.succeeded for told in one.told) for one in self.people))
            yield
        finally:
            stopping.set()
            for thread in threads:
                thread.join()

    def told(self, since: float = 0.0) -> list[Told]:
        """What they were told, after a moment."""
        return sorted((told for one in self.people for told in one.told if told.at > since), key=lambda told: told.at)

    def all_succeed_since(self, moment: float) -> bool:
        """Whether the last thing that each of them was told, after a moment, is that their run succeeded."""
        return all(one.told and one.told[-1].at > moment and one.told[-1].succeeded for one in self.people)


def lost(told: Sequence[Told], site: Site) -> list[str]:
    """Runs whose page somebody was shown and that are not there as it said."""
    kept = site.runs()
    return [one.code for one in told if one.code and (one.succeeded and kept.get(one.code) != ("succeeded", 2))] + [
        one.code for one in told if one.code and one.code not in kept
    ]
