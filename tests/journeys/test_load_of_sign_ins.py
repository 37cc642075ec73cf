"""A hundred people sign in at the same moment, at all providers, on the default set-up: none lost, none mixed up.

Real HTTP from the button to the results: the web application and the sandbox as `make demo` starts them, one session of
`requests` for each person. All are at their provider before the first comes back. Both servers are these people's own:
in a sandbox that others use, a person's sign-ins at two providers may have been linked to one identity.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from benchmarks.servers import free_port
from sandbox.core.config import SandboxConfig
from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.stand_ins import STAND_INS
from sandbox.testing import running_sandbox
from tests.journeys.conftest import web_application
from tests.sandbox.idp.driver import credentials, hidden_fields

pytestmark = pytest.mark.slow

PROVIDERS = ("google", "facebook", "amazon", "apple", "x", "oidc", "saml", "user-pool")
SLUGS = {"user-pool": "userpool"}
NUMBER = 100
_PATIENCE = 300


@dataclass(frozen=True)
class Ended:
    """What a person found at the end."""

    provider: str
    who: str
    flow: str
    run: dict[str, object]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, app_url=f"http://127.0.0.1:{port}")
    with running_sandbox(config) as sandbox, web_application(sandbox, port, tmp_path, {}) as url:
        yield url


def sign_in(base_url: str, number: int, all_there: threading.Barrier) -> Ended:
    provider, who = PROVIDERS[number % len(PROVIDERS)], list(PEOPLE)[number % len(PEOPLE)]
    flow = "basic" if number % 3 == 0 and provider != "saml" else "enhanced"
    browser = requests.Session()
    demo = browser.get(f"{base_url}/demo/?access=authenticated&flow={flow}", timeout=_PATIENCE)
    token = dict(hidden_fields(demo.text))["csrfmiddlewaretoken"]
    choices = {"csrfmiddlewaretoken": token, "access": "authenticated", "flow": flow, "provider": provider}
    between = browser.post(f"{base_url}/runs/", data={**choices, "pool": "lab", "pace": "all"}, timeout=_PATIENCE)
    link = re.search(r'<a\s+class="btn btn-main btn-large"\s+href="([^"]+)"', between.text)
    assert link, between.text
    page = browser.get(unescape(link[1]), timeout=_PATIENCE)
    browser.close()  # or servers would end connections that nobody uses meanwhile, one of them while it is used again
    all_there.wait(_PATIENCE)
    answer = {**dict(hidden_fields(page.text)), **credentials(page.text, who), "step": "allow"}
    back = browser.post(page.url, data=answer, timeout=_PATIENCE)
    if "SAMLResponse" in back.text:
        action = re.search(r'action="([^"]+)"', back.text)
        assert action
        back = browser.post(
            urljoin(back.url, unescape(action[1])), data=dict(hidden_fields(back.text)), timeout=_PATIENCE
        )
    assert "/runs/" in back.url, back.url
    return Ended(provider, who, flow, browser.get(f"{back.url}export.json", timeout=_PATIENCE).json())


def _expected_outcome(one: Ended) -> str:
    """A SAML response that names several roles leaves the choice open, which the identity pool refuses."""
    is_open = one.provider == "saml" and len(set(PEOPLE[one.who].company_roles())) > 1
    return "refused" if is_open else "succeeded"


def test_none_is_lost_and_none_mixed_up(site: str) -> None:
    all_there = threading.Barrier(NUMBER)
    with ThreadPoolExecutor(NUMBER) as people:
        ended = list(people.map(lambda number: sign_in(site, number, all_there), range(NUMBER)))

    assert [one.run["outcome"] for one in ended] == [_expected_outcome(one) for one in ended]
    assert len({one.run["run"] for one in ended}) == NUMBER
    identities: dict[tuple[str, str], set[object]] = defaultdict(set)
    for one in ended:
        assert (one.run["provider"], one.run["flow"]) == (one.provider, one.flow)
        # A SAML subject is an e-mail address, which traces mask.
        expected = STAND_INS[SLUGS.get(one.provider, one.provider)].subject(PEOPLE[one.who])
        assert one.run["subject"] == ("‹masked›" if one.provider == "saml" else expected)
        identities[one.provider, one.who].add(one.run["identity_id"])
    assert all(len(found) == 1 for found in identities.values())
    assert len(set.union(*identities.values())) == len(identities)
