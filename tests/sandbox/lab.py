"""What most tests of the sandbox begin with: an account of their own, roles, pools, identities, clients."""

import itertools
import json
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox
from tests.sandbox.issuers import CLIENT, USER_POOL, Issuer, Providers

_accounts = itertools.count(100_000_000_001)
COGNITO = "cognito-identity.amazonaws.com"


def trust(
    pool_id: str | list[str] | None,
    amr: str | None = "authenticated",
    *,
    actions: tuple[str, ...] = ("sts:AssumeRoleWithWebIdentity",),
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A trust policy for identity pools as the console writes it."""
    conditions: dict[str, Any] = {}
    if pool_id is not None:
        conditions["StringEquals"] = {f"{COGNITO}:aud": pool_id}
    if amr is not None:
        conditions["ForAnyValue:StringLike"] = {f"{COGNITO}:amr": amr}
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": COGNITO},
        "Action": list(actions),
        "Condition": {**conditions, **(extra or {})},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def allow(*actions: str, resource: Any = "*") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


@dataclass
class Lab:
    """An account of its own in the shared sandbox, so that tests cannot see each other."""

    sandbox: RunningSandbox
    providers: Providers
    account: str = field(default_factory=lambda: str(next(_accounts)))

    def client(self, service: str, region: str = "") -> Any:
        """A client of the account's administrator."""
        return self.sandbox.client(service, access_key=self.account, region=region)

    @cached_property
    def pools(self) -> Any:
        return self.client("cognito-identity")

    @cached_property
    def iam(self) -> Any:
        return self.client("iam")

    @cached_property
    def public(self) -> Any:
        """cognito-identity, unsigned."""
        return self.sandbox.anonymous("cognito-identity")

    @cached_property
    def sts(self) -> Any:
        return self.sandbox.anonymous("sts")

    @cached_property
    def user_pool(self) -> Issuer:
        return self.providers.issuer("userpool")

    def role(self, name: str, trust_policy: dict[str, Any], policy: dict[str, Any] | None = None, **more: Any) -> str:
        """The ARN of a new role."""
        document = json.dumps(trust_policy)
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **more)["Role"]
        if policy is not None:
            self.iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(policy))
        return str(made["Arn"])

    def pool(self, *, roles: bool = True, guests: bool = True, **settings: Any) -> str:
        """The id of a new pool that takes guests and the user pool, with a role for each unless told otherwise."""
        settings.setdefault("CognitoIdentityProviders", [{"ProviderName": USER_POOL, "ClientId": CLIENT}])
        pool_id = str(
            self.pools.create_identity_pool(IdentityPoolName="pool", AllowUnauthenticatedIdentities=guests, **settings)[
                "IdentityPoolId"
            ]
        )
        if roles:
            mark = uuid.uuid4().hex[:8]
            arns = {
                kind: self.role(f"{kind}-{mark}", trust(pool_id, kind), allow("*"))
                for kind in ("authenticated", "unauthenticated")
            }
            self.pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=arns)
        return pool_id

    def guest(self, pool_id: str) -> str:
        return str(self.public.get_id(IdentityPoolId=pool_id)["IdentityId"])

    def person(self, pool_id: str, sub: str = "u-1") -> str:
        """The identity of a user of the user pool."""
        logins = {USER_POOL: self.user_pool.token(sub)}
        return str(self.public.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"])

    def with_credentials(self, service: str, credentials: dict[str, Any], region: str = "") -> Any:
        """A client that signs with what the exchange handed out, in Cognito's or in STS's spelling."""
        secret = credentials.get("SecretKey") or credentials["SecretAccessKey"]
        return self.sandbox.client(
            service,
            access_key=credentials["AccessKeyId"],
            secret_key=secret,
            token=credentials["SessionToken"],
            region=region,
        )

    def oidc(self, issuer: Issuer, *clients: str) -> str:
        """The ARN under which IAM knows an issuer from now on."""
        made = self.iam.create_open_id_connect_provider(
            Url=issuer.url, ClientIDList=list(clients or (CLIENT,)), ThumbprintList=["a" * 40]
        )
        return str(made["OpenIDConnectProviderArn"])


def refused(error: ClientError) -> tuple[int, str, str]:
    """(HTTP status, code, message) of a refusal."""
    body = error.response
    return body["ResponseMetadata"]["HTTPStatusCode"], body["Error"]["Code"], body["Error"]["Message"]


def decisions_of(answer: dict[str, Any]) -> list[dict[str, str]]:
    """The decisions that came with an answer or a refusal."""
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    return list(json.loads(headers["x-sandbox-decisions"]))


def unchecked(client: Any, operation: str, **params: Any) -> dict[str, Any]:
    """Call an operation with a signature, but without botocore's own look at the parameters."""
    body = json.dumps(params).encode()

    def replace(request: Any, **_: Any) -> None:
        request.data = body

    model = client.meta.service_model.operation_model(operation)
    harmless = {
        name: _harmless(shape)
        for name, shape in model.input_shape.members.items()
        if name in model.input_shape.required_members
    }
    event = f"before-sign.{client.meta.service_model.service_id.hyphenize()}.{operation}"
    client.meta.events.register(event, replace)
    try:
        return dict(client._make_api_call(operation, harmless))
    finally:
        client.meta.events.unregister(event, replace)


def _harmless(shape: Any) -> Any:
    """A value that botocore lets pass."""
    if shape.type_name in ("map", "structure"):
        return {}
    if shape.type_name == "list":
        return []
    return {"boolean": False, "integer": 1, "long": 1}.get(shape.type_name, "us-east-1:" + "0" * 20)
