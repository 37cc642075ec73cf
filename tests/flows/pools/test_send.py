"""A call composed in a form: sent by nobody, with a run's credentials or as one's administrator."""

import html
import json
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from flows.exchange.sandbox_requests import administrators_key
from flows.models import ApiCall, Outcome, Run
from flows.pages.send.members import members_of, operations_of
from flows.services import services_here
from sandbox.testing import RunningSandbox
from tests.flows.history.conftest import OTHER_VISITOR, browser
from tests.flows.run_views import READ
from training.models import SandboxAccount

pytestmark = pytest.mark.django_db

TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}")  # three letters alone stand in random codes as well


def _send(client: Client, service: str, operation: str, sender: str = "nobody", **members: str) -> Run:
    fields = {f"p-{name}": value for name, value in members.items()}
    answer = client.post(
        "/send/", {"pool": "lab", "service": service, "operation": operation, "sender": sender, **fields}
    )
    assert answer.status_code == 302, answer.content.decode()
    return Run.objects.latest("pk")


@pytest.mark.slow
def test_the_basic_flow_by_hand_then_its_credentials(sandbox: RunningSandbox) -> None:
    client = browser()
    pool = client.get("/send/?service=cognito-identity&operation=GetId").content.decode()
    assert "us-east-1:5a4db000" in pool
    first = _send(client, "cognito-identity", "GetId", IdentityPoolId="us-east-1:5a4db000-0000-c000-8000-000000000001")
    assert first.outcome == Outcome.SUCCEEDED
    assert first.identity_id
    second = _send(client, "cognito-identity", "GetOpenIdToken", IdentityId=f"@{first.pk}.identity")
    third = _send(
        client,
        "sts",
        "AssumeRoleWithWebIdentity",
        RoleArn="arn:aws:iam::000000000000:role/LabGuest",
        RoleSessionName="by-hand",
        WebIdentityToken=f"@{second.pk}.token",
    )
    assert third.outcome == Outcome.SUCCEEDED, third.error_message
    assert third.assumed_role_arn.endswith("LabGuest/by-hand")
    who = _send(client, "sts", "GetCallerIdentity", str(third.pk))
    assert who.calls.get().response_params["Arn"] == third.assumed_role_arn
    refused = _send(client, "s3", "PutObject", str(third.pk), Bucket="identity-pools-lab-public", Key="x", Body="hello")
    assert (refused.outcome, refused.error_code) == (Outcome.REFUSED, "AccessDenied")
    for run in (first, third, refused):
        for view in READ:
            assert client.get(f"{run.get_absolute_url()}{view}").status_code == 200
    assert client.post(f"{third.get_absolute_url()}use/", {"sample": "whoami"}).status_code in (302, 404)
    assert third.access_key_id in client.post(f"{third.get_absolute_url()}reveal/").content.decode()
    assert client.get("/").status_code == 200
    # What a run yielded is offered; the token itself is nowhere.
    page = client.get("/send/").content.decode()
    assert f"@{second.pk}.token" in page
    stored = json.dumps([call.details() for call in ApiCall.objects.all()], default=str)
    assert not TOKEN.search(page + stored)


def test_what_a_run_yielded_can_be_a_part_of_a_text(sandbox: RunningSandbox) -> None:
    client = browser()
    made = _send(client, "cognito-identity", "GetId", IdentityPoolId="us-east-1:5a4db000-0000-c000-8000-000000000001")
    key = f"@{made.pk}.identity-old/salary.txt"
    sent = _send(client, "s3", "GetObject", Bucket="identity-pools-lab-public", Key=key)
    assert sent.calls.get().request_params["Key"] == f"{made.identity_id}-old/salary.txt"
    # An address is no reference, and neither is another word that only begins like one.
    for text in (f"ana@{made.pk}.identity", f"@{made.pk}.identityId/x", f"@{made.pk}.token/x"):
        sent = _send(client, "s3", "GetObject", Bucket="identity-pools-lab-public", Key=text)
        assert sent.calls.get().request_params["Key"] == text


