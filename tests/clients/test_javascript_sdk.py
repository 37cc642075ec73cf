"""The AWS SDK for JavaScript v3 against the sandbox: in Node, and in a browser's page of another origin."""

import json
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.clients.conftest import ACCOUNT, NO_GUESTS_POOL, REGION, Member, OpenIdProvider

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "javascript"


@pytest.fixture(scope="module")
def installed() -> Path:
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=HERE, check=True, timeout=300)
    return HERE


@pytest.fixture(scope="module")
def settings_for_the_scenario(endpoint: str, member_pool: Member, openid_provider: OpenIdProvider) -> dict[str, Any]:
    return {
        "endpoint": endpoint,
        "region": REGION,
        "poolId": member_pool.pool_id,
        "closedPoolId": NO_GUESTS_POOL,
        "logins": {openid_provider.logins_key: openid_provider.token("javascript")},
        "roleArn": member_pool.role_arn,
        "sample": {"bucket": "identity-pools-lab-public", "key": "product-catalog.pdf", "table": "SampleProducts"},
    }


def judge(seen: dict[str, Any]) -> None:
    assert seen["expiresInMinutes"] in (59, 60)
    sessions = {
        "guest": "Members-unauthenticated/CognitoIdentityCredentials",
        "member": "Members-authenticated/CognitoIdentityCredentials",
        "basic": "Members-authenticated/javascript",
    }
    for name, session in sessions.items():
        used = seen[name]
        assert used["keyId"].startswith("ASIA")
        assert used["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{session}"
        assert "product-catalog.pdf" in used["keys"]
        assert used["start"] == "%PDF-"
        assert used["size"] > 1000
        assert used["items"] == 5
        assert used["put"]["name"] == "AccessDenied"
        assert used["put"]["status"] == 403
    assert seen["closed"]["name"] == "NotAuthorizedException"
    assert seen["closed"]["message"] == "Unauthenticated access is not supported for this identity pool."


def test_credential_providers_s3_and_dynamodb_in_node(
    installed: Path, settings_for_the_scenario: dict[str, Any]
) -> None:
    command = ["node", "node.mjs", json.dumps(settings_for_the_scenario)]
    done = subprocess.run(command, cwd=installed, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    judge(json.loads(done.stdout))


@pytest.fixture(scope="module")
def page_of_another_origin(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("page")
    providers = "./node_modules/@aws-sdk/credential-providers/dist-es/index.browser.js"
    bundle = [
        "node_modules/@esbuild/linux-x64/bin/esbuild" if _is_linux_x64(installed) else "node_modules/.bin/esbuild",
        "browser.mjs", "--bundle", "--format=iife", "--platform=browser",
        f"--alias:@aws-sdk/credential-providers={providers}", f"--outfile={directory / 'bundle.js'}",
    ]  # fmt: skip
    subprocess.run(bundle, cwd=installed, check=True, capture_output=True, timeout=120)
    (directory / "index.html").write_text("<!doctype html><title>Another origin</title><script src=bundle.js></script>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietFiles, directory=str(directory)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()


class _QuietFiles(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def _is_linux_x64(installed: Path) -> bool:
    return (installed / "node_modules/@esbuild/linux-x64/bin/esbuild").exists()


def test_the_same_in_a_browser_page_of_another_origin(
    browser: Browser, page_of_another_origin: str, settings_for_the_scenario: dict[str, Any]
) -> None:
    page = browser.new_page()
    page.goto(page_of_another_origin)
    seen = page.evaluate("(settings) => runScenario(settings)", settings_for_the_scenario)
    page.close()
    judge(seen)
