"""What travels compressed and what is kept: pages without credentials, and files under names with a digest."""

import gzip
import re

import pytest
from django.test import Client
from django.urls import resolve
from django.urls.exceptions import Resolver404

from accounts.models import User
from cognitodemo.middleware import CompressMiddleware
from cognitodemo.static_files import static_file
from sandbox.testing import RunningSandbox
from tests.training.rows import a_class, learners_of
from training.models import HelpRequest
from training.services import codes

ASKS = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("path", ["/", "/demo/", "/runs/", "/sign-ins/", "/learn/api/GetId/"])
def test_a_page_travels_compressed_for_whoever_takes_that(client: Client, db: None, path: str) -> None:
    plain, packed = client.get(path), client.get(path, headers=ASKS)
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < 0.5 * len(plain.content)
    assert gzip.decompress(packed.content).decode().strip().endswith("</html>")
    assert not plain.has_header("Content-Encoding")


@pytest.mark.parametrize("path", ["/mailbox/", "/accounts/sign-in/", "/class/", "/admin/login/"])
def test_a_page_that_may_carry_a_code_or_a_credential_does_not(client: Client, db: None, path: str) -> None:
    assert not client.get(path, headers=ASKS, follow=True).has_header("Content-Encoding")


def test_no_answer_to_a_post_does(client: Client, db: None) -> None:
    answer = client.post("/demo/", {}, headers=ASKS)
    assert not answer.has_header("Content-Encoding")


def test_pages_of_accounts_seats_and_sign_ins_are_not_among_what_is_compressed() -> None:
    middleware = CompressMiddleware(lambda request: None)  # type: ignore[arg-type]
    for path in (
        "/class/account/",
        "/class/me/",
        "/join/",
        "/sign-in/code/",
        "/saml/acs/",
        "/admin/accounts/user/1/change/",
    ):
        try:
            match = resolve(path)
        except Resolver404:
            continue
        request = type("Request", (), {"resolver_match": match, "method": "GET"})()
        response = type("Response", (dict,), {"status_code": 200})({"Content-Type": "text/html"})
        assert not middleware._may_compress(request, response), path


def test_pages_name_files_by_their_digest_and_browsers_keep_those(client: Client, db: None) -> None:
    page = client.get("/").content.decode()
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert addresses
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", address), address
    answer = client.get(next(address for address in addresses if "/base." in address), headers=ASKS)
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    file = static_file("css/base.css")
    assert file
    assert gzip.decompress(answer.content) == file.content


def test_an_address_of_an_earlier_version_is_answered_and_not_kept(client: Client) -> None:
    answer = client.get("/static/css/base.000000000000.css")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-cache")
    assert client.get("/static/css/nothing.000000000000.css").status_code == 404
    assert client.get("/static/../manage.000000000000.py").status_code in (400, 404)


def test_the_first_visit_to_a_page_is_small(client: Client, admin_user: User) -> None:
    """At most 60 KB with all files it brings along, as they travel."""
    client.force_login(admin_user)
    for path in ("/", "/demo/", "/runs/", "/learn/flows/", "/accounts/password/"):
        total = _first_visit(client, path)
        assert total <= 60 * 1024, (path, total)


def test_the_first_visit_to_a_full_board_is_small(client: Client, db: None) -> None:
    trainer = User.objects.create_user("tora", is_staff=True)
    cohort = a_class(trainer, learners=24, exercises=9)
    HelpRequest.objects.create(membership=learners_of(cohort)[0], text="Which pool? " * 20)
    client.force_login(trainer)
    board = f"{cohort.get_absolute_url()}board/"
    assert _first_visit(client, board) <= 60 * 1024
    assert codes.join_code(cohort) not in client.get(board).content.decode(), "what is compressed has no code"


@pytest.mark.slow
def test_pages_of_a_full_class_say_once_what_they_repeat(client: Client, db: None) -> None:
    """In bytes before they are compressed, which is what a browser has to read and keep."""
    trainer = User.objects.create_user("tora", is_staff=True)
    cohort = a_class(trainer, learners=60, exercises=10)
    client.force_login(trainer)
    for path, most in (("", 60_000), ("report/", 75_000), ("board/", 160_000)):
        page = client.get(f"{cohort.get_absolute_url()}{path}")
        assert b"Blue Heron 60" in page.content
        assert len(page.content) < most, path


@pytest.mark.slow
def test_the_first_visit_to_an_exercise_is_small(sandbox: RunningSandbox, transactional_db: None) -> None:
    browser, page = Client(), "/exercises/guest-in-two-calls/"
    browser.get(page)
    browser.post(f"{page}begin/")
    assert "Check my work" in browser.get(page).content.decode()
    for _ in range(3):
        browser.post(f"{page}hint/")
    browser.post(f"{page}check/")
    assert _first_visit(browser, page) <= 60 * 1024


def _first_visit(client: Client, path: str) -> int:
    """What a page and all files that it brings along weigh, as they travel."""
    answer, page = client.get(path, headers=ASKS), client.get(path).content.decode()
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    return len(answer.content) + sum(len(client.get(file, headers=ASKS).content) for file in files)
