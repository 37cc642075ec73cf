"""What the sign-in page of a seeded pool has besides: the cast with its passwords, a look at what will be signed, which
can be edited, and something wrong with it on purpose. All this is for people who do not exist."""

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from sandbox.idp.managed_login.authorization import AuthorizationRequest, ToldRefusal
from sandbox.idp.managed_login.site import LoginSite
from sandbox.idp.mistaken_tokens import MISBEHAVIOUR
from sandbox.idp.sign_in import page
from sandbox.idp.sign_in.mistakes import apply_mistake
from sandbox.idp.sign_in.page import Panel, SignInChoice
from sandbox.idp.sign_in.people import GROUPS, PEOPLE, Person
from sandbox.idp.stand_ins.userpool import UserPool
from sandbox.user_pools.grants import THROUGH_PAGE, Grant
from sandbox.user_pools.keys import signing_key
from sandbox.user_pools.login_sessions import LoginSession
from sandbox.user_pools.tokens import access_claims, id_claims, person_claims
from sandbox.user_pools.users import User


def page_parts(asked: AuthorizationRequest, user: User | None) -> dict[str, Any]:
    """What the template of the sign-in page shows besides what it shows for every pool."""
    form = flask.request.form
    known = {each.code for each in UserPool.misbehaviours}
    return {
        "people": [(person, asked.query_for(person.key)) for person in PEOPLE.values()],
        "groups": GROUPS,
        "scopes": [(name, UserPool.scopes[name]) for name in asked.scope.split() if name in UserPool.scopes],
        "portrait": user.username if user is not None and user.username in PEOPLE else "",
        "misbehaviour": form.get("misbehave", "") if form.get("misbehave") in known else "",
    }


def check_declined(asked: AuthorizationRequest) -> None:
    """Whoever declines has not filled in the fields, which the browser sends all the same.

    Raises:
        ToldRefusal: access_denied.
    """
    if flask.request.form.get("step") == "deny":
        raise ToldRefusal(asked.way, "access_denied")


def chosen(site: LoginSite, asked: AuthorizationRequest, session: LoginSession) -> SignInChoice:
    """What was chosen for somebody who has signed in: to send it, to look first, or to begin again."""
    claims = person_claims(site.connection, site.pool, asked.client, session.user, asked.scope)
    return page.read_choice(UserPool, lambda _: claims, UserPool.reserved, _person(session.user))


def extra_of(
    site: LoginSite, asked: AuthorizationRequest, session: LoginSession, choice: SignInChoice
) -> dict[str, Any]:
    """What a choice adds to the grant: nothing, where all is to be as the rows say when the tokens are made."""
    real = person_claims(site.connection, site.pool, asked.client, session.user, asked.scope)
    return {
        **({"claims": choice.claims} if choice.claims != real else {}),
        **({MISBEHAVIOUR: choice.misbehaviour} if choice.misbehaviour else {}),
    }


def preview_page(
    site: LoginSite, asked: AuthorizationRequest, session: LoginSession, choice: SignInChoice
) -> flask.Response:
    """What the client would get if it were sent now."""
    return page.render(
        "preview.html",
        leads_to=[asked.way.redirect_uri],
        below=site.cookie_path,
        stand_in=UserPool,
        client=asked.client,
        choice=choice,
        panels=[] if choice.problem else _panels(site, asked, session, extra_of(site, asked, session, choice)),
        action=f"login?{asked.query}",
    )


def _panels(
    site: LoginSite, asked: AuthorizationRequest, session: LoginSession, extra: Mapping[str, Any]
) -> list[Panel]:
    connection, pool, client, user = site.connection, site.pool, asked.client, session.user
    nonce = {"nonce": asked.nonce} if asked.nonce else {}
    members = {THROUGH_PAGE: True, **nonce, **extra}
    scope, started = asked.scope, session.auth_time
    grant = Grant(str(uuid.uuid4()), pool.pool_id, client.client_id, user.sub, pool.account, scope, started, members)
    mistake, event_id = str(extra.get(MISBEHAVIOUR, "")), str(uuid.uuid4())
    access = page.pretty(access_claims(connection, pool, client, user, grant, event_id))
    if mistake == "access_token":
        return [Panel("In place of the ID token", access, "Signed, genuine, and without an audience.")]
    claims = apply_mistake(id_claims(connection, pool, client, user, grant, event_id, "preview"), mistake)
    kid, _ = signing_key(connection, pool)
    key = "a key that nobody published" if mistake == "wrong_key" else f"key {kid}"
    note = f"RS256, {key}. Times, at_hash and ids get new values when the application exchanges its code."
    shown = [Panel("ID token as it will be signed", page.pretty(claims), note)] if "openid" in scope.split() else []
    return [*shown, Panel("Access token", access, "Not for identity pools.")]


def _person(user: User) -> Person:
    """The user as the pages of stand-ins know people; whoever signed up is not of the cast."""
    known = PEOPLE.get(user.username)
    if known is not None:
        return known
    given, family = user.attributes.get("given_name", user.username), user.attributes.get("family_name", "")
    return Person(user.username, given, family, "", "", (), "")
