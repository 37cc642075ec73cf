"""The WSGI application that holds all the stand-ins, for every path below `/idp/`."""

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, g
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from appearance import STYLESHEETS
from appearance.colours import ink_on
from sandbox.core.config import SandboxConfig
from sandbox.idp import overview, played
from sandbox.idp.accounts import AccountPaths, ServedAccounts, account_of_request, served
from sandbox.idp.mailbox import Mailboxes
from sandbox.idp.managed_login.routes import ManagedLogins
from sandbox.idp.sign_in import page
from sandbox.idp.sign_in.stand_in import View
from sandbox.idp.stand_ins import STAND_INS

LONGEST_BODY = 512 * 1024
_STATIC = Path(__file__).parent / "static"

Exists = Callable[[str, sqlite3.Connection], bool]

# At DEBUG Authlib and pysaml2 write tokens and whole messages into the log.
for _noisy in ("authlib", "saml2"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)


def idp_application(config: SandboxConfig, exists: Exists | None = None) -> Flask:
    """The stand-ins for one sandbox. Safe to call from several threads, and several may exist for one file.

    The stand-ins themselves are its `extensions["stand_ins"]`, by account.
    Makes its tables in `config.data_file`, which it may share with the sandbox; keys come into being when first needed.

    Args:
        exists: whether there is an account of that number, asked with the thread's connection to the file; by default
            only the home account is there.
    """
    accounts = ServedAccounts(config)
    app = Flask("sandbox.idp", static_folder=None, template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LONGEST_BODY
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    blueprint = Blueprint("idp", __name__)
    for slug, stand_in in STAND_INS.items():
        for number, route in enumerate(stand_in.routes()):
            answer = _answered_by(slug, route.view)
            blueprint.add_url_rule(route.path, f"{slug}_{number}", answer, methods=list(route.methods))
    app.extensions["stand_ins"] = accounts

    def there_is(account: str) -> bool:
        return exists(account, accounts.records.connection) if exists else account == config.account_id

    ManagedLogins(config, accounts, there_is).register(blueprint)
    Mailboxes(config, accounts.records).register(blueprint)
    overview.register(blueprint)
    played.register(blueprint)
    blueprint.add_url_rule("/standin.css", "stylesheet", stylesheet)
    blueprint.add_url_rule("/standin.svg", "icon", icon)
    app.register_blueprint(blueprint)
    app.wsgi_app = AccountPaths(app.wsgi_app, config.account_id)  # type: ignore[method-assign]  # as Flask documents it
    app.before_request(lambda: _find_account(accounts, there_is))
    app.after_request(_secure)
    app.register_error_handler(HTTPException, _plain_error)
    return app


def _find_account(accounts: ServedAccounts, exists: Callable[[str], bool]) -> None:
    account = account_of_request()
    if account is None:
        abort(404)
    if not exists(account):
        abort(
            404,
            f"There is no account {account} in this sandbox. Its home administrator makes accounts; where any twelve "
            "digits may sign, an account is there once a signed call has made something in it.",
        )
    g.served = accounts.of(account)


def _answered_by(slug: str, view: View) -> View:
    """The view, of the stand-in that belongs to the account of the request."""

    def answer(**values: Any) -> Response:
        return view(served().stand_ins[slug], **values)

    return answer


def stylesheet() -> Response:
    """Colours and buttons, which application and stand-ins share, what the stand-ins have, and the colour of each."""
    parts = [path.read_bytes() for path in (*STYLESHEETS, _STATIC / "standin.css")]
    costumes = "".join(
        f".of-{slug} {{ --brand: {each.colour}; --on-brand: {ink_on(each.colour)}; }}\n"
        for slug, each in STAND_INS.items()
    )
    return _static(b"".join((*parts, costumes.encode())), "text/css; charset=utf-8")


def icon() -> Response:
    return _static((_STATIC / "standin.svg").read_bytes(), "image/svg+xml")


def _static(content: bytes, content_type: str) -> Response:
    return Response(content, 200, {"Content-Type": content_type, "Cache-Control": "max-age=300"})


def _secure(response: Response) -> Response:
    """No script at all, forms only to ourselves and to where the page's answer leads, nothing kept."""
    targets = " ".join(("'self'", *g.get("form_targets", [])))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {targets}"
    )
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Stand-In"] = "local; not the provider it stands in for"
    return response


def _plain_error(error: HTTPException) -> Response:
    """A page for what is not there; it names no path, since a path may hold a token."""
    if isinstance(error, RequestEntityTooLarge):
        description = "That was more than a stand-in takes."
    elif isinstance(error, NotFound) and error.description == NotFound.description:
        description = "There is no page at this address."
    else:
        description = error.description or "Something is wrong with this request."
    return page.render("refused.html", status=error.code or 500, stand_in=None, error="", description=description)
