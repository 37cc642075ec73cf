"""The account's clock: what the stand-ins issue is good by it and by the machine's."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.idp.storage.records import Records
from tests.sandbox.idp import test_facebook
from tests.sandbox.idp.conftest import serving
from tests.sandbox.idp.driver import Sign, StandIns, issuers

HOURS = 3600


@pytest.fixture
def clocked(tmp_path: Path) -> Iterator[tuple[StandIns, Records]]:
    path = tmp_path / "sandbox.sqlite3"
    with serving(path) as stand_ins:
        yield stand_ins, Records(path, "000000000000")


def advance(records: Records, seconds: int) -> None:
    records.connection.execute("INSERT OR REPLACE INTO clock VALUES ('000000000000', ?)", (seconds,))


@pytest.mark.parametrize("ahead", [5 * HOURS, -5 * HOURS])
def test_a_new_token_is_good_by_both_clocks(clocked: tuple[StandIns, Records], ahead: int) -> None:
    stand_ins, records = clocked
    advance(records, ahead)
    generic = Sign(stand_ins, issuers(stand_ins)["oidc"])
    claims = generic.verified(generic.tokens()["id_token"])
    now = time.time()
    for clock in (now, now + ahead):
        assert int(str(claims["iat"])) <= clock + 1
        assert clock < int(str(claims["exp"]))


def test_an_opaque_token_runs_out_when_the_clock_is_put_forward(clocked: tuple[StandIns, Records]) -> None:
    stand_ins, records = clocked
    token = test_facebook.token(stand_ins)
    assert test_facebook.debugged(stand_ins, token)["is_valid"] is True
    advance(records, 61 * 24 * HOURS)
    assert test_facebook.debugged(stand_ins, token)["is_valid"] is False
