"""Somebody who signs in, without a real browser: Django's client on our side, real HTTP at the stand-ins."""

from typing import Any

from django.test import Client

from accounts.owners import Owner
from flows.models import Run
from tests.providers.browser import Browser


class Person(Browser):
    """Goes from the demo's form to the end of a run."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.client = Client(SERVER_NAME="127.0.0.1", SERVER_PORT=str(port))
        self.responses: list[Any] = [self.client.get("/sign-ins/")]

    def get(self, path: str, **query: str) -> Any:
        return self._seen(super().get(path, **query))

    def post(self, path: str, **fields: str) -> Any:
        return self._seen(self.client.post(path, fields))

    def post_elsewhere(self, answer: Any) -> Any:
        client = Client(SERVER_NAME="127.0.0.1", SERVER_PORT=str(self.port), enforce_csrf_checks=True)
        return self._seen(client.post(answer.path, answer.parameters))

    def open(self, provider: str, flow: str = "enhanced", pool: str = "lab", pace: str = "all", **values: str) -> str:
        """Press the button of a provider; the path of the page in between."""
        choices = {"access": "authenticated", "flow": flow, "provider": provider, "pool": pool, "pace": pace}
        response = self.post("/runs/", **choices, **values)
        assert response.status_code == 302, response.content.decode()
        return str(response["Location"])

    def run(self, provider: str, flow: str = "enhanced", pool: str = "lab", who: str = "ana", **choices: str) -> Run:
        """Sign in and let the run come to its end."""
        path = self.open(provider, flow, pool)
        if provider != "developer":
            path = self.arrive(self.at_provider(path, who, **choices))["Location"]
        self.get(path)
        return self.latest

    def press(self, run: Run, verb: str, **fields: str) -> Run:
        """One of the buttons on a run's page that make another run."""
        response = self.post(f"/runs/{run.code}/{verb}/", **fields)
        assert response.status_code == 302
        return self.latest

    @property
    def latest(self) -> Run:
        return Run.objects.owned_by(self.owner_now).latest("pk")

    @property
    def owner_now(self) -> Owner:
        owner: Owner = self.client.get("/sign-ins/").wsgi_request.owner  # type: ignore[attr-defined]
        return owner

    def _seen(self, response: Any) -> Any:
        self.responses.append(response)
        return response