def test_the_next_call_begins_with_what_was_sent_before_but_for_secrets(sandbox: RunningSandbox) -> None:
    client = browser()
    made = _send(client, "cognito-identity", "GetId", IdentityPoolId="us-east-1:5a4db000-0000-c000-8000-000000000001")
    sent = _send(client, "cognito-identity", "GetOpenIdToken", IdentityId=f"@{made.pk}.identity")
    assumed = {"RoleArn": "arn:aws:iam::000000000000:role/LabGuest", "RoleSessionName": "once-more"}
    sent = _send(client, "sts", "AssumeRoleWithWebIdentity", "nobody", **assumed, WebIdentityToken=f"@{sent.pk}.token")
    page = client.get(f"{sent.get_absolute_url()}calls/").content.decode()
    (address,) = re.findall(r'href="(/send/[^"]+)">Send another call', page)
    assert "WebIdentityToken" not in address
    form = client.get(html.unescape(address)).content.decode()
    assert '<h2 class="operation">AssumeRoleWithWebIdentity</h2>' in form
    assert all(f'value="{value}"' in form for value in assumed.values())
    used = _send(client, "s3", "GetObject", str(sent.pk), Bucket="identity-pools-lab-public", Key="product-catalog.pdf")
    page = client.get(used.get_absolute_url()).content.decode()
    (address,) = re.findall(r'href="(/send/[^"]+)">Send another call', page)
    form = client.get(html.unescape(address)).content.decode()
    # Another operation of the service goes on from there too.
    (address,) = re.findall(r'href="([^"]+operation=ListObjectsV2[^"]*)"', form)
    form = client.get(f"/send/{html.unescape(address)}").content.decode()
    assert 'value="identity-pools-lab-public"' in form
    assert re.search(rf'<option value="{sent.pk}" selected', form)


def test_what_has_to_be_signed_is_signed_by_the_latest_run_in_the_pool_unless_another_is_chosen(
    sandbox: RunningSandbox,
) -> None:
    client = browser()
    chosen = {"provider": "guest", "access": "guest", "flow": "enhanced", "pace": "all"}
    for pool in ("lab", "no-classic"):
        client.post("/runs/", {**chosen, "pool": pool})
    latest = {run.pool_key: run.pk for run in Run.objects.all()}
    for address, sender in (
        ("service=s3&pool=lab", latest["lab"]),
        ("service=dynamodb&pool=no-classic", latest["no-classic"]),
        ("service=s3&pool=lab&sender=nobody", "nobody"),
        ("service=s3&pool=rules", "nobody"),
        ("service=cognito-identity&pool=lab", "nobody"),
    ):
        assert re.search(rf'<option value="{sender}" selected', client.get(f"/send/?{address}").content.decode()), (
            address
        )


def test_what_a_call_mostly_needs_is_not_folded_away(sandbox: RunningSandbox) -> None:
    page = browser().get("/send/?service=cognito-idp&operation=InitiateAuth").content.decode()
    assert page.index('name="p-AuthParameters"') < page.index("more parameter") < page.index('name="p-ClientMetadata"')


def test_structures_are_json_and_mistakes_are_said(sandbox: RunningSandbox) -> None:
    client = browser()
    members = {"pool": "lab", "service": "dynamodb", "operation": "GetItem", "p-TableName": "SampleProducts"}
    answer = client.post("/send/", {**members, "p-Key": "{nonsense"})
    assert answer.status_code == 422
    assert "Key: this is not JSON" in answer.content.decode()
    run = _send(client, "dynamodb", "GetItem", TableName="SampleProducts", Key='{"ProductId": {"S": "P-1"}}')
    assert run.outcome == Outcome.REFUSED
    assert run.calls.get().request_params["Key"] == {"ProductId": {"S": "P-1"}}


def test_a_member_has_no_thousands_of_values(sandbox: RunningSandbox) -> None:
    """Each is read, looked for in all others, and shown four times."""
    client, pool = browser(), "us-east-1:5a4db000-0000-c000-8000-000000000001"
    logins = {f"provider-{number}": "some token" for number in range(1001)}
    fields = {"pool": "lab", "service": "cognito-identity", "operation": "GetId", "sender": "nobody"}
    answer = client.post("/send/", {**fields, "p-IdentityPoolId": pool, "p-Logins": json.dumps(logins)})
    assert answer.status_code == 422
    assert "Logins can hold 1,000 values here." in answer.content.decode()
    logins.popitem()
    assert (
        client.post("/send/", {**fields, "p-IdentityPoolId": pool, "p-Logins": json.dumps(logins)}).status_code == 302
    )


