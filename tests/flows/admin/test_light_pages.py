"""Pages of the admin site load no more than they need, and say in their titles what they are."""

import re

import pytest

from accounts.models import User
from flows.models import Origin
from tests.flows.admin.conftest import MakeRun, client_of

LISTS = {
    "flows/run/": "Runs",
    "flows/apicall/": "API calls",
    "providers/signin/": "Sign-ins",
    "training/cohort/": "Cohorts",
    "accounts/user/": "Users",
    "auth/group/": "Groups",
}


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_called_by_what_it_lists(admin_user: User, path: str) -> None:
    page = client_of(admin_user).get(f"/admin/{path}").content.decode()
    title = re.sub(r"\s+", " ", page.partition("<title>")[2].partition("</title>")[0]).strip()
    assert title.endswith("| Identity Pools Lab")
    assert not re.search("select|to change|to view", title, re.IGNORECASE)
    assert f"<h1>{title.partition(' | ')[0]}</h1>" in page


@pytest.mark.parametrize("path", [*LISTS, "accounts/user/add/", "auth/group/add/"])
def test_no_page_loads_jquery_or_what_needs_it(admin_user: User, path: str) -> None:
    page = client_of(admin_user).get(f"/admin/{path}").content.decode()
    assert not re.search(r"jquery|xregexp|prepopulate|urlify|select2|SelectFilter|RelatedObjectLookups", page)


def test_the_calls_of_a_run_are_a_table_to_read(admin_user: User, make_run: MakeRun) -> None:
    run = make_run(calls=2)
    page = client_of(admin_user).get(f"/admin/flows/run/{run.pk}/change/").content.decode()
    assert len(re.findall(r'<th scope="row"[^>]*>\s*<a href="/admin/flows/apicall/', page)) == 2
    assert not re.search(r"<th[^>]*>\s*</th>|inlines\.[0-9a-f]+\.js|jquery", page)


def test_a_probes_credentials_expire_for_nobody(make_run: MakeRun, admin_user: User) -> None:
    run = make_run(origin=Origin.PROBE, access_key_id="ASIAEXAMPLE", user=admin_user, credentials_expire_at=None)
    run.credentials_expire_at = run.created_at
    run.save()
    client = client_of(admin_user)
    for view in ("", "credentials/"):
        page = client.get(f"{run.get_absolute_url()}{view}").content.decode()
        assert "not kept" in page
        assert not re.search(r"<dt>\s*Expire|Valid until|data-relative", page)


def test_what_is_to_be_deleted_stands_in_the_title(admin_user: User, make_run: MakeRun) -> None:
    run = make_run()
    page = client_of(admin_user).get(f"/admin/flows/run/{run.pk}/delete/").content.decode()
    assert f"<title>{run} | Delete | Identity Pools Lab</title>" in re.sub(r"\s*\n\s*", "", page)
