"""The operator's own way to AWS: clients of the SDK's credentials, and what its refusals mean in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)

CONNECT_SECONDS, READ_SECONDS = 3, 10
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
UNKNOWN_KEYS = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure"}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorizedException", "403"}


class AwsProblem(Exception):
    """AWS was not reached, or refused; the text says which and what helps, for somebody at a terminal."""


@dataclass
class AwsAccount:
    """The account that the SDK's credentials belong to, in one region. Clients are made once."""

    region: str
    profile: str = ""
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)
    _session: Any = None

    def client(self, service: str, region: str = "") -> Any:
        """A client of a service; it connects within 3 seconds and waits 10 for an answer.

        Args:
            region: another one than the account's.

        Raises:
            AwsProblem: there is no such profile.
        """
        region = region or self.region
        if (service, region) not in self._clients:
            with in_words():
                if self._session is None:
                    self._session = boto3.Session(profile_name=self.profile or None, region_name=self.region)
                config = Config(
                    connect_timeout=CONNECT_SECONDS,
                    read_timeout=READ_SECONDS,
                    retries={"mode": "standard", "total_max_attempts": 3},
                )
                self._clients[service, region] = self._session.client(service, region_name=region, config=config)
        return self._clients[service, region]


@contextmanager
def in_words() -> Iterator[None]:
    """Have what the SDK raises said in words.

    Raises:
        AwsProblem
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise AwsProblem(said(error)) from error


def code_of(error: ClientError) -> str:
    """The service's own code of a refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))


def said(error: ClientError | BotoCoreError) -> str:
    """What happened, with the advice that fits."""
    if isinstance(error, ClientError):
        return _refused(error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return "The AWS SDK finds no credentials. Sign in (`aws sso login`) and name the profile: AWS_PROFILE=NAME."
    if isinstance(error, ProfileNotFound):
        return f"{error}. `aws configure list-profiles` says which there are."
    if isinstance(error, ConnectionError | HTTPClientError):
        where = error.kwargs.get("endpoint_url") or "AWS"
        return f"No answer from {where}. Is this machine online, and does it need HTTPS_PROXY?"
    return str(error)


def _refused(error: ClientError) -> str:
    code, operation = code_of(error), error.operation_name
    if code in EXPIRED:
        return "The AWS credentials have expired. Sign in again: `aws sso login`, or ask for new ones."
    if code in UNKNOWN_KEYS:
        return f"AWS does not know these credentials ({code}). `aws sts get-caller-identity` says whose they are."
    if code in DENIED:
        return f"AWS refused {operation}: {error.response['Error'].get('Message', code)}"
    return f"{operation} was refused: {code}: {error.response['Error'].get('Message', '')}"
