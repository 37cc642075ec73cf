"""What a page says of itself to those who list it: a sentence or two about this page, and about no other."""

import html
import re

from django.test import Client

PUBLIC = (
    *("/", "/demo/?access=guest", "/demo/?access=guest&flow=basic", "/demo/?access=authenticated"),
    *("/learn/flows/", "/learn/which-flow/", "/learn/providers/", "/learn/sdks/", "/learn/words/", "/learn/errors/"),
    *("/learn/api/GetId/", "/learn/api/AssumeRoleWithWebIdentity/", "/learn/errors/assume-role-denied/"),
    *("/learn/errors/guest-access-off/", "/pools/", "/pools/lab/", "/send/", "/open/", "/compare/", "/runs/"),
    *("/identities/", "/sign-ins/", "/accounts/sign-in/", "/accounts/sign-up/", "/join/", "/join/back/"),
    *("/exercises/", "/exercises/ready/", "/exercises/two-doors/", "/certificates/"),
)
_DESCRIPTION = re.compile(r'<meta\s+name="description"\s+content="([^"]*)"')


def description(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    (found,) = _DESCRIPTION.findall(answer.content.decode())
    return " ".join(html.unescape(found).split())


def test_each_public_page_describes_itself_and_no_other(client: Client, db: None) -> None:
    said = {path: description(client, path) for path in PUBLIC}
    twice = {text for text in said.values() if list(said.values()).count(text) > 1}
    assert not twice
    wrong = {
        path: text for path, text in said.items() if not 60 <= len(text) <= 300 or not text.endswith((".", "…", "?"))
    }
    assert not wrong
