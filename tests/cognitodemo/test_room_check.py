"""The room check: what the server says of a device, and what a browser then finds out."""

import re

from django.test import Client
from pytest_django import Settings

from sandbox.testing import RunningSandbox

PAGE = "/class/check/"


def states(page: str) -> dict[str, str]:
    return dict(re.findall(r'<li id="check-([a-z-]+)" data-state="(\w+)"', page))


def test_without_a_script_the_page_says_what_it_knows(
    client: Client, db: None, settings: Settings, sandbox: RunningSandbox
) -> None:
    settings.SANDBOX_CLI_URL = sandbox.url
    answer = client.get(PAGE)
    assert states(answer.content.decode()) == {
        "application": "ok",
        "stand-ins": "script",
        "cli": "script",
        "cookies": "script",
        "clock": "script",
        "proxy": "script",
    }
    assert f"curl {sandbox.url}/_sandbox/health" in answer.content.decode()
    policy = dict(each.split(" ", 1) for each in answer["Content-Security-Policy"].split("; "))
    assert set(policy["connect-src"].split()) >= {"'self'", sandbox.url}
    assert sandbox.url not in client.get("/join/")["Content-Security-Policy"]

    second = client.get(PAGE, {"again": "1"}, headers={"Via": "1.1 <squid>"}).content.decode()
    assert states(second)["cookies"] == "ok"
    assert states(second)["proxy"] == "warn"
    assert "1.1 &lt;squid&gt;" in second
    assert states(Client().get(PAGE, {"again": "1"}).content.decode())["cookies"] == "no"


def test_a_sandbox_that_does_not_answer_is_said_to(client: Client, db: None, settings: Settings) -> None:
    settings.APP_MODE, settings.AWS_ENDPOINT = "sandbox", "http://127.0.0.1:9"
    found = states(client.get(PAGE).content.decode())
    assert (found["stand-ins"], found["cli"]) == ("no", "no")
    settings.APP_MODE = "aws"
    answer = client.get(PAGE)
    assert set(states(answer.content.decode())) == {"application", "cookies", "clock", "proxy"}
    assert "connect-src 'self'" in answer["Content-Security-Policy"]


def test_the_echo_says_what_arrived(client: Client) -> None:
    said = client.get(f"{PAGE}echo/", {"n": "x" * 50}).json()
    assert (said["n"], said["cookie"], said["via"]) == ("x" * 40, False, "")
    assert client.get(f"{PAGE}echo/")["Cache-Control"].count("no-store") == 1
