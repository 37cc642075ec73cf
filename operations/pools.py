"""Pools of AWS accounts in the sandbox: brought over, tried, and read to be written down."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from flows.exchange import clients, sandbox_requests
from flows.exchange.context import TemporaryCredentials
from flows.exchange.decisions import Decision, decisions_in
from operations.aws import AwsAccount, AwsProblem, in_words
from poolconfig.document import Document
from poolconfig.permissions import MissingPermissions
from poolconfig.reading import NoSuchPool, read_pool

_POOLS, _TOKENS = "/_sandbox/pools", "/_sandbox/tokens"
_SECONDS = 60.0


class PoolProblem(Exception):
    """It was not done; the text says why, and what helps, for somebody at a terminal."""


def read_from_aws(pool_id: str, profile: str) -> Document:
    """The document of a pool at AWS, by the SDK's credentials.

    Raises:
        PoolProblem: what may not be read, and by which permission it may; nothing else is known then.
    """
    account = AwsAccount(region_of(pool_id), profile)
    try:
        with in_words():
            return read_pool(account.client, pool_id)
    except MissingPermissions as refused:
        listed = "\n".join(f"  {permission} on {what}" for permission, what in refused.missing)
        raise PoolProblem(
            f"AWS refused to read all of the pool. What is missing for these credentials:\n{listed}\n"
            "`manage.py pool permissions` prints a policy that allows it. Nothing was imported."
        ) from None
    except (NoSuchPool, AwsProblem) as problem:
        raise PoolProblem(f"{problem} Nothing was imported.") from None


def region_of(pool_id: str) -> str:
    """The region that a pool's ID begins with.

    Raises:
        PoolProblem: it is no ID of an identity pool.
    """
    region, colon, rest = pool_id.partition(":")
    if not (region and colon and rest):
        raise PoolProblem(f"{pool_id} is no ID of an identity pool: those are like eu-west-1:11111111-2222-...")
    return region


def import_document(document: Document, **more: Any) -> dict[str, Any]:
    """Have the sandbox make the pool: what it answers, the account's key among it (docs/sandbox.md).

    Args:
        more: `remap`, `replace`, `account`, `name`.

    Raises:
        PoolProblem
    """
    asked = {"action": "import", "document": document, **{name: value for name, value in more.items() if value}}
    return dict(_asked("POST", _POOLS, asked))


def imported_pools() -> list[dict[str, Any]]:
    """The pools that the sandbox has imported: account, pool, name, imported.

    Raises:
        PoolProblem
    """
    return list(_asked("GET", _POOLS)["pools"])


@dataclass(frozen=True, slots=True)
class Copy:
    """A pool of the sandbox, and the right of its account's administrator; None for the home account's own."""

    pool_id: str
    credentials: TemporaryCredentials | None

    def client(self, service: str, region: str = "") -> BaseClient:
        region = region or region_of(self.pool_id)
        if self.credentials is None:
            return clients.server_client(service, region, "")
        return clients.client_for(service, region, self.credentials, "")

    def environment(self) -> dict[str, str]:
        """What the AWS CLI and SDKs have to be told to act as the administrator of the pool's account."""
        own = (settings.SANDBOX_ACCESS_KEY_ID, settings.SANDBOX_SECRET_ACCESS_KEY)
        given = self.credentials
        key_id, secret = (given.access_key_id, given.secret_access_key) if given else own
        return {
            "AWS_ENDPOINT_URL": settings.AWS_ENDPOINT or "",
            "AWS_REGION": region_of(self.pool_id),
            "AWS_DEFAULT_REGION": region_of(self.pool_id),
            "AWS_ACCESS_KEY_ID": key_id,
            "AWS_SECRET_ACCESS_KEY": secret,
        }

    def document(self) -> Document:
        """The pool's whole configuration, read by calls that change nothing.

        Raises:
            PoolProblem
        """
        made: dict[tuple[str, str], BaseClient] = {}

        def client_of(service: str, region: str) -> BaseClient:
            return made.get((service, region)) or made.setdefault((service, region), self.client(service, region))

        try:
            return read_pool(client_of, self.pool_id)
        except NoSuchPool:
            raise PoolProblem(
                f"The sandbox has no pool {self.pool_id} there. `--account` says of which account it is."
            ) from None
        except (ClientError, BotoCoreError, MissingPermissions) as problem:
            raise PoolProblem(f"The pool could not be read: {problem}") from None

    def logins(self, login: str, claims: Mapping[str, Any], **more: str) -> dict[str, str]:
        """A Logins map with a token by one of the providers that the pool trusts, which are played first.

        Args:
            more: `client`, `username`.

        Raises:
            PoolProblem
        """
        _asked("POST", _POOLS, {"action": "play", "pool": self.pool_id}, self.credentials)
        given = {name: value for name, value in more.items() if value}
        asked = {"pool": self.pool_id, "login": login, "claims": dict(claims), **given}
        return dict(_asked("POST", _TOKENS, asked, self.credentials)["Logins"])


