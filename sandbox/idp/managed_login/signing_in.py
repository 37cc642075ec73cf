"""Signing in: the authorize endpoint, which shows nothing itself, the sign-in page, and a temporary password's end."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import flask

from sandbox.core.errors import AwsError
from sandbox.core.store import atomic
from sandbox.idp.managed_login import lab_page
from sandbox.idp.managed_login.authorization import DONE, AuthorizationRequest, ToldRefusal, read_request, redirect
from sandbox.idp.managed_login.fields import missing_fields
from sandbox.idp.managed_login.pages import (
    EXPIRED,
    NOTHING,
    SESSION_COOKIE,
    PageMessage,
    confirm_page,
    forgotten_password_page,
    new_password_page,
    sign_in_page,
    start_session,
)
from sandbox.idp.managed_login.site import LoginSite
from sandbox.idp.managed_login.token_answer import token_answer
from sandbox.idp.sign_in import page
from sandbox.user_pools.attributes import VERIFIED, check_required, checked
from sandbox.user_pools.authorization_codes import new_authorization_code
from sandbox.user_pools.challenges import open_challenge, take_challenge
from sandbox.user_pools.clients import Client
from sandbox.user_pools.grants import THROUGH_PAGE, open_grant
from sandbox.user_pools.login_sessions import LoginSession, find_session, open_session
from sandbox.user_pools.passwords import check_password, check_policy, set_password
from sandbox.user_pools.users import CONFIRMED, FORCE_CHANGE_PASSWORD, User, change_user, renew_aliases, user_by_sub

_DONE = {
    "confirmed": "Your account is confirmed. Sign in.",
    "password": "Your password is changed. Sign in.",
    "signed-up": "Your account is there. An administrator of the user pool has to confirm it.",
}
_NEW_PASSWORD = "managed login: new password"  # noqa: S105 (the name of a challenge)


def authorize(site: LoginSite) -> flask.Response:
    """Who has a session goes back at once; everybody else to the sign-in page, with the same parameters."""
    asked = read_request(site, flask.request.args)
    session = current_session(site, asked)
    if "none" in asked.prompt and session is None:
        raise ToldRefusal(asked.way, "login_required")
    if session is not None and ("none" in asked.prompt or not site.is_lab):
        return granted(site, asked, session)
    return redirect(f"{site.base}/login?{asked.query}")


def login(site: LoginSite) -> flask.Response:
    """The sign-in page and its answers."""
    asked = read_request(site, flask.request.args)
    session = current_session(site, asked)
    if flask.request.method == "GET":
        if notice := _DONE.get(flask.request.args.get(DONE, "")):
            return sign_in_page(site, asked, PageMessage(notice=notice))  # whoever else has a session here
        return sign_in_page(site, asked, user=session.user if session else None)
    if not page.form_is_ours():
        return sign_in_page(site, asked, PageMessage(EXPIRED))
    if site.is_lab:
        lab_page.check_declined(asked)
    form = flask.request.form
    if "password" in form:
        return _with_password(site, asked, form.get("username", "").strip(), form["password"])
    if session is None or form.get("step") == "other":
        return sign_in_page(site, asked)
    return _go_on(site, asked, session)


def change_password(site: LoginSite) -> flask.Response:
    """A password of one's own in place of a temporary one."""
    asked = read_request(site, flask.request.args)
    if not page.form_is_ours():
        return sign_in_page(site, asked, PageMessage(EXPIRED))
    state = take_sealed(site, asked.client, _NEW_PASSWORD, flask.request.form.get("session", ""))
    user = user_by_sub(site.connection, site.pool.pool_id, state["sub"]) if state else None
    temporary = user is not None and user.enabled and user.status == FORCE_CHANGE_PASSWORD
    if user is None or state is None or not temporary or state["since"] != user.password_set:
        return sign_in_page(site, asked, PageMessage("That took too long. Sign in again."))
    try:
        user = _with_new_password(site, user, flask.request.form)
    except AwsError as refused:
        return _ask_new_password(site, asked, user, PageMessage(refused.message.strip()))
    return signed_in(site, asked, user)


def signed_in(site: LoginSite, asked: AuthorizationRequest, user: User) -> flask.Response:
    """Begin a session of somebody who has just proved who they are, and go back."""
    session, secret = _new_session(site, user)
    return start_session(site, granted(site, asked, session), secret)


