"""boto3 clients: made once, shared by all threads, attached to the recorder.

A client is safe to share between threads, making one is not (boto3 guide, "Multithreading"), so a lock stands around
that. In sandbox mode every client is given the sandbox's address and none of the environment's AWS configuration; in
AWS mode the SDK finds its own regional hosts.
"""

import os
from functools import lru_cache
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.client import BaseClient
from botocore.config import Config
from botocore.context import get_context
from botocore.useragent import UserAgentString
from django.conf import settings

from flows.exchange import patience, recorder
from flows.exchange.context import TemporaryCredentials
from web import sandboxes

_lock = Lock()


def anonymous_client(service: str, region: str, account: str) -> BaseClient:
    """A client that signs nothing, for the operations whose model says `authtype: none`.

    `account`: in whose sandbox (web.sandboxes); empty for the site's own, and without meaning on AWS.

    It never looks for credentials either, which elsewhere can take seconds (instance metadata).
    """
    return _shared(service, region, sandboxes.of_account(account).endpoint, "anonymous")


def server_client(service: str, region: str, account: str) -> BaseClient:
    """A client with the server's own credentials: the sandbox's administrator, or what the SDK finds on AWS."""
    return _shared(service, region, sandboxes.of_account(account).endpoint, "server")


def client_for(service: str, region: str, credentials: TemporaryCredentials, account: str) -> BaseClient:
    """A client that signs with a run's credentials. Not kept: it is made in about a millisecond."""
    endpoint = sandboxes.of_account(account).endpoint
    with _lock:
        return _attached(
            _session(settings.APP_MODE, settings.AWS_PROFILE).client(
                service,
                region_name=region,
                endpoint_url=endpoint,
                aws_access_key_id=credentials.access_key_id,
                aws_secret_access_key=credentials.secret_access_key,
                aws_session_token=credentials.session_token,
                config=_config(service),
            )
        )


_clients: dict[tuple[str, str, str | None, str], BaseClient] = {}


def _shared(service: str, region: str, endpoint: str | None, caller: str) -> BaseClient:
    key = (service, region, endpoint, caller)
    with _lock:
        if key not in _clients:
            _clients[key] = _new_shared(service, region, endpoint, caller)
        return _clients[key]


def _new_shared(service: str, region: str, endpoint: str | None, caller: str) -> BaseClient:
    config, keys = _config(service), {}
    if caller == "anonymous":
        config = config.merge(Config(signature_version=UNSIGNED))
    elif settings.APP_MODE == "sandbox":
        keys = {
            "aws_access_key_id": settings.SANDBOX_ACCESS_KEY_ID,
            "aws_secret_access_key": settings.SANDBOX_SECRET_ACCESS_KEY,
        }
    session = _session(settings.APP_MODE, settings.AWS_PROFILE)
    return _attached(session.client(service, region_name=region, endpoint_url=endpoint, config=config, **keys))


def _attached(client: BaseClient) -> BaseClient:
    return recorder.attach(patience.with_patience(client))


@lru_cache(maxsize=4)
def _session(mode: str, profile: str) -> boto3.Session:
    """One session per process: it loads the service models once."""
    # A developer's own profile, config file or proxy must neither break the sandbox nor lead away from it.
    isolated: dict[str, Any] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    session = botocore.session.Session(None if mode == "aws" else isolated)
    session.register_component("user_agent_creator", _UserAgent.from_environment())
    return boto3.Session(botocore_session=session, profile_name=(profile or None) if mode == "aws" else None)


class _UserAgent(UserAgentString):  # type: ignore[misc]  # which has no types
    """What a client says of itself. botocore puts it together twice for each call, of a dozen parts; what differs from
    call to call are the features of the SDK that it uses."""

    _written: dict[frozenset[str], str] | None = None  # by features; of clients, not of the session they are made from

    def with_client_config(self, client_config: Config) -> "_UserAgent":
        one: _UserAgent = super().with_client_config(client_config)
        one._written = {}
        return one

    def to_string(self) -> str:
        context = get_context()
        if self._written is None:
            return str(super().to_string())
        features = frozenset(context.features if context else ())
        if features not in self._written:
            self._written[features] = super().to_string()
        return self._written[features]


def _config(service: str) -> Config:
    config = Config(
        connect_timeout=patience.CONNECT_SECONDS,
        read_timeout=patience.READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": patience.ATTEMPTS},
        max_pool_connections=50,
        proxies={} if settings.APP_MODE == "sandbox" else None,
        # By which the sandbox's list of an account's calls tells what this application did from what people did.
        user_agent_appid=settings.APPLICATION_ID if settings.APP_MODE == "sandbox" else None,
    )
    if service == "s3":
        config = config.merge(
            Config(
                signature_version="s3v4",
                # Without the second, only us-east-1 would be asked at a host without a region.
                s3={
                    "addressing_style": "path" if settings.APP_MODE == "sandbox" else "auto",
                    "us_east_1_regional_endpoint": "regional",
                },
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            )
        )
    return config
