"""A run for a room: one call a screen, and nothing that is nobody's business."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from flows.models import ApiCall, Run
from flows.pages.run.discreet import discreet
from flows.pages.run.present import Screen
from flows.pages.run.run_view import RunView
from flows.services import run_all

OpenRun = Callable[..., Run]


def test_numbers_of_accounts_and_who_signed_in_are_left_out() -> None:
    call = ApiCall(
        url="http://127.0.0.1:4566/idp/482100000000/x",
        request_params={
            "AccountId": "482100000000",
            "IdentityPoolId": "us-east-1:5a4db000-0000-c000-8000-000000000001",
        },
        response_params={"Arn": "arn:aws:iam::482100000000:role/R", "ids": [482100000000, 7, True], "sub": "ana-1"},
        decisions=[{"actual": "accounts.google.com:client:ana-1"}],
    )
    shown = discreet(call, "ana-1")
    assert shown.url == "http://127.0.0.1:4566/idp/‹hidden›/x"
    assert shown.request_params == {**call.request_params, "AccountId": "‹hidden›"}
    hidden = {"Arn": "arn:aws:iam::‹hidden›:role/R", "ids": ["‹hidden›", "7", True], "sub": "‹hidden›"}
    assert shown.response_params == hidden
    assert shown.decisions == [{"actual": "accounts.google.com:client:‹hidden›"}]
    assert call.request_params["AccountId"] == "482100000000", "the row stays as it is"


def test_screens_lead_from_the_whole_run_through_its_calls(open_run: OpenRun) -> None:
    run = run_all(run=open_run("enhanced"))
    first, second, third = (Screen(RunView(run, at_call=at, in_room=True)) for at in (None, 1, 2))
    assert (first.previous, first.next) == ("", "?present=1&call=1")
    assert (second.previous, second.next, second.number) == ("?present=1", "?present=1&call=2", 1)
    assert (third.previous, third.next, third.last) == ("?present=1&call=1", "", 2)
    assert third.leave.endswith("/calls/?call=2#call-2")
    assert Screen(RunView(run, at_call=9, in_room=True)).call is None


@pytest.mark.parametrize("call", ["", "&call=1", "&call=2", "&call=77"])
def test_a_room_sees_no_controls_and_no_account(client: Client, open_run: OpenRun, call: str) -> None:
    client.get("/demo/")
    owner = client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
    run = run_all(run=open_run("basic", owner=owner))
    page = client.get(f"/runs/{run.code}/?present=1{call}").content.decode()
    assert "000000000000" not in re.sub(r"[0-9a-f]{4}-000000000\d{3}", "", page)
    assert "<form" not in page
    assert "Reveal" not in page
    assert "Delete" not in page
    drawings = page.split('<svg class="diagram ')[1:]
    assert [drawing.partition('"')[0] for drawing in drawings] == ["diagram-wide", "diagram-narrow"]
    stand_out = [drawing.count('d-stripe d-here"') for drawing in drawings]
    assert stand_out == ([1, 1] if call in ("&call=1", "&call=2") else [0, 0])


def test_only_who_may_read_the_run_may_present_it(open_run: OpenRun) -> None:
    run = run_all(run=open_run())
    assert Client().get(f"/runs/{run.code}/?present=1").status_code == 404