def granted(
    site: LoginSite, asked: AuthorizationRequest, session: LoginSession, extra: Mapping[str, Any] | None = None
) -> flask.Response:
    """Back to the client, with a code or with tokens.

    Args:
        extra: for the grant, besides the nonce.
    """
    members = {THROUGH_PAGE: True, **({"nonce": asked.nonce} if asked.nonce else {}), **(extra or {})}
    connection, client = site.connection, asked.client
    with atomic(connection):
        grant = open_grant(
            connection, client, session.user, scope=asked.scope, auth_time=session.auth_time, extra=members
        )
        if asked.response_type == "code":
            code = new_authorization_code(
                connection, grant, redirect_uri=asked.way.redirect_uri, code_challenge=asked.code_challenge
            )
            return asked.way.answer({"code": code})
    answer = token_answer(site, client, session.user, grant)
    return asked.way.answer({name: str(value) for name, value in answer.items()})


def current_session(site: LoginSite, asked: AuthorizationRequest) -> LoginSession | None:
    """Who has signed in with this browser, unless the client wants that done again (`prompt=login`)."""
    if "login" in asked.prompt and flask.request.method == "GET":
        return None
    return find_session(site.connection, site.pool, flask.request.cookies.get(SESSION_COOKIE, ""))


def seal(site: LoginSite, client: Client, name: str, state: Mapping[str, Any]) -> str:
    """A challenge as a field of a form can hold it."""
    return base64.urlsafe_b64encode(open_challenge(site.connection, client, name, state)).decode()


def take_sealed(site: LoginSite, client: Client, name: str, sealed: str) -> dict[str, Any] | None:
    """The state of a challenge, once; None where it is over or was never there."""
    try:
        return take_challenge(site.connection, client, name, base64.urlsafe_b64decode(sealed))
    except (AwsError, binascii.Error, ValueError):
        return None


def _with_password(site: LoginSite, asked: AuthorizationRequest, username: str, password: str) -> flask.Response:
    try:
        user = check_password(site.connection, site.pool, username, password, hides_users=asked.client.hides_users)
    except AwsError as refused:
        told = PageMessage(refused.message)
        if refused.code == "UserNotConfirmedException":
            return confirm_page(site, asked, username, told)
        if refused.code == "PasswordResetRequiredException":
            return forgotten_password_page(site, asked, told, username=username)
        return sign_in_page(site, asked, told, username=username)
    if user.status == FORCE_CHANGE_PASSWORD:
        return _ask_new_password(site, asked, user)
    session, secret = _new_session(site, user)
    return start_session(site, _go_on(site, asked, session), secret)


def _new_session(site: LoginSite, user: User) -> tuple[LoginSession, str]:
    secret = open_session(site.connection, user)
    session = find_session(site.connection, site.pool, secret)
    assert session is not None
    return session, secret


def _go_on(site: LoginSite, asked: AuthorizationRequest, session: LoginSession) -> flask.Response:
    """Back to the client; at a seeded pool when and as it was chosen on the page."""
    if not site.is_lab:
        return granted(site, asked, session)
    choice = lab_page.chosen(site, asked, session)
    if choice.step == "preview":
        return lab_page.preview_page(site, asked, session, choice)
    if choice.step != "allow":
        return sign_in_page(site, asked, PageMessage(choice.problem), user=session.user)
    return granted(site, asked, session, lab_page.extra_of(site, asked, session, choice))


def _ask_new_password(
    site: LoginSite, asked: AuthorizationRequest, user: User, told: PageMessage = NOTHING
) -> flask.Response:
    session = seal(site, asked.client, _NEW_PASSWORD, {"sub": user.sub, "since": user.password_set})
    return new_password_page(site, asked, session, missing_fields(site.pool, user, flask.request.form), told)


def _unproved(given: Mapping[str, str]) -> dict[str, str]:
    """Nothing that was said before about an address is true of one that was typed in now."""
    return {VERIFIED[name]: "false" for name in given if name in VERIFIED}


def _with_new_password(site: LoginSite, user: User, form: Mapping[str, str]) -> User:
    """The user with the new password, and with what was missing.

    Raises:
        AwsError: InvalidPasswordException, InvalidParameterException.
    """
    missing = missing_fields(site.pool, user, form)
    check_policy(site.pool, form.get("password", ""))
    given = checked(site.pool, [{"Name": field.name, "Value": field.value} for field in missing], new=True)
    check_required(site.pool, {**user.attributes, **given})
    with atomic(site.connection):
        user = change_user(site.connection, user, attributes={**user.attributes, **given, **_unproved(given)})
        user = set_password(site.connection, user, form["password"], status=CONFIRMED)
        renew_aliases(site.connection, site.pool, user)
    return user
