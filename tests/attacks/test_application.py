"""Attacks on the site: forged forms, forged addresses, guesses, and what is left lying about."""

import logging
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.owners import Owner
from flows.models import Run
from providers.models import SignIn
from sandbox.testing import RunningSandbox
from vault import services as vault
from vault.models import SealedValue
from web.logs import PlainFormatter

PASSWORD = "correct horse battery"
FOREIGN_FORMS_WELCOME = {"/saml/acs/"}  # an identity provider posts there; it reads no cookie
EVIL = "\"'><script>alert(1)</script>{{7*7}}<img src=x onerror=alert(2)>"


def addresses(resolver: URLResolver | None = None, prefix: str = "/") -> list[str]:
    """Every address of the site, with something in the place of each parameter."""
    found: list[str] = []
    for pattern in (resolver or get_resolver()).url_patterns:
        route = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += addresses(pattern, prefix + route)
        elif isinstance(pattern, URLPattern):
            plain = re.sub(r"\^|\$|\(\?P<\w+>\.\*\)|\(\?P<\w+>[^)]*\)", "", prefix + route)
            found.append(re.sub(r"<(\w+:)?(\w+)>", _example, plain))
    return found


def _example(match: re.Match[str]) -> str:
    return {"int:": "1", "path:": "x/"}.get(match[1] or "", "x")


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana", password=PASSWORD)


@pytest.fixture
def guest_run(client: Client, sandbox: RunningSandbox, db: None) -> Run:
    client.post("/runs/", {"flow": "basic", "provider": "guest", "pool": "lab", "pace": "all"})
    return Run.objects.get()


# --- Forms of other sites ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(set(addresses()) - FOREIGN_FORMS_WELCOME))
def test_no_address_takes_a_form_of_another_site(admin_user: User, path: str) -> None:
    for signed_in in (False, True):
        browser = Client(enforce_csrf_checks=True)
        if signed_in:
            browser.force_login(admin_user)
        response = browser.post(path, {"x": "y"}, headers={"Origin": "https://evil.example"})
        assert response.status_code in (403, 404, 405, 410), (path, signed_in)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_change_nothing(client: Client, guest_run: Run, method: str) -> None:
    for view in ("", "finish/", "cancel/", "delete/", "reveal/", "use/", "advance/", "again/", "link/"):
        response = getattr(client, method)(f"{guest_run.get_absolute_url()}{view}")
        assert response.status_code < 500
        assert b"SecretAccessKey" not in response.content
    assert list(Run.objects.values_list("outcome", flat=True)) == ["succeeded"]


# --- Values that nobody's browser sends -------------------------------------------------------------------------------

HUGE = "9" * 5000
STRANGE = [
    *(
        "\x00",
        pytest.param(HUGE, id="huge"),
        pytest.param(EVIL, id="evil"),
    ),
    *(
        pytest.param(value, marks=pytest.mark.slow)
        for value in (
            "nan",
            "9999-12-31",
            f"{'9' * 17}.{'9' * 18}",
            "",
            "-1",
            "1e999",
            "٣",
            "../../etc/passwd",
            "%",
            "%ff",
            "𝟙",
            "0001-01-01",
            "[]",
            "null",
        )
    ),
]


READ: dict[str, tuple[str, ...]] = {
    "/demo/": ("access", "flow", "provider", "pool", "q"),
    "/runs/": ("before", "after", "since", "until", "outcome", "flow", "provider", "scope", "owner"),
    "/sign-ins/": ("page",),
    "/accounts/sign-in/": ("next",),
    "/accounts/sign-up/": ("next",),
    "/sign-in/complete/google/": ("state", "code", "error"),
    "/sign-in/complete/x/": ("oauth_token", "denied", "oauth_verifier"),
    "/admin/flows/run/": ("q", "p", "o", "created_at__year", "created_at__month", "outcome__exact", "all"),
    "/admin/flows/apicall/": ("q", "p", "o", "started_at__day", "started_at__year"),
    "/admin/providers/signin/": ("q", "p", "o", "created_at__year", "created_at__month"),
    "/admin/accounts/user/": ("q", "p", "o", "date_joined__year", "last_login__year"),
    "/admin/training/cohort/": ("q", "p", "o", "created_at__year"),
}


