"""A class is backed up while people join, run and write, and goes on on another machine under another address."""

import sqlite3
import stat
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.cognitodemo.demo.classroom import Learner, Machine, at_work

pytestmark = pytest.mark.slow

TABLES = (
    "training_cohort", "training_membership", "training_seatname", "training_sandboxaccount", "training_assignment",
    "training_attempt", "training_checkresult", "flows_run", "flows_apicall", "providers_sealedvalue",
)  # fmt: skip


def rows_in(file: Path) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as database:
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def test_a_class_goes_on_elsewhere_from_what_was_copied_in_its_middle(
    machine: Callable[..., Machine], tmp_path: Path
) -> None:
    here = machine("here")
    here.start(seats=8)
    code = here.told["Code"].split()[0]
    ana, bo, cy = people = [Learner(here.url, name) for name in ("Ana", "Bo", "Cy")]
    buckets = []
    for one in people:
        one.join(code)
        one.show_key()
        buckets.append(one.client("s3", here.told["CLI and SDK"]))
        buckets[-1].create_bucket(Bucket="mine")
        one.put(buckets[-1])
    ana.solve_ready()
    pool = ana.client("cognito-identity", here.told["CLI and SDK"]).create_identity_pool(
        IdentityPoolName="own", AllowUnauthenticatedIdentities=True
    )["IdentityPoolId"]
    late = iter([Learner(here.url, name) for name in ("Di", "Eva", "Flo", "Gus", "Hal")])

    def join() -> None:
        if (one := next(late, None)) is not None:
            one.join(code)
            people.append(one)

    file = tmp_path / "oslo.zip"
    with at_work(join, lambda: bo.run(), lambda: cy.run(), lambda: ana.put(buckets[0]), lambda: bo.put(buckets[1])):
        while len(bo.runs) < 2 or len(ana.objects) < 10:
            time.sleep(0.1)
        before = [(one, one.return_code, list(one.runs), list(one.objects)) for one in list(people)]
        told = here.run("class", "backup", str(file))
        assert told.returncode == 0, told.stdout + told.stderr
    assert "Oslo, Monday" in told.stdout
    assert "manage.py class restore " in told.stdout, "what serves the class at once"
    assert "Not in it" not in told.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(here.data.glob(".backup-*"))
    here.kill()

    there = machine("there", address="localhost")
    there.restore(file)
    with zipfile.ZipFile(file) as archive:
        copied = rows_in(Path(archive.extract("app.sqlite3", tmp_path)))
    assert rows_in(there.data / "app.sqlite3") == copied
    assert there.told["Your sign-in"] == here.told["Your sign-in"]
    assert there.told["Code"].split()[0] == code
    assert there.told["Projector"].startswith(f"{there.url}/class/")
    for one, return_code, runs, objects in before:
        again = one.come_back(there.url)
        assert (again.seat, again.account, again.return_code) == (one.seat, one.account, return_code)
        for run in runs[:10]:  # each by its own address: the history has pages
            again.get(f"/runs/{run}/")
        assert "Succeeded" in again.get(f"/runs/{again.run()}/")  # in the own account's pool
        if not objects:
            continue
        assert again.show_key() == one.secret
        s3 = again.client("s3", there.told["CLI and SDK"])
        assert {found["Key"] for found in s3.list_objects_v2(Bucket="mine")["Contents"]} >= set(objects)
        assert s3.get_object(Bucket="mine", Key=objects[-1])["Body"].read() == objects[-1].encode() * 400
    ana_there = ana.come_back(there.url)
    assert "<b>Solved.</b>" in ana_there.get("/exercises/ready/")
    ana_there.show_key()
    pools = ana_there.client("cognito-identity", there.told["CLI and SDK"])
    assert pools.describe_identity_pool(IdentityPoolId=pool)["IdentityPoolName"] == "own"
    trainer = there.trainer()
    projector = trainer.get(there.told["Projector"].removeprefix(there.url))
    assert there.told["Link to join"] in projector
    assert f"{copied['training_membership'] - 1} of 8 seats taken" in projector

    there.kill()
    untouched = {path: path.read_bytes() for path in there.directory.rglob("*") if path.is_file()}
    refused = there.run("class", "restore", str(file), "--address", "localhost")
    assert refused.returncode == 1
    assert "is in use" in refused.stderr
    assert {path: path.read_bytes() for path in there.directory.rglob("*") if path.is_file()} == untouched
    there.start(seats=8)  # with the usual command
    assert ana_there.is_in()
