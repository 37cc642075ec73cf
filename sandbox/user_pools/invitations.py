"""The message by which somebody whom an administrator made hears of their temporary password."""

import sqlite3
from collections.abc import Sequence

from sandbox.user_pools.mailbox import MEDIA, deliver
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.users import User

_TEXT = "Your username is {username} and temporary password is {####}."
_SUBJECT = "Your temporary password"


def invite(
    connection: sqlite3.Connection, pool: UserPool, user: User, password: str, media: Sequence[str] = ()
) -> None:
    """Deliver a temporary password to each of the addresses that the user has.

    Args:
        media: `EMAIL` and `SMS`; whatever address there is where neither is named.
    """
    template = (pool.definition.get("AdminCreateUserConfig") or {}).get("InviteMessageTemplate") or {}
    known = [attribute for attribute in MEDIA if user.attributes.get(attribute)]
    wanted = [attribute for attribute in known if MEDIA[attribute] in media] or known[:1]
    for attribute in wanted:
        member = "EmailMessage" if attribute == "email" else "SMSMessage"
        text = template.get(member) or _TEXT
        shown = user.attributes[attribute] if pool.username_attributes else user.username
        deliver(
            connection,
            pool,
            user.username,
            medium=MEDIA[attribute],
            recipient=user.attributes[attribute],
            text=(
                (template.get("EmailSubject") or _SUBJECT) if attribute == "email" else "",
                text.replace("{username}", shown).replace("{####}", password),
            ),
        )
