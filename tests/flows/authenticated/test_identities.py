"""The table of one's identities says why an ID is another one than before."""

import re
from html import unescape

import pytest

from providers.registry import PROVIDERS
from tests.flows.authenticated.person import Person


def rows(person: Person) -> dict[str, str]:
    """End of an identity ID -> the text of its row, the latest first."""
    page = person.get("/identities/").content.decode()
    found = {}
    for part in page.split('<tr role="row" id="i-')[1:]:
        text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", part.partition(">")[2].partition("</tr>")[0])))
        found[part.partition('"')[0][-12:]] = text.strip()
    return found


def end(identity_id: str) -> str:
    return identity_id[-12:]


def test_each_guest_is_another_one_and_a_login_has_its_own(ana: Person) -> None:
    for _ in range(2):
        ana.post("/runs/", access="guest", flow="enhanced", provider="guest", pool="lab", pace="all")
    second = ana.latest
    first_of_two = ana.run("google")
    again = ana.run("google", "basic")
    found = rows(ana)
    assert list(found) == [end(again.identity_id), end(second.identity_id), *list(found)[2:]]
    assert len(found) == 3
    assert "A guest who brings no identity ID is a new one each time" in found[end(second.identity_id)]
    assert "The guest’s identity ID was not sent along" in found[end(again.identity_id)]
    assert f"{first_of_two.short_code} to {again.short_code}" in found[end(again.identity_id)]
    assert "Google" in found[end(again.identity_id)]
    assert "LabAuthenticated" in found[end(again.identity_id)]


@pytest.mark.slow
@pytest.mark.parametrize(
    # The older of them is kept, whichever the other is linked from. The sandbox keeps what is linked: logins of one
    # whose logins no other test links.
    ("providers", "from_the_older"),
    [(("facebook", "apple"), False), (("amazon", "oidc"), True)],
)
def test_what_was_merged_says_into_which(ana: Person, providers: tuple[str, str], from_the_older: bool) -> None:
    target, source = (ana.run(provider, who="elif") for provider in providers)
    if from_the_older:
        target, source = source, target
    linked = ana.press(source, "link", to=target.code)
    assert linked.outcome == "succeeded"
    assert "LabAuthenticated" in rows(ana)[end(linked.identity_id)]
    found = rows(ana)
    gone = ({end(target.identity_id), end(source.identity_id)} - {end(linked.identity_id)}).pop()
    assert f"merged into …{end(linked.identity_id)}" in found[gone]
    drawing = ana.get("/identities/").content.decode().partition("<svg\n")[2].partition("</svg>")[0]
    assert f"…{end(gone)}, " in drawing
    assert f"merged into …{end(linked.identity_id)}." in drawing
    assert drawing.count('class="lane-arrow"') == 1
    for provider in providers:
        assert PROVIDERS[provider].label in found[end(linked.identity_id)]


def test_nobody_sees_those_of_others(ana: Person) -> None:
    ana.post("/runs/", access="guest", flow="enhanced", provider="guest", pool="lab", pace="all")
    other = Person(ana.port)
    assert rows(other) == {}
    assert "None of your runs has an identity yet" in other.get("/identities/").content.decode()
