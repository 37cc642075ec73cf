"""What the cases need, made in the account that the credentials belong to, and taken away again: pools and roles whose
names begin with the name of the run, which is on each as a tag as well. None of it costs anything at AWS."""

import json
import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

COGNITO = "cognito-identity.amazonaws.com"
PREFIX = "lab-conformance-"
BEGAN = "%Y%m%dT%H%M%S"  # when a run began, in UTC, within its name: `leftovers.py` reads it
TAG = "identity-pools-lab-conformance"  # on everything that a run makes; its value is the run's name
DEVELOPER = "login.conformance.example"
GOOGLE_CLIENT = "000000000000-conformance.apps.googleusercontent.com"
SETTLE_SECONDS = 60  # AWS takes a while until a new role can be assumed
_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,  # what is malformed is to be refused by the service
)
log = logging.getLogger("lab.conformance")


@dataclass
class Place:
    """An endpoint with what the cases need in it.

    Attributes:
        endpoint: empty for AWS itself.
        keys: access key ID and secret to sign with; without them the SDK's own credentials.
        name: of the run; whatever it makes is called that and what it is for.
        pools, roles: by what they are for -> pool ID, role ARN.
        values: what the sentences of cases name, by the names that stand in them.
    """

    region: str
    endpoint: str = ""
    profile: str = ""
    keys: tuple[str, str] | None = field(default=None, repr=False)
    name: str = field(default_factory=lambda: f"{PREFIX}{datetime.now(UTC):{BEGAN}}-{secrets.token_hex(4)}")
    pools: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    _clients: dict[str, Any] = field(default_factory=dict)

    def signed(self, service: str) -> Any:
        """A client with the operator's credentials."""
        if service not in self._clients:
            session = boto3.Session(profile_name=self.profile or None, region_name=self.region)
            key_id, secret = self.keys or (None, None)
            self._clients[service] = session.client(
                service,
                endpoint_url=self.endpoint or None,
                config=_CONFIG,
                aws_access_key_id=key_id,
                aws_secret_access_key=secret,
            )
        return self._clients[service]

    def public(self, service: str) -> Any:
        """A client that signs nothing."""
        name = f"public {service}"
        if name not in self._clients:
            config = _CONFIG.merge(Config(signature_version=UNSIGNED))
            session = boto3.Session(profile_name=self.profile or None, region_name=self.region)
            self._clients[name] = session.client(service, endpoint_url=self.endpoint or None, config=config)
        return self._clients[name]

    def with_credentials(self, service: str, credentials: dict[str, Any]) -> Any:
        """A client that signs with what an exchange yielded."""
        return boto3.client(
            service,
            region_name=self.region,
            endpoint_url=self.endpoint or None,
            config=_CONFIG,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials.get("SecretKey") or credentials.get("SecretAccessKey"),
            aws_session_token=credentials["SessionToken"],
        )

    def guest(self, pool: str) -> str:
        """A new guest's identity ID."""
        return str(self.public("cognito-identity").get_id(IdentityPoolId=self.pools[pool])["IdentityId"])

    def guest_token(self, pool: str) -> str:
        identity = self.guest(pool)
        return str(self.public("cognito-identity").get_open_id_token(IdentityId=identity)["Token"])

    def developers(self, user: str) -> dict[str, str]:
        """`IdentityId` and `Token` of somebody whom the developer's own login vouches for."""
        call = self.signed("cognito-identity").get_open_id_token_for_developer_identity
        return dict(call(IdentityPoolId=self.pools["open"], Logins={DEVELOPER: user}))


@contextmanager
def made(place: Place) -> Iterator[Place]:
    """Make everything, and take it away when the block ends, however it does.

    Raises:
        ClientError, BotoCoreError: the account may not, or nobody answers.
    """
    with ExitStack() as undo:
        _pools(place, undo)
        _roles(place, undo)
        _attach(place)
        place.values |= {
            "region": place.region,
            "unknown_pool": f"{place.region}:00000000-0000-4000-8000-000000000000",
            "unknown_identity": f"{place.region}:00000000-0000-4000-8000-000000000001",
            "account": place.roles["guest"].split(":")[4],
            **{f"{name}_pool": pool for name, pool in place.pools.items()},
        }
        _settle(place)
        yield place


