"""Words are explained where they first stand on a page."""

import pytest
from django.test import Client

from flows.pages.words import explained
from lessons.glossary import GLOSSARY

pytestmark = pytest.mark.django_db


def test_a_word_is_explained_once_where_it_first_stands_in_running_text() -> None:
    html = '<h1>Role</h1><p class="crumb">Role</p><p>A <a href="#">role</a>, a role, a Role.</p><p>Roles</p>'
    found = explained(html)
    assert [word.name for word in found.words] == ["IAM role"]
    assert found.html == (
        '<h1>Role</h1><p class="crumb">Role</p><p>A <a href="#">role</a>, a '
        '<button type="button" class="word" popovertarget="word-iam-role">role</button>, a Role.</p><p>Roles</p>'
    )


def test_the_longer_word_counts() -> None:
    found = explained("<p>An OpenID token, and a session policy; a token-less one.</p>")
    assert [word.name for word in found.words] == ["OpenID token", "Session policy"]


@pytest.mark.parametrize(
    "text",
    [
        "<p>provider<code>role</code></p>",
        "<p>controller rolex STSs</p>",
        "<td>role</td>",
        "<p>arn:aws:iam::1:role/Mine sts.amazonaws.com guest@sts example.com/role token.json</p>",
    ],
)
def test_nothing_else_is_touched(text: str) -> None:
    assert [word.name for word in explained(text).words] in (["Provider"], [])
    assert "popovertarget" not in explained(text.replace("provider", "")).html


@pytest.mark.parametrize(
    "text", ["arn:aws:iam::0:role/Guest", "https://token.example.org/role", "policy=x", "a@role.org"]
)
def test_what_is_a_part_of_a_name_is_no_word(text: str) -> None:
    assert explained(f"<p>{text}</p>").words == ()
    assert [word.name for word in explained(f"<p>{text} and its role: that one.</p>").words] == ["IAM role"]


def test_each_word_of_a_page_has_its_note_and_a_place_in_the_list(client: Client) -> None:
    page = client.get("/learn/flows/").content.decode()
    targets = [part.partition('"')[0] for part in page.split('popovertarget="')[1:]]
    assert len(targets) == len(set(targets)) >= 3
    for target in targets:
        assert f'id="{target}" popover' in page
    words = client.get("/learn/words/").content.decode()
    for word in GLOSSARY:
        assert f'id="{word.slug}"' in words
