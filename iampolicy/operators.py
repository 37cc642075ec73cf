"""What each condition operator compares: one small function from a policy's value to a test of a request's value.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators". Variables are replaced in the string, Boolean
and ARN operators, wildcards count in the `Like` and `Arn` ones.
"""

import base64
import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from iampolicy.truth import Truth
from iampolicy.wildcards import Context, Pattern, PatternPart, arn_pattern, pattern, tokens

# Whether one value of the request is the one that a value of the policy asks for.
Test = Callable[[str, Context], Truth]
# Builds the test of one value of a policy; raises ValueError for a value that the operator cannot read.
Factory = Callable[[str, bool], Test]


def _literal(text: str, variables: bool) -> list[PatternPart]:
    """The parts of a text in which a star is a star."""
    kinds = {"run": "*", "one": "?"}
    return [
        PatternPart("text", kinds[token.kind]) if token.kind in kinds else token for token in tokens(text, variables)
    ]


def _text(text: str, variables: bool, *, ignore_case: bool) -> Test:
    parts = _literal(text, variables)
    if all(token.kind == "text" for token in parts):
        wanted = "".join(token.text for token in parts)
        if ignore_case:
            lower = wanted.lower()
            return lambda value, _context: value.lower() == lower
        return lambda value, _context: value == wanted
    return Pattern(parts, ignore_case).matches


def string_equals(text: str, variables: bool) -> Test:
    return _text(text, variables, ignore_case=False)


def string_equals_ignore_case(text: str, variables: bool) -> Test:
    return _text(text, variables, ignore_case=True)


def string_like(text: str, variables: bool) -> Test:
    return pattern(text, variables).matches


def boolean(text: str, variables: bool) -> Test:
    return _text(text, variables, ignore_case=True)


def arn_like(text: str, variables: bool) -> Test:
    return arn_pattern(text, variables).matches


def binary_equals(text: str, variables: bool) -> Test:
    wanted = base64.b64decode(text, validate=True)

    def test(value: str, context: Context) -> bool:
        try:
            return base64.b64decode(value, validate=True) == wanted
        except ValueError:
            return False

    return test


def ip_address(text: str, variables: bool) -> Test:
    network = ipaddress.ip_network(text.strip(), strict=False)

    def test(value: str, context: Context) -> bool:
        try:
            return ipaddress.ip_address(value.strip()) in network
        except ValueError:
            return False

    return test


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not a number") from error
    if not number.is_finite():
        raise ValueError(f"{text!r} is not a number")
    return number


def _moment(text: str) -> Decimal:
    """Epoch seconds of a date: ISO 8601 as W3C profiles it, or epoch seconds themselves."""
    text = text.strip()
    try:
        return _number(text)
    except ValueError:
        # The first ten characters of a W3C date may end at the year or the month.
        padded = text if len(text) > 7 else f"{text}-01-01"[:10]
        moment = datetime.fromisoformat(padded)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Decimal(str(moment.timestamp()))


def _ordered(read: Callable[[str], Decimal], compare: Callable[[Decimal, Decimal], bool]) -> Factory:
    def factory(text: str, variables: bool) -> Test:
        wanted = read(text)

        def test(value: str, context: Context) -> bool:
            try:
                return compare(read(value), wanted)
            except (ValueError, OverflowError):
                return False

        return test

    return factory


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda given, wanted: bool(given == wanted),
    "LessThan": lambda given, wanted: bool(given < wanted),
    "LessThanEquals": lambda given, wanted: bool(given <= wanted),
    "GreaterThan": lambda given, wanted: bool(given > wanted),
    "GreaterThanEquals": lambda given, wanted: bool(given >= wanted),
}

POSITIVE: dict[str, Factory] = {
    "StringEquals": string_equals,
    "StringEqualsIgnoreCase": string_equals_ignore_case,
    "StringLike": string_like,
    "Bool": boolean,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "BinaryEquals": binary_equals,
    "IpAddress": ip_address,
    **{f"Numeric{name}": _ordered(_number, compare) for name, compare in _COMPARISONS.items()},
    **{f"Date{name}": _ordered(_moment, compare) for name, compare in _COMPARISONS.items()},
}

# A negated operator holds when none of the values fits, and also when the request has no such key.
NEGATED: dict[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
