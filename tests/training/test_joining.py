"""Codes, seats and accounts of a class."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from accounts.owners import Owner
from flows.exchange.own_accounts import NotYours, accounts_of, administrator_of
from flows.exchange.pools import pools_for
from sandbox.testing import RunningSandbox
from tests.flows import processes
from training.models import Cohort, Membership, NameStyle, SandboxAccount, SeatName
from training.services import classes, codes, joining, sandbox_accounts
from training.services.errors import Full, NameTaken, NoSuchCode, NotOpen, Refused

pytestmark = pytest.mark.django_db


def new_class(**fields: Any) -> Cohort:
    trainer, _ = get_user_model().objects.get_or_create(username="trainer", defaults={"is_staff": True})
    return classes.cohort_make(trainer=trainer, seed_soon=False, **{"name": "Oslo, Monday", "seats": 3, **fields})


def owner_of(name: SeatName) -> Owner:
    return Owner(name.membership.user_id, uuid4())


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
def test_a_code_is_read_as_people_type_it(change: Any) -> None:
    cohort = new_class()
    code = codes.join_code(cohort)
    typed = change(code).replace("0", "O").replace("1", "l")
    assert joining.cohort_of_code(typed) == cohort
    with pytest.raises(NoSuchCode):
        joining.cohort_of_code(code[:-1])


def test_no_code_rests_in_the_database_and_a_new_one_ends_the_old() -> None:
    cohort = new_class()
    name = joining.join(cohort, ["Ana"])
    old, own = codes.join_code(cohort), codes.return_code(name)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            text = repr(cursor.fetchall())
            assert not any(form in text for code in (old, own) for form in (code, code.replace("-", "")))
    joining.renew_join_code(cohort)
    with pytest.raises(NoSuchCode):
        joining.cohort_of_code(old)
    assert joining.seat_of_return_code(own.lower()) == name
    joining.renew_return_code(name)
    with pytest.raises(NoSuchCode):
        joining.seat_of_return_code(own)


def test_seats_are_given_out_once_and_the_next_one_is_told() -> None:
    cohort = new_class(seats=2)
    seats = [joining.join(cohort, [name]).membership.seat for name in ("Ana", "Bo")]
    assert seats == [1, 2]
    with pytest.raises(Full, match="All 2 seats"):
        joining.join(cohort, ["Cy"])
    alone = new_class(seats=1)
    joining.join(alone, ["Ana"])
    with pytest.raises(Full, match="The only seat of this class is taken"):
        joining.join(alone, ["Bo"])


def test_the_same_name_asks_and_another_person_gets_a_number() -> None:
    cohort = new_class()
    joining.join(cohort, ["Ana"])
    with pytest.raises(NameTaken):
        joining.join(cohort, [" ANA "])
    assert joining.join(cohort, ["Ana"], again=True).name == "Ana (2)"


def test_a_pair_shares_a_seat_with_a_code_each() -> None:
    cohort = new_class()
    first = joining.join(cohort, ["Ana", "Bo"])
    third = joining.add_name(first.membership, "Cy")
    names = list(first.membership.seat_names.all())
    assert len({codes.return_code(name) for name in names}) == 3
    assert {joining.seat_of_return_code(codes.return_code(name)).membership_id for name in names} == {
        third.membership_id
    }
    assert Membership.objects.get(pk=third.membership_id).display_name == "Ana, Bo, Cy"
    with pytest.raises(Refused, match="At most 3"):
        joining.add_name(first.membership, "Di")


def test_made_up_names_differ() -> None:
    cohort = new_class(names=NameStyle.PSEUDONYM)
    shown = {joining.join(cohort, [], people=2).membership.display_name for _ in range(3)}
    assert len(shown) == 3


def test_a_class_that_ended_takes_nobody_in_and_can_be_changed_by_nobody() -> None:
    cohort = new_class()
    name = joining.join(cohort, ["Ana"])
    classes.cohort_end(cohort)
    with pytest.raises(NotOpen, match="has ended"):
        joining.join(cohort, ["Bo"])
    SandboxAccount.objects.filter(seat=1).update(state="ready")
    assert [account.writable for account in accounts_of(owner_of(name))] == [False]


def test_an_own_account_of_the_site_is_never_entered_by_a_return_code() -> None:
    cohort = new_class()
    user = get_user_model().objects.create_user("cy", password="a long enough one")
    member = joining.join_with_account(cohort, user)
    assert member.seat == 1
    name = member.seat_names.get()
    with pytest.raises(NoSuchCode):
        joining.seat_of_return_code(codes.return_code(name))
    with pytest.raises(Refused):
        joining.add_name(member, "Di")


def test_so_many_browsers_may_wait_for_one_name() -> None:
    cohort = new_class()
    joining.join(cohort, ["Ana"])
    first = uuid4()
    for visitor in (first, uuid4(), uuid4()):
        joining.ask_to_return(cohort, "ana", visitor)
    with pytest.raises(Refused, match="Several browsers"):
        joining.ask_to_return(cohort, "Ana", uuid4())
    joining.ask_to_return(cohort, "Ana", first)


def test_everybody_has_an_account_of_their_own_and_a_reset_ends_its_key(sandbox: RunningSandbox) -> None:
    cohort = new_class(seats=2)
    assert sandbox_accounts.make_wanted(cohort) == 2
    ana, bo = (owner_of(joining.join(cohort, [name])) for name in ("Ana", "Bo"))
    (of_ana,), (of_bo,) = accounts_of(ana), accounts_of(bo)
    assert of_ana.account_id != of_bo.account_id
    assert {pool.account_id for pool in pools_for(ana)} == {of_ana.account_id}
    with pytest.raises(NotYours):
        administrator_of(ana, of_bo.account_id)
    before = administrator_of(ana, of_ana.account_id)
    row = sandbox_accounts.reset_environment(SandboxAccount.objects.get(account_id=of_ana.account_id))
    assert row.epoch == 2
    assert administrator_of(ana, of_ana.account_id).secret_access_key != before.secret_access_key


def test_what_a_restart_of_the_sandbox_left_behind_is_noticed(sandbox: RunningSandbox) -> None:
    row = sandbox_accounts.open_own_account(Owner(None, uuid4()))
    assert row is not None
    SandboxAccount.objects.filter(pk=row.pk).update(boot_id="an earlier start")
    sandbox.switch("accounts", {"action": "remove", "account": row.account_id})
    row.refresh_from_db()
    again = sandbox_accounts.make_ready(row)
    assert again.boot_id == sandbox_accounts.boot_id(again.account_id)
    known = {one["account"] for one in sandbox.switch("accounts", method="GET")["accounts"]}
    assert row.account_id in known


_ALL_AT_ONCE = """
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from accounts.models import User
from tests.flows import processes
from training.models import Cohort, Membership
from training.services import classes, joining
from training.services.errors import Full
trainer = User.objects.create_user("trainer")
cohort = classes.cohort_make(trainer=trainer, name="Oslo", seats=60, seed_soon=False)
def come(number):
    try:
        return joining.join(Cohort.objects.get(pk=cohort.pk), [f"Person {number}"]).membership.seat
    except Full:
        return 0
    finally:
        connection.close()
with ThreadPoolExecutor(16) as pool:
    print(json.dumps(sorted(pool.map(come, range(64)))))
"""


@pytest.mark.slow
def test_no_seat_is_taken_twice_when_all_come_at_once(tmp_path: Path) -> None:
    processes.migrate(tmp_path)
    assert json.loads(processes.run(tmp_path, 1, _ALL_AT_ONCE)) == [0, 0, 0, 0, *range(1, 61)]
