"""A difference in a sentence: those that have one of their own, and what is said of any other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from flows.pages.compare.fields import Difference
from flows.pages.run import wire

_LONGEST = 160  # characters of a value within a sentence
_PLAIN = frozenset({"who", "other", "operation", "label", "name"})


@dataclass(frozen=True, slots=True)
class ToldDifference:
    """A sentence about a difference.

    Attributes:
        template: with the names of `values` in braces.
        before, after: what A and B have, to be shown beneath the sentence; both empty where it says all.
        in_words: whether its values are words of ours and nothing that was recorded.
    """

    template: str
    values: Mapping[str, str]
    before: str = ""
    after: str = ""
    in_words: bool = False

    @property
    def text(self) -> str:
        return self.template.format(**{name: _short(value) for name, value in self.values.items()})

    @property
    def html(self) -> SafeString:
        """The same with recorded values as code."""
        shown = _bold if self.in_words else _code
        parts = {name: value if name in _PLAIN else shown(value) for name, value in self.values.items()}
        return format_html(self.template, **parts) if parts else mark_safe(self.template)  # noqa: S308 - ours

    @property
    def has_values(self) -> bool:
        return bool(self.before or self.after)


@dataclass(frozen=True, slots=True)
class Sentence:
    """How differences of one kind are told.

    Attributes:
        where: which: the operation, the field's place and its name, as a pattern.
        both: when each has a value, `{a}` and `{b}`.
        one: when only `{who}` has one, `{value}`, and `{other}` has none; empty where that has no sentence.
    """

    where: str
    both: str
    one: str = ""


# The first that fits. What leads to it stands in the order in which a call happens.
SENTENCES: tuple[Sentence, ...] = (
    Sentence(
        r"\w+ request Logins",
        "A showed a login of {a}, B one of {b}.",
        "{who} showed a login of {value}; {other} sent no Logins.",
    ),
    Sentence(
        r"GetId request AccountId",
        "A named account {a}, B account {b}.",
        "{who} named the account, {value}; {other} left it out, and it is not needed.",
    ),
    Sentence(r"\w+ request IdentityPoolId", "A asked pool {a}, B pool {b}."),
    Sentence(
        r"\w+ request IdentityId",
        "A and B asked for different identities of theirs: {a} and {b}.",
        "{who} asked for an identity by its ID, {value}; {other} named none.",
    ),
    Sentence(
        r"GetCredentialsForIdentity request CustomRoleArn",
        "A asked the pool for role {a}, B for {b}.",
        "{who} asked for a role of its own choice, {value}; {other} left it to the pool.",
    ),
    Sentence(
        r"AssumeRole\w* request RoleArn",
        "A asked STS for role {a}, B for {b}.",
        "{who} named role {value}; {other} named none.",
    ),
    Sentence(r"AssumeRole\w* request RoleSessionName", "A called its session {a}, B {b}."),
    Sentence(
        r"AssumeRole\w* request DurationSeconds",
        "A asked for a session of {a} seconds, B of {b}.",
        "{who} asked for a session of {value} seconds; {other} took the default, an hour.",
    ),
    Sentence(
        r"GetOpenIdTokenForDeveloperIdentity request TokenDuration",
        "A asked for a token of {a} seconds, B of {b}.",
        "{who} asked for a token of {value} seconds; {other} took the default, 15 minutes.",
    ),
    Sentence(
        r"AssumeRole\w* request Policy(Arns\.\S+)?",
        "A and B narrowed their sessions by different policies.",
        "{who} narrowed its session by a policy; {other} did not.",
    ),
    Sentence(r"\w+ call signed", "One of them signed this call: A {a}, B {b}."),
    Sentence(
        r"\w+ call error",
        "Both were refused here, for different reasons: A with {a}, B with {b}.",
        "{who} was refused here with {value}; {other} was not.",
    ),
    Sentence(r"\w+ call message", "Both were refused here with the same code, in other words: A “{a}”, B “{b}”."),
    Sentence(
        r"\w+ call status", "The answer to A has status {a}, that to B {b}.", "Only {who} got an answer, {value}."
    ),
    Sentence(r"\w+ call state", "This call of A ended as “{a}”, that of B as “{b}”."),
    Sentence(r"\w+ call attempts", "A’s call was sent {a} times, B’s {b} times."),
    Sentence(
        r"\w+ answer IdentityId",
        "The answer names another identity than the other run’s: two were merged, or a login was found again.",
        "Only {who} was given an identity ID.",
    ),
    Sentence(
        r"AssumeRole\w* answer AssumedRoleUser\.Arn",
        "A’s session is {a}, B’s is {b}.",
        "Only {who} got a session, {value}.",
    ),
    Sentence(r"GetCallerIdentity answer Arn", "A’s credentials are those of {a}, B’s of {b}."),
    Sentence(r"\w+ answer Audience", "The token that A showed is for {a}, B’s for {b}."),
    Sentence(r"\w+ answer SubjectFromWebIdentityToken", "The token that A showed is about {a}, B’s about {b}."),
    Sentence(r"\w+ token .+\.verified", "The signature of one {label} was verified, that of the other was not."),
    Sentence(r"\w+ token .+\.aud", "A’s {label} is for audience {a}, B’s for {b}."),
    Sentence(r"\w+ token .+\.iss", "A’s {label} was issued by {a}, B’s by {b}."),
    Sentence(r"\w+ token .+\.sub", "A’s {label} is about {a}, B’s about {b}."),
    Sentence(r"\w+ token .+\.amr", "A’s {label} says amr {a}, B’s {b}: how the identity was authenticated."),
    Sentence(
        r"\w+ token .+",
        "In A’s {label} the claim {name} is {a}, in B’s {b}.",
        "Only {who}’s {label} has the claim {name}: {value}.",
    ),
    Sentence(r"\w+ check .+\.expected", "The check “{label}” asked A for {a}, B for {b}."),
    Sentence(r"\w+ check .+\.actual", "At the check “{label}” A had {a}, B had {b}."),
)
_PATTERNS = tuple((re.compile(sentence.where), sentence) for sentence in SENTENCES)


def told(difference: Difference, operation: str) -> ToldDifference:
    """The sentence for a difference; where there is none of its own, what it is called, with what was before and after.

    Args:
        operation: of the call that it is of.
    """
    a, b = difference.a or "", difference.b or ""
    about = f"{operation} {difference.place} {difference.name}"
    sentence = next((each for pattern, each in _PATTERNS if pattern.fullmatch(about)), None)
    values = {"operation": operation, "label": difference.label, "name": _last(difference)}
    if sentence and a and b:
        return ToldDifference(sentence.both, {**values, "a": a, "b": b})
    if sentence and sentence.one and (a or b):
        who, other = ("A", "B") if a else ("B", "A")
        return ToldDifference(sentence.one, {**values, "who": who, "other": other, "value": a or b})
    values = {"place": difference.place, "field": difference.name}
    if difference.a is None or difference.b is None:
        who = "A" if difference.b is None else "B"
        return ToldDifference("Only {who} has {field} in its {place}.", {**values, "who": who}, a, b)
    return ToldDifference("The {place}’s {field} differs.", values, a or "empty", b or "empty")


def failed_check(who: str, check: str, expected: str, found: str) -> ToldDifference:
    """Of a check that only one of the two passed, or had to pass."""
    values = {"who": who, "label": check, "expected": expected, "found": found or "nothing"}
    if not expected:
        return ToldDifference("{who} did not pass the check “{label}”: {found}.", values)
    return ToldDifference("{who} did not pass the check “{label}”: expected {expected}, found {found}.", values)


def checked_otherwise(check: str, expected: tuple[str, str], found: tuple[str, str]) -> ToldDifference:
    """Of a check that asked each for something else, and found that."""
    values = {"label": check, "a": expected[0], "b": expected[1], "of_a": found[0], "of_b": found[1]}
    return ToldDifference(
        "The check “{label}” asked A for {a} and found {of_a}; it asked B for {b} and found {of_b}.", values
    )


def only_noted(who: str, check: str, found: str) -> ToldDifference:
    """Of something that the service noted of one of the two."""
    return ToldDifference(
        "Noted of {who} only, {label}: {found}.", {"who": who, "label": check, "found": found or "so"}
    )


def only_checked(who: str, checks: str) -> ToldDifference:
    """Of checks that were made for one of the two. `checks`: what they are called."""
    return ToldDifference("Only {who} was checked for: {label}.", {"who": who, "label": checks})


def only_carried(who: str, kind: str) -> ToldDifference:
    """Of a token that only one of the two calls carried. `kind`: such as `ID token`."""
    return ToldDifference("Only {who}’s call carried or brought the {label}.", {"who": who, "label": kind})


def only_signed_in(who: str) -> ToldDifference:
    """Of the requests of a sign-in that only one of the two has."""
    return ToldDifference("Only {who} has a sign-in of its own before the first call.", {"who": who})


def only_requested(who: str) -> ToldDifference:
    """Of a request that only one of two sign-ins has."""
    return ToldDifference(
        "Only {who}’s sign-in has this request; what a server has fetched lately, it does not fetch again.",
        {"who": who},
    )


def only_called(who: str, operation: str) -> ToldDifference:
    """Of a call that only one of the two made."""
    return ToldDifference("Only {who} called {operation}.", {"who": who, "operation": operation})


def _last(difference: Difference) -> str:
    """The claim's own name: claims can have dots in their names."""
    return difference.name.removeprefix(f"{difference.label}.") if difference.label else difference.name


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"


def _code(value: str) -> SafeString:
    return format_html("<code>{}</code>", wire.marked(_short(value)))


def _bold(value: str) -> SafeString:
    return format_html("<b>{}</b>", wire.marked(_short(value)))
