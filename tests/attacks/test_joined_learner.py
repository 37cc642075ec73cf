"""What somebody who has joined a class tries at it: with codes they have seen, texts that are no texts, and patience.
What haste does is in test_haste.py.

That nobody reaches another's things by an address or a form is in test_across_a_class.py, and by keys in
tests/sandbox/controls/test_isolation.py.
"""

import json
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.owners import Owner
from flows.exchange.clients import client_for
from flows.exchange.pools import pool_for
from flows.exchange.sandbox_requests import administrators_key
from flows.models import Run
from flows.services import run_all, run_open
from sandbox.testing import RunningSandbox
from tests.training.rows import client_of, learners_of
from training.models import Attempt, Cohort, Membership, ReturnRequest, SandboxAccount
from training.services import classes, cli_calls, codes, joining, sandbox_accounts
from training.services.attempts import attempt_begin, entry_for, place_of
from training.services.errors import Refused

SLUG = "guest-in-two-calls"


@pytest.fixture
def trainer() -> User:
    cache.clear()
    return User.objects.create_user("tora", is_staff=True)


@pytest.fixture
def cohort(trainer: User) -> Cohort:
    return classes.cohort_make(trainer=trainer, name="Oslo", seats=6, exercises=[SLUG], seed_soon=False)


def enter(text: str) -> Client:
    """A browser in which somebody has typed a personal code."""
    browser = Client()
    browser.post("/join/", {"code": text})
    return browser


# --- A code that somebody has seen ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_new_return_code_puts_out_whoever_came_in_by_the_old_one(
    trainer: User, cohort: Cohort, sandbox: RunningSandbox
) -> None:
    name = joining.join(cohort, ["Vic"])
    seen = codes.return_code(name)
    thief, vic = enter(seen), enter(seen)
    assert codes.return_code(name) in thief.get("/class/me/").content.decode()
    answer = client_of(trainer).post(f"{cohort.get_absolute_url()}names/{name.pk}/code/")
    name.refresh_from_db()
    new = codes.return_code(name)
    assert new in answer.content.decode()
    for browser in (thief, vic, enter(seen)):
        answer = browser.get("/class/me/")
        assert answer.status_code == 302, "it would read the new code there"
        assert browser.get("/class/me/export.json").status_code in (302, 404)
    assert "Vic" in enter(new).get("/class/me/").content.decode()


@pytest.mark.django_db
def test_whoever_was_taken_out_of_the_class_is_out(trainer: User, cohort: Cohort, sandbox: RunningSandbox) -> None:
    name = joining.join(cohort, ["Eve"])
    code, eve = codes.return_code(name), enter(codes.return_code(name))
    assert eve.get("/class/me/").status_code == 200
    client_of(trainer).post(f"{cohort.get_absolute_url()}learners/{name.membership_id}/remove/")
    assert eve.get("/class/me/").status_code == 302
    assert eve.get(f"{cohort.get_absolute_url()}news/", headers={"HX-Request": "true"}).content == b""
    assert enter(code).get("/class/me/").status_code == 302


@pytest.mark.django_db
def test_a_seats_account_is_entered_by_its_code_alone_and_becomes_nothing_more(cohort: Cohort) -> None:
    member = joining.join(cohort, ["Eve"]).membership
    eve, user = client_of(member.user), member.user
    for password in ("", user.password, "!"):
        form = {"username": user.username, "password": password}
        assert Client().post("/accounts/sign-in/", form).status_code in (200, 400, 429)
    new = {"old_password": "", "new_password1": "correct horse battery", "new_password2": "correct horse battery"}
    eve.post("/accounts/password/", new)
    user.refresh_from_db()
    assert not user.has_usable_password()
    for path in ("/class/new/", "/class/import/", "/admin/"):
        assert eve.get(path).status_code in (302, 403, 404), path
    assert cohort.public_id not in eve.get("/class/all/").content.decode()
    for path in ("/class/new/", "/class/import/"):
        assert eve.post(path, {"name": "Mine", "seats": "3"}).status_code in (302, 403, 404)
    assert Cohort.objects.count() == 1
    with pytest.raises(Refused):
        classes.staff_add(cohort, user.username, "trainer")  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "\t//evil.test"]
)
def test_a_form_leads_to_no_other_site(cohort: Cohort, page: str) -> None:
    member = joining.join(cohort, ["Eve"]).membership
    answer = client_of(member.user).post(f"{cohort.get_absolute_url()}help/", {"text": "x", "next": page})
    assert answer["Location"] == cohort.get_absolute_url()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["\u3164", "Ana\u2800", "a" + "\u0301" * 30, "\u202eanA", "Ana\u200b", "A\u0000", "\ud800", "\U000e0041", " "],
)
def test_nobody_is_called_by_what_cannot_be_seen(cohort: Cohort, name: str) -> None:
    with pytest.raises(Refused):
        joining.join(cohort, [name])


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh", "สมชาย", "अनिल", "Zoë 👩🏽‍💻"[:5], "محمد", "Ana-Lena (B.)", "李雷"])
def test_people_of_all_scripts_have_names(cohort: Cohort, name: str) -> None:
    assert joining.join(cohort, [name]).name == name


