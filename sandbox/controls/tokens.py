"""A login on request: what a sign-in at a stand-in would put into Logins, for scripts that cannot fill in its form."""

from typing import Any

from sandbox.controls.pool_logins import issue_for_pool
from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance
from sandbox.idp.mount import login_without_page
from sandbox.idp.sign_in.logins import LoginRefused, LoginRequest
from sandbox.idp.sign_in.people import PEOPLE

# What is called claims everywhere else is called attributes in SAML.
_CHANGES = ("claims", "attributes")
_FIELDS: dict[str, type] = {"provider": str, "person": str, "misbehaviour": str, **dict.fromkeys(_CHANGES, dict)}


async def issue_login(instance: Instance, account: str, params: dict[str, Any]) -> dict[str, Any]:
    """`{"Logins": {provider's name: token}, "expires": epoch seconds or null}`.

    Of a stand-in, for one of its people (`provider`, `person`), or of whomever a pool trusts (`pool`, `login`).

    Raises:
        AwsError: ValidationException for what no stand-in can do.
    """
    try:
        if "pool" in params:
            login = await issue_for_pool(instance, account, params)
        else:
            login = await login_without_page(instance, account, params.get("provider", ""), _login_request(params))
    except LoginRefused as refused:
        raise AwsError("ValidationException", str(refused)) from None
    return {"Logins": {login.key: login.artifact}, "expires": login.expires}


def _login_request(params: dict[str, Any]) -> LoginRequest:
    for name, value in params.items():
        if not isinstance(value, _FIELDS.get(name, ())):
            raise LoginRefused(f"'{name[:40]}' is unknown or of the wrong type.")
    person = PEOPLE.get(params.get("person", ""))
    if person is None:
        raise LoginRefused(f"The people are {', '.join(PEOPLE)}.")
    changes = {name: value for each in _CHANGES for name, value in params.get(each, {}).items()}
    return LoginRequest(person, changes, params.get("misbehaviour", ""))
