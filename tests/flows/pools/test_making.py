"""Roles, providers of IAM and app clients: made and deleted as changes like the others, and set back."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from flows.models import Outcome, Run
from tests.flows.pools.conftest import Change
from tests.flows.pools.test_changes import _last, _role
from training.models import SandboxAccount

pytestmark = pytest.mark.django_db


def set_back(mine: Client, run: Run) -> Run:
    mine.post("/pools/lab/set-back/", {"run": run.code})
    made = _last()
    assert made.pk != run.pk
    assert made.outcome == Outcome.SUCCEEDED, made.error_message
    return made


@pytest.mark.slow
def test_a_role_is_made_deleted_with_its_policies_and_set_back(change: Change, mine: Client) -> None:
    pool_id = f"us-east-1:5a4db000-0001-c000-8000-{SandboxAccount.objects.get().account_id}"
    page = change("role-make", tab="roles", role="Mine", whom="guests", pool_id=pool_id).content.decode()
    assert _role("Mine") in page
    trust = _last().parameters["after"]["PolicyDocument"]["Statement"][0]["Condition"]
    assert trust["StringEquals"] == {"cognito-identity.amazonaws.com:aud": pool_id}
    assert trust["ForAnyValue:StringLike"] == {"cognito-identity.amazonaws.com:amr": "unauthenticated"}
    assert (
        "There is a role Mine already."
        in change("role-make", tab="roles", role="Mine", whom="users", pool_id=pool_id).content.decode()
    )

    rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    change("policy", tab="roles", role="Mine", policy="Read", document=json.dumps(rights))
    assert _role("Mine") not in change("role-delete", tab="roles", role="Mine").content.decode()
    deleted = _last()
    assert list(deleted.calls.values_list("operation", flat=True))[-3:] == [
        "DeleteRolePolicy",
        "DeleteRole",
        "ListRoles",
    ]
    assert deleted.parameters["after"] == {"Exists": False}
    assert "no longer exists" in change("role-delete", tab="roles", role="Mine").content.decode()

    back = set_back(mine, deleted)
    assert back.parameters["after"] == deleted.parameters["before"]
    assert back.parameters["after"]["Policies"] == {"Read": rights}


@pytest.mark.slow
def test_an_openid_connect_provider_is_made_changed_and_set_back(change: Change, mine: Client) -> None:
    change("oidc-make", tab="logins", url="https://id.example.org/team/", clients="one, two")
    made = _last()
    assert made.outcome == Outcome.SUCCEEDED, made.error_message
    assert made.parameters["after"]["ClientIDList"] == ["one", "two"]
    page = mine.get("/pools/lab/logins/").content.decode()
    (arn,) = set(re.findall(r"arn:aws:iam::\d+:oidc-provider/id\.example\.org/team/", page))
    change("oidc-clients", tab="logins", provider=arn, clients="two three")
    assert sorted(_last().parameters["after"]["ClientIDList"]) == ["three", "two"]
    change("oidc-delete", tab="logins", provider=arn)
    deleted = _last()
    assert arn not in mine.get("/pools/lab/logins/").content.decode()
    assert set_back(mine, deleted).parameters["after"] == deleted.parameters["before"]
    assert arn in mine.get("/pools/lab/logins/").content.decode()
    assert "begins with https://" in change("oidc-make", tab="logins", url="id.example.org").content.decode()
    change("oidc-make", tab="logins", url="http://id.example.org")
    assert (_last().outcome, _last().error_code) == (Outcome.REFUSED, "ValidationError")


@pytest.mark.slow
def test_a_saml_provider_is_made_and_set_back(change: Change, mine: Client) -> None:
    page = mine.get("/pools/lab/logins/").content.decode()
    (given,) = re.findall(r"<textarea[^>]*ms-metadata[^>]*>(.*?)</textarea>", page, re.S)
    metadata = given.strip().replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert "EntityDescriptor" in metadata
    change("saml-make", tab="logins", name="Second", metadata=metadata)
    assert _last().outcome == Outcome.SUCCEEDED, _last().error_message
    arn = f"arn:aws:iam::{SandboxAccount.objects.get().account_id}:saml-provider/Second"
    assert arn in mine.get("/pools/lab/logins/").content.decode()
    change("saml-delete", tab="logins", provider=arn)
    deleted = _last()
    assert arn not in mine.get("/pools/lab/logins/").content.decode()
    assert set_back(mine, deleted).parameters["after"]["Metadata"].strip() == metadata
    change("saml-make", tab="logins", name="Third", metadata=f"<no>{1000 * 'x'}</no>")
    assert (_last().outcome, _last().error_code) == (Outcome.REFUSED, "InvalidInput")


@pytest.mark.slow
def test_an_app_client_is_made_with_limits_and_set_back_with_another_id(change: Change, mine: Client) -> None:
    pool = f"us-east-1_Lab{SandboxAccount.objects.get().account_id}"
    change("app-client-make", tab="logins", user_pool=pool, name="tablet", attributes="email, name")
    made = _last()
    assert made.outcome == Outcome.SUCCEEDED, made.error_message
    client: dict[str, Any] = made.parameters["after"]
    assert client["WriteAttributes"] == ["email", "name"]
    assert client["ClientId"] in mine.get("/pools/lab/logins/").content.decode()
    assert (
        "There is an app client tablet already"
        in change("app-client-make", tab="logins", user_pool=pool, name="tablet").content.decode()
    )
    change("app-client-delete", tab="logins", user_pool=pool, client=client["ClientId"])
    deleted = _last()
    assert client["ClientId"] not in mine.get("/pools/lab/logins/").content.decode().replace("deleted", "")
    again = set_back(mine, deleted).parameters["after"]
    assert again["ClientId"] != client["ClientId"]
    assert {**again, "ClientId": ""} == {**client, "ClientId": ""}


def test_who_only_looks_makes_nothing_and_reads_the_commands(looking: Client) -> None:
    page = looking.get("/pools/lab/roles/").content.decode()
    assert "aws iam create-role" in page
    assert "create-user-pool-client" in looking.get("/pools/lab/logins/").content.decode()
