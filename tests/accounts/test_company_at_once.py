"""Many sign-ins of people who have no account yet, at the same moment, on the default SQLite file."""

import json
from pathlib import Path

import pytest

from tests.flows import processes

_PROGRAM = """
import json, threading
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from accounts.company import CompanyPerson, account_enter
from accounts.models import CompanyIdentity, User
begun = threading.Barrier(24)
def one(number):
    person = CompanyPerson("https://id.company.test", f"subject-{number % 3}", name="ana", rights={"trainer"})
    try:
        begun.wait(60)
        return person.subject, account_enter(person).pk
    finally:
        connection.close()
with ThreadPoolExecutor(24) as pool:
    told = set(pool.map(one, range(24)))
print(json.dumps({
    "accounts": len({account for _, account in told}),
    "told": len(told),
    "rows": [User.objects.count(), CompanyIdentity.objects.count()],
    "trainers": User.objects.filter(groups__name="Trainers").count(),
}))
"""


@pytest.mark.slow
def test_each_person_gets_one_account_and_all_of_their_sign_ins_enter_it(tmp_path: Path) -> None:
    processes.migrate(tmp_path)
    told = json.loads(processes.run(tmp_path, 1, _PROGRAM).splitlines()[-1])
    assert told == {"accounts": 3, "told": 3, "rows": [3, 3], "trainers": 3}
