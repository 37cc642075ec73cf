"""The pages of a managed login, one function each. Forms carry the answers; the request stays in the address."""

from dataclasses import dataclass
from typing import Any

import flask

from sandbox.core.facts import STAND_IN_COOKIES, STAND_INS_PATH
from sandbox.idp.managed_login.authorization import AuthorizationRequest, ShownRefusal
from sandbox.idp.managed_login.fields import FormField, login_name, policy_sentence
from sandbox.idp.managed_login.lab_page import page_parts
from sandbox.idp.managed_login.site import LoginSite
from sandbox.idp.sign_in import page
from sandbox.idp.stand_ins.userpool import UserPool
from sandbox.user_pools.codes import Delivery
from sandbox.user_pools.login_sessions import SESSION_SECONDS
from sandbox.user_pools.sign_up import is_open
from sandbox.user_pools.users import User

EXPIRED = "This page has expired. Try again."
SESSION_COOKIE = f"{STAND_IN_COOKIES}userpool"


@dataclass(frozen=True, slots=True)
class PageMessage:
    """What a page says about what was done before: a `problem`, or a `notice` that it went well.

    Attributes:
        about: the field that the problem is about, where that is known; there the browser goes on.
    """

    problem: str = ""
    notice: str = ""
    about: str = ""


NOTHING = PageMessage()


def sign_in_page(
    site: LoginSite,
    asked: AuthorizationRequest,
    told: PageMessage = NOTHING,
    *,
    username: str = "",
    user: User | None = None,
) -> flask.Response:
    """Where people sign in, or go on as who they are (`user`)."""
    template, more = ("lab_sign_in.html", page_parts(asked, user)) if site.is_lab else ("sign_in.html", {})
    return _shown(site, asked, template, told, username=username or asked.login_hint, user=user, **more)


def sign_up_page(
    site: LoginSite, asked: AuthorizationRequest, fields: list[FormField], told: PageMessage = NOTHING
) -> flask.Response:
    return _shown(site, asked, "sign_up.html", told, fields=fields)


def confirm_page(
    site: LoginSite,
    asked: AuthorizationRequest,
    username: str,
    told: PageMessage = NOTHING,
    *,
    delivery: Delivery | None = None,
    session: str = "",
) -> flask.Response:
    """Where the code of a sign-up is typed in.

    Args:
        session: what lets the browser that signed up go on without its password.
    """
    return _shown(site, asked, "confirm.html", told, username=username, delivery=delivery, session=session)


def forgotten_password_page(
    site: LoginSite, asked: AuthorizationRequest, told: PageMessage = NOTHING, *, username: str = ""
) -> flask.Response:
    return _shown(site, asked, "forgot_password.html", told, username=username)


def reset_password_page(
    site: LoginSite,
    asked: AuthorizationRequest,
    username: str,
    told: PageMessage = NOTHING,
    *,
    delivery: Delivery | None = None,
    code: str = "",
) -> flask.Response:
    """Where the code for a new password is typed in, and the password.

    Args:
        code: what was typed in already and may still be right.
    """
    return _shown(site, asked, "reset_password.html", told, username=username, delivery=delivery, code=code)


def new_password_page(
    site: LoginSite, asked: AuthorizationRequest, session: str, missing: list[FormField], told: PageMessage = NOTHING
) -> flask.Response:
    """Where somebody whose password is temporary chooses one.

    Args:
        session: the proof that they had the temporary one.
        missing: what they are asked for besides.
    """
    return _shown(site, asked, "new_password.html", told, session=session, missing=missing)


def refusal_page(site: LoginSite, refused: ShownRefusal) -> flask.Response:
    """Shown instead of a redirect: nobody is sent anywhere on the word of a request that may be anybody's."""
    return page.render(
        "managed_login/refused.html",
        status=400,
        below=site.cookie_path,
        site=site,
        stand_in=UserPool,
        error=refused.error,
        description=refused.description,
    )


def _shown(
    site: LoginSite, asked: AuthorizationRequest, template: str, told: PageMessage, **more: Any
) -> flask.Response:
    return page.render(
        f"managed_login/{template}",
        leads_to=[asked.way.redirect_uri],
        below=site.cookie_path,
        site=site,
        stand_in=UserPool,
        client=asked.client,
        query=asked.query,
        told=told,
        login_name=login_name(site.pool),
        may_sign_up=is_open(site.pool),
        policy=policy_sentence(site.pool),
        mailbox=mailbox_address(site),
        **more,
    )


def mailbox_address(site: LoginSite) -> str:
    """Where the codes of the pool's account are read."""
    account = "" if site.pool.account == site.config.account_id else f"/{site.pool.account}"
    return f"{STAND_INS_PATH}{account}/mailbox"


def start_session(site: LoginSite, answer: flask.Response, secret: str) -> flask.Response:
    """The answer, after which the browser shows this session to this site and to no other."""
    answer.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=SESSION_SECONDS,
        path=site.cookie_path,
        httponly=True,
        samesite="Lax",
        secure=flask.request.is_secure,
    )
    return answer
