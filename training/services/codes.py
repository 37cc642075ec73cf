"""Codes that people type: those by which a class is joined, and those by which somebody comes back to their seat.

Both are made of the secret key, of something random in a row and of a number that grows when a new code is wanted, so
that no code rests anywhere. A class is found by the keyed digest of its code.

The alphabet is Crockford's: digits and letters without I, L, O and U. Each character is five bits.
"""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from training.models import Cohort, SeatName

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", **dict.fromkeys(" -–—_.\t", None)})
JOIN_LENGTH = 8  # 40 bits
RETURN_LENGTH = 10  # 50 bits, and no join code can be taken for one


def normalised(text: str) -> str:
    """A code as it was typed -> its characters, or an empty text where it cannot be one.

    Case, spaces and hyphens do not count, O is read as 0, I and L as 1.
    """
    found = text[:64].upper().translate(_READ_AS)
    fits = len(found) in (JOIN_LENGTH, RETURN_LENGTH) and all(character in _ALPHABET for character in found)
    return found if fits else ""


def join_code(cohort: Cohort) -> str:
    """`XXXX-XXXX`: what people type to join the class."""
    return _grouped(_made("join", f"{cohort.public_id}\n{cohort.join_epoch}", JOIN_LENGTH))


def join_digest(text: str) -> str:
    """What rests of a join code, however it was typed."""
    return salted_hmac("training.codes.digest", normalised(text), algorithm="sha256").hexdigest()


def join_page() -> str:
    """The address at which codes are typed."""
    return f"{settings.PUBLIC_URL}/join/"


def join_link(cohort: Cohort) -> str:
    """The address that the QR code leads to. Who has it may join, and nothing else."""
    return f"{settings.PUBLIC_URL}/join/{join_code(cohort)}/"


def return_code(name: SeatName) -> str:
    """`XXXXX-XXXXX`: what brings this person back to the seat on another device."""
    return _grouped(_made("return", f"{name.key}\n{name.return_epoch}", RETURN_LENGTH))


def return_link(name: SeatName) -> str:
    """The address of the personal QR code. What stands behind `#` is not sent: a script puts it into the form."""
    return f"{settings.PUBLIC_URL}/join/back/#{return_code(name)}"


def is_return_code(name: SeatName, text: str) -> bool:
    """Whether what was typed is this person's return code."""
    return constant_time_compare(normalised(text), _made("return", f"{name.key}\n{name.return_epoch}", RETURN_LENGTH))


def _made(purpose: str, text: str, length: int) -> str:
    number = int.from_bytes(salted_hmac(f"training.codes.{purpose}", text, algorithm="sha256").digest(), "big")
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(length))


def _grouped(code: str) -> str:
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"
