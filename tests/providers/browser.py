"""A browser as these tests need one: it keeps cookies, follows our own redirects, and knows whose it is."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.test import Client

from accounts.owners import Owner
from tests.sandbox.idp.driver import Browser as StandInBrowser
from tests.sandbox.idp.driver import hidden_fields

RETURN = "/runs/{code}/signed-in/"


class Browser:
    """Begins sign-ins for runs of its own and carries answers back."""

    def __init__(self) -> None:
        self.client = Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000")
        self.client.get("/sign-ins/")

    @property
    def owner(self) -> Owner:
        owner: Owner = self.client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
        return owner

    def begin(self, provider: str, run: str = "run-0001") -> str:
        """Begin a sign-in; the path where it goes on."""
        from providers.services import sign_in_begin

        return sign_in_begin(owner=self.owner, provider=provider, run_code=run, return_path=RETURN.format(code=run))

    def request_of(self, path: str) -> tuple[str, dict[str, str]]:
        """Address and parameters of the request behind the link on the page in between."""
        parts = urlsplit(self.link_of(path))
        parameters = parse_qsl(parts.query, keep_blank_values=True)
        assert len(dict(parameters)) == len(parameters), "a parameter is there twice"
        return parts._replace(query="").geturl(), dict(parameters)

    def link_of(self, path: str) -> str:
        """Where the link on the page in between leads."""
        page = self.get(path).content.decode()
        (link,) = re.findall(r'<a\s+class="btn btn-main btn-large"\s+href="([^"]+)"', page)
        return unescape(link)

    def answer(self, backend: str, **parameters: str) -> Any:
        """Come back from the provider."""
        return self.get(f"/sign-in/complete/{backend}/", **parameters)

    def get(self, path: str, **query: str) -> Any:
        return self.client.get(path, query)

    def outcome(self, run: str = "run-0001") -> Any:
        from providers.services import sign_in_outcome

        return sign_in_outcome(owner=self.owner, run_code=run)

    def artifact(self, run: str = "run-0001") -> Any:
        from providers.services import artifact_for

        return artifact_for(owner=self.owner, run_code=run)

    def sign_in(self, provider: str, run: str = "run-0001", **choices: str) -> Any:
        """From the click to our answer to what the stand-in sent back."""
        return self.arrive(self.at_provider(self.begin(provider, run), **choices))

    def at_provider(self, path: str, person: str = "ana", **choices: str) -> "FromProvider":
        """Go on from the page in between, and sign in at the stand-in: `step="deny"`, `misbehave="expired"`, ..."""
        response = StandInBrowser().sign_in(self.link_of(path), person, **choices)
        if response.status_code == 200:
            fields = dict(hidden_fields(response.text))
            assert "SAMLResponse" in fields, response.text
            return FromProvider("/saml/acs/", fields, posted=True)
        parts = urlsplit(response.headers["Location"])
        return FromProvider(parts.path, dict(parse_qsl(parts.query)))

    def arrive(self, answer: "FromProvider") -> Any:
        """Bring an answer back: by GET, or for SAML by a POST without cookies and the GET to which that leads."""
        if not answer.posted:
            return self.get(answer.path, **answer.parameters)
        return self.get(self.post_elsewhere(answer)["Location"])

    def post_elsewhere(self, answer: "FromProvider") -> Any:
        """A cross-site POST: browsers leave our Lax cookies out."""
        return Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000", enforce_csrf_checks=True).post(
            answer.path, answer.parameters
        )


@dataclass
class FromProvider:
    """What a provider sends the browser back with."""

    path: str
    parameters: dict[str, str]
    posted: bool = False