@pytest.mark.slow
@pytest.mark.parametrize("value", STRANGE)
def test_no_address_stumbles_over_a_parameter(client: Client, guest_run: Run, admin_user: User, value: str) -> None:
    reviewer = Client()
    reviewer.force_login(admin_user)
    under_run = {f"{guest_run.get_absolute_url()}{view}": ("call", "pace") for view in ("", "calls/", "signed-in/")}
    for path, names in (READ | under_run).items():
        for browser in (client, reviewer):
            for query in (*({name: value} for name in names), dict.fromkeys(names, value)):
                response = browser.get(path, query)
                assert response.status_code < 500, (path, query)
                assert b"<script>alert" not in response.content
                assert b"<img src=x" not in response.content


@pytest.mark.slow
@pytest.mark.parametrize("value", STRANGE)
def test_no_form_stumbles_over_a_value(client: Client, guest_run: Run, value: str, settings: Settings) -> None:
    settings.RUNS_PER_MINUTE = settings.RUNS_PER_MINUTE_PER_ADDRESS = 1000
    run = guest_run.get_absolute_url()
    form = {"flow": "basic", "provider": "guest", "pool": "lab", "pace": "step"}
    for name in (*form, "RoleArn", "RoleSessionName", "DurationSeconds", "access"):
        assert client.post("/runs/", {**form, name: value}).status_code < 500, name
    client.post("/runs/", form)
    under_way = Run.objects.filter(outcome="open").latest("pk").get_absolute_url()
    for view, names in (
        ("advance/", ("position", "RoleArn", "AccountId")),
        ("use/", ("sample",)),
        ("again/", ("flow", "pool")),
        ("link/", ("to",)),
        ("sign-in/", ("pace",)),
    ):
        for name in names:
            for address in (run, under_way):
                response = client.post(f"{address}{view}", {name: value})
                assert response.status_code < 500, (view, name)
                assert b"<script>alert" not in response.content
    # Without the names of accounts: a value that is one would be counted as a guess.
    for path, name in (("/accounts/sign-in/", "next"), ("/accounts/sign-up/", "username"), ("/saml/acs/", "RelayState"),
                       ("/saml/acs/", "SAMLResponse")):  # fmt: skip
        response = client.post(path, {name: value})
        assert response.status_code < 500, path
        assert b"<script>alert" not in response.content


