"""What a deleted user pool leaves in the sandbox's file."""

import sqlite3
from contextlib import closing

import pytest

from sandbox.core.store import tables_with
from sandbox.testing import RunningSandbox
from tests.sandbox.aws.cognito_idp.pools import refusal
from tests.sandbox.idp.managed_login.conftest import MakePool
from tests.sandbox.idp.managed_login.driver import PASSWORD, LoginPool

_REFRESH_TOKENS = "SELECT count(*) FROM user_pool_refresh_token"


def _fill(pool: LoginPool) -> None:
    """Have a row in each table that user pools have."""
    api, about = pool.api, {"UserPoolId": pool.pool_id}
    pool.add_user("mara", email="mara@example.com")
    pool.add_user("noor", permanent=False)
    pool.add_user("ines", email="ines@example.com")
    api.create_group(**about, GroupName="staff")
    api.admin_add_user_to_group(**about, Username="mara", GroupName="staff")
    api.create_resource_server(**about, Identifier="https://api.example", Name="api")
    details = {"client_id": "a", "client_secret": "b", "authorize_scopes": "openid"}
    api.create_identity_provider(**about, ProviderName="Google", ProviderType="Google", ProviderDetails=details)
    client = pool.add_client(ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])
    client.tokens()
    api.create_managed_login_branding(**about, ClientId=client.client_id, UseCognitoProvidedValues=True)
    sign_in = {**about, "ClientId": client.client_id, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}
    temporary = {"USERNAME": "noor", "PASSWORD": PASSWORD}
    assert api.admin_initiate_auth(**sign_in, AuthParameters=temporary)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    wrong = {"USERNAME": "mara", "PASSWORD": "Wrong-Pass-1!"}
    assert refusal(api.admin_initiate_auth, **sign_in, AuthParameters=wrong)[0] == "NotAuthorizedException"
    api.admin_reset_user_password(**about, Username="ines")


@pytest.mark.slow
def test_a_deleted_pool_leaves_messages_only(login_sandbox: RunningSandbox, new_pool: MakePool) -> None:
    pool = new_pool(AliasAttributes=["email"])
    with closing(sqlite3.connect(login_sandbox.config.data_file)) as connection:
        tables = [table for table in tables_with(connection, "pool_id") if table.startswith("user_pool")]

        def with_rows() -> list[str]:
            query = "SELECT 1 FROM {} WHERE pool_id = ?"
            return [table for table in tables if connection.execute(query.format(table), (pool.pool_id,)).fetchone()]

        before = connection.execute(_REFRESH_TOKENS).fetchone()
        _fill(pool)
        assert with_rows() == tables
        assert connection.execute(_REFRESH_TOKENS).fetchone() > before
        pool.api.delete_user_pool_domain(UserPoolId=pool.pool_id, Domain=pool.domain)
        pool.api.delete_user_pool(UserPoolId=pool.pool_id)
        assert with_rows() == ["user_pool_message"]
        assert connection.execute(_REFRESH_TOKENS).fetchone() == before
