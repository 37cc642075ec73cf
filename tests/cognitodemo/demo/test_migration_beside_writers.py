"""The migration that goes through all runs does so in batches: somebody who writes meanwhile gets their turn in its
middle, with SQLite and with PostgreSQL."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.cognitodemo.demo.installations import Installation, installations
from tests.cognitodemo.demo.test_purge_beside_writers import writer

pytestmark = pytest.mark.slow

RUNS = 6_000
# As version 0.2.0 left them: no role, and the time of a later use in the run's own.
FILL = f"""
from uuid import uuid4
from flows.models import ApiCall, Outcome, Run
whose, chosen = uuid4(), 'arn:aws:iam::000000000000:role/Chosen'
said = [{{'code': 'role.mapping', 'check': '', 'expected': '', 'actual': chosen, 'verdict': 'pass'}}]
kind = {{'flow': 'enhanced', 'provider': 'guest', 'outcome': Outcome.SUCCEEDED, 'visitor': whose, 'duration_ms': 50}}
for _ in range({RUNS} // 1000):
    runs = Run.objects.bulk_create([Run(**kind) for _ in range(1000)])
    call = {{'service': 'cognito-identity', 'signed': False, 'request_body': 'x' * 400, 'duration_ms': 20}}
    own = {{'step': 'credentials', 'operation': 'GetCredentialsForIdentity', 'decisions': said}}
    use = {{'step': 'use', 'operation': 'Scan', 'kind': 'use'}}
    ApiCall.objects.bulk_create(ApiCall(run=run, position=1, **call, **own) for run in runs)
    ApiCall.objects.bulk_create(ApiCall(run=run, position=2, **call, **use) for run in runs)
"""


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def before_it(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation with many runs, before the migration."""
    back = ("migrate", "--verbosity=0", "flows", "0009_pool_of_runs")
    with installations(tmp_path, request.param, ["here"]) as (made,):
        for arguments in (("migrate", "--verbosity=0"), ("shell", "-v", "0", "-c", FILL), back):
            done = made.manage(*arguments)
            assert done.returncode == 0, done.stderr[-3000:]
        yield made


def test_whoever_writes_meanwhile_gets_their_turn(before_it: Installation) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "flows", "0010_role_and_duration_of_runs"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    in_the_middle = written = 0
    with (
        writer(before_it) as connection,
        subprocess.Popen(command, cwd=ROOT, env=before_it.demo.environment, **pipes) as migration,
    ):
        while migration.poll() is None:
            written += 1
            connection.execute(f"UPDATE flows_run SET review_note = '{written}' WHERE id IN (1, {RUNS})")
            (done,) = connection.execute("SELECT count(*) FROM flows_run WHERE duration_ms = 30").fetchone()
            in_the_middle += 0 < done < RUNS
            time.sleep(0.01)
        _, errors = migration.communicate()
    assert migration.returncode == 0, errors[-3000:]
    assert in_the_middle > 0, "nobody wrote in the middle of it"
    told = "SELECT role_arn, duration_ms, count(*) FROM flows_run GROUP BY 1, 2"
    assert before_it.rows(told) == [("arn:aws:iam::000000000000:role/Chosen", 30, RUNS)]
