"""A journey in Debian's Firefox: the same pages in another engine. `make verify` brings Firefox and what drives it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

_NODE = Path(__file__).parent / "node"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def seen(base_url: str) -> dict[str, Any]:
    """What a guest saw on the way from the front page to revealed credentials."""
    firefox = subprocess.run([ROOT / "scripts" / "firefox", "find"], capture_output=True, text=True, check=False)
    if firefox.returncode or not (_NODE / "node_modules" / "puppeteer-core").exists():
        pytest.skip("Firefox, or what drives it, is not there: scripts/verify brings both")
    command = ["node", "firefox.mjs", base_url, firefox.stdout.strip()]
    done = subprocess.run(command, cwd=_NODE, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_guest_comes_to_credentials_in_firefox(seen: dict[str, Any]) -> None:
    assert seen["version"].lower().startswith("firefox")
    assert seen["outcome"] == "Succeeded"
    assert seen["calls"] == ["GetId", "GetCredentialsForIdentity"]
    assert seen["arrows"] >= 2
    assert "IdentityId" in seen["request"]
    assert "passed" in seen["passed"]
    assert "•" in seen["masked"]
    assert len(seen["revealed"]["Credentials"]["SecretAccessKey"]) == 40


def test_words_colours_and_width_hold_in_firefox_without_an_error(seen: dict[str, Any]) -> None:
    assert seen["word"] == "IAM role"
    assert sorted(seen["theme"]) == ["dark", "light", "system"]
    assert seen["sideways"] is False
    assert seen["errors"] == []
