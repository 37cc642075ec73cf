"""What every answer tells browsers and caches."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from web.brought_files import BODIES

PAGES = ["/", "/runs/", "/demo/", "/learn/flows/", "/accounts/sign-in/", "/accounts/sign-up/", "/admin/login/"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_headers_that_protect_it(client: Client, db: None, path: str) -> None:
    response = client.get(path)
    policy = response["Content-Security-Policy"]

    assert response.status_code == 200
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src" not in policy  # default-src says it
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert "private" in response["Cache-Control"]
    assert {"Cookie", "HX-Request"} <= set(response["Vary"].split(", "))


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_script_or_a_style_of_its_own(client: Client, db: None, path: str) -> None:
    page = client.get(path).content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert all("src=" in tag.partition(">")[0] for tag in page.split("<script")[1:])


@pytest.mark.parametrize("path", ["/accounts/sign-in/", "/accounts/sign-up/"])
def test_password_pages_are_not_stored(client: Client, db: None, path: str) -> None:
    assert "no-store" in client.get(path)["Cache-Control"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: Client, db: None) -> None:
    cookies = client.get("/accounts/sign-in/").cookies
    assert set(cookies) == {"lab_visitor", "lab_csrf"}
    for cookie in cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_too_large_a_body_is_refused_before_it_is_read(client: Client, db: None, settings: Settings) -> None:
    path, kind = "/accounts/sign-in/", "application/octet-stream"
    assert client.post(path, b"x" * (settings.MAX_BODY_BYTES + 1), content_type=kind).status_code == 413
    assert client.post(path, b"", content_type=kind, headers={"Content-Length": "-5"}).status_code == 413


def test_the_pages_that_take_a_file_are_those_that_say_how_large(client: Client, db: None) -> None:
    trainer = User.objects.create_user("kim")
    trainer.groups.add(Group.objects.get(name="Trainers"))
    assert set(BODIES) == {reverse("flows:run_open"), reverse("training:import")}
    client.force_login(trainer)
    for path, largest in BODIES.items():
        page = client.get(path).content.decode()
        assert f"Up to {largest // 1024 // 1024} MB." in page
        assert f'data-largest="{largest // 1024 // 1024 * 1024 * 1024}"' in page
        assert client.post(path, b"x" * (largest + 1), content_type="application/octet-stream").status_code == 413


def test_a_form_has_a_smaller_limit(client: Client, db: None, settings: Settings) -> None:
    settings.DEBUG = False
    assert client.post("/accounts/sign-in/", {"username": "x" * 300_000}).status_code == 400


@pytest.mark.parametrize("path", PAGES[:-1])
def test_every_page_says_what_it_is_about(client: Client, db: None, path: str) -> None:
    assert client.get(path).content.decode().count('<meta name="description" content="') == 1
