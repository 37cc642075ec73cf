"""What somebody sends can be long, and full of what a page looks for: it is read once, and not from each place anew."""

import time
from collections.abc import Callable

import pytest

from flows.pages.compare.volatile import Settled
from flows.pages.pools.policy_text import refused_text
from flows.pages.run import wire
from flows.programs import ProgramCall, programs_of

_SIZE = 60_000


def _programs(text: str) -> object:
    return programs_of(ProgramCall("cognito-identity", "GetId", {"IdentityPoolId": text}, "us-east-1", signed=False))


READERS: list[Callable[[str], object]] = [
    wire.marked,
    wire.body,
    lambda text: wire.nodes({"text": text}),
    lambda text: wire.json_text({"text": text}),
    lambda text: list(wire.fingerprints({"text": text})),
    lambda text: refused_text("{}", text),
    lambda text: Settled().text(text[:2000]),
    lambda text: [wire.coloured(text, language) for language in ("python", "bash", "javascript", "xml")],
    _programs,
]


@pytest.mark.parametrize("part", ["‹", "‹a · ", "{", "$:", "<!--", "a=b&", "eyJ"])
def test_a_long_text_is_shown_in_no_time(part: str) -> None:
    text = part * (_SIZE // len(part))
    for read in READERS:
        began = time.thread_time()
        read(text)
        assert time.thread_time() - began < 2


def test_a_long_body_is_shown_whole_and_without_colours() -> None:
    long, short = "<a>" + "b" * 30_000 + "</a>", "<a>b</a>"
    assert 'class="nt"' in wire.body(short)
    assert "b" * 30_000 in wire.body(long)
    assert "class=" not in wire.body(long)
    assert 'class="nt"' in wire.json_text({"a": "b" * 30_000})
