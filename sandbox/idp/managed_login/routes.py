"""The addresses of managed logins and of what pools publish, below `/idp/` and, by host name, at the root."""

from collections.abc import Callable, Mapping

import flask

from sandbox.core.config import SandboxConfig
from sandbox.core.facts import domain_reserved_for
from sandbox.idp.managed_login import self_service, signing_in, token_endpoint
from sandbox.idp.managed_login.authorization import ShownRefusal, ToldRefusal
from sandbox.idp.managed_login.pages import refusal_page
from sandbox.idp.managed_login.published import discovery, keys
from sandbox.idp.managed_login.signing_out import logout
from sandbox.idp.managed_login.site import LoginSite, site_of_request
from sandbox.idp.managed_login.user_info import user_info
from sandbox.idp.sign_in.stand_in import View
from sandbox.idp.storage.records import Records
from sandbox.user_pools.pools import find_pool

_DOMAIN = "/<prefix>.auth.<region>.amazoncognito.com"
_ISSUER = "/cognito-idp.<region>.amazonaws.com/<pool_id>/.well-known"
_LAB_DOMAIN, _LAB_ISSUER = (
    "/<name>.auth.<region>.amazoncognito.com",
    "/cognito-idp.<region>.amazonaws.com/<name>/.well-known",
)
_READ, _ASK = ("GET",), ("GET", "POST")
_CROSS_ORIGIN = ("POST", "OPTIONS")

Endpoint = Callable[[LoginSite], flask.Response]
# The spelling of the paths is the service's.
_ENDPOINTS: dict[str, tuple[Endpoint, tuple[str, ...]]] = {
    "/oauth2/authorize": (signing_in.authorize, _READ),
    "/login": (signing_in.login, _ASK),
    "/changePassword": (signing_in.change_password, ("POST",)),
    "/signup": (self_service.sign_up_here, _ASK),
    "/confirm": (self_service.confirm, _ASK),
    "/forgotPassword": (self_service.forgot, _ASK),
    "/confirmForgotPassword": (self_service.confirm_forgot, ("POST",)),
    "/logout": (logout, _READ),
    "/oauth2/token": (token_endpoint.token, _CROSS_ORIGIN),
    "/oauth2/revoke": (token_endpoint.revoke, _CROSS_ORIGIN),
    "/oauth2/userInfo": (user_info, ("GET", *_CROSS_ORIGIN)),
}


class ManagedLogins:
    """The managed logins of all pools of one sandbox."""

    def __init__(self, config: SandboxConfig, records: Records, lab_pages: Mapping[str, View]) -> None:
        self._config, self._records, self._lab_pages = config, records, lab_pages

    def register(self, blueprint: flask.Blueprint) -> None:
        for path, (endpoint, methods) in _ENDPOINTS.items():
            name = f"managed_login{path.replace('/', '_')}"
            rule = f"{_DOMAIN}{path}"
            answer = self._answering(endpoint, self._lab_pages.get(f"{_LAB_DOMAIN}{path}"))
            blueprint.add_url_rule(rule, name, answer, methods=list(methods), provide_automatic_options=False)
        blueprint.add_url_rule(f"{_ISSUER}/openid-configuration", "pool_discovery", self._discovery)
        blueprint.add_url_rule(f"{_ISSUER}/jwks.json", "pool_keys", self._keys)

    def _answering(self, endpoint: Endpoint, lab_page: View | None) -> Callable[..., flask.Response]:
        def answer(prefix: str, region: str) -> flask.Response:
            if lab_page is not None and domain_reserved_for(prefix, self._config.account_id) is not None:
                return lab_page(name=prefix, region=region)
            site = site_of_request(self._config, self._records.connection, prefix, region)
            try:
                return endpoint(site)
            except ShownRefusal as refused:
                return refusal_page(site, refused)
            except ToldRefusal as refused:
                return refused.way.answer(refused.answer)

        return answer

    def _discovery(self, region: str, pool_id: str) -> flask.Response:
        if find_pool(self._records.connection, pool_id) is None:
            return self._lab_pages[f"{_LAB_ISSUER}/openid-configuration"](region=region, name=pool_id)
        return discovery(self._config, self._records.connection, region, pool_id)

    def _keys(self, region: str, pool_id: str) -> flask.Response:
        if find_pool(self._records.connection, pool_id) is None:
            return self._lab_pages[f"{_LAB_ISSUER}/jwks.json"](region=region, name=pool_id)
        return keys(self._records.connection, region, pool_id)
