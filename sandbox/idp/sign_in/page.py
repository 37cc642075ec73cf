"""The sign-in page that all stand-ins share: choose a person, look at and edit what will be signed, send it or decline.

One form, no script. Whoever is asked for a sign-in keeps the request in the address; the form carries the answers.
"""

from __future__ import annotations

import json
import math
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.core.facts import STAND_IN_COOKIES
from sandbox.core.later import later
from sandbox.idp.sign_in.logins import LoginRefused, LoginRequest
from sandbox.idp.sign_in.people import PEOPLE, Person
from sandbox.idp.sign_in.stand_in import StandIn

if TYPE_CHECKING:
    import flask
else:
    flask = later("flask")

COOKIE = f"{STAND_IN_COOKIES}form"
LONGEST_CLAIMS = 8_000
_DEEPEST_CLAIMS = 20
# What XML cannot hold, and halves of surrogate pairs, which UTF-8 cannot.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
UNWRITABLE_CLAIMS = "No token can carry this: control characters, numbers without end, or values nested too deeply."


@dataclass(frozen=True, slots=True)
class Panel:
    """One piece of the preview. `text` is shown as it is."""

    title: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SignInChoice:
    """What a person chose on the page.

    Attributes:
        step: `choose` (show the page), `preview`, `allow` (send it), or `deny`.
        claims: as edited, or the defaults of `person`.
    """

    step: str = "choose"
    person: Person | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    claims_text: str = ""
    misbehaviour: str = ""
    problem: str = ""


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def read_choice(
    stand_in: StandIn | type[StandIn],
    defaults: Callable[[Person], dict[str, Any]],
    reserved: Iterable[str] = (),
    signed_in: Person | None = None,
) -> SignInChoice:
    """The answers in the current request's form; without a form, the beginning.

    Args:
        defaults: what the provider would say about a person.
        reserved: names that the provider sets itself and that no edit may contain.
        signed_in: the person, where something other than this form decides it (a password, a session).
    """
    if flask.request.method != "POST":
        return SignInChoice()
    form = flask.request.form
    person = signed_in or PEOPLE.get(form.get("person", ""))
    misbehaviour = form.get("misbehave", "")
    if misbehaviour not in {each.code for each in stand_in.misbehaviours}:
        misbehaviour = ""
    step = form.get("step", "choose")
    if not form_is_ours():
        return SignInChoice(person=person, misbehaviour=misbehaviour, problem="This page has expired. Choose again.")
    if step == "deny":
        return SignInChoice(step)
    if person is None:
        return SignInChoice(misbehaviour=misbehaviour, problem="Choose who is signing in.")
    text = form.get("claims", "")
    claims, problem = _edited(text, reserved) if text.strip() else (defaults(person), "")
    if problem or step not in ("allow", "preview"):
        step = "preview" if problem else "choose"
    shown = text if problem else pretty(claims)
    return SignInChoice(step, person, claims, shown, misbehaviour, problem)


def choice_for(
    stand_in: StandIn, wanted: LoginRequest, defaults: Callable[[Person], dict[str, Any]], reserved: Iterable[str] = ()
) -> SignInChoice:
    """The choice that the page would have led to, for a login without it. Other arguments as in `read_choice`.

    Raises:
        LoginRefused: no such misbehaviour here, or claims that the page would not take either.
    """
    known = [each.code for each in stand_in.misbehaviours]
    if wanted.misbehaviour and wanted.misbehaviour not in known:
        raise LoginRefused(f"{stand_in.title} misbehaves in these ways: {', '.join(known)}.")
    merged = {**defaults(wanted.person), **wanted.changes}
    if not writable(merged):
        raise LoginRefused(UNWRITABLE_CLAIMS)
    text = pretty({name: value for name, value in merged.items() if value is not None})
    claims, problem = _edited(text, reserved)
    if problem:
        raise LoginRefused(problem)
    return SignInChoice("allow", wanted.person, claims, text, wanted.misbehaviour)


