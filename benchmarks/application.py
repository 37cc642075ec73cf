"""What the application adds to the calls it makes. Run in a process of its own, with a sandbox at SANDBOX_PORT.

    python -m benchmarks.application 150

prints one JSON object, of so many rounds; benchmarks/runs.py starts it and turns it into ratios.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import django

django.setup()

import boto3  # noqa: E402
from botocore import UNSIGNED  # noqa: E402
from botocore.config import Config  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from accounts.owners import Owner  # noqa: E402
from flows import services  # noqa: E402
from flows.exchange import recorder  # noqa: E402
from flows.exchange.pools import pools_for  # noqa: E402
from flows.models import Outcome  # noqa: E402

HOST = urlsplit(settings.PUBLIC_URL).netloc


def alternate(rounds: int, *things: Callable[[], object]) -> list[float]:
    """Median seconds of each, taken in turn, so that a machine that slows down slows all of them."""
    times: list[list[float]] = [[] for _ in things]
    for turn in range(rounds + 10):
        for index, thing in enumerate(things):
            start = time.perf_counter()
            thing()
            if turn >= 10:
                times[index].append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


def bare_client() -> Any:
    config = Config(signature_version=UNSIGNED, retries={"mode": "standard"})
    return boto3.Session(region_name=settings.AWS_REGION).client(
        "cognito-identity", endpoint_url=settings.AWS_ENDPOINT, config=config
    )


def exchange_with(client: Any, pool_id: str) -> None:
    identity = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    client.get_credentials_for_identity(IdentityId=identity)


def guest_run(rounds: int) -> dict[str, float]:
    owner = Owner(user_id=None, visitor=uuid4())
    pool = pools_for(owner)[0]
    user = get_user_model().objects.create_user("bench")
    browser = Client(HTTP_HOST=HOST)
    browser.force_login(user)
    bare, recorded = bare_client(), recorder.attach(bare_client())
    # As browsers send it; Django's client would take the form for files, in parts of many lines.
    form = urlencode({"access": "guest", "flow": "enhanced", "provider": "guest", "pool": pool.key})

    def with_recorder() -> None:
        with recorder.recording():
            exchange_with(recorded, pool.pool_id)

    def by_services() -> None:
        run = services.run_open(
            owner=owner, access="guest", flow="enhanced", provider="guest", pool=pool, parameters={}
        )
        assert services.run_all(run=run).outcome == Outcome.SUCCEEDED

    def by_page() -> None:
        answer = browser.post(reverse("flows:run_create"), form, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 302, answer.content[:500]

    taken = alternate(rounds, lambda: exchange_with(bare, pool.pool_id), with_recorder, by_services, by_page)
    return dict(zip(("bare", "recorded", "services", "page"), taken, strict=True))


def main() -> None:
    call_command("migrate", verbosity=0)
    print(json.dumps(guest_run(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
