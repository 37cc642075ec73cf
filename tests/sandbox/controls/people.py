"""Accounts that were made, and what their administrators and guests reach."""

import json
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox

COGNITO = "cognito-identity.amazonaws.com"
BUCKET = "identity-pools-lab-private"


@dataclass
class Team:
    """A made account with something in every service."""

    sandbox: RunningSandbox
    number: str
    secret: str
    things: dict[str, Any] = field(default_factory=dict)
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.sandbox.client(service, access_key=self.number, secret_key=self.secret)
        return self._clients[service]

    def switch(self, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        return self.sandbox.switch(path, body, method=method, account=self.number, secret_key=self.secret)

    @property
    def seeded_pool(self) -> str:
        return f"us-east-1:5a4db000-0001-c000-8000-{self.number}"

    def arn(self, service: str, resource: str) -> str:
        region = "" if service == "iam" else "us-east-1"
        return f"arn:aws:{service}:{region}:{self.number}:{resource}"

    def snapshot(self) -> dict[str, Any]:
        """What the account holds, as far as it can be seen from its administrator's place."""
        export = self.sandbox.switch("accounts", {"action": "export", "account": self.number})
        s3, dynamodb, ssm = self.client("s3"), self.client("dynamodb"), self.client("ssm")
        idp, user_pool = self.client("cognito-idp"), {"UserPoolId": self.things["user_pool"]}
        buckets = [one["Name"] for one in s3.list_buckets()["Buckets"]]
        return {
            "export": export,
            "objects": {bucket: s3.list_objects_v2(Bucket=bucket).get("Contents") for bucket in buckets},
            "items": dynamodb.scan(TableName="Kept")["Items"],
            "parameters": ssm.get_parameter(Name="/kept")["Parameter"]["Value"],
            "user_pools": idp.describe_user_pool(**user_pool)["UserPool"],
            "users": idp.list_users(**user_pool)["Users"],
            "clock": self.switch("clock", method="GET")["advanced"],
            "faults": self.switch("faults", method="GET"),
            "mailbox": self.switch("mailbox", method="GET")["messages"],
        }


def team(sandbox: RunningSandbox, name: str) -> Team:
    """A new account, used."""
    made = Team(sandbox, *sandbox.make_account(name=name))
    _fill_pools(made)
    _fill_services(made)
    return made


def _fill_pools(made: Team) -> None:
    pools, public = made.client("cognito-identity"), made.sandbox.anonymous("cognito-identity")
    pool = pools.create_identity_pool(
        IdentityPoolName="own", AllowUnauthenticatedIdentities=True, AllowClassicFlow=True, DeveloperProviderName="dev"
    )["IdentityPoolId"]
    role = made.arn("iam", "role/LabGuest")
    pools.set_identity_pool_roles(IdentityPoolId=pool, Roles={"unauthenticated": role, "authenticated": role})
    guest = public.get_id(IdentityPoolId=made.seeded_pool)["IdentityId"]
    developer = pools.get_open_id_token_for_developer_identity(IdentityPoolId=pool, Logins={"dev": "kim"})
    made.things |= {
        "pool": pool,
        "guest": guest,
        "developer": developer["IdentityId"],
        "developer_token": developer["Token"],
        "token": public.get_open_id_token(IdentityId=guest)["Token"],
        "session": public.get_credentials_for_identity(IdentityId=guest)["Credentials"],
    }


def _fill_services(made: Team) -> None:
    iam, idp, dynamodb = made.client("iam"), made.client("cognito-idp"), made.client("dynamodb")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    made.things["policy"] = iam.create_policy(PolicyName="All", PolicyDocument=json.dumps(everything))["Policy"]["Arn"]
    made.things["oidc"] = iam.create_open_id_connect_provider(Url="https://login.example.org", ClientIDList=["a"])[
        "OpenIDConnectProviderArn"
    ]
    made.things["saml"] = made.arn("iam", "saml-provider/IdentityPoolsLab")
    made.client("s3").create_bucket(Bucket=f"own-{made.number}")
    made.client("s3").put_object(Bucket=f"own-{made.number}", Key="note", Body=b"mine")
    dynamodb.create_table(
        TableName="Kept",
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="Kept", Item={"Id": {"S": made.number}})
    made.client("ssm").put_parameter(Name="/kept", Value=made.number, Type="String")
    made.things["user_pool"] = idp.create_user_pool(PoolName="own")["UserPool"]["Id"]
    idp.admin_create_user(UserPoolId=made.things["user_pool"], Username="kim")


def refusal_of(error: ClientError) -> tuple[int, str]:
    return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
