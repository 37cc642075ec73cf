"""How long somebody waits for AWS: a call that gets no answer ends within ten seconds, whatever is tried again.

botocore counts attempts, each of which has time-outs of its own; it knows no time for all of them together. A call that
is answered, by a refusal for too many calls say, is tried again as often as botocore would.
"""

from time import monotonic
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.retries.standard import register_retry_handler

CONNECT_SECONDS = 3
READ_SECONDS = 10
ATTEMPTS = 3
TRY_AGAIN_SECONDS = 5  # after that long without an answer no other attempt begins: connecting twice takes at most 7
_BEGAN = "lab_began"


def with_patience(client: BaseClient) -> BaseClient:
    """Limit the client's attempts by time. Its own handler, which `retries` of its configuration has made, gives way to
    another of the same kind that is asked only in time."""
    events, service = client.meta.events, client.meta.service_model.service_id.hyphenize()
    name = f"retry-config-{service}"
    events.unregister(f"needs-retry.{service}", unique_id=name)
    handler = register_retry_handler(client, ATTEMPTS)
    events.unregister(f"needs-retry.{service}", unique_id=name)

    def needs_retry(**asked: Any) -> Any:
        began = asked["request_dict"]["context"].get(_BEGAN, monotonic())
        if asked["caught_exception"] is not None and monotonic() - began > TRY_AGAIN_SECONDS:
            return None
        return handler.needs_retry(**asked)

    events.register(f"needs-retry.{service}", needs_retry, unique_id=name)
    events.register(f"request-created.{service}", _remember_when_it_began, unique_id=f"{_BEGAN}-{service}")
    return client


def _remember_when_it_began(request: AWSRequest, **_: Any) -> None:
    request.context.setdefault(_BEGAN, monotonic())