@pytest.mark.slow
def test_what_comes_from_outside_is_shown_as_text(client: Client, sandbox: RunningSandbox, admin_user: User) -> None:
    """A run whose every value is hostile, on every page that shows it, to its owner and to an administrator."""
    form = {"flow": "basic", "provider": "guest", "pool": "lab", "pace": "all"}
    client.post("/runs/", {**form, "RoleArn": f"arn:aws:iam::000000000000:role/{EVIL}", "RoleSessionName": EVIL})
    run = Run.objects.get()
    assert run.outcome in ("refused", "failed")
    Run.objects.update(identity_id=EVIL[:64], assumed_role_arn=EVIL, error_code=EVIL, error_message=EVIL, subject=EVIL,
                       access_key_id=EVIL, pool_id=EVIL[:64], review_note=EVIL, account_id=EVIL[:12])  # fmt: skip
    for call in run.calls.all():
        for name in ("request_headers", "response_headers", "request_params", "response_params"):
            setattr(call, name, {EVIL: EVIL})
        call.request_body = call.response_body = call.error_message = call.url = EVIL
        call.request_id = call.error_code = EVIL[:128]
        call.decisions = [{"check": EVIL, "expected": EVIL, "actual": EVIL, "verdict": "deny", "doc": "javascript:1"}]
        call.tokens = [{"where": EVIL, "kind": "jwt", "fingerprint": EVIL, "header": {EVIL: EVIL},
                        "claims": {EVIL: EVIL, "exp": EVIL}, "verified": EVIL, "key_id": EVIL}]  # fmt: skip
        call.save()
    check = {"check": EVIL, "expected": EVIL, "actual": EVIL, "verdict": "deny", "doc": ""}
    SignIn.objects.create(visitor=run.visitor, provider="google", subject=EVIL, issuer=EVIL, user_agent=EVIL,
                          error_code=EVIL, error_message=EVIL, outcome="failed", expires_at=timezone.now(),
                          checks=[check])  # fmt: skip
    administrator = Client()
    administrator.force_login(admin_user)
    sign_in = SignIn.objects.get()
    own = [f"{run.get_absolute_url()}{view}" for view in
           ("", "credentials/", "calls/", "why/", "tokens/", "try/", "json/", "delete/")]  # fmt: skip
    own += ["/runs/", "/sign-ins/", sign_in.get_absolute_url(), "/"]
    admins = [f"/admin/flows/run/{run.pk}/change/", "/admin/flows/run/", "/admin/flows/apicall/",
              *(f"/admin/flows/apicall/{call.pk}/change/" for call in run.calls.all()),
              f"/admin/providers/signin/{sign_in.pk}/change/", "/admin/providers/signin/",
              f"{run.get_absolute_url()}json/", f"/runs/?scope=everybody&outcome={run.outcome}"]  # fmt: skip
    for browser, paths in ((client, own), (administrator, admins)):
        for path in paths:
            response = browser.get(path)
            assert response.status_code == 200, path
            page = response.content.decode()
            assert "<script>alert" not in page, path
            assert "<img src=x" not in page, path
            assert 'href="javascript:' not in page, path


# --- Guesses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spell", [
    lambda number: " " * number + "ana",
    lambda number: "ana" + "\u3000" * number,
    lambda number: "".join(chr(ord(letter) + (0xFEE0 if number >> place & 1 else 0)) for place, letter in
                           enumerate("ana")),
])  # fmt: skip
def test_a_name_in_other_letters_is_the_same_account(
    client: Client, ana: User, settings: Settings, one_window: None, spell: Callable[[int], str]
) -> None:
    """Django's form takes full-width letters and spaces around a name for the plain name."""
    settings.SIGN_INS_PER_MINUTE = 3
    got = [
        client.post(
            "/accounts/sign-in/", {"username": spell(number), "password": "wrong"}, REMOTE_ADDR=f"203.0.113.{number}"
        ).status_code
        for number in range(5)
    ]
    assert got == [200, 200, 200, 429, 429]


# --- What is left lying about -----------------------------------------------------------------------------------------


def test_the_vault_forgets_what_has_expired_without_being_told(db: None) -> None:
    owner = Owner(user_id=None, visitor=uuid4())
    for number in range(3):
        over = timezone.now() - timedelta(seconds=1)
        vault.seal(owner, reference=f"old-{number}", purpose="credentials", content={"a": "b"}, expires_at=over)
    vault.seal(
        owner, reference="new", purpose="x", content={"a": "b"}, expires_at=timezone.now() + timedelta(minutes=5)
    )
    assert list(SealedValue.objects.values_list("reference", flat=True)) == ["new"]
    assert vault.unseal(owner, reference="new", purpose="x") == {"a": "b"}
    assert vault.unseal(Owner(user_id=None, visitor=uuid4()), reference="new", purpose="x") is None


