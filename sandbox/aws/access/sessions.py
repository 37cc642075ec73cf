"""Temporary credentials without a table: the session token is the session, sealed.

A token is AES-256-GCM over the session, with the access key ID as associated data, so that token and key ID belong
together. The secret access key is an HMAC of both. Credentials that were handed out therefore work after a restart, and
handing them out writes nothing.
"""

import base64
import secrets
import zlib
from collections import OrderedDict
from hashlib import sha256
from hmac import digest
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from iampolicy.guest_limits import guest_session_policies
from sandbox.aws.iam.managed_policies import aws_policies
from sandbox.aws.wire.json_text import read_json, write_json
from sandbox.core.caller import RoleSession
from sandbox.core.instance import Instance

_KEY_ID_PREFIX = "ASIA"
_CACHED = 2048
_PLAIN, _COMPRESSED = b"\0", b"\1"
_WORTH_COMPRESSING = 1024  # bytes


class InvalidSession(Exception):
    """The session token is not one of ours, was altered, belongs to another access key ID, or its account was reset."""


class SessionCredentials(Struct, frozen=True):
    """What is handed out. `expiration` is in epoch seconds on the account's clock."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: int


class Sessions:
    """Seals and opens session tokens with the installation's key."""

    def __init__(self, instance: Instance) -> None:
        self._cipher = AESGCM(instance.keys.derived("session tokens"))
        self._secret_key = instance.keys.derived("secret access keys")
        self._region = instance.config.region
        self._accounts = instance.accounts
        self._opened: OrderedDict[tuple[str, str], RoleSession] = OrderedDict()

    def issue(self, session: RoleSession, *, guest_of: str = "") -> SessionCredentials:
        """Credentials for a session, which are good in every region.

        Args:
            guest_of: the region of the pool that gives the session the policies of a guest in the enhanced flow; empty
                for all other sessions. The policies are the same for every guest of a region, so the token says only
                that they apply.
        """
        document = {
            "account": session.account,
            "role": session.role_arn,
            "role_id": session.role_id,
            "name": session.session_name,
            "context": dict(session.context),
            "policies": list(session.session_policies),
            "guest": guest_of,
            "issued": session.issued,
            "expires": session.expires,
        }
        if session.managed_policies:
            document["managed"] = list(session.managed_policies)
        if session.transitive:
            document["transitive"] = list(session.transitive)
        if epoch := self._accounts.epoch(session.account):
            document["epoch"] = epoch
        key_id = _new_key_id(session.account)
        nonce = secrets.token_bytes(12)
        plain = write_json(document)
        # Most are small; session policies make one large, and headers have limits.
        plain = _PLAIN + plain if len(plain) < _WORTH_COMPRESSING else _COMPRESSED + zlib.compress(plain, 6)
        sealed = self._cipher.encrypt(nonce, plain, key_id.encode())
        token = base64.b64encode(nonce + sealed).decode()
        return SessionCredentials(key_id, self.secret_access_key(key_id, token), token, session.expires)

    def secret_access_key(self, key_id: str, token: str) -> str:
        """The 40 characters that belong to a key ID and its token."""
        return base64.b64encode(digest(self._secret_key, f"{key_id}\0{token}".encode(), sha256)[:30]).decode()

    def open(self, key_id: str, token: str) -> RoleSession:
        """The session behind a token, expired or not.

        Raises:
            InvalidSession
        """
        session = self._opened.get((key_id, token))
        if session is None:
            session = self._opened[key_id, token] = self._read(key_id, token)
            if len(self._opened) > _CACHED:
                self._opened.popitem(last=False)
        if session.epoch != self._accounts.epoch(session.account):
            raise InvalidSession
        return session

    def _read(self, key_id: str, token: str) -> RoleSession:
        """The session that is sealed in a token, without looking at the account's epoch.

        Raises:
            InvalidSession
        """
        try:
            sealed = base64.b64decode(token.encode("ascii"), validate=True)
            plain = self._cipher.decrypt(sealed[:12], sealed[12:], key_id.encode())
        except (ValueError, InvalidTag):
            raise InvalidSession from None
        text = plain[1:] if plain[:1] == _PLAIN else zlib.decompress(plain[1:])
        return self._session(read_json(text))

    def _session(self, document: dict[str, Any]) -> RoleSession:
        # Tokens of before there were several regions have true or false here.
        guest_of = self._region if document["guest"] is True else document["guest"]
        guest = guest_session_policies(guest_of) if guest_of else []
        managed = document.get("managed", ())
        return RoleSession(
            account=document["account"],
            role_arn=document["role"],
            role_id=document["role_id"],
            session_name=document["name"],
            context=document["context"],
            session_policies=[*document["policies"], *guest, *(aws_policies()[arn].document for arn in managed)],
            managed_policies=managed,
            transitive=document.get("transitive", ()),
            issued=document["issued"],
            expires=document["expires"],
            epoch=document.get("epoch", 0),
        )


def _new_key_id(account: str) -> str:
    """A key ID that carries its account where AWS puts it: bits 7 to 46 of the first 48 after the prefix."""
    chance = secrets.token_bytes(5)
    head = (1 << 47) | (int(account) << 7) | (chance[0] >> 1)
    return _KEY_ID_PREFIX + base64.b32encode(head.to_bytes(6, "big") + chance[1:]).decode()


def account_of_key_id(key_id: str) -> str | None:
    """The account inside a key ID of ours or of AWS, or None when there is none to be read."""
    try:
        data = base64.b32decode(key_id[4:])
    except ValueError:
        return None
    if len(key_id) != 20 or len(data) < 6:
        return None
    account = (int.from_bytes(data[:6], "big") >> 7) & ((1 << 40) - 1)
    return f"{account:012d}" if account < 10**12 else None