def _pools(place: Place, undo: ExitStack) -> None:
    identity = place.signed("cognito-identity")
    wanted: dict[str, dict[str, Any]] = {
        "open": {
            "AllowUnauthenticatedIdentities": True,
            "AllowClassicFlow": True,
            "DeveloperProviderName": DEVELOPER,
            "SupportedLoginProviders": {"accounts.google.com": GOOGLE_CLIENT},
        },
        "closed": {"AllowUnauthenticatedIdentities": False, "AllowClassicFlow": False},
        "enhanced": {"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": False},
        "roleless": {"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": False},
    }
    for name, settings in wanted.items():
        pool = identity.create_identity_pool(
            IdentityPoolName=f"{place.name}-{name}", IdentityPoolTags={TAG: place.name}, **settings
        )["IdentityPoolId"]
        place.pools[name] = pool
        undo.callback(_undone, identity.delete_identity_pool, IdentityPoolId=pool)


def _roles(place: Place, undo: ExitStack) -> None:
    iam = place.signed("iam")
    permissions = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["iam:ListRoles"], "Resource": "*"}],
    }
    trusted = {
        "guest": (place.pools["open"], "unauthenticated"),
        "signed-in": (place.pools["open"], "authenticated"),
        "stranger": (place.pools["closed"], "unauthenticated"),
        "enhanced": (place.pools["enhanced"], "unauthenticated"),
    }
    for name, (pool, amr) in trusted.items():
        role, document = f"{place.name}-{name}", json.dumps(_trust(pool, amr))
        made_role = iam.create_role(
            RoleName=role,
            AssumeRolePolicyDocument=document,
            MaxSessionDuration=3600,
            Tags=[{"Key": TAG, "Value": place.name}],
        )
        place.roles[name] = made_role["Role"]["Arn"]
        undo.callback(_undone, iam.delete_role, RoleName=role)
        iam.put_role_policy(RoleName=role, PolicyName="conformance", PolicyDocument=json.dumps(permissions))
        undo.callback(_undone, iam.delete_role_policy, RoleName=role, PolicyName="conformance")


def _trust(pool: str, amr: str) -> dict[str, Any]:
    """As the console writes it (Developer Guide, "Role trust and permissions")."""
    conditions = {"StringEquals": {f"{COGNITO}:aud": pool}, "ForAnyValue:StringLike": {f"{COGNITO}:amr": amr}}
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": COGNITO},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _attach(place: Place) -> None:
    call, roles = place.signed("cognito-identity").set_identity_pool_roles, place.roles
    wanted = {
        "open": {"unauthenticated": roles["guest"], "authenticated": roles["signed-in"]},
        "enhanced": {"unauthenticated": roles["stranger"]},
    }
    for pool, attached in wanted.items():
        try:
            call(IdentityPoolId=place.pools[pool], Roles=attached)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                raise
            # An emulator that has no such call is asked the cases all the same, and fails those that need it.
            log.warning("Roles could not be attached to a pool: %s", error.response["Error"]["Code"])


def _settle(place: Place) -> None:
    """Wait until the newest role can be assumed; what fails after that is a case's result."""
    deadline = time.monotonic() + SETTLE_SECONDS
    public, identity = place.public("cognito-identity"), place.guest("open")
    while time.monotonic() < deadline:
        try:
            public.get_credentials_for_identity(IdentityId=identity)
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidIdentityPoolConfigurationException":
                return
            time.sleep(2)
        else:
            return


def _undone(call: Any, **parameters: str) -> None:
    """Take one thing away; what cannot be is named, and the others go all the same."""
    try:
        call(**parameters)
    except ClientError as error:
        log.error("%s stays, until conformance --clean: %s", ", ".join(parameters.values()), error)