def test_a_call_takes_values_of_few_runs_and_each_is_looked_up_once(
    looking: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """A body has room for tens of thousands of them."""
    pool = "us-east-1:5a4db000-0000-c000-8000-000000000001"
    guest = _send(looking, "cognito-identity", "GetId", IdentityPoolId=pool)
    many = " ".join([f"@{guest.pk}.identity"] * 3000)
    with django_assert_max_num_queries(120):
        run = _send(looking, "s3", "PutObject", Bucket="lab-bucket", Key="a", Body=many)
    assert run.calls.count() == 1
    others = [_send(looking, "cognito-identity", "GetId", IdentityPoolId=pool) for _ in range(10)]
    members = {
        "p-Bucket": "lab-bucket",
        "p-Key": "a",
        "p-Body": " ".join(f"@{one.pk}.identity" for one in [guest, *others]),
    }
    fields = {"pool": "lab", "service": "s3", "operation": "PutObject", "sender": "nobody"}
    answer = looking.post("/send/", {**fields, **members})
    assert answer.status_code == 422
    assert "A call takes values of 10 runs at most." in answer.content.decode()


def test_the_administrator_of_an_own_account_sends(looking: Client) -> None:
    assert "The administrator of your account" in looking.get("/send/").content.decode()
    run = _send(looking, "cognito-identity", "ListIdentityPools", "administrator", MaxResults="10")
    assert len(run.calls.get().response_params["IdentityPools"]) == 5
    assert run.access == "administrator"


def test_what_is_anothers_cannot_be_used(looking: Client) -> None:
    first = _send(looking, "cognito-identity", "ListIdentityPools", "administrator", MaxResults="10")
    stranger = browser(OTHER_VISITOR)
    for sender, member in (("administrator", "x"), (str(first.pk), "x"), ("nobody", f"@{first.pk}.token")):
        answer = stranger.post(
            "/send/",
            {
                "pool": "lab",
                "service": "cognito-identity",
                "operation": "GetOpenIdToken",
                "sender": sender,
                "p-IdentityId": member,
            },
        )
        assert answer.status_code == 422
    assert f"There is no run {first.pk} of yours." in answer.content.decode()
    assert Run.objects.count() == 1


def test_every_operation_of_every_service_has_a_form(sandbox: RunningSandbox) -> None:
    for service in services_here():
        assert "SelectObjectContent" not in operations_of(service)
        for operation in operations_of(service):
            members_of(service, operation)


@pytest.mark.parametrize(
    "bucket",
    [
        "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
        "arn:aws:s3:us-west-2:123456789012:accesspoint/mine",
        "..",
        "_sandbox",
        "idp",
        "a..b",
        "idp\n",
    ],
)
def test_no_call_of_the_sandbox_leaves_it_or_reaches_its_pages(sandbox: RunningSandbox, bucket: str) -> None:
    client = browser()
    members = {"p-Bucket": bucket, "p-Key": "mailbox"}
    answer = client.post("/send/", {"pool": "lab", "service": "s3", "operation": "GetObject", **members})
    assert answer.status_code == 422
    assert not sandbox.requests
    assert not Run.objects.exists()


def _sign_in(client: Client, user_pool_client: str) -> Run:
    parameters = json.dumps({"USERNAME": "ana", "PASSWORD": "Ana-Pool-1!"})
    members = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": user_pool_client, "AuthParameters": parameters}
    return _send(client, "cognito-idp", "InitiateAuth", **members)


def test_somebody_signs_in_at_a_user_pool_and_uses_both_tokens(sandbox: RunningSandbox, looking: Client) -> None:
    key = administrators_key(SandboxAccount.objects.get().account_id)
    cognito = sandbox.client("cognito-idp", access_key=key.access_key_id, secret_key=key.secret_access_key)
    user_pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    trusted = cognito.list_user_pool_clients(UserPoolId=user_pool)["UserPoolClients"][0]["ClientId"]
    made = cognito.create_user_pool_client(
        UserPoolId=user_pool,
        ClientName="phone",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    first = _sign_in(looking, made)
    assert first.outcome == Outcome.SUCCEEDED, first.error_message
    page = looking.get("/send/?service=cognito-idp&operation=UpdateUserAttributes").content.decode()
    assert f'<option value="{trusted}">App client of the user pool {user_pool}</option>' in page
    assert f"@{first.pk}.access" in page
    assert f"@{first.pk}.logins" in page
    attributes = json.dumps([{"Name": "nickname", "Value": "Annie of Acme"}])
    changed = _send(
        looking, "cognito-idp", "UpdateUserAttributes", AccessToken=f"@{first.pk}.access", UserAttributes=attributes
    )
    assert changed.outcome == Outcome.SUCCEEDED, changed.error_message
    held = cognito.admin_get_user(UserPoolId=user_pool, Username="ana")["UserAttributes"]
    assert {"Name": "nickname", "Value": "Annie of Acme"} in held
    cognito.delete_user_pool_client(UserPoolId=user_pool, ClientId=made)
    stored = json.dumps([call.details() for call in ApiCall.objects.all()], default=str, ensure_ascii=False)
    assert made in stored
    assert not TOKEN.search(stored + page)
    for secret in ("Ana-Pool-1!", "Annie of Acme"):
        assert secret not in stored + page
    (call,) = changed.calls.all()
    assert call.request_params["UserAttributes"][0]["Name"] == "nickname"
    assert not call.signed
    assert not call.scrubbed
    assert not first.calls.get().scrubbed
    # What the vault holds for one browser, no other has.
    other = browser(OTHER_VISITOR)
    members = {"p-AccessToken": f"@{first.pk}.access", "service": "cognito-idp", "operation": "GetUser"}
    assert other.post("/send/", {"pool": "lab", "sender": "nobody", **members}).status_code == 422


def test_user_pools_are_not_asked_on_aws(settings: Settings) -> None:
    settings.APP_MODE = "aws"
    assert "cognito-idp" not in services_here()
