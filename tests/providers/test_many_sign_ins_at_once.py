"""A hundred people sign in at once, at eight providers, on the default SQLite file: none is lost or mixed up."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.flows import processes

_PROGRAM = """
import json, threading
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from providers.models import SignIn
from vault.models import SealedValue
from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.stand_ins import STAND_INS
from tests.providers.browser import Browser
KEYS = {"google": "google", "facebook": "facebook", "amazon": "amazon", "apple": "apple", "x": "x",
        "user-pool": "userpool", "oidc": "oidc", "saml": "saml"}
begun = threading.Barrier(100)
def one(number):
    provider = list(KEYS)[number % len(KEYS)]
    person = list(PEOPLE.values())[number % len(PEOPLE)]
    try:
        browser, run = Browser(), f"run-{number}"
        path = browser.begin(provider, run)
        begun.wait(300)  # all hundred are under way before the first comes back
        browser.arrive(browser.at_provider(path, person=person.key))
        artifact, outcome = browser.artifact(run), browser.outcome(run)
        right = artifact is not None and artifact.subject == STAND_INS[KEYS[provider]].subject(person)
        return outcome.outcome, outcome.error_code, right
    finally:
        connection.close()
with ThreadPoolExecutor(100) as pool:
    told = list(pool.map(one, range(100)))
print(json.dumps({
    "wrong": [one for one in told if one != ("succeeded", "", True)],
    "rows": SignIn.objects.filter(outcome="succeeded").count(),
    "owners": SignIn.objects.values("visitor").distinct().count(),
    "artifacts": SealedValue.objects.filter(purpose="artifact").count(),
    "left over": SealedValue.objects.filter(purpose="transaction").count(),
}))
"""


@pytest.mark.slow
def test_a_hundred_sign_ins_end_where_they_began(served_stand_ins: str, tmp_path: Path) -> None:
    processes.migrate(tmp_path)
    told = json.loads(processes.run(tmp_path, urlsplit(served_stand_ins).port or 0, _PROGRAM).splitlines()[-1])
    assert told == {"wrong": [], "rows": 100, "owners": 100, "artifacts": 100, "left over": 0}
