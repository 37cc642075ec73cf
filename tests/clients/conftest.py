"""A sandbox for real clients, an OpenID provider whose logins it accepts, and the AWS CLI."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import boto3
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests import ROOT

REGION = "us-east-1"
ACCOUNT = "000000000000"
LAB_POOL = f"{REGION}:5a4db000-0000-c000-8000-000000000001"
NO_GUESTS_POOL = f"{REGION}:5a4db000-0000-c000-8000-000000000002"
SAMPLE = {"bucket": "identity-pools-lab-public", "key": "product-catalog.pdf", "table": "SampleProducts"}


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    config = SandboxConfig(data_file=tmp_path_factory.mktemp("clients") / "sandbox.sqlite3", port=0)
    with running_sandbox(config) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def endpoint(served: RunningSandbox) -> str:
    return served.url


@dataclass
class OpenIdProvider:
    """An OpenID provider on loopback: discovery, keys, and tokens really signed with them."""

    issuer: str
    key: rsa.RSAPrivateKey
    client_id: str = "real-clients"

    @property
    def logins_key(self) -> str:
        return self.issuer.removeprefix("http://")

    def token(self, subject: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.client_id, "sub": subject, "iat": now, "exp": now + 3600}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "one"})


@pytest.fixture(scope="session")
def openid_provider() -> Iterator[OpenIdProvider]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = RSAKey.import_key(key.public_key()).as_dict(alg="RS256", use="sig", kid="one")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer = f"http://{self.headers['Host']}"
            documents: dict[str, Any] = {
                "/.well-known/openid-configuration": {"issuer": issuer, "jwks_uri": f"{issuer}/keys"},
                "/keys": {"keys": [jwk]},
            }
            document = documents.get(self.path)
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield OpenIdProvider(f"http://127.0.0.1:{server.server_port}", key)
    server.shutdown()


class Administrator(Protocol):
    """Makes boto3 clients signed with the sandbox's administrator."""

    def __call__(self, service: str, region: str = REGION) -> Any: ...


@pytest.fixture(scope="session")
def administrator(endpoint: str) -> Administrator:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    return lambda service, region=REGION: session.client(service, region, endpoint_url=endpoint)


RolesFor = Callable[[str, str], dict[str, str]]


@pytest.fixture(scope="session")
def roles_for(administrator: Administrator) -> RolesFor:
    """Makes the roles NAME-authenticated and NAME-unauthenticated of an identity pool, which may read S3 and DynamoDB.

    Returns what SetIdentityPoolRoles takes.
    """

    def make(pool_id: str, name: str) -> dict[str, str]:
        iam = administrator("iam")
        return {amr: _role(iam, pool_id, f"{name}-{amr}", amr) for amr in ("unauthenticated", "authenticated")}

    return make


def _role(iam: Any, pool_id: str, name: str, amr: str) -> str:
    conditions = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr},
    }
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
                "Condition": conditions,
            }
        ],
    }
    rights = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject", "dynamodb:Scan"], "Resource": "*"},
        ],
    }
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(rights))
    return arn


@dataclass
class Member:
    """A pool whose members sign in at the OpenID provider, and the role that they get."""

    pool_id: str
    role_arn: str
    provider_arn: str


@pytest.fixture(scope="session")
def member_pool(administrator: Administrator, openid_provider: OpenIdProvider, roles_for: RolesFor) -> Member:
    iam, cognito = administrator("iam"), administrator("cognito-identity")
    provider_arn = iam.create_open_id_connect_provider(
        Url=openid_provider.issuer, ClientIDList=[openid_provider.client_id], ThumbprintList=["0" * 40]
    )["OpenIDConnectProviderArn"]
    pool_id = cognito.create_identity_pool(
        IdentityPoolName="Members",
        AllowUnauthenticatedIdentities=True,
        AllowClassicFlow=True,
        OpenIdConnectProviderARNs=[provider_arn],
        DeveloperProviderName="login.example.app",
    )["IdentityPoolId"]
    roles = roles_for(pool_id, "Members")
    cognito.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    return Member(pool_id, roles["authenticated"], provider_arn)


Aws = Callable[..., Any]


@pytest.fixture(scope="session")
def aws(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Aws:
    """Runs one command of the AWS CLI and returns its parsed output; `check=False` returns what it said on failing."""
    program = ROOT / ".venv-awscli" / "bin" / "aws"
    if not program.exists():
        pytest.fail("The AWS CLI is missing; scripts/verify installs it into .venv-awscli")
    home = tmp_path_factory.mktemp("home")

    def run(
        *arguments: str, credentials: dict[str, str] | None = None, region: str = REGION, check: bool = True
    ) -> Any:
        chosen = credentials or {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_DEFAULT_REGION": region, "AWS_PAGER": ""}
        command = [str(program), "--endpoint-url", endpoint, "--output", "json", *arguments]
        done = subprocess.run(command, env={**environment, **chosen}, capture_output=True, text=True, timeout=300)
        if check:
            assert done.returncode == 0, f"{' '.join(arguments)}: {done.stderr}"
            try:
                return json.loads(done.stdout or "null")
            except json.JSONDecodeError:
                return done.stdout
        assert done.returncode != 0, f"{' '.join(arguments)} should have been refused"
        return done.stderr

    return run
