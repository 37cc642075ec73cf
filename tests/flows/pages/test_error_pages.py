"""The pages about errors."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from flows.models import Run
from flows.services import run_all
from lessons.errors import ERRORS
from tests.flows.history.conftest import OTHER_VISITOR, browser

_ROLE = "arn:aws:iam::000000000000:role/{}"


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("</main>")[0]))


@pytest.mark.parametrize(
    ("pool", "parameters", "slug", "cause"),
    [
        ("no-guests", {}, "guest-access-off", "Guest access is off at the pool."),
        ("no-classic", {}, "classic-flow-off", "AllowClassicFlow is false at the pool."),
        ("", {"RoleArn": _ROLE.format("LabAuthenticated")}, "assume-role-denied", "The condition on amr asks for"),
        ("", {"RoleArn": _ROLE.format("LabNoClassicGuest")}, "assume-role-denied", "The condition on aud names"),
        ("", {"RoleArn": _ROLE.format("Nobodys")}, "assume-role-denied", "There is no such role"),
        ("", {"DurationSeconds": "40000"}, "session-too-long", "DurationSeconds is above the role’s maximum"),
    ],
)
def test_the_cause_that_a_run_shows_comes_first(
    open_run: Callable[..., Run], pool: str, parameters: dict[str, str], slug: str, cause: str
) -> None:
    run = run_all(run=open_run("basic", pool=pool, **parameters))
    owner = browser(run.owner.visitor)
    why = owner.get(f"{run.get_absolute_url()}why/").content.decode()
    (link,) = set(re.findall(r'href="(/learn/errors/[^"]+)"', why))
    assert link.startswith(f"/learn/errors/{slug}/")
    assert text(why).count("To do") == 1
    shown = text(owner.get(link.replace("&amp;", "&")).content.decode())
    assert "this is it" in shown
    first = re.split(r"this is it|possible|ruled out", shown)[1]
    assert first.strip().startswith(cause)
    assert browser(OTHER_VISITOR).get(link.replace("&amp;", "&")).status_code == 404


def test_each_error_has_a_page(db: None) -> None:
    client = Client()
    every = client.get("/learn/errors/").content.decode()
    for lesson in ERRORS:
        path = f"/learn/errors/{lesson.slug}/"
        assert path in every
        page = text(client.get(path).content.decode())
        assert all(cause.fix.split(".")[0] in page.replace("&quot;", '"') for cause in lesson.causes)
        assert "this is it" not in page
    assert client.get("/learn/errors/nothing/").status_code == 404


def test_a_pasted_text_is_looked_at_and_given_back_nowhere(db: None) -> None:
    client = Client()
    pasted = "(NotAuthorizedException) Logins don't match. Please include; Bearer my-secret-token"
    page = client.post("/learn/errors/", {"text": pasted}).content.decode()
    assert "It is this one" in page
    assert "my-secret-token" not in page
    assert "None that is known here" in client.post("/learn/errors/", {"text": "boo"}).content.decode()
    assert "It can be one of" in client.post("/learn/errors/", {"text": "InvalidIdentityToken"}).content.decode()
    assert client.post("/learn/errors/", {"text": " "}).status_code == 422
    assert client.post("/learn/errors/", {"text": "x" * 20_001}).status_code == 422


def test_a_call_of_another_error_ranks_nothing(open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run("basic", pool="no-classic"))
    page = browser(run.owner.visitor).get("/learn/errors/guest-access-off/", {"run": run.code, "call": "2"})
    assert "Ranked by" not in page.content.decode()
