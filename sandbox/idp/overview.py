"""The page about all stand-ins, with the switches that no real provider would hand out."""

from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from sandbox.core.http import is_loopback
from sandbox.idp.sign_in import page
from sandbox.idp.sign_in.context import IdpContext
from sandbox.idp.sign_in.people import GROUPS, PEOPLE
from sandbox.idp.stand_ins import STAND_INS, endpoint_map
from sandbox.idp.stand_ins.userpool import UserPool
from sandbox.idp.storage import user_pool
from sandbox.idp.storage.keys import SigningKeys

ONLOOKER = "This sandbox is shared. Its keys and people can only be changed on the machine on which it runs."


@dataclass(frozen=True, slots=True)
class Issuer:
    """One row of the table of keys."""

    slug: str
    title: str
    kids: list[str]


class Overview:
    def __init__(self, context: IdpContext) -> None:
        self.context = context
        self.records = context.records
        self.keys = {
            slug: SigningKeys(context.records, slug, stand_in.new_key_id)
            for slug, stand_in in STAND_INS.items()
            if stand_in.has_keys
        }

    def register(self, blueprint: Blueprint) -> None:
        rule = blueprint.add_url_rule
        rule("/", "overview", self.overview)
        rule("/keys/<slug>/rotate", "rotate", self.rotate, methods=["POST"])
        rule("/people/<key>.svg", "portrait", self.portrait)
        rule("/people/<key>/<change>", "change_person", self.change_person, methods=["POST"])

    def overview(self) -> Response:
        issuers = [Issuer(slug, STAND_INS[slug].title, keys.kids()) for slug, keys in self.keys.items()]
        return page.render(
            "stand_ins.html",
            stand_in=None,
            issuers=issuers,
            people=list(PEOPLE.values()),
            groups=GROUPS,
            deleted={
                key for key, person in PEOPLE.items() if user_pool.is_deleted(self.records, UserPool.subject(person))
            },
            endpoints=endpoint_map(self.context.lab),
            local_addresses={
                name: address
                for stand_in in STAND_INS.values()
                for name, address in stand_in.local_addresses(self.context.lab).items()
            },
            done=request.args.get("done", ""),
            onlooker="" if self._may_change() else ONLOOKER,
        )

    def rotate(self, slug: str) -> Response:
        """A new signing key; with `withdraw` in the form the old one leaves the JWKS at once."""
        if slug not in self.keys:
            abort(404)
        self._check_form()
        self.keys[slug].rotate(withdraw=bool(request.form.get("withdraw")))
        return _see("keys")

    def change_person(self, key: str, change: str) -> Response:
        """Sign out everywhere, delete or restore a person of the user pool."""
        person = PEOPLE.get(key)
        changes = {"sign-out": user_pool.sign_out_everywhere, "delete": user_pool.delete, "restore": user_pool.restore}
        if person is None or change not in changes:
            abort(404)
        self._check_form()
        changes[change](self.records, person.key, UserPool.subject(person))
        return _see("people")

    def portrait(self, key: str) -> Response:
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

    def _may_change(self) -> bool:
        """Whether the request may change keys and people: in a shared sandbox the change would concern everybody."""
        shared = not is_loopback(urlsplit(self.context.config.public_url).hostname)
        peer = (request.remote_addr or "").removeprefix("::ffff:")  # IPv4 on a socket of IPv6 (RFC 4291, 2.5.5.2)
        return not shared or is_loopback(peer)

    def _check_form(self) -> None:
        if not self._may_change():
            abort(403, ONLOOKER)
        if not page.form_is_ours():
            abort(403, "This page has expired. Reload it and try again.")


def _see(part: str) -> Response:
    """Back to the page, under the address by which it was reached: a shared sandbox has two."""
    return Response("", 303, {"Location": f"/idp/?done={part}#{part}"})
