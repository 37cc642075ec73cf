"""Changes in one's own account: real calls, recorded with before and after, and set back."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.owners import Owner
from flows.exchange.own_accounts import administrator_of
from flows.exchange.pools import pool_for
from flows.models import ApiCall, Outcome, Run
from flows.pages.run.run_view import VIEWS
from flows.services import run_all, run_open
from flows.traces import read_trace
from flows.traces.writing import trace_of
from tests.flows.history.conftest import OTHER_VISITOR, VISITOR, browser
from tests.flows.pools.conftest import Change
from training.models import SandboxAccount

pytestmark = pytest.mark.django_db


def _last() -> Run:
    return Run.objects.filter(flow="configure").latest("pk")


def _guest(key: str = "lab", flow: str = "enhanced", **parameters: str) -> Run:
    owner = Owner(None, VISITOR)
    run = run_open(
        owner=owner, access="guest", flow=flow, provider="guest", pool=pool_for(owner, key), parameters=parameters
    )
    return run_all(run=run)


def test_a_switch_is_read_changed_read_and_set_back(change: Change, mine: Client) -> None:
    assert _guest().outcome == Outcome.SUCCEEDED
    change("guests", value="off")
    run = _last()
    operations = list(run.calls.values_list("operation", flat=True))
    assert operations == ["DescribeIdentityPool", "UpdateIdentityPool", "DescribeIdentityPool"]
    assert run.outcome == Outcome.SUCCEEDED
    assert run.parameters["before"]["AllowUnauthenticatedIdentities"] is True
    assert run.parameters["after"]["AllowUnauthenticatedIdentities"] is False
    assert _guest().outcome == Outcome.REFUSED

    # What was changed meanwhile stays as it is.
    change("classic", value="off")
    assert mine.post("/pools/lab/set-back/", {"run": run.code}).status_code == 302
    assert _guest().outcome == Outcome.SUCCEEDED
    assert _last().parameters["after"]["AllowClassicFlow"] is False
    assert "Set back: Guest access switched off" in mine.get("/pools/lab/changes/").content.decode()


@pytest.mark.slow
def test_the_runs_page_shows_the_difference(change: Change, mine: Client) -> None:
    change("guests", value="off")
    text = mine.get(_last().get_absolute_url()).content.decode()
    assert "Guest access switched off" in text
    assert "&quot;AllowUnauthenticatedIdentities&quot;: false" in text
    assert "Set back" in text
    assert read_trace(trace_of(_last())).flow == "configure"
    assert "See what it did" in mine.get("/").content.decode()
    assert "Administrator" in mine.get("/runs/?flow=configure").content.decode()
    for view in VIEWS:
        assert mine.get(f"{_last().get_absolute_url()}{view}/").status_code == 200
    assert mine.post(f"{_last().get_absolute_url()}advance/", {"position": "0"}).status_code == 302


def test_no_change_leaves_no_run(change: Change) -> None:
    assert "like that already" in change("guests", value="on").content.decode()
    assert not Run.objects.exists()


@pytest.mark.slow
def test_rules_are_added_moved_and_removed(change: Change, account: SandboxAccount) -> None:
    provider, roles = "accounts.google.com", f"arn:aws:iam::{account.account_id}:role/"
    for value, role in (("a", "LabGuest"), ("b", "LabAuthenticated")):
        change("rule-add", provider=provider, claim="hd", match="Equals", value=value, role=f"{roles}{role}")
    change("rule-move", provider=provider, number="2", way="up", shown=f"hd Equals b {roles}LabAuthenticated")
    rules = _last().parameters["after"]["RoleMappings"][provider]["RulesConfiguration"]["Rules"]
    assert [rule["Value"] for rule in rules] == ["b", "a"]
    # The page that this form came from showed another order.
    text = change("rule-remove", provider=provider, number="1", shown=f"hd Equals a {roles}LabGuest").content.decode()
    assert "changed meanwhile" in text
    for _ in rules:
        change("rule-remove", provider=provider, number="1")
    assert provider not in _last().parameters["after"]["RoleMappings"]


@pytest.mark.slow
def test_a_trust_policy_lets_guests_in_and_is_set_back(change: Change, mine: Client) -> None:
    page = mine.get("/pools/lab/roles/?role=LabAuthenticated").content.decode()
    assert "ForAnyValue:StringLike" in page
    run = _guest("lab", "basic", RoleArn=_role("LabAuthenticated"))
    assert run.outcome == Outcome.REFUSED
    trust = _trust_without_amr()
    change("trust", tab="roles", role="LabAuthenticated", document=json.dumps(trust, indent=2))
    assert _last().outcome == Outcome.SUCCEEDED
    assert "Guest of this pool, basic → LabAuthenticated" in mine.get("/pools/lab/").content.decode()
    assert "nothing about who comes" in mine.get("/pools/lab/").content.decode()
    assert _guest("lab", "basic", RoleArn=_role("LabAuthenticated")).outcome == Outcome.SUCCEEDED
    mine.post("/pools/lab/set-back/", {"run": _last().code})
    assert _guest("lab", "basic", RoleArn=_role("LabAuthenticated")).outcome == Outcome.REFUSED


@pytest.mark.slow
def test_a_refused_policy_keeps_the_text_and_names_the_line(change: Change) -> None:
    text = (
        '{\n  "Version": "2012-10-17",\n  "Statement": {"Effect": "Allow",\n  "Action": "nothing", "Resource": "*"}\n}'
    )
    answer = change("policy", tab="roles", role="LabGuest", policy="Mine", document=text)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "prefaced by a vendor" in page
    assert "See line 4." in page
    assert "&quot;Action&quot;: &quot;nothing&quot;" in page
    assert _last().outcome == Outcome.REFUSED
    broken = change("trust", tab="roles", role="LabGuest", document='{\n "Version": 1,\n oops}').content.decode()
    assert "line 3" in broken


@pytest.mark.slow
def test_people_groups_and_attributes(change: Change, mine: Client, account: SandboxAccount) -> None:
    pool = f"us-east-1_Lab{account.account_id}"
    change("person", tab="people", user_pool=pool, person="zoe", password="Correct-horse-9", email="zoe@example.com")
    assert _last().outcome == Outcome.SUCCEEDED
    change("group", tab="people", user_pool=pool, group="pilots", precedence="3")
    change("membership", tab="people", user_pool=pool, person="zoe", group="pilots", way="in")
    assert _last().parameters["after"] == {"Groups": ["pilots"]}
    change("attribute", tab="people", user_pool=pool, person="zoe", name="custom:department", value="Flying")
    assert _last().outcome == Outcome.SUCCEEDED, _last().error_message
    assert _last().parameters["after"]["custom:department"] == "Flying"
    page = mine.get("/pools/lab/people/").content.decode()
    assert "zoe" in page
    assert "In pilots" in page
    change("person-remove", tab="people", user_pool=pool, person="zoe")
    left = mine.get("/pools/lab/people/").content.decode().replace("zoe deleted", "")
    assert not re.search(r"\bzoe\b", left), "a form's token may have the three letters within it"
    stored = json.dumps([call.details() for call in ApiCall.objects.all()], default=str) + json.dumps(
        list(Run.objects.values_list("parameters", flat=True))
    )
    assert "Correct-horse-9" not in stored
    assert "zoe@example.com" not in stored


@pytest.mark.slow
def test_the_clock_is_put_forward_and_set_right(change: Change, mine: Client) -> None:
    change("clock", minutes="11")
    assert _last().parameters["after"]["advanced"] == pytest.approx(660)
    assert "11 minutes ahead" in mine.get("/pools/lab/switches/").content.decode()
    change("clock", reset="1")
    assert _last().parameters["after"]["advanced"] == 0
    assert list(_last().calls.values_list("operation", flat=True)) == ["GetClock", "ResetClock", "GetClock"]


@pytest.mark.slow
def test_others_cannot_change_or_set_back_and_no_key_is_stored(change: Change, account: SandboxAccount) -> None:
    change("guests", value="off")
    run = _last()
    stranger = browser(OTHER_VISITOR)
    assert stranger.post("/pools/lab/set-back/", {"run": run.code}).status_code == 404
    assert stranger.post("/pools/lab/change/", {"what": "guests", "value": "on"}).status_code == 302
    assert Run.objects.filter(flow="configure").count() == 1
    key = administrator_of(Owner(None, VISITOR), account.account_id)
    stored = json.dumps([call.details() for call in ApiCall.objects.all()], default=str) + json.dumps(
        list(Run.objects.values_list("parameters", flat=True))
    )
    assert key.secret_access_key not in stored
    assert f"local-stand-in-x-{account.account_id}" not in stored


@pytest.mark.slow
def test_pools_made_by_a_call_have_pages_too(change: Change, mine: Client) -> None:
    members = {"p-IdentityPoolName": "Mine", "p-AllowUnauthenticatedIdentities": "true"}
    call = {"pool": "lab", "service": "cognito-identity", "operation": "CreateIdentityPool", "sender": "administrator"}
    assert mine.post("/send/", {**call, **members}).status_code == 302
    made = ApiCall.objects.get(operation="CreateIdentityPool").response_params["IdentityPoolId"].partition(":")[2]
    assert f"/pools/{made}/" in mine.get("/pools/").content.decode()
    assert "The pool names no " in mine.get(f"/pools/{made}/").content.decode()
    change("guests", pool=made, value="off")
    assert _last().parameters["after"]["AllowUnauthenticatedIdentities"] is False
    # A switch that was never set cannot be unset again: set back, it says what that meant.
    assert "AllowClassicFlow" not in _last().parameters["after"]
    change("classic", pool=made, value="off")
    assert mine.post(f"/pools/{made}/set-back/", {"run": _last().code}).status_code == 302
    assert _last().parameters["after"]["AllowClassicFlow"] is True
    assert mine.get(f"/send/?pool={made}").status_code == 200
    assert browser(OTHER_VISITOR).get(f"/pools/{made}/").status_code == 404


def _role(name: str) -> str:
    account = SandboxAccount.objects.get().account_id
    return f"arn:aws:iam::{account}:role/{name}"


def _trust_without_amr() -> dict[str, Any]:
    pool = SandboxAccount.objects.get()
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        "cognito-identity.amazonaws.com:aud": f"us-east-1:5a4db000-0001-c000-8000-{pool.account_id}"
                    }
                },
            }
        ],
    }


def test_a_value_that_does_not_fit_is_named_at_its_field_and_the_others_stay(looking: Client) -> None:
    page = looking.get("/pools/rules/mapping/").content.decode()
    form = page.partition('name="what" value="rule-add"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', form))
    sent = {"what": "rule-add", "claim": "", "match": "Equals", "value": "sales", "role": "arn:x", **hidden}
    answer = looking.post("/pools/rules/change/", sent)
    again = answer.content.decode()
    assert answer.status_code == 422
    assert "Error:" in again.partition("</title>")[0]
    (wrong,) = re.findall(r'<input[^>]*aria-invalid="true"[^>]*>', again)
    assert 'name="claim"' in wrong
    assert 'aria-describedby="wrong"' in wrong
    assert '<div id="wrong">Enter a claim.</div>' in again
    assert again.count('value="sales"') == 1


def test_a_secret_that_was_entered_is_not_given_back(looking: Client) -> None:
    page = looking.get("/pools/lab/people/").content.decode()
    form = page.partition('name="what" value="person"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', form))
    answer = looking.post("/pools/lab/change/", {"what": "person", **hidden, "person": "", "password": "S3cret-phrase"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert "S3cret-phrase" not in answer.content.decode()
