"""The logout endpoint: ends the session of this browser, and goes where the client has registered.

https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
"""

import flask

from sandbox.idp.managed_login.authorization import ShownRefusal, client_at, read_request, redirect
from sandbox.idp.managed_login.pages import SESSION_COOKIE, refusal_page
from sandbox.idp.managed_login.site import LoginSite
from sandbox.user_pools.login_sessions import end_session


def logout(site: LoginSite) -> flask.Response:
    """To `logout_uri`; or, with the parameters of an authorization request, to the sign-in page.

    The session ends whatever the parameters are: a browser sends its cookie along when any page leads it here.
    """
    end_session(site.connection, site.pool, flask.request.cookies.get(SESSION_COOKIE, ""))
    try:
        answer = redirect(_target(site))
    except ShownRefusal as refused:
        answer = refusal_page(site, refused)
    answer.delete_cookie(SESSION_COOKIE, path=site.cookie_path)
    return answer


def _target(site: LoginSite) -> str:
    params = flask.request.args
    if "logout_uri" not in params:
        return f"{site.base}/login?{read_request(site, params).query}"
    if len(params.getlist("client_id")) != 1 or len(params.getlist("logout_uri")) != 1:
        raise ShownRefusal("invalid_request", "Required String parameter 'client_id' is not present")
    client = client_at(site, params["client_id"])
    if params["logout_uri"] not in (client.definition.get("LogoutURLs") or ()):
        # What the service says of it.
        raise ShownRefusal("invalid_request", "Required String parameter 'redirect_uri' is not present")
    return params["logout_uri"]
