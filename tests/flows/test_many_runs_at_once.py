"""200 guest runs from 16 threads on the default SQLite file: none is lost, none is locked out."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox.testing import RunningSandbox
from tests.flows import processes

pytestmark = pytest.mark.slow  # several processes at work at once

_PROGRAM = """
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
def one(number):
    try:
        run = services.run_all(run=opened("basic" if number % 2 else "enhanced"))
        return run.outcome, run.calls.count(), services.run_credentials(run=run) is not None
    finally:
        connection.close()
with ThreadPoolExecutor(16) as pool:
    told = Counter(pool.map(one, range(200)))
print(json.dumps({
    "told": sorted([*key, n] for key, n in told.items()),
    "runs": Run.objects.filter(outcome="succeeded").count(),
    "calls": ApiCall.objects.filter(state="answered").count(),
    "identities": Run.objects.values("identity_id").distinct().count(),
}))
"""


def test_every_run_ends_and_every_call_is_stored(served_sandbox: RunningSandbox, tmp_path: Path) -> None:
    import json

    processes.migrate(tmp_path)
    told = json.loads(processes.run(tmp_path, urlsplit(served_sandbox.url).port or 0, _PROGRAM))
    assert told == {
        "told": [["succeeded", 2, True, 100], ["succeeded", 3, True, 100]],
        "runs": 200,
        "calls": 500,
        "identities": 200,
    }


def test_nothing_secret_is_in_the_bytes_of_the_file(served_sandbox: RunningSandbox, tmp_path: Path) -> None:
    """The program prints the secrets of its runs to us alone; then the files are searched for them."""
    import json

    program = """
import json
secrets = []
for flow in ("enhanced", "basic"):
    run = opened(flow)
    while run.outcome == "open":
        services.run_preview(run=run)
        services.run_advance(run=run)
    given = services.run_credentials(run=run)
    secrets += [given.secret_access_key, given.session_token]
print(json.dumps(secrets))
"""
    served_sandbox.requests.clear()
    processes.migrate(tmp_path)
    secrets = json.loads(processes.run(tmp_path, urlsplit(served_sandbox.url).port or 0, program))
    form = next(request.body for request in served_sandbox.requests if b"WebIdentityToken=" in request.body)
    secrets.append(form.partition(b"WebIdentityToken=")[2].partition(b"&")[0].decode())
    content = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("app.sqlite3*"))
    assert len(secrets) == 5
    assert b"GetCredentialsForIdentity" in content
    for secret in secrets:
        assert secret.encode() not in content
