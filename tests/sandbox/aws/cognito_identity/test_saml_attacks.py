"""Each attack on SAML where responses come in: at the application's sign-in, and as a login at the sandbox."""

import base64
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from django.test import Client
from pytest_django import Settings

from providers.services import artifact_for, sign_in_begin, sign_in_outcome
from sandbox.idp.saml.responses import REDIRECT_BINDING, metadata
from tests.providers.browser import Browser
from tests.samlcrypto.attacks import ATTACKS
from tests.samlcrypto.documents import Genuine, certificate, encoded, genuine
from tests.sandbox.lab import Lab, decisions_of

APP_URL = "http://127.0.0.1:8000"
ENTITY_ID = f"{APP_URL}/saml/metadata"
ISSUER = "https://idp.example/metadata"


class Doors:
    """The application and a pool of the sandbox, which know the same identity provider."""

    def __init__(self, lab: Lab, settings: Settings, folder: Path) -> None:
        published = metadata(ISSUER, {REDIRECT_BINDING: "https://idp.example/sso"}, [certificate()])
        (folder / "idp.xml").write_text(published)
        settings.APP_MODE, settings.PROVIDER_ENDPOINTS, settings.PUBLIC_URL = "aws", {}, APP_URL
        settings.SAML_METADATA_URL, settings.SAML_METADATA_FILE = "", str(folder / "idp.xml")
        settings.SAML_ENTITY_ID = ENTITY_ID
        made = lab.iam.create_saml_provider(Name="Acme", SAMLMetadataDocument=published)
        self.provider = settings.SAML_PROVIDER_ARN = str(made["SAMLProviderArn"])
        self.lab, self.pool_id = lab, lab.pool(roles=False, SamlProviderARNs=[self.provider])
        self.browser = Browser()
        self.owner = self.browser.owner
        self.elsewhere = Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000", enforce_csrf_checks=True)

    def both(self, attack: Callable[[Genuine], str | bytes]) -> tuple[str, str]:
        """How the sign-in ended that is answered with the document, and by which check the sandbox refused it."""
        run = f"run-{attack.__name__}"[:32]
        path = sign_in_begin(owner=self.owner, provider="saml", run_code=run, return_path="/")
        _, asked = self.browser.request_of(path)
        document = encoded(attack(self._genuine(asked["SAMLRequest"])))
        answer = {"SAMLResponse": document, "RelayState": asked["RelayState"]}
        posted = self.elsewhere.post("/saml/acs/", answer)
        if posted.status_code != 303:
            return str(posted.status_code), self._sandbox(document)
        self.browser.get(posted["Location"])
        outcome = sign_in_outcome(owner=self.owner, run_code=run)
        assert outcome is not None
        taken = artifact_for(owner=self.owner, run_code=run) is not None
        assert taken is (outcome.outcome == "succeeded")
        return outcome.outcome, self._sandbox(document)

    def _genuine(self, request: str) -> Genuine:
        """The answer to the request, signed as little as the application lets it be: the assertion only."""
        (request_id,) = re.findall(rb' ID="([^"]+)"', zlib.decompress(base64.b64decode(request), -15))
        said = genuine(
            acs_url=f"{APP_URL}/saml/acs/",
            in_response_to=request_id.decode(),
            audiences=(ENTITY_ID, "urn:amazon:webservices"),
        )
        return Genuine(said.answer, response_signed=False)

    def _sandbox(self, document: str) -> str:
        try:
            self.lab.public.get_id(IdentityPoolId=self.pool_id, Logins={self.provider: document or "="})
        except ClientError as error:
            return str(decisions_of(error.response)[-1]["code"])
        return "taken"


@pytest.fixture
def doors(db: None, lab: Lab, settings: Settings, tmp_path: Path) -> Doors:
    return Doors(lab, settings, tmp_path)


@pytest.mark.slow
def test_no_attack_comes_in_at_either_door(doors: Doors) -> None:
    assert doors.both(Genuine.text) == ("succeeded", "taken")
    answers = {name: doors.both(attack) for name, attack in ATTACKS.items()}
    # Some are no response to a sign-in, which then goes on waiting or hears that there is no success.
    assert {application for application, _ in answers.values()} == {"refused", "failed", "under_way", "400"}
    assert {sandbox for _, sandbox in answers.values()} == {"login.signature", "login.format", "request.parameters"}
    assert answers["too_long"] == ("400", "request.parameters")
