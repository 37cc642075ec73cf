"""The members of a token response: what a client gets for a grant."""

from typing import Any

from sandbox.idp.managed_login.site import LoginSite
from sandbox.idp.mistaken_tokens import MISBEHAVIOUR, mint_with_mistake
from sandbox.user_pools.clients import Client
from sandbox.user_pools.grants import Grant, through_page
from sandbox.user_pools.tokens import mint
from sandbox.user_pools.users import User


def token_answer(
    site: LoginSite, client: Client, user: User, grant: Grant, *, refresh_token: str = ""
) -> dict[str, Any]:
    """ID token (with the scope `openid`), access token, a refresh token where there is one, and how long they last."""
    made_by = mint_with_mistake if MISBEHAVIOUR in grant.extra else mint
    minted = made_by(site.connection, site.pool, client, user, grant)
    # A sign-in through the API, which has no scopes to choose from, gets an ID token as well.
    with_id_token = "openid" in grant.scope.split() or not through_page(grant)
    return {
        **({"id_token": minted.id_token} if with_id_token else {}),
        "access_token": minted.access_token,
        **({"refresh_token": refresh_token} if refresh_token else {}),
        "expires_in": minted.expires_in,
        "token_type": "Bearer",
    }
