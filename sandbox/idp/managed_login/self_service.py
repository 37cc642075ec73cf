"""What people do for themselves before they sign in: sign up, confirm that with a code, get a new password."""

import flask

from sandbox.core.errors import AwsError
from sandbox.idp.managed_login.authorization import DONE, AuthorizationRequest, read_request, redirect
from sandbox.idp.managed_login.fields import FormField, sign_up_fields
from sandbox.idp.managed_login.pages import (
    EXPIRED,
    NOTHING,
    PageMessage,
    confirm_page,
    forgotten_password_page,
    reset_password_page,
    sign_in_page,
    sign_up_page,
)
from sandbox.idp.managed_login.signing_in import seal, signed_in, take_sealed
from sandbox.idp.managed_login.site import LoginSite
from sandbox.idp.sign_in import page
from sandbox.user_pools.sign_up import (
    confirm_forgot_password,
    confirm_sign_up,
    forgot_password,
    is_open,
    resend_code,
    sign_up,
)

_SIGNED_UP = "managed login: signed up"
_POLICY = "InvalidPasswordException"


def sign_up_here(site: LoginSite) -> flask.Response:
    """The page on which people sign up, and its answer."""
    asked = read_request(site, flask.request.args)
    if not is_open(site.pool):
        return sign_in_page(site, asked, PageMessage("SignUp is not permitted for this user pool"))
    form = flask.request.form
    fields = sign_up_fields(site.pool, asked.client, form)
    if flask.request.method == "GET":
        return sign_up_page(site, asked, fields)
    if not page.form_is_ours():
        return sign_up_page(site, asked, fields, PageMessage(EXPIRED))
    return _signed_up(site, asked, fields, form.get("password", ""))


def confirm(site: LoginSite) -> flask.Response:
    """The page that asks for the code of a sign-up, and its answers."""
    asked = read_request(site, flask.request.args)
    form = flask.request.form
    username, session = form.get("username", "").strip(), form.get("session", "")
    if flask.request.method == "GET":
        return confirm_page(site, asked, "")
    if not page.form_is_ours():
        return confirm_page(site, asked, username, PageMessage(EXPIRED), session=session)
    try:
        if form.get("step") == "resend":
            delivery = resend_code(site.connection, site.pool, asked.client, username)
            told = PageMessage(notice="Another code was sent. Earlier ones are no longer good.")
            return confirm_page(site, asked, username, told, delivery=delivery, session=session)
        user = confirm_sign_up(site.connection, site.pool, asked.client, username, form.get("code", "").strip())
    except AwsError as refused:
        return confirm_page(site, asked, username, PageMessage(refused.message), session=session)
    signed = take_sealed(site, asked.client, _SIGNED_UP, session)
    if signed is not None and signed["sub"] == user.sub and user.enabled:
        return signed_in(site, asked, user)
    return _to_sign_in(site, asked, username, "confirmed")


def forgot(site: LoginSite) -> flask.Response:
    """The page on which people say whose password is forgotten; the code goes to an address of theirs."""
    asked = read_request(site, flask.request.args)
    username = flask.request.form.get("username", "").strip()
    if flask.request.method == "GET":
        return forgotten_password_page(site, asked, username=asked.login_hint)
    if not page.form_is_ours():
        return forgotten_password_page(site, asked, PageMessage(EXPIRED), username=username)
    return _code_sent(site, asked, username, NOTHING)


def confirm_forgot(site: LoginSite) -> flask.Response:
    """A new password, by the code that was sent."""
    asked = read_request(site, flask.request.args)
    form = flask.request.form
    username = form.get("username", "").strip()
    if not page.form_is_ours():
        return reset_password_page(site, asked, username, PageMessage(EXPIRED))
    if form.get("step") == "resend":
        return _code_sent(
            site, asked, username, PageMessage(notice="Another code was sent. Earlier ones are no longer good.")
        )
    code, password = form.get("code", "").strip(), form.get("password", "")
    try:
        confirm_forgot_password(site.connection, site.pool, asked.client, username, code, password)
    except AwsError as refused:
        if refused.code == _POLICY:
            return reset_password_page(site, asked, username, _about_password(refused), code=code)
        return reset_password_page(site, asked, username, PageMessage(refused.message))
    return _to_sign_in(site, asked, username, "password")


def _signed_up(site: LoginSite, asked: AuthorizationRequest, fields: list[FormField], password: str) -> flask.Response:
    """Only what the page asked for is written: a form may hold anything."""
    name, *others = fields
    attributes = [{"Name": field.name, "Value": field.value} for field in others if field.value]
    try:
        for field in fields:
            if field.required and not field.value:
                told = PageMessage(f"{field.label} is missing.", about=field.name)
                return sign_up_page(site, asked, fields, told)
        user, delivery = sign_up(site.connection, site.pool, asked.client, name.value, password, attributes)
    except AwsError as refused:
        told = _about_password(refused) if refused.code == _POLICY else PageMessage(refused.message.strip())
        return sign_up_page(site, asked, fields, told)
    if delivery is None:
        return _to_sign_in(site, asked, name.value, "signed-up")
    session = seal(site, asked.client, _SIGNED_UP, {"sub": user.sub})
    return confirm_page(site, asked, name.value, delivery=delivery, session=session)


def _about_password(refused: AwsError) -> PageMessage:
    return PageMessage(refused.message.strip(), about="password")


def _to_sign_in(site: LoginSite, asked: AuthorizationRequest, username: str, done: str) -> flask.Response:
    """To the sign-in page under its own address, so that nothing is sent again when it is reloaded."""
    return redirect(f"{site.base}/login?{asked.query_for(username, **{DONE: done})}")


def _code_sent(site: LoginSite, asked: AuthorizationRequest, username: str, told: PageMessage) -> flask.Response:
    try:
        delivery = forgot_password(site.connection, site.pool, asked.client, username)
    except AwsError as refused:
        return forgotten_password_page(site, asked, PageMessage(refused.message), username=username)
    return reset_password_page(site, asked, username, told, delivery=delivery)
