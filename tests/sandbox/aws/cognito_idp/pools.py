"""A user pool in the account of one test, and people who sign in to it as real clients do."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from tests.sandbox.lab import Lab
from tests.sandbox.user_pools.srp_client import SrpClient

PASSWORD = "Right-Pass-1!"
FLOWS = [
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]


class Pool:
    """A user pool and its clients. `admin` signs as the account's administrator, `public` not at all."""

    def __init__(self, lab: Lab, **settings: Any) -> None:
        self.lab = lab
        self.admin, self.public = lab.client("cognito-idp"), lab.sandbox.anonymous("cognito-idp")
        self.id: str = self.admin.create_user_pool(PoolName="people", **settings)["UserPool"]["Id"]
        self.client_id = self.client()["ClientId"]

    def client(self, **settings: Any) -> dict[str, Any]:
        """Another client, with every flow unless told."""
        members = {"ClientName": "app", "ExplicitAuthFlows": FLOWS, **settings}
        answer = self.admin.create_user_pool_client(UserPoolId=self.id, **members)
        return dict(answer["UserPoolClient"])

    def add(self, name: str, password: str = PASSWORD, **attributes: str) -> str:
        """A confirmed user; their `sub`."""
        listed = [{"Name": key.replace("__", ":"), "Value": value} for key, value in attributes.items()]
        made = self.admin.admin_create_user(
            UserPoolId=self.id, Username=name, UserAttributes=listed, MessageAction="SUPPRESS"
        )["User"]
        self.admin.admin_set_user_password(UserPoolId=self.id, Username=name, Password=password, Permanent=True)
        return str(next(pair["Value"] for pair in made["Attributes"] if pair["Name"] == "sub"))

    def begin(self, flow: str, client_id: str = "", **parameters: str) -> dict[str, Any]:
        """InitiateAuth."""
        answer = self.public.initiate_auth(
            ClientId=client_id or self.client_id, AuthFlow=flow, AuthParameters=parameters
        )
        return dict(answer)

    def answer(self, challenge: str, responses: dict[str, str], client_id: str = "", **more: Any) -> dict[str, Any]:
        """RespondToAuthChallenge."""
        answer = self.public.respond_to_auth_challenge(
            ClientId=client_id or self.client_id, ChallengeName=challenge, ChallengeResponses=responses, **more
        )
        return dict(answer)

    def by_password(self, name: str = "ana", password: str = PASSWORD, client_id: str = "") -> dict[str, Any]:
        """The tokens of somebody who signed in by USER_PASSWORD_AUTH."""
        answer = self.begin("USER_PASSWORD_AUTH", client_id, USERNAME=name, PASSWORD=password)
        return dict(answer["AuthenticationResult"])

    def by_srp(self, name: str = "ana", password: str = PASSWORD, client_id: str = "") -> dict[str, Any]:
        """What somebody who answers a PASSWORD_VERIFIER challenge gets."""
        srp = SrpClient(self.id)
        challenge = self.begin("USER_SRP_AUTH", client_id, USERNAME=name, SRP_A=srp.srp_a)
        responses = srp.answers(challenge["ChallengeParameters"], password)
        return self.answer("PASSWORD_VERIFIER", responses, client_id)

    def user(self, name: str = "ana") -> dict[str, Any]:
        """AdminGetUser, its attributes as a dictionary."""
        found = self.admin.admin_get_user(UserPoolId=self.id, Username=name)
        return {**found, "UserAttributes": {pair["Name"]: pair["Value"] for pair in found["UserAttributes"]}}

    def messages(self) -> list[dict[str, Any]]:
        """The account's mailbox, the latest first."""
        answer = self.lab.sandbox.switch("mailbox", method="GET", account=self.lab.account)
        return list(answer["messages"])

    def code(self) -> str:
        """The code in the latest message."""
        return str(self.messages()[0]["body"][-6:])


def secret_hash(client: dict[str, Any], name: str) -> str:
    key, message = client["ClientSecret"].encode(), f"{name}{client['ClientId']}".encode()
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def refusal(call: Any, *positional: Any, **params: Any) -> tuple[str, str]:
    """Error code and message of a call that has to be refused."""
    with pytest.raises(ClientError) as error:
        call(*positional, **params)
    told = error.value.response["Error"]
    return told["Code"], told["Message"]
