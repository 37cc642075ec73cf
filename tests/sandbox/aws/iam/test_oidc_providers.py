from typing import Any

import pytest

from sandbox.testing import RunningSandbox
from tests.sandbox.aws.iam.helpers import refused

PRINT = "a" * 40


@pytest.mark.slow
def test_a_provider_is_made_read_changed_and_deleted(iam: Any) -> None:
    arn = iam.create_open_id_connect_provider(
        Url="https://id.example.com/realms/lab", ClientIDList=["one"], ThumbprintList=[PRINT.upper()]
    )["OpenIDConnectProviderArn"]
    assert arn == "arn:aws:iam::000000000000:oidc-provider/id.example.com/realms/lab"
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="two")
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="two")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="one")
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (found["Url"], found["ClientIDList"], found["ThumbprintList"]) == (
        "id.example.com/realms/lab",
        ["two"],
        [PRINT],
    )
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["b" * 40])
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    assert iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert {"Arn": arn} in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert refused(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn) == (
        "NoSuchEntity",
        404,
        f"OpenIDConnect Provider not found for arn {arn}",
    )


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/realm", "http://localhost:9000", "http://[::1]:80", "https://127.0.0.1:8443"]
)
def test_on_loopback_http_and_ports_are_allowed(iam: Any, url: str) -> None:
    arn = iam.create_open_id_connect_provider(Url=url, ClientIDList=["c"])["OpenIDConnectProviderArn"]
    assert arn.endswith(":oidc-provider/" + url.split("://")[1])


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost@example.com/",
        "https://id.example.com:8443",
        "https://id.example.com/?a=b",
        "ftp://id.example.com",
        "id.example.com",
        "https://",
        "https://user@id.example.com",
    ],
)
def test_elsewhere_only_plain_https_is(iam: Any, url: str) -> None:
    code, status, message = refused(iam.create_open_id_connect_provider, Url=url, ClientIDList=["c"])
    assert (code, status, message) == ("ValidationError", 400, "Invalid Open ID Connect Provider URL")


def test_a_url_keeps_its_last_slash_in_every_name(iam: Any) -> None:
    """Terraform plans a replacement otherwise; Entra ID's version 1 tokens have one (`https://sts.windows.net/T/`)."""
    url = "https://sts.example.net/3f6bd7e2-1111-4222-8333-944445555666/"
    arn = iam.create_open_id_connect_provider(Url=url, ClientIDList=["api://app"])["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::000000000000:oidc-provider/{url.partition('://')[2]}"
    assert {"Arn": arn} in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["Url"] == url.partition("://")[2]
    assert refused(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn.rstrip("/"))[0] == "NoSuchEntity"


def test_a_url_is_registered_once_per_account(sandbox: RunningSandbox, iam: Any) -> None:
    url = "https://once.example.com"
    iam.create_open_id_connect_provider(Url=url, ClientIDList=["c"])
    assert refused(iam.create_open_id_connect_provider, Url=url) == (
        "EntityAlreadyExists",
        409,
        f"Provider with url {url} already exists.",
    )
    other = sandbox.client("iam", access_key="111122223333")
    assert other.create_open_id_connect_provider(Url=url)["OpenIDConnectProviderArn"].startswith(
        "arn:aws:iam::111122223333:"
    )


def test_there_are_at_most_five_thumbprints(iam: Any) -> None:
    prints = [str(number) * 40 for number in range(6)]
    assert refused(iam.create_open_id_connect_provider, Url="https://many.example.com", ThumbprintList=prints)[0] == (
        "InvalidInput"
    )
    wrong = ["z" * 40]
    assert refused(iam.create_open_id_connect_provider, Url="https://many.example.com", ThumbprintList=wrong)[0] == (
        "InvalidInput"
    )
