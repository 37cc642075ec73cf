"""Whose stand-ins a request is for, and the stand-ins of each account.

The home account's are below `/idp/`, those of account N below `/idp/N/`. That is decided here and nowhere else: WSGI's
`SCRIPT_NAME` is the part of the path that names the account, so that routes, links and forms are the same in all.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import g, request

from sandbox.core.config import SandboxConfig
from sandbox.core.facts import STAND_INS_PATH
from sandbox.idp.sign_in.context import IdpContext
from sandbox.idp.sign_in.stand_in import StandIn
from sandbox.idp.stand_ins import STAND_INS
from sandbox.idp.storage.records import Records

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

_PATH = re.compile(rf"({STAND_INS_PATH}(?:/([0-9]{{12}})(?=/|\Z))?)(/.*|\Z)", re.DOTALL)
_ACCOUNT = "sandbox.account"
_MOST_KEPT = 200  # accounts whose stand-ins stay made; each takes some 50 KB


@dataclass(frozen=True, slots=True)
class Served:
    """The stand-ins of one account, by slug, and what they are given."""

    context: IdpContext
    stand_ins: dict[str, StandIn]


class ServedAccounts:
    """The stand-ins of every account, made when one is first asked for. For several threads."""

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config
        self.records = Records(config.data_file, config.account_id)
        self._making = threading.Lock()
        self._made: OrderedDict[str, Served] = OrderedDict()

    def of(self, account: str) -> Served:
        """Those of an account, of which the caller knows that it exists."""
        with self._making:
            if account not in self._made:
                context = IdpContext(self._config, self.records.of(account))
                made = {slug: stand_in(context) for slug, stand_in in STAND_INS.items()}
                self._made[account] = Served(context, made)
                if len(self._made) > _MOST_KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(account)
            return self._made[account]


class AccountPaths:
    """WSGI middleware: takes the part that names the account from the path, and writes down which it is."""

    def __init__(self, application: "WSGIApplication", home: str) -> None:
        self._application = application
        self._home = home

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        found = _PATH.fullmatch(environ["PATH_INFO"])
        if found:
            prefix, number, rest = found.groups()
            environ = {**environ, "SCRIPT_NAME": prefix, "PATH_INFO": rest or "/", _ACCOUNT: number or self._home}
        return self._application(environ, start_response)


def account_of_request() -> str | None:
    """The number in the current request's path, the home account's where it names none; None outside `/idp/`."""
    account: str | None = request.environ.get(_ACCOUNT)
    return account


def served() -> Served:
    """The stand-ins that answer the current request."""
    answering: Served = g.served
    return answering
