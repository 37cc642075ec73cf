"""The cases asked one after the other, and what came of each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operations.conformance.cases import CASES, Case
from operations.conformance.place import Place

REPORT = "identity-pools-lab conformance 1"


@dataclass(frozen=True, slots=True)
class Result:
    """One case against one endpoint. `expected` and `found`: a refusal as `Code: sentence`, or facts as words."""

    case: str
    mark: str
    expected: str
    found: str
    same: bool


def ask_all(place: Place, cases: Sequence[Case] = CASES) -> Iterator[Result]:
    """The result of each, as it comes."""
    for case in cases:
        found = _found(case, place)
        expected = _expected(case, place)
        yield Result(case.name, case.mark, expected, found, _is_same(expected, found))


def report(place: Place, results: Sequence[Result]) -> dict[str, Any]:
    """The whole as JSON, without credentials: it holds only sentences that the service gave."""
    return {
        "report": REPORT,
        "endpoint": place.endpoint or "AWS",
        "region": place.region,
        "same": sum(result.same for result in results),
        "different": sum(not result.same for result in results),
        "results": [asdict(result) for result in results],
    }


def _found(case: Case, place: Place) -> str:
    try:
        return _facts(case.ask(place))
    except ClientError as error:
        told = error.response["Error"]
        return f"{told.get('Code', '')}: {told.get('Message', '')}"
    except (BotoCoreError, KeyError, IndexError, ValueError, TypeError) as error:
        return f"{type(error).__name__}: {error}"  # an answer that is none of this service's


def _expected(case: Case, place: Place) -> str:
    if not case.code:
        return _facts(case.facts).replace("{region}", place.region)
    message = case.message
    for name, value in place.values.items():
        message = message.replace(f"{{{name}}}", value)
    return f"{case.code}: {message}"


def _facts(facts: Any) -> str:
    return "; ".join(f"{name} {value}" for name, value in facts.items())


def _is_same(expected: str, found: str) -> bool:
    known, rest, _ = expected.partition("…")
    return found.startswith(known) if rest else re.sub(r"\s+$", "", found) == expected
