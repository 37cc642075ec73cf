"""Runs and calls are evidence: there to be read."""

import json

import pytest
from django.test import Client

from accounts.models import User
from flows.models import ApiCall, Run
from tests.flows.admin.conftest import MakeRun, client_of
from vault.models import SealedValue


@pytest.fixture
def root(admin_user: User) -> Client:
    return client_of(admin_user)


def test_even_a_superuser_adds_no_run_and_no_call(root: Client, make_run: MakeRun) -> None:
    call = ApiCall.objects.get(run=make_run(calls=1))
    for path in ("/admin/flows/run/add/", "/admin/flows/apicall/add/", f"/admin/flows/apicall/{call.pk}/delete/"):
        assert root.post(path, {"post": "yes"}).status_code == 403
    assert root.post(f"/admin/flows/apicall/{call.pk}/change/", {"status": 500}).status_code == 403
    assert ApiCall.objects.get().status == 200


def test_what_is_posted_to_a_runs_form_changes_nothing_but_the_review(root: Client, make_run: MakeRun) -> None:
    run = make_run(calls=1)
    before = dict(Run.objects.values().get())
    inline = {
        "calls-TOTAL_FORMS": 1,
        "calls-INITIAL_FORMS": 1,
        "calls-0-id": 1,
        "calls-0-run": run.pk,
        "calls-0-status": 500,
    }
    forged = {"review_note": "Seen.", "outcome": "failed", "identity_id": "forged", "role_arn": "forged", "user": 1}
    root.post(f"/admin/flows/run/{run.pk}/change/", {**inline, **forged})

    after = dict(Run.objects.values().get())
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"reviewed_at", "reviewed_by_id", "review_note"}
    assert ApiCall.objects.get().status == 200


def test_a_run_shows_its_calls_and_where_to_read_them(root: Client, make_run: MakeRun) -> None:
    run = make_run(calls=2)
    page = root.get(f"/admin/flows/run/{run.pk}/change/").content.decode()
    for call in run.calls.all():
        assert call.request_id in page
        assert f"/admin/flows/apicall/{call.pk}/change/" in page
    assert run.get_absolute_url() in page


def test_a_call_shows_its_json_laid_out_and_escaped(root: Client, make_run: MakeRun) -> None:
    call = ApiCall.objects.get(run=make_run(calls=1))
    ApiCall.objects.update(response_params={"IdentityId": "us-east-1:<script>"}, response_body="<b>")
    page = root.get(f"/admin/flows/apicall/{call.pk}/change/").content.decode()
    assert "{\n  &quot;IdentityId&quot;: &quot;us-east-1:&lt;script&gt;&quot;\n}" in page
    assert "&lt;b&gt;" in page


def test_nothing_that_is_sealed_has_a_page(root: Client) -> None:
    index = root.get("/admin/").content.decode()
    assert str(SealedValue._meta.model_name) not in index
    assert "session" not in index.lower().replace("sessionid", "")


def test_deleting_a_run_takes_what_the_vault_holds_of_it(root: Client, make_run: MakeRun) -> None:
    run = make_run()
    response = root.post(f"/admin/flows/run/{run.pk}/delete/", {"post": "yes"})
    assert response.status_code == 302
    assert not Run.objects.exists()
    assert not ApiCall.objects.exists()


def test_staff_that_may_only_look_sees_no_form(make_run: MakeRun, staff_viewer: User) -> None:
    run = make_run(calls=1)
    client = client_of(staff_viewer)
    page = client.get(f"/admin/flows/run/{run.pk}/change/").content.decode()
    assert 'name="review_note"' not in page
    assert 'name="_save"' not in page
    assert client.post(f"/admin/flows/run/{run.pk}/change/", {"review_note": "x"}).status_code == 403
    assert client.get("/admin/flows/apicall/").status_code == 200


def test_staff_without_a_permission_sees_no_runs(make_run: MakeRun) -> None:
    run = make_run()
    client = client_of(User.objects.create_user("sam", is_staff=True))
    for path in ("/admin/flows/run/", f"/admin/flows/run/{run.pk}/change/", "/admin/flows/apicall/"):
        assert client.get(path).status_code == 403


def test_an_account_that_is_no_staff_is_refused_and_not_sent_in_circles(db: None) -> None:
    client = client_of(User.objects.create_user("ana"))
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert len(response.redirect_chain) == 1


def test_strangers_come_through_the_sites_own_door(client: Client, admin_user: User) -> None:
    response = client.get("/admin/flows/run/", follow=True)
    assert "Identity Pools Lab" in response.content.decode()
    form = {"username": "root", "password": "correct horse battery", "next": "/admin/flows/run/"}
    assert client.post("/admin/login/", form)["Location"] == "/admin/flows/run/"


def test_the_site_names_itself_and_its_mode(root: Client) -> None:
    page = root.get("/admin/").content.decode()
    assert "Identity Pools Lab" in page
    assert "Sandbox · us-east-1" in page
    assert "Django administration" not in page


def test_no_admin_page_needs_an_inline_script(root: Client, make_run: MakeRun) -> None:
    run = make_run()
    for path in ("/admin/", "/admin/flows/run/", f"/admin/flows/run/{run.pk}/change/", "/admin/accounts/user/"):
        page = root.get(path).content.decode()
        scripts = [tag.partition(">")[0] for tag in page.split("<script")[1:]]
        assert all("src=" in script or "application/json" in script for script in scripts)
        assert " onclick=" not in page


def test_the_details_are_what_json_says(make_run: MakeRun) -> None:
    call = ApiCall.objects.get(run=make_run(calls=1))
    assert json.loads(json.dumps(call.details()))["operation"] == "GetId"
