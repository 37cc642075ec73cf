"""Clients that can only read: whatever else is asked of them fails before it leaves this process."""

from collections.abc import Mapping
from typing import Any

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError, NoCredentialsError
from django.conf import settings

from operations.aws import CONNECT_SECONDS, DENIED, EXPIRED, READ_SECONDS, UNKNOWN_KEYS, code_of, said

_GIVE_UP = 2  # services that did not answer: then there is no way to AWS at all

# Every operation that the doctor calls, and the permission that it takes. docs/aws-setup.md has the same as a policy.
ALLOWED: Mapping[str, Mapping[str, str]] = {
    "sts": {"GetCallerIdentity": "sts:GetCallerIdentity"},
    "cognito-identity": {
        "DescribeIdentityPool": "cognito-identity:DescribeIdentityPool",
        "GetIdentityPoolRoles": "cognito-identity:GetIdentityPoolRoles",
        "GetPrincipalTagAttributeMap": "cognito-identity:GetPrincipalTagAttributeMap",
        "ListIdentityPools": "cognito-identity:ListIdentityPools",
    },
    "cognito-idp": {
        "DescribeUserPool": "cognito-idp:DescribeUserPool",
        "DescribeUserPoolClient": "cognito-idp:DescribeUserPoolClient",
        "DescribeUserPoolDomain": "cognito-idp:DescribeUserPoolDomain",
        "DescribeManagedLoginBrandingByClient": "cognito-idp:DescribeManagedLoginBrandingByClient",
        "ListGroups": "cognito-idp:ListGroups",
    },
    "iam": {
        "GetRole": "iam:GetRole",
        "ListRolePolicies": "iam:ListRolePolicies",
        "GetRolePolicy": "iam:GetRolePolicy",
        "ListAttachedRolePolicies": "iam:ListAttachedRolePolicies",
        "GetPolicy": "iam:GetPolicy",
        "GetPolicyVersion": "iam:GetPolicyVersion",
        "GetOpenIDConnectProvider": "iam:GetOpenIDConnectProvider",
        "GetSAMLProvider": "iam:GetSAMLProvider",
    },
    "s3": {
        "GetBucketLocation": "s3:GetBucketLocation",
        "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
        "GetBucketEncryption": "s3:GetEncryptionConfiguration",
        "ListObjectsV2": "s3:ListBucket",
    },
    "dynamodb": {"DescribeTable": "dynamodb:DescribeTable"},
    "ssm": {"GetParameter": "ssm:GetParameter"},
    "service-quotas": {"ListServiceQuotas": "servicequotas:ListServiceQuotas"},
    "cloudtrail": {
        "DescribeTrails": "cloudtrail:DescribeTrails",
        "GetEventSelectors": "cloudtrail:GetEventSelectors",
    },
}


class NotReadOnly(Exception):
    """An operation was asked for that is not among those that only read."""


class Unreadable(Exception):
    """Something could not be read; the text says why, as in `needs iam:GetRole`."""


class Looking:
    """Reads one account, each thing once."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, str], Any] = {}
        self._answers: dict[str, dict[str, Any] | Unreadable | None] = {}
        self._session: boto3.Session | None = None
        # Nobody waits twice for a service that did not answer, nor for credentials, which are looked for on a network.
        self._silent: dict[str, str] = {}
        self._no_credentials = ""
        self.refusals: list[str] = []  # sentences with which permissions were refused

    def ask(
        self, service: str, operation: str, region: str, *, missing: tuple[str, ...] = (), **params: Any
    ) -> dict[str, Any] | None:
        """The answer of an operation; None where the service says that there is no such thing.

        Args:
            missing: the codes by which it says so.

        Raises:
            Unreadable: it was refused, or nobody answered.
        """
        key = repr((service, operation, region, sorted(params.items())))
        if key not in self._answers:
            try:
                self._answers[key] = self._asked(service, operation, region, missing, params)
            except Unreadable as problem:
                self._answers[key] = problem
        found = self._answers[key]
        if isinstance(found, Unreadable):
            raise found
        return found

    def get(self, service: str, operation: str, region: str, **params: Any) -> dict[str, Any]:
        """The same for what is there, or else cannot be judged.

        Raises:
            Unreadable
        """
        return self.ask(service, operation, region, **params) or {}

    def client(self, service: str, region: str) -> Any:
        """A client that can call nothing but what `ALLOWED` names.

        Raises:
            Unreadable: there is no such profile.
        """
        if (service, region) not in self._clients:
            try:
                self._clients[service, region] = self._new_client(service, region)
            except BotoCoreError as problem:
                raise Unreadable(said(problem)) from problem
        return self._clients[service, region]

    def _asked(
        self, service: str, operation: str, region: str, missing: tuple[str, ...], params: dict[str, Any]
    ) -> dict[str, Any] | None:
        if service in self._silent or len(self._silent) >= _GIVE_UP:
            raise Unreadable(self._silent.get(service) or next(iter(self._silent.values())))
        if self._no_credentials:
            raise Unreadable(self._no_credentials)
        try:
            answer: dict[str, Any] = getattr(self.client(service, region), xform_name(operation))(**params)
        except ClientError as refused:
            if code_of(refused) in missing:
                return None
            raise self._refused(service, operation, refused) from refused
        except BotoCoreError as problem:
            if isinstance(problem, ConnectionError | HTTPClientError):
                self._silent[service] = said(problem)
            elif isinstance(problem, NoCredentialsError):
                self._no_credentials = said(problem)
            raise Unreadable(said(problem)) from problem
        return answer

    def _refused(self, service: str, operation: str, refused: ClientError) -> Unreadable:
        code = code_of(refused)
        if code in EXPIRED | UNKNOWN_KEYS:
            return Unreadable(said(refused))
        if code in DENIED:
            self.refusals.append(str(refused.response["Error"].get("Message", "")))
            return Unreadable(f"needs {ALLOWED[service][operation]}")
        return Unreadable(said(refused))

    def _new_client(self, service: str, region: str) -> Any:
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 1},
            s3={"addressing_style": "path"} if settings.AWS_ENDPOINT else None,
            proxies={} if settings.APP_MODE == "sandbox" else None,
        )
        keys = {}
        if settings.APP_MODE == "sandbox":
            keys = {
                "aws_access_key_id": settings.SANDBOX_ACCESS_KEY_ID,
                "aws_secret_access_key": settings.SANDBOX_SECRET_ACCESS_KEY,
            }
        client = self._sessions().client(
            service, region_name=region, endpoint_url=settings.AWS_ENDPOINT, config=config, **keys
        )
        client.meta.events.register_first("before-call", _refuse_all_but_reading)
        return client

    def _sessions(self) -> boto3.Session:
        if self._session is None:
            if settings.APP_MODE == "aws":
                self._session = boto3.Session(profile_name=settings.AWS_PROFILE or None)
            else:  # whatever is configured on this machine must not lead away from the sandbox
                isolated = {name: (None, None, value, None) for name, value in _ISOLATED.items()}
                self._session = boto3.Session(botocore_session=botocore.session.Session(isolated))
        return self._session


_ISOLATED = {"profile": None, "config_file": "/dev/null", "credentials_file": "/dev/null"}


def _refuse_all_but_reading(model: Any, **kwargs: Any) -> None:
    """A handler of botocore's `before-call`: of every call, before anything is sent.

    Raises:
        NotReadOnly
    """
    if model.name not in ALLOWED.get(model.service_model.service_name, {}):
        raise NotReadOnly(f"The doctor reads only, and {model.name} is not reading.")