def copy_of(pool_id: str, number: str = "") -> Copy:
    """The pool of that ID in the sandbox.

    Args:
        number: of the account; by default of the import that it came with, else the home account.

    Raises:
        PoolProblem
    """
    region_of(pool_id)
    if not number:
        number = next((one["account"] for one in imported_pools() if one["pool"] == pool_id), "")
    if not number or number == settings.SANDBOX_ACCOUNT_ID:
        return Copy(pool_id, None)
    try:
        return Copy(pool_id, sandbox_requests.administrators_key(number))
    except sandbox_requests.NotDone as problem:
        raise PoolProblem(str(problem)) from None


@dataclass(frozen=True, slots=True)
class CallResult:
    """What came of one call: a sentence, and the decisions that led to it."""

    operation: str
    sentence: str
    decisions: list[Decision]
    refused: bool = False


def attempt(copy: Copy, logins: Callable[[], Mapping[str, str]], basic: str = "") -> list[CallResult]:
    """The exchange as an application makes it, up to credentials or the refusal.

    Args:
        logins: a new Logins map for each call, since a SAML response is good once for each; empty for a guest.
        basic: ARN of the role to assume in the basic flow; empty for the enhanced flow.

    Raises:
        BotoCoreError: the sandbox does not answer.
    """
    answers: list[CallResult] = []
    region = region_of(copy.pool_id)
    cognito: Any = clients.anonymous_client("cognito-identity", region, "")

    def call(client: Any, operation: str, said: Callable[[Any], str], **params: Any) -> Any:
        given = {name: value for name, value in params.items() if value}
        try:
            answer = getattr(client, operation)(**given)
        except ClientError as error:
            about = error.response["Error"]
            answers.append(_answer(operation, f"{about['Code']}: {about['Message']}", error.response, refused=True))
            return None
        answers.append(_answer(operation, said(answer), answer))
        return answer

    found = call(cognito, "get_id", _identity, IdentityPoolId=copy.pool_id, Logins=logins())
    if found is None:
        return answers
    named = {"IdentityId": found["IdentityId"]}
    if not basic:
        keys = call(cognito, "get_credentials_for_identity", lambda _: "credentials", **named, Logins=logins())
        return [*answers, _whose(region, keys["Credentials"])] if keys else answers
    token = call(cognito, "get_open_id_token", lambda _: "a token", **named, Logins=logins())
    if token is not None:
        sts = clients.anonymous_client("sts", region, "")
        call(
            sts,
            "assume_role_with_web_identity",
            lambda answer: answer["AssumedRoleUser"]["Arn"],
            RoleArn=basic,
            RoleSessionName="app",
            WebIdentityToken=token["Token"],
        )
    return answers


def _identity(answer: Mapping[str, Any]) -> str:
    return str(answer["IdentityId"])


def _whose(region: str, keys: Mapping[str, Any]) -> CallResult:
    """Which role the credentials are of, as STS tells it."""
    session = TemporaryCredentials(keys["AccessKeyId"], keys["SecretKey"], keys["SessionToken"], keys["Expiration"])
    sts: Any = clients.client_for("sts", region, session, "")
    answer = sts.get_caller_identity()
    return _answer("get_caller_identity", answer["Arn"], answer)


def _answer(operation: str, sentence: str, answer: Mapping[str, Any], *, refused: bool = False) -> CallResult:
    name = "".join(part.capitalize() for part in operation.replace("open_id", "openId").split("_"))
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    return CallResult(name, sentence, decisions_in(headers, settings.AWS_ENDPOINT or ""), refused)


def claims_in(text: str) -> dict[str, Any]:
    """Claims as somebody typed them: a JSON object.

    Raises:
        PoolProblem
    """
    try:
        claims = json.loads(text)
    except ValueError:
        claims = None
    if not isinstance(claims, dict):
        raise PoolProblem(f"Claims are a JSON object, such as {json.dumps({'sub': 'kim', 'department': 'sales'})}.")
    return claims


def _asked(method: str, path: str, body: Any = None, credentials: TemporaryCredentials | None = None) -> Any:
    if settings.APP_MODE != "sandbox":
        raise PoolProblem("Copies of pools are kept by the sandbox. Remove APP_MODE from .env.")
    try:
        return sandbox_requests.ask(method, path, body, account="", credentials=credentials, seconds=_SECONDS)
    except sandbox_requests.NotDone as problem:
        raise PoolProblem(str(problem)) from None
