"""One host name for the browser, whatever the request claims."""

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _places(settings: Settings, db: None) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]


@pytest.mark.parametrize("host", ["localhost:8000", "localhost", "evil.example", "a b", "[::1]:8000"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_another_name_is_sent_to_the_public_one(client: Client, method: str, host: str) -> None:
    response = getattr(client, method)("/runs/?outcome=refused", headers={"host": host})
    assert (response.status_code, response["Location"]) == (302, "http://127.0.0.1:8000/runs/?outcome=refused")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "127.0.0.1", "127.0.0.1:18000"])
def test_the_public_name_is_served_by_whichever_port(client: Client, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example"])
def test_the_redirect_never_leaves(client: Client, path: str) -> None:
    location = client.get(path, headers={"host": "localhost"})["Location"]
    assert location.startswith("http://127.0.0.1:8000/")


def test_a_post_is_not_redirected_since_its_body_would_be_lost(client: Client) -> None:
    assert client.post("/accounts/sign-in/", headers={"host": "localhost"}).status_code == 200


def test_a_post_by_an_unknown_name_is_refused_in_a_sentence(client: Client) -> None:
    response = client.post("/accounts/sign-in/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert response.content.decode() == (
        "This server does not answer for the host name in the request. Open http://127.0.0.1:8000 instead.\n"
    )
