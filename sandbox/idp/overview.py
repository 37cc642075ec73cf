"""The page about an account's stand-ins, with the switches that no real provider would hand out."""

from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from sandbox.core.http import is_loopback
from sandbox.idp.accounts import served
from sandbox.idp.changes import OF_PEOPLE, change_person, issuers, rotate_key
from sandbox.idp.seeded_user_pool import is_deleted
from sandbox.idp.sign_in import page
from sandbox.idp.sign_in.people import GROUPS, PEOPLE
from sandbox.idp.stand_ins import STAND_INS, endpoint_map

ONLOOKER = "This sandbox is shared. Its keys and people can only be changed on the machine on which it runs."
OF_OTHERS = (
    "This sandbox is shared. The keys and people of this account are changed by its administrator, with a signed "
    "request (POST /_sandbox/stand-ins)."
)


@dataclass(frozen=True, slots=True)
class Issuer:
    """One row of the table of keys."""

    slug: str
    title: str
    kids: list[str]


def register(blueprint: Blueprint) -> None:
    """Add the page's routes."""
    rule = blueprint.add_url_rule
    rule("/", "overview", overview)
    rule("/keys/<slug>/rotate", "rotate", rotate, methods=["POST"])
    rule("/people/<key>.svg", "portrait", portrait)
    rule("/people/<key>/<change>", "change", change, methods=["POST"])


def overview() -> Response:
    account = served()
    lab = account.context.lab
    return page.render(
        "stand_ins.html",
        stand_in=None,
        account="" if lab.is_home else lab.account,
        issuers=[Issuer(slug, STAND_INS[slug].title, keys.kids()) for slug, keys in issuers(account).items()],
        people=list(PEOPLE.values()),
        groups=GROUPS,
        deleted={key for key, person in PEOPLE.items() if is_deleted(account.context.records, lab, person)},
        endpoints=endpoint_map(lab),
        local_addresses={
            name: address for stand_in in STAND_INS.values() for name, address in stand_in.local_addresses(lab).items()
        },
        done=request.args.get("done", ""),
        onlooker=_obstacle(),
    )


def rotate(slug: str) -> Response:
    """A new signing key; with `withdraw` in the form the old one leaves the JWKS at once."""
    if slug not in issuers(served()):
        abort(404)
    _check_form()
    rotate_key(served(), slug, withdraw=bool(request.form.get("withdraw")))
    return _back_to("keys")


def change(key: str, change: str) -> Response:
    """Sign out everywhere, delete or restore a person of the user pool."""
    if key not in PEOPLE or change not in OF_PEOPLE:
        abort(404)
    _check_form()
    change_person(served(), key, change)
    return _back_to("people")


def portrait(key: str) -> Response:
    """A person's picture: their initials."""
    person = PEOPLE.get(key)
    if person is None:
        abort(404)
    hue = list(PEOPLE).index(key) * 360 // len(PEOPLE)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" role="img" '
        f'aria-label="{escape(person.name)}"><rect width="48" height="48" rx="24" fill="hsl({hue} 45% 32%)"/>'
        '<text x="24" y="30" text-anchor="middle" font-family="system-ui,sans-serif" font-size="17" '
        f'font-weight="600" fill="#fff">{escape(person.initials)}</text></svg>'
    )
    return Response(svg, 200, {"Content-Type": "image/svg+xml", "Cache-Control": "max-age=86400"})


def _obstacle() -> str:
    """Why the request may not change keys and people by a form; empty when it may.

    In a shared sandbox a change of the home account would concern everybody, so it is made on the machine of the
    sandbox. One of another account takes its administrator's signature.
    """
    lab = served().context.lab
    if is_loopback(urlsplit(lab.public_url).hostname):
        return ""
    if not lab.is_home:
        return OF_OTHERS
    # Behind a proxy that does not say who asks, everybody seems to come from here; they do not call us by this name.
    is_here = is_loopback(request.remote_addr) and is_loopback(urlsplit(f"//{request.host}").hostname)
    return "" if is_here else ONLOOKER


def _check_form() -> None:
    if obstacle := _obstacle():
        abort(403, obstacle)
    if not page.form_is_ours():
        abort(403, "This page has expired. Reload it and try again.")


def _back_to(part: str) -> Response:
    """Back to the page, under the address by which it was reached: a shared sandbox has two."""
    return Response("", 303, {"Location": f"{request.script_root}/?done={part}#{part}"})
