"""SRP-6a as user pools speak it: RFC 5054 with the group of 3072 bits, SHA-256, and an HKDF of Cognito's own.

The description that clients follow is amazon-cognito-identity-js, `AuthenticationHelper.js`. Integers are hashed as the
bytes of their shortest two's complement form (`padHex` there), and not padded to the length of N.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from functools import cache

# RFC 3526, section 4: the prime of 3072 bits, for which RFC 5054 has 5 as its generator and Cognito 2.
N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G = 2
_INFO = b"Caldera Derived Key\x01"
_SALT_BYTES = 16
_EXPONENT_BITS = 256  # RFC 5054, section 2.5.4; as long as what SHA-256 gives
_WINDOW = 4  # bits of an exponent that one multiplication is for
_SIZE = (N.bit_length() + 7) // 8
_DIGITS = re.compile(rf"[0-9A-Fa-f]{{1,{2 * _SIZE + 2}}}")


@cache
def _powers_of_g() -> tuple[tuple[int, ...], ...]:
    """For each window of an exponent, from its lowest bits on: what `g` is to the power of each value in that place."""
    rows = []
    base = G
    for _ in range(_EXPONENT_BITS // _WINDOW):
        row = [1]
        for _ in range(2**_WINDOW - 1):
            row.append(row[-1] * base % N)
        rows.append(tuple(row))
        base = row[-1] * base % N
    return tuple(rows)


def _power_of_g(exponent: int) -> int:
    """`pow(G, exponent, N)` of at most 256 bits, in a fifth of the time: strangers may have it computed at will."""
    power = 1
    for row in _powers_of_g():
        power = power * row[exponent % 2**_WINDOW] % N
        exponent >>= _WINDOW
    return power


def padded(number: int) -> bytes:
    """A number as it is hashed: its shortest form of whole bytes whose first bit is 0."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hashed(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


_K = _hashed(padded(N), padded(G))


@dataclass(frozen=True, slots=True)
class Verifier:
    """What is kept of a password. Both are numbers in network order, as they are stored."""

    salt: bytes
    value: bytes


def make_verifier(pool_id: str, username: str, password: str, salt: bytes = b"") -> Verifier:
    """The verifier of a password: `g ^ H(salt | H(POOL USER : password))`.

    Args:
        username: USER_ID_FOR_SRP, which never changes.
        salt: made at random unless given.
    """
    salt = salt or secrets.token_bytes(_SALT_BYTES)
    identity = hashlib.sha256(f"{_short(pool_id)}{username}:{password}".encode()).digest()
    exponent = _hashed(padded(int.from_bytes(salt, "big")), identity)
    return Verifier(salt, _power_of_g(exponent).to_bytes(_SIZE, "big"))


def matches(kept: Verifier, pool_id: str, username: str, password: str) -> bool:
    """Whether `password` is the one that the verifier was made of."""
    return hmac.compare_digest(make_verifier(pool_id, username, password, kept.salt).value, kept.value)


def made_up_verifier(secret: bytes, pool_id: str, name: str) -> Verifier:
    """What an unknown name seems to have: the same at each try, and made of no password (RFC 5054, section 2.5.1.3)."""
    seed = hmac.digest(secret, f"{pool_id}:{name}".encode(), "sha256")
    value = int.from_bytes(hashlib.shake_256(b"verifier" + seed).digest(_SIZE), "big") % N
    return Verifier(hashlib.shake_256(b"salt" + seed).digest(_SALT_BYTES), value.to_bytes(_SIZE, "big"))


def public_value(text: str) -> int | None:
    """The client's `SRP_A`; None for what is no such number.

    A multiple of N would make the secret 0 whatever the password is (RFC 5054, section 2.5.4).
    """
    value = int(text, 16) if _DIGITS.fullmatch(text) else 0
    return value if value % N else None


def begin(kept: Verifier) -> tuple[int, int]:
    """The server's secret and public values `b` and `B = k * v + g ^ b`."""
    while True:
        secret = secrets.randbits(_EXPONENT_BITS) | 1
        public = (_K * int.from_bytes(kept.value, "big") + _power_of_g(secret)) % N
        if public:
            return secret, public


def signature(
    kept: Verifier, a: int, b: int, public: int, *, pool_id: str, username: str, block: bytes, timestamp: str
) -> bytes:
    """What only a client that knows the password can send as PASSWORD_CLAIM_SIGNATURE (undecoded from base64).

    Args:
        a: the client's public value.
        b, public: as `begin` gave them.
        block: SECRET_BLOCK, decoded.
    """
    u = _hashed(padded(a), padded(public))
    shared = pow(a * pow(int.from_bytes(kept.value, "big"), u, N), b, N)
    extracted = hmac.digest(padded(u), padded(shared), "sha256")
    key = hmac.digest(extracted, _INFO, "sha256")[:16]
    return hmac.digest(key, f"{_short(pool_id)}{username}".encode() + block + timestamp.encode(), "sha256")


def salt_text(kept: Verifier) -> str:
    """The salt as clients get it: hexadecimal digits of a number."""
    return f"{int.from_bytes(kept.salt, 'big'):x}"


def _short(pool_id: str) -> str:
    """A pool's name in SRP: its id without the region."""
    return pool_id.partition("_")[2]