@pytest.mark.slow
def test_nobody_else_on_the_machine_reads_the_database(environment: dict[str, str]) -> None:
    """It holds sessions: whoever can read them is whoever they belong to. Also where the directory is open to all."""
    data = Path(environment["DATA_DIR"])
    data.mkdir(mode=0o755)
    command = [sys.executable, str(site.BASE_DIR / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(command, env=environment, check=True, timeout=120, umask=0o022)
    modes = {file.name: stat.S_IMODE(os.stat(file).st_mode) for file in data.iterdir()}
    assert modes["app.sqlite3"] == 0o600
    assert {mode & 0o077 for mode in modes.values()} == {0}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # on PostgreSQL the error would spoil a transaction around the test
def test_an_error_page_for_developers_shows_no_secret(guest_run: Run, client: Client, settings: Settings) -> None:
    """With DEBUG on, Django shows the variables of every frame; here some of them are somebody's credentials."""
    from flows.services import run_credentials

    settings.DEBUG = True
    credentials = run_credentials(run=guest_run)
    assert credentials
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE flows_apicall RENAME TO flows_apicall_away")
    client.raise_request_exception = False
    cookie = client.cookies["lab_visitor"].value
    try:
        run = guest_run.get_absolute_url()
        pages = [client.post(f"{run}reveal/"), client.post(f"{run}use/", {"sample": "whoami", "note": "posted-secret"})]
        pages.append(client.get(f"{run}?code=code-of-a-provider", headers={"Accept": "text/plain"}))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE flows_apicall_away RENAME TO flows_apicall")
    assert 500 in {page.status_code for page in pages}
    for page in pages:
        text = page.content.decode()
        for secret in (credentials.secret_access_key, credentials.session_token, site.SECRET_KEY, cookie,
                       "posted-secret"):  # fmt: skip
            assert secret not in text
            assert secret.replace("+", "&#x2B;") not in text


def test_a_line_of_the_plain_log_is_one_line() -> None:
    record = logging.LogRecord("lab", logging.INFO, __file__, 1, "GET %s 404", ("/x\r\n2026 INFO forged\x1b[2J",), None)
    line = PlainFormatter("{levelname} {message}", style="{").format(record)
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


# --- Other people's ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_nothing_of_a_run_opens_for_anybody_else(client: Client, guest_run: Run, ana: User) -> None:
    """By every address under the run, with every method, to a stranger and to somebody with an account."""
    before = Run.objects.values().get()
    stranger, member, forger = Client(), Client(), Client()
    member.force_login(ana)
    forger.cookies["lab_visitor"] = f"{guest_run.visitor}:{'x' * 43}"
    under_it = [path for path in addresses() if path.startswith("/runs/x/")]
    assert len(under_it) > 10
    for browser in (stranger, member, forger):
        for path in under_it:
            address = path.replace("/runs/x/", guest_run.get_absolute_url()).replace("/x/", "/credentials/")
            for call in (browser.get, browser.post):
                response: Any = call(address)
                assert response.status_code in (302, 404, 405), address
                assert guest_run.identity_id.encode() not in response.content
                if response.status_code == 302:
                    assert response["Location"].startswith(guest_run.get_absolute_url())
    assert Run.objects.values().get() == before
    assert client.get(guest_run.get_absolute_url()).status_code == 200


def test_a_run_of_somebody_else_is_no_target_for_a_link(client: Client, guest_run: Run) -> None:
    other = Client()
    other.post("/runs/", {"flow": "enhanced", "provider": "guest", "pool": "lab", "pace": "all"})
    theirs = Run.objects.latest("pk")
    assert client.post(f"{guest_run.get_absolute_url()}link/", {"to": theirs.code}).status_code == 404


def test_another_accounts_session_adopts_nothing(client: Client, guest_run: Run, ana: User) -> None:
    """Whoever signs in elsewhere with this browser's session key, or with a made-up visitor, gets none of its runs."""
    thief = Client()
    for value in (str(guest_run.visitor), f"{guest_run.visitor}:1:abc", ""):
        thief.cookies["lab_visitor"] = value
        thief.post("/accounts/sign-in/", {"username": "ana", "password": PASSWORD})
        assert Run.objects.get().user_id is None
        thief.post("/accounts/sign-out/")


def test_a_session_key_chosen_by_somebody_else_is_not_kept(ana: User) -> None:
    victim = Client()
    victim.cookies["lab_session"] = "a" * 32
    victim.post("/accounts/sign-in/", {"username": "ana", "password": PASSWORD})
    assert victim.session["_auth_user_id"] == str(ana.pk)
    assert victim.cookies["lab_session"].value != "a" * 32
