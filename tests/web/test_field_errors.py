"""What is wrong with a field is said at the field, wherever a form comes back."""

from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts.models import User
from flows.models import Run

pytestmark = pytest.mark.django_db

_LONG = "x" * 3000
_GUEST = {"access": "guest", "flow": "basic", "provider": "guest", "pool": "lab", "pace": "all"}
_FORMS: list[tuple[str, dict[str, str], str]] = [
    ("/accounts/sign-up/", {"username": "a", "password1": "x", "password2": "y"}, "password2"),
    ("/accounts/sign-up/", {"username": "", "password1": "a-long-phrase", "password2": "a-long-phrase"}, "username"),
    ("/accounts/password/", {"old_password": "no", "new_password1": "x", "new_password2": "x"}, "old_password"),
    ("/learn/errors/", {"text": ""}, "text"),
    ("/join/", {"code": ""}, "code"),
    ("/certificates/", {"text": ""}, "text"),
    ("/class/import/", {"other": "x"}, "file"),
    ("/class/new/", {"name": ""}, "name"),
    ("/runs/", {**_GUEST, "RoleArn": _LONG}, "RoleArn"),
    ("/send/", {"service": "cognito-identity", "operation": "GetId", "p-Logins": "{"}, "p-Logins"),
    ("/send/", {"service": "s3", "operation": "ListObjectsV2", "p-MaxKeys": "many"}, "p-MaxKeys"),
    ("/runs/CODE/advance/", {"AccountId": _LONG, "position": "0"}, "AccountId"),
]


class Page(HTMLParser):
    """The form's controls by name, the texts of elements with an ID, and where links within the page lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.controls: dict[str, dict[str, str | None]] = {}
        self.texts: dict[str, str] = {}
        self.links: set[str] = set()
        self.title = ""
        self._open: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden":
            self.controls[str(found.get("name"))] = found
        if tag == "a" and str(found.get("href", "")).startswith("#"):
            self.links.add(str(found["href"])[1:])
        if tag not in ("input", "br", "img", "meta", "link", "hr", "wbr", "path", "rect", "circle", "line"):
            self._open.append((tag, str(found.get("id") or "")))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag, name in self._open:
            if name:
                self.texts[name] = self.texts.get(name, "") + data
            self.title += data if tag == "title" else ""


@pytest.mark.parametrize(("path", "data", "field"), _FORMS)
def test_an_error_stands_at_its_field_and_the_summary_leads_there(
    client: Client, path: str, data: dict[str, str], field: str
) -> None:
    if path.startswith(("/class/", "/accounts/password")):
        client.force_login(User.objects.create_user("trainer", password="correct horse battery", is_staff=True))
    if "CODE" in path:
        client.post("/runs/", {**_GUEST, "pace": "step"})
        path = path.replace("CODE", Run.objects.get().code)
    answer = client.post(path, data)
    page = Page(answer.content.decode())
    control = page.controls[field]
    assert control.get("aria-invalid") == "true"
    said = [page.texts.get(name, "").strip() for name in str(control.get("aria-describedby")).split()]
    assert all(said), f"something is named that is not there: {control}"
    assert control["id"] in page.links
    assert answer.status_code in (200, 400, 422)
    assert page.title.strip().startswith("Error:") or "/runs/" in path
