"""A browser that reaches one port only: everybody signs in, as with two."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from benchmarks.servers import free_port
from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox
from tests.journeys.conftest import web_application
from tests.journeys.people import Person
from tests.journeys.test_providers import PROVIDERS

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def one_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application's address, which is the stand-ins' as well."""
    web_port, port = free_port(), free_port()
    url, directory = f"http://127.0.0.1:{web_port}", tmp_path_factory.mktemp("one-port")
    config = SandboxConfig(data_file=directory / "sandbox.sqlite3", port=port, public_url=url, app_url=url)
    settings = {"SANDBOX_PUBLIC_URL": url, "WEB_THREADS": "2"}
    with running_sandbox(config) as sandbox, web_application(sandbox, web_port, directory, settings) as address:
        yield address


@pytest.mark.parametrize("provider", PROVIDERS)
def test_everybody_signs_in_through_one_port(browser: Browser, one_port: str, provider: str) -> None:
    context = browser.new_context(base_url=one_port)
    page = context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    ana = Person(page)
    ana.sign_in(PROVIDERS[provider][0])
    assert ana.verdict == "Succeeded"
    assert asked == {urlsplit(one_port).netloc}
    names = {(cookie["name"], cookie["path"]) for cookie in context.cookies()}
    assert all(path.startswith("/idp/") for name, path in names if name.startswith("standin_"))
    assert any(name.startswith("standin_") for name, _ in names)
    assert ana.errors == []
    context.close()