# --- Texts that are no texts ------------------------------------------------------------------------------------------

_MARK = "zqx"
EVIL = f"""'"></title></textarea><{_MARK} onload=1>{{{{7*7}}}}{{% 7 %}}"""


class _Tags(HTMLParser):
    """Whether a page has an element or an attribute of the mark's."""

    found = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [tag, *(name for name, _ in attrs)]
        self.found = self.found or any(_MARK in name or name == "onload" for name in names)


def _breaks_out(page: str) -> bool:
    parser = _Tags()
    parser.feed(page)
    return parser.found or "49{" in page


@pytest.mark.slow
@pytest.mark.django_db
def test_nothing_that_a_learner_writes_is_more_than_text_to_the_trainer(
    trainer: User, cohort: Cohort, sandbox: RunningSandbox
) -> None:
    root = User.objects.create_superuser("root")
    cohort.names_on_projector = True
    cohort.save()
    member = joining.join(cohort, [EVIL[:60], f"<{_MARK}>"]).membership
    owner = Owner(member.user_id, uuid4())
    account = sandbox_accounts.make_ready(sandbox_accounts.account_of_seat(member))
    attempt = _begin(owner)
    pool = _write_into_account(account)
    parameters = {"RoleArn": f"arn:aws:iam::000000000000:role/{EVIL}", "RoleSessionName": EVIL}
    run = run_open(
        owner=owner, access="guest", flow="basic", provider="guest", pool=pool_for(owner, SLUG), parameters=parameters
    )
    run_all(run=run)
    [*_] = cli_calls.fetch(SandboxAccount.objects.get(pk=account.pk))
    client_of(member.user).post(f"{cohort.get_absolute_url()}help/", {"text": EVIL, "run": run.code})
    Attempt.objects.filter(pk=attempt.pk).update(last_refusal=EVIL, last_refusal_code=_MARK)

    place = cohort.get_absolute_url()
    pages = [place, *(f"{place}{one}/" for one in ("board", "progress", "projector", "report", "certificates"))]
    pages += [f"{place}seats/{member.pk}/", f"{place}report/?refusals=on&times=on", "/runs/?scope=everybody"]
    tabs = ("", "roles/", "who/", "people/", "logins/", "mapping/", "tags/", "identities/", "changes/")
    for key in (SLUG, pool.partition(":")[2]):
        pages += [f"/pools/{key}/{tab}?account={account.account_id}" for tab in tabs]
    for one in Run.objects.filter(user=member.user):
        pages += [f"{one.get_absolute_url()}{view}" for view in ("", "calls/", "why/", "tokens/", "json/", "present/")]
        pages.append(f"/admin/flows/run/{one.pk}/change/")
    pages += ["/admin/flows/run/", "/admin/flows/apicall/", f"/admin/accounts/user/{member.user_id}/change/"]
    browser, seen = client_of(root), 0
    Membership.objects.create(cohort=cohort, user=root, role="trainer", display_name=EVIL)
    for page in pages:
        answer = browser.get(page, follow=True)
        text = answer.content.decode()
        seen += _MARK in text
        assert answer.status_code in (200, 404), page
        assert not _breaks_out(text), page
    assert seen > 12, "the texts are shown, and as texts"