def _edited(text: str, reserved: Iterable[str]) -> tuple[dict[str, Any], str]:
    if len(text) > LONGEST_CLAIMS:
        return {}, f"More than {LONGEST_CLAIMS} characters are not taken."
    try:
        claims = json.loads(text)
    except (ValueError, RecursionError) as error:
        return {}, f"This is not JSON: {error}."
    if not isinstance(claims, dict):
        return {}, "This must be a JSON object: names and values in braces."
    if not writable(claims):
        return {}, UNWRITABLE_CLAIMS
    own = sorted(set(claims) & set(reserved))
    if own:
        return {}, f"The provider sets {', '.join(own)} itself. To see them wrong, choose a misbehaviour."
    for name in ("sub", "id", "user_id", "id_str", "NameID"):
        if name in claims and not (isinstance(claims[name], str) and claims[name].strip()):
            return {}, f"{name} must be a text that is not empty."
    return claims, ""


def writable(value: Any, depth: int = _DEEPEST_CLAIMS) -> bool:
    """Whether tokens and assertions can carry a value."""
    if isinstance(value, str):
        return not _UNWRITABLE.search(value)
    if isinstance(value, dict | list):
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        return depth > 0 and all(writable(part, depth - 1) for part in parts)
    return not isinstance(value, float) or math.isfinite(value)


def form_is_ours() -> bool:
    """Whether the form comes from a page of ours that this browser was shown (double-submit cookie)."""
    cookie = flask.request.cookies.get(COOKIE, "")
    return bool(cookie) and secrets.compare_digest(cookie.encode(), flask.request.form.get("form_token", "").encode())


def show(
    stand_in: StandIn,
    choice: SignInChoice,
    *,
    template: str = "choose_person.html",
    leads_to: Sequence[str] = (),
    panels: Sequence[Panel] = (),
    status: int = 200,
    **more: Any,
) -> flask.Response:
    """The page that follows from what was chosen so far.

    Args:
        leads_to: addresses to which the form's answer redirects; the browser's form-action rule covers them as well.
    """
    if choice.step == "preview" and template == "choose_person.html":
        template = "preview.html"
    return render(
        template,
        status=status,
        leads_to=leads_to,
        stand_in=stand_in,
        choice=choice,
        panels=panels,
        people=list(PEOPLE.values()),
        action=f"{flask.request.script_root}{flask.request.full_path}".rstrip("?"),
        **more,
    )


def render(
    template: str, *, status: int = 200, leads_to: Sequence[str] = (), below: str = "", **more: Any
) -> flask.Response:
    """A page of the stand-ins with its own form token. `leads_to` as in `show`.

    Args:
        below: the path below which the browser sends the cookie that belongs to the token; `cookie_path` by default.
    """
    token = flask.request.cookies.get(COOKIE, "")
    if not 20 <= len(token) <= 100:
        token = secrets.token_urlsafe(24)
    flask.g.form_targets = sorted({_origin(address) for address in leads_to})
    more = {"played": _played(), **more}
    response = flask.make_response(flask.render_template(template, form_token=token, **more), status)
    response.set_cookie(
        COOKIE,
        token,
        path=below or cookie_path(),
        httponly=True,
        samesite="Lax",
        secure=flask.request.is_secure,
    )
    return response


@dataclass(frozen=True, slots=True)
class Played:
    """Whose address the current page plays. `path` is without the query, which may hold what is secret."""

    host: str
    path: str
    by: str


def _played() -> Played:
    """A host that is played stands at the beginning of the path; a stand-in that has none is at home where it is."""
    path = flask.request.path.lstrip("/")
    first, _, rest = path.partition("/")
    by = flask.request.host
    return Played(first, f"/{rest}", by) if "." in first else Played(by, f"{flask.request.script_root}/{path}", by)


def cookie_path() -> str:
    """Below it browsers send a cookie: to the stand-ins of one account; what the home account's set, others' get, too,
    and find none of theirs in it."""
    return f"{flask.request.script_root}/"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    # An application on a phone has a scheme of its own, and no origin.
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"


def post_back(stand_in: StandIn, address: str, fields: dict[str, str]) -> flask.Response:
    """A page whose one button posts `fields` to the application: what other providers do with a script."""
    return render("form_post.html", leads_to=[address], stand_in=stand_in, address=address, fields=fields)
