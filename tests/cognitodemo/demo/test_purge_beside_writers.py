"""`manage.py purge` deletes in batches: somebody who writes meanwhile gets their turn in its middle, with SQLite and
with PostgreSQL."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import ROOT
from tests.cognitodemo.demo.installations import Installation, installations

pytestmark = pytest.mark.slow

OLD, LEARNERS, EACH = 4000, 20, 100
# Runs of long ago with two calls each, a class whose time is over with runs of its learners, and one run of today.
FILL = f"""
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from accounts.models import User
from flows.models import ApiCall, Outcome, Run
from training.models import Cohort, Membership, Role
now = timezone.now()
old, ended = now - timedelta(days=100), now - timedelta(days=99)
def make(number, when, **whose):
    kind = {{'flow': 'enhanced', 'provider': 'guest', 'outcome': Outcome.SUCCEEDED, 'created_at': when}} | whose
    runs = Run.objects.bulk_create([Run(**kind) for _ in range(number)])
    call = {{'step': 'get-id', 'service': 'cognito-identity', 'operation': 'GetId', 'signed': False}}
    calls = [ApiCall(run=run, position=at, request_body='x' * 400, **call) for run in runs for at in range(2)]
    ApiCall.objects.bulk_create(calls)
make({OLD}, old, visitor=uuid4())
make(1, now, visitor=uuid4())
trainer = User.objects.create_user('tora')
times = {{'created_at': old, 'starts_at': old, 'ends_at': ended, 'ended_at': ended}}
cohort = Cohort.objects.create(name='Oslo', created_by=trainer, seats={LEARNERS}, **times)
for seat in range({LEARNERS}):
    user = User.objects.create_user(f'seat-{{seat}}')
    Membership.objects.create(cohort=cohort, user=user, role=Role.LEARNER, seat=seat + 1, made_for_seat=True)
    make({EACH}, now, user=user)
"""


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with installations(tmp_path, request.param, ["here"]) as (made,):
        for arguments in (("migrate", "--verbosity=0"), ("shell", "-v", "0", "-c", FILL)):
            done = made.manage(*arguments)
            assert done.returncode == 0, done.stderr[-3000:]
        yield made


@contextmanager
def writer(installation: Installation) -> Iterator[Any]:
    """A connection that waits for a lock for half a minute, and no longer."""
    if installation.database:
        with psycopg.connect(installation.database, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '30s'")
            yield connection
        return
    file = installation.demo.data / "app.sqlite3"
    with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as connection:
        yield connection


def test_whoever_writes_meanwhile_gets_their_turn(installation: Installation) -> None:
    command = [sys.executable, "manage.py", "purge", "--older-than", "30"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    in_the_middle = written = 0
    with (
        writer(installation) as connection,
        subprocess.Popen(command, cwd=ROOT, env=installation.demo.environment, **pipes) as purge,
    ):
        (before,) = connection.execute("SELECT count(*) FROM flows_run").fetchone()
        while purge.poll() is None:
            written += 1
            connection.execute(
                f"INSERT INTO cognitodemo_ratecounter (subject, minute, hits) VALUES ('{written}', 1, 1)"
            )
            connection.execute(f"UPDATE flows_run SET review_note = '{written}' WHERE id = {OLD + 1}")
            (left,) = connection.execute("SELECT count(*) FROM flows_run").fetchone()
            in_the_middle += 1 < left < before
            time.sleep(0.01)
        told, errors = purge.communicate()
    assert purge.returncode == 0, errors[-3000:]
    assert f"Deleted {OLD} runs" in told
    assert "Deleted 1 × class" in told
    assert in_the_middle > 1, "nobody wrote in the middle of it"
    assert installation.rows("SELECT id, review_note FROM flows_run") == [(OLD + 1, str(written))]
    assert installation.rows("SELECT count(*) FROM flows_apicall") == [(2,)]
    assert installation.rows("SELECT count(*) FROM cognitodemo_ratecounter") == [(written,)]
