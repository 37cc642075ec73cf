"""SRP as a client of user pools computes it, after amazon-cognito-identity-js (`AuthenticationHelper.js`).

Written from that description and not from the sandbox's own code, in hexadecimal texts as there, so that the two can be
held against each other.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from sandbox.user_pools.srp import N

_G = 2


def pad_hex(number: int) -> str:
    text = f"{number:x}"
    if len(text) % 2:
        return f"0{text}"
    return f"00{text}" if text[0] in "89abcdef" else text


def hex_hash(text: str) -> str:
    return hashlib.sha256(bytes.fromhex(text)).hexdigest()


class SrpClient:
    """One sign-in. `pool`: the pool's id without its region."""

    def __init__(self, pool_id: str) -> None:
        self.pool = pool_id.partition("_")[2]
        self.small = secrets.randbits(1024)
        self.large = pow(_G, self.small, N)

    @property
    def srp_a(self) -> str:
        return f"{self.large:x}"

    def answers(self, parameters: dict[str, str], password: str, *, username: str = "") -> dict[str, str]:
        """The responses to a PASSWORD_VERIFIER challenge. `username`: USER_ID_FOR_SRP unless given."""
        stamp = datetime.now(UTC)
        timestamp = f"{stamp:%a %b} {stamp.day} {stamp:%H:%M:%S} UTC {stamp.year}"
        user = parameters["USER_ID_FOR_SRP"]
        key = self._key(user, password, int(parameters["SRP_B"], 16), int(parameters["SALT"], 16))
        block = base64.b64decode(parameters["SECRET_BLOCK"])
        message = f"{self.pool}{user}".encode() + block + timestamp.encode()
        return {
            "USERNAME": username or user,
            "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
        }

    def _key(self, user: str, password: str, b: int, salt: int) -> bytes:
        k = int(hex_hash(pad_hex(N) + pad_hex(_G)), 16)
        u = int(hex_hash(pad_hex(self.large) + pad_hex(b)), 16)
        identity = hashlib.sha256(f"{self.pool}{user}:{password}".encode()).hexdigest()
        x = int(hex_hash(pad_hex(salt) + identity), 16)
        shared = pow(b - k * pow(_G, x, N), self.small + u * x, N)
        extracted = hmac.digest(bytes.fromhex(pad_hex(u)), bytes.fromhex(pad_hex(shared)), "sha256")
        return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
