"""A journey in Debian's Firefox: the same pages in another engine. `make verify` brings Firefox and what drives it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks.servers import free_port
from tests import ROOT
from tests.journeys.marionette import privileged_firefox
from tests.journeys.visitor import Visitor

_NODE = Path(__file__).parent / "node"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def firefox() -> str:
    """Its executable."""
    found = subprocess.run([ROOT / "scripts" / "firefox", "find"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("Firefox is not there: scripts/verify brings it")
    return found.stdout.strip()


@pytest.fixture(scope="module")
def seen(base_url: str, firefox: str) -> dict[str, Any]:
    """What a guest saw on the way from the front page to revealed credentials."""
    if not (_NODE / "node_modules" / "puppeteer-core").exists():
        pytest.skip("What drives Firefox is not there: scripts/verify brings it")
    command = ["node", "firefox.mjs", base_url, firefox]
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


# What Import HAR of the network panel does, with a list in place of the panel.
_IMPORT = """
const { require } = ChromeUtils.importESModule("resource://devtools/shared/loader/Loader.sys.mjs");
const { HarImporter } = require("devtools/client/netmonitor/src/har/har-importer");
const added = new Map();
const nothing = () => {};
await new HarImporter({
  batchEnable: nothing, batchFlush: nothing, clearRequests: nothing, clearTimingMarkers: nothing,
  addTimingMarker: nothing,
  addRequest: (id, data) => added.set(id, {...data}),
  updateRequest: (id, data) => Object.assign(added.get(id), data),
}).import(given[0]);
return [...added.values()];
"""


def test_the_developer_tools_of_firefox_open_the_archive_of_a_run(firefox: str, guest: Visitor, tmp_path: Path) -> None:
    guest.run("basic", "no-classic")
    archive = guest.page.request.get(f"/runs/{guest.code}/export.har").text()
    with privileged_firefox(firefox, tmp_path, free_port()) as tools:
        opened = tools.run(_IMPORT, archive)
    entries = json.loads(archive)["log"]["entries"]
    assert [(one["method"], one["url"], int(one["status"])) for one in opened] == [
        ("POST", entry["request"]["url"], status) for entry, status in zip(entries, (200, 400), strict=True)
    ]
    for one, entry in zip(opened, entries, strict=True):
        assert one["requestHeaders"]["headers"] == entry["request"]["headers"]
        assert one["responseHeaders"]["headers"] == entry["response"]["headers"]
        assert one["requestPostData"]["postData"]["text"] == entry["request"]["postData"]["text"]
        assert one["responseContent"]["content"]["text"] == entry["response"]["content"]["text"]
        assert one["totalTime"] == entry["time"]
    assert "Basic (classic) flow is not enabled" in opened[-1]["responseContent"]["content"]["text"]
