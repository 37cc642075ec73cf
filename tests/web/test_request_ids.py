"""The number of a request, where it is answered, logged and reported."""

import json
import logging
import re

import pytest
from django.test import Client
from pytest_django import Settings

from web import request_ids
from web.logs import JsonFormatter, PlainFormatter

RECORD = logging.LogRecord("lab", logging.INFO, "", 0, "something happened", None, None)
PLAIN = PlainFormatter("{message}", style="{")


@pytest.mark.django_db
def test_each_answer_has_its_own(client: Client) -> None:
    first, second = (client.get("/", headers={"x-request-id": "mine"})["X-Request-ID"] for _ in range(2))
    assert re.fullmatch(r"[0-9a-f]{16}", first)
    assert re.fullmatch(r"[0-9a-f]{16}", second)
    assert first != second


def test_log_lines_of_a_request_have_it_and_others_do_not() -> None:
    assert "request" not in json.loads(JsonFormatter().format(RECORD))
    assert PLAIN.format(RECORD) == "something happened"
    token = request_ids.begin()
    number = request_ids.current()
    assert json.loads(JsonFormatter().format(RECORD))["request"] == number
    assert PLAIN.format(RECORD) == f"something happened [{number}]"
    request_ids.end(token)
    assert request_ids.current() == ""


@pytest.mark.django_db
def test_the_page_about_an_unexpected_error_shows_it(client: Client, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.web.broken_urls"
    client.raise_request_exception = False
    answer = client.get("/broken/")
    assert answer.status_code == 500
    assert f"<code>{answer['X-Request-ID']}</code>" in answer.content.decode()
