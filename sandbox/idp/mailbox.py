"""The mailbox of an account: what its user pools have sent, to be read by hand.

Whoever reads it can confirm sign-ups and set new passwords of everybody in the account. So the page is shown on the
sandbox's own machine only, to whom its file and the forms of the stand-ins are open too; with a signature an account's
administrator reads it from anywhere (`/_sandbox/mailbox`).
"""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import flask

from sandbox.core.config import SandboxConfig
from sandbox.core.http import is_loopback
from sandbox.idp.accounts import served
from sandbox.idp.sign_in import page
from sandbox.idp.storage.records import Records
from sandbox.user_pools.mailbox import Message, empty_mailbox, list_messages

_EXPIRED = "This page has expired. Reload it and try again."


class Mailboxes:
    """The mailboxes of all accounts of one sandbox."""

    def __init__(self, config: SandboxConfig, records: Records) -> None:
        self._config, self._records = config, records

    def register(self, blueprint: flask.Blueprint) -> None:
        blueprint.add_url_rule("/mailbox", "mailbox", self.mailbox, methods=["GET", "POST"])

    def mailbox(self) -> flask.Response:
        account = served().context.lab.account
        connection = self._records.connection
        obstacle = self._obstacle()
        if flask.request.method == "POST":
            if obstacle:
                flask.abort(403, obstacle)
            if not page.form_is_ours():
                flask.abort(403, _EXPIRED)
            empty_mailbox(connection, account)
            # A path of this server, whatever its name: a shared sandbox has two.
            return flask.Response("", 303, {"Location": f"{flask.request.script_root}/mailbox"})
        messages = [] if obstacle else list_messages(connection, account)
        return page.render(
            "mailbox.html",
            status=403 if obstacle else 200,
            stand_in=None,
            account=account,
            obstacle=obstacle,
            signed_request=self._signed_request(),
            app_mailbox=f"{self._config.app_url}/mailbox/" if account == self._config.account_id else "",
            messages=[(message, _sent(message)) for message in messages],
        )

    def _signed_request(self) -> str:
        """The command by which an account's administrator reads its mailbox."""
        signed = f"--aws-sigv4 aws:amz:{self._config.region}:sandbox {self._config.public_url}/_sandbox/mailbox"
        return f'curl --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" {signed}'

    def _obstacle(self) -> str:
        """Why the request may not read a mailbox here; empty when it may."""
        if is_loopback(urlsplit(self._config.public_url).hostname) and is_loopback(flask.request.remote_addr):
            return ""
        return (
            "This sandbox is shared. A mailbox is for its account's administrator: whoever reads it can set the "
            "password of anybody who has an address there."
        )


def _sent(message: Message) -> str:
    return f"{datetime.fromtimestamp(message.sent, UTC):%Y-%m-%d %H:%M:%S} UTC"
