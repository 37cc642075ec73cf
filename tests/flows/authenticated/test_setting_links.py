"""What a shown request says can be set otherwise, by a link from where it stands."""

import re
from html import unescape

import pytest

from flows.models import Run
from tests.flows.authenticated.person import Person


def links(person: Person, run: Run, view: str = "calls/?open=all") -> dict[str, str]:
    """Name of a parameter -> the address behind its value."""
    page = person.get(f"{run.get_absolute_url()}{view}").content.decode()
    found = re.findall(r'class="setting"\s+href="([^"]+)"', page)
    return {address.rpartition("#")[2]: unescape(address) for address in found}


def as_a_guest(person: Person, flow: str = "basic", **more: str) -> Run:
    person.post("/runs/", access="guest", flow=flow, provider="guest", pool="lab", **{"pace": "all", **more})
    return person.latest


def test_each_value_of_the_basic_flow_leads_to_its_field_with_what_was_sent(ana: Person) -> None:
    run = as_a_guest(ana, RoleSessionName="first-try")
    found = links(ana, run)
    assert set(found) == {"pool-choice", "id_AccountId", "id_IdentityId", "id_RoleArn", "id_RoleSessionName"}
    page = ana.get(found["id_RoleArn"]).content.decode()
    assert f'value="{run.calls.latest("position").request_params["RoleArn"]}"' in page
    assert 'value="first-try"' in page  # the other values of the run come along
    assert re.search(r'<details class="answered"\s+open', page)
    assert 'id="pool-choice"' in ana.get(found["pool-choice"]).content.decode()


def test_a_request_that_is_not_sent_yet_leads_to_the_form_below_it(ana: Person) -> None:
    run = as_a_guest(ana, pace="step")
    assert links(ana, run)["pool-choice"].startswith("/demo/?")
    ana.post(f"/runs/{run.code}/advance/", position="0")
    found = links(ana, run)
    assert found["id_IdentityId"] == "#id_IdentityId"


def test_what_was_left_as_it_was_shown_does_not_go_into_the_next_run(ana: Person) -> None:
    run = as_a_guest(ana, pace="step")
    ana.post(f"/runs/{run.code}/advance/", position="0", AccountId="000000000000")
    run.refresh_from_db()
    ana.post(f"/runs/{run.code}/advance/", position="1", IdentityId=run.identity_id)
    run.refresh_from_db()
    assert "IdentityId" not in run.parameters


def test_a_wrong_name_in_logins_is_sent_and_refused_by_the_service(ana: Person) -> None:
    key = links(ana, ana.run("google"))["id_LoginsKey"]
    assert "LoginsKey=accounts.google.com" in key
    path = ana.open("google", LoginsKey="graph.facebook.com")
    ana.get(ana.arrive(ana.at_provider(path, "ana"))["Location"])
    run = ana.latest
    assert (run.outcome, run.error_code) == ("refused", "NotAuthorizedException")
    assert list(run.calls.get(operation="GetId").request_params["Logins"]) == ["graph.facebook.com"]
    assert "‹ID token" in str(run.calls.get(operation="GetId").request_params)


def test_somebody_elses_identity_is_sent_and_refused_by_the_service(ana: Person) -> None:
    of_a_login = ana.run("google")
    run = as_a_guest(ana, "enhanced", IdentityId=of_a_login.identity_id)
    assert run.outcome == "refused"
    assert "is forbidden" in run.error_message


def test_a_guest_is_not_asked_for_the_name_of_a_login(ana: Person) -> None:
    assert "LoginsKey" not in ana.get("/demo/?access=guest").content.decode()
    assert "LoginsKey" in ana.get("/demo/?access=authenticated").content.decode()


@pytest.mark.parametrize("query", ["?present=1&call=1"])
def test_a_room_and_readers_of_a_shared_run_have_no_such_links(ana: Person, query: str) -> None:
    run = as_a_guest(ana)
    assert links(ana, run, query) == {}
    page = ana.post(f"/runs/{run.code}/share/").content.decode()
    (path,) = re.findall(r'id="share-link">[^<]*(/shared/[^<]+)<', page)
    assert 'class="setting"' not in ana.get(path).content.decode()
