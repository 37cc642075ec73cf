"""The application in AWS mode on the outputs of a stack: settings as the product reads them, the sandbox as AWS."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from django.test import Client
from pytest_django import Settings

from providers.registry import PROVIDERS
from sandbox.testing import RunningSandbox
from tests import ROOT
from tests.flows.authenticated.person import Person
from tests.forgotten import forget_clients, forget_keys
from tests.providers.browser import FromProvider
from tests.sandbox.idp.driver import Browser as StandInBrowser
from tests.sandbox.idp.driver import answer_of

PASSWORD = "Correct-Horse-9"
_PROGRAM = """
import json
from cognitodemo import settings
found = {name: value for name, value in vars(settings).items() if name.isupper()}
print(json.dumps({name: value for name, value in found.items() if isinstance(value, (str, int, list))}, default=str))
"""
_TAKEN = ("AWS_", "COGNITO_", "COMPANY_", "SAMPLE_", "AUTHENTICATED_", "UNAUTHENTICATED_")


def settings_of(environment: Mapping[str, str]) -> dict[str, Any]:
    """What `cognitodemo/settings.py` makes of an environment, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def take(settings: Settings, found: Mapping[str, Any], sandbox: RunningSandbox) -> None:
    """Have this process run with them, and meet AWS and the user pool's managed login in the sandbox."""
    own = {name for provider in PROVIDERS.values() for name in provider.setting_names}
    for name, value in found.items():
        if name.startswith(_TAKEN) or name in own:
            setattr(settings, name, value)
    settings.APP_MODE, settings.IDENTITY_POOLS, settings.PUBLIC_URL = (
        "aws",
        found["IDENTITY_POOLS"],
        found["PUBLIC_URL"],
    )
    settings.AWS_ENDPOINT = settings.SANDBOX_PUBLIC_URL = sandbox.url
    hosts = (
        f"cognito-idp.{found['AWS_REGION']}.amazonaws.com",
        f"{found['COGNITO_DOMAIN']}.auth.{found['AWS_REGION']}.amazoncognito.com",
    )
    settings.PROVIDER_ENDPOINTS = {f"https://{host}/": f"{sandbox.url}/idp/{host}/" for host in hosts}
    settings.PROVIDER_ENDPOINTS[f"{sandbox.config.public_url}/"] = f"{sandbox.url}/"
    forget_clients()
    forget_keys()


class Somebody(Person):
    """A browser at the application's address, `http://localhost:8000`."""

    def __init__(self) -> None:
        self.port = 8000
        self.client = Client(SERVER_NAME="localhost", SERVER_PORT="8000")
        self.responses: list[Any] = [self.client.get("/sign-ins/")]

    def sign_in_and_run(self, username: str, flow: str = "enhanced") -> Any:
        """From the button to the end of a run, by way of the stack's managed login."""
        path = self.open("user-pool", flow, pool="configured")
        browser = StandInBrowser()
        browser.open(self.link_of(path))
        for cookie in browser.session.cookies:
            cookie.secure = False  # they are for https, which a proxy would end here
        answered = browser.answer(username=username, password=PASSWORD)
        self.get(self.arrive(FromProvider("/sign-in/complete/cognito/", answer_of(answered)))["Location"])
        return self.latest