def _begin(owner: Owner) -> Attempt:
    place = place_of(owner)
    entry = entry_for(place, SLUG)
    assert entry is not None
    return attempt_begin(place=place, entry=entry)


def _write_into_account(account: SandboxAccount) -> str:
    """Everything by which an account can be named, so far as its services take it; the ID of a pool."""
    key = administrators_key(account.account_id)
    identity, idp, s3 = (client_for(one, "us-east-1", key, "") for one in ("cognito-identity", "cognito-idp", "s3"))
    iam = client_for("iam", "us-east-1", key, "")
    named = identity.create_identity_pool(
        IdentityPoolName=f"{_MARK} onload", AllowUnauthenticatedIdentities=True, DeveloperProviderName=f"{_MARK}-login"
    )["IdentityPoolId"]
    condition = {"StringLike": {"aws:username": EVIL}}
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.list_roles()["Roles"][0]["RoleName"]
    iam.put_role_policy(RoleName=role, PolicyName=_MARK, PolicyDocument=document)
    users = idp.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    attributes = [{"Name": "name", "Value": EVIL}, {"Name": "email", "Value": f"{_MARK}@example.test"}]
    idp.admin_create_user(UserPoolId=users, Username=f"{_MARK}<b>", UserAttributes=attributes, MessageAction="SUPPRESS")
    idp.create_group(UserPoolId=users, GroupName=f"{_MARK}<b>", Description=EVIL)
    s3.create_bucket(Bucket=f"{_MARK}-bucket")
    s3.put_object(Bucket=f"{_MARK}-bucket", Key=EVIL, Body=EVIL.encode(), ContentType="text/html")
    return str(named)


# --- Floods -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_browser_that_guesses_codes_is_held_up_and_the_room_is_not(cohort: Cohort, one_window: None) -> None:
    name = joining.join(cohort, ["Vic"])
    eve = Client()
    answers = [eve.post("/join/", {"code": f"ABCD-EFGH-{number:02}"}).status_code for number in range(30)]
    assert answers[-1] == 429
    assert answers.count(429) >= 9
    assert enter(codes.return_code(name)).session.get("_auth_user_id") == str(name.membership.user_id)


@pytest.mark.django_db
def test_browsers_that_claim_a_name_are_so_many(cohort: Cohort) -> None:
    joining.join(cohort, ["Vic"])
    for _ in range(60):
        Client().post(f"/join/{codes.join_code(cohort)}/again/", {"name": "Vic"})
    assert ReturnRequest.objects.count() <= 10


@pytest.mark.django_db
def test_one_browser_takes_one_seat_however_often_it_joins(cohort: Cohort, sandbox: RunningSandbox) -> None:
    eve, address = Client(), f"/join/{codes.join_code(cohort)}/"
    for number in range(5):
        eve.post(address, {"name": f"Eve {number}"})
    assert [member.display_name for member in learners_of(cohort)] == ["Eve 0"]


# --- Pages that ask for news ------------------------------------------------------------------------------------------

TOKENS = ["9" * 5000, "1.2.3", "1.x.y", "1.9" + "9" * 400 + ".a", "\u0663.1.a", "-1.0.a", "1.1.1.1.1.1.1"]
TOKENS += ["1.a.b.c.d-e.f.g", f"{'9' * 18}.0.a", "<script>", "%00", "1e9.1e9.1e9", "." * 60]


@pytest.mark.django_db
@pytest.mark.parametrize("token", TOKENS)
def test_no_token_that_nobody_was_given_upsets_a_page_that_asks(trainer: User, cohort: Cohort, token: str) -> None:
    member = joining.join(cohort, ["Eve"]).membership
    eve, tora, place = client_of(member.user), client_of(trainer), cohort.get_absolute_url()
    asked = {"since": token}
    assert eve.get(f"{place}board/changes/", asked).status_code == 404
    assert tora.get(f"{place}board/changes/", asked).status_code in (200, 204, 404)
    for browser in (eve, tora, Client()):
        for page in ("news/", "projector/", "progress/"):
            assert browser.get(f"{place}{page}", asked).status_code in (200, 204, 302, 404)
