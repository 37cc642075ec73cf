"""Lighthouse's scores of five pages, the median of five runs each: `make lighthouse`.

No test of its own: performance depends on how busy the machine is. Run it on one that is not.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests import ROOT
from tests.journeys.visitor import Visitor

_NODE = Path(__file__).parent / "node"
_LEAST = 98


def test_every_category_is_at_98_or_more(guest: Visitor, base_url: str) -> None:
    guest.run("basic")
    guest.run()
    pages = ["/", "/demo/", f"/runs/{guest.code}/", "/runs/", "/learn/api/GetId/"]
    known = guest.page.context.cookies()
    cookies = json.dumps([{"name": one["name"], "value": one["value"], "path": "/"} for one in known])
    chromium = subprocess.run([ROOT / "scripts" / "chromium", "find"], capture_output=True, text=True, check=True)
    times = os.environ.get("TIMES", "5")
    command = ["node", "lighthouse.mjs", chromium.stdout.strip(), times, cookies, *(base_url + page for page in pages)]
    done = subprocess.run(command, cwd=_NODE, stdout=subprocess.PIPE, text=True, timeout=1800, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    low = {}
    for address, result in found.items():
        path = address.removeprefix(base_url)
        said = [path, str(result["scores"]), f"{result['bytes'] / 1024:.0f} KB", *result["faults"]]
        sys.stdout.write("\n  ".join(said) + "\n")
        if min(result["scores"].values()) < _LEAST:
            low[path] = result["scores"]
    assert low == {}
