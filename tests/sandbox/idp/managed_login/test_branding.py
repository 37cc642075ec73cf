"""Styles of managed login: kept for a client, and a domain of version 2 shows no page without one."""

import pytest
from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox
from tests.sandbox.idp.managed_login.driver import LoginPool, make_pool


@pytest.fixture
def pool(sandbox: RunningSandbox) -> LoginPool:
    pool = make_pool(sandbox)
    pool.api.update_user_pool_domain(Domain=pool.domain, UserPoolId=pool.pool_id, ManagedLoginVersion=2)
    return pool


def test_a_domain_of_version_2_shows_no_page_to_a_client_without_a_style(pool: LoginPool) -> None:
    refused = pool.web.asked()
    assert refused.status_code == 400
    assert "Login pages unavailable" in refused.text
    pool.api.create_managed_login_branding(
        UserPoolId=pool.pool_id, ClientId=pool.web.client_id, UseCognitoProvidedValues=True
    )
    assert pool.web.asked().status_code == 302


def test_a_style_is_described_changed_and_deleted(pool: LoginPool) -> None:
    named = {"UserPoolId": pool.pool_id}
    made = pool.api.create_managed_login_branding(**named, ClientId=pool.web.client_id, UseCognitoProvidedValues=True)[
        "ManagedLoginBranding"
    ]
    with pytest.raises(ClientError, match="already exists") as refused:
        pool.api.create_managed_login_branding(**named, ClientId=pool.web.client_id, UseCognitoProvidedValues=True)
    assert refused.value.response["Error"]["Code"] == "ManagedLoginBrandingExistsException"
    by_id = {**named, "ManagedLoginBrandingId": made["ManagedLoginBrandingId"]}
    pool.api.update_managed_login_branding(**by_id, Settings={"components": {"form": {}}})
    found = pool.api.describe_managed_login_branding(**by_id)["ManagedLoginBranding"]
    assert (found["UseCognitoProvidedValues"], found["Settings"]) == (False, {"components": {"form": {}}})
    by_client = pool.api.describe_managed_login_branding_by_client(**named, ClientId=pool.web.client_id)
    assert by_client["ManagedLoginBranding"]["ManagedLoginBrandingId"] == made["ManagedLoginBrandingId"]
    pool.api.delete_managed_login_branding(**by_id)
    with pytest.raises(pool.api.exceptions.ResourceNotFoundException):
        pool.api.describe_managed_login_branding(**by_id)


def test_a_style_goes_with_its_client(pool: LoginPool) -> None:
    client = pool.add_client()
    made = pool.api.create_managed_login_branding(
        UserPoolId=pool.pool_id, ClientId=client.client_id, UseCognitoProvidedValues=True
    )["ManagedLoginBranding"]
    pool.api.delete_user_pool_client(UserPoolId=pool.pool_id, ClientId=client.client_id)
    with pytest.raises(pool.api.exceptions.ResourceNotFoundException):
        pool.api.describe_managed_login_branding(
            UserPoolId=pool.pool_id, ManagedLoginBrandingId=made["ManagedLoginBrandingId"]
        )
