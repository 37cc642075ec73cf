"""Refusals of logins: ID tokens, opaque tokens, SAML responses, the pool's own token; at identity pools and at STS."""

import time
from typing import Any

from tests.decisioncodes.pools import DEVELOPER, GOOGLE, IDP, credentials, developer_token, user
from tests.decisioncodes.table import refused_as
from tests.sandbox.aws.cognito_identity.test_logins_of_user_pools import People
from tests.sandbox.aws.sts.test_operations import IDP as STS_IDP
from tests.sandbox.aws.sts.test_operations import Direct, Saml
from tests.sandbox.issuers import OTHER_KEY, USER_POOL
from tests.sandbox.lab import Lab
from tests.sandbox.saml_idp import SamlIdp

FACEBOOK = "graph.facebook.com"
POOL_TOKEN = "cognito-identity.amazonaws.com"


def get_id(lab: Lab, logins: dict[str, str], **pool: Any) -> object:
    return lab.public.get_id(IdentityPoolId=lab.pool(roles=False, **pool), Logins=logins)


def direct(lab: Lab, **claims: Any) -> object:
    """A token of an issuer that is registered in IAM, brought to STS."""
    at = Direct(lab)
    return at.assume(at.issuer.token(**{"sub": "ana", "aud": "app-1", **claims}))


def saml(lab: Lab, response: str) -> object:
    provider = lab.iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=IDP.metadata)["SAMLProviderArn"]
    return get_id(lab, {provider: response}, SamlProviderARNs=[provider])


def saml_at_sts(lab: Lab, **wishes: Any) -> object:
    at = Saml(lab)
    return at.assume(at.response(**wishes))


refused_as("login.provider")(lambda lab: get_id(lab, {"idp.example.com/realm": lab.providers.issuer("oidc").token()}))
refused_as("login.provider")(lambda lab: get_id(lab, {FACEBOOK: "token"}))
refused_as("login.provider")(lambda lab: get_id(lab, {DEVELOPER: "d-1"}, DeveloperProviderName=DEVELOPER))
refused_as("login.provider")(lambda lab: get_id(lab, {f"arn:aws:iam::{lab.account}:saml-provider/X": IDP.response()}))
refused_as("login.format")(lambda lab: get_id(lab, {USER_POOL: "no token"}))
refused_as("login.format")(lambda lab: saml(lab, "no response"))
refused_as("login.claims")(lambda lab: get_id(lab, user(lab, aud=None)))
refused_as("login.claims")(lambda lab: saml(lab, IDP.response(seconds=None)))
refused_as("login.token_use")(lambda lab: get_id(lab, user(lab, token_use="access")))
refused_as("login.issuer")(lambda lab: get_id(lab, user(lab, iss="https://idp.example.com/realm")))
refused_as("login.issuer")(lambda lab: get_id(lab, user(lab, iss="https://cognito-identity.amazonaws.com")))
refused_as("login.issuer")(lambda lab: saml(lab, IDP.response(issuer="https://elsewhere.example")))
refused_as("login.audience")(lambda lab: get_id(lab, user(lab, aud="another")))
refused_as("login.audience")(lambda lab: saml(lab, IDP.response(audience="urn:another")))
refused_as("login.expiry")(lambda lab: get_id(lab, user(lab, exp=int(time.time()) - 3600)))
refused_as("login.expiry")(lambda lab: saml(lab, IDP.response(seconds=-3600, not_before=-7200)))
refused_as("login.not_before")(lambda lab: get_id(lab, user(lab, nbf=int(time.time()) + 3000)))
refused_as("login.not_before")(lambda lab: saml(lab, IDP.response(seconds=7200, not_before=3600)))
refused_as("login.signature")(lambda lab: get_id(lab, user(lab, key=OTHER_KEY)))
refused_as("login.signature")(lambda lab: saml(lab, SamlIdp().response()))

refused_as("login.format")(lambda lab: Direct(lab).assume("no token"))
refused_as("login.format")(lambda lab: Saml(lab).assume("bm8gcmVzcG9uc2U="))
refused_as("login.claims")(lambda lab: direct(lab, sub=None))
refused_as("login.claims")(lambda lab: saml_at_sts(lab, seconds=None))
refused_as("login.issuer")(lambda lab: direct(lab, iss="https://unknown.example"))
refused_as("login.issuer")(lambda lab: saml_at_sts(lab, issuer="https://elsewhere.example"))
refused_as("login.audience")(lambda lab: direct(lab, aud="another"))
refused_as("login.audience")(lambda lab: saml_at_sts(lab, audience="urn:another"))
refused_as("login.expiry")(lambda lab: direct(lab, exp=int(time.time()) - 3600))
refused_as("login.expiry")(lambda lab: saml_at_sts(lab, seconds=-3600, not_before=-7200))
refused_as("login.age")(lambda lab: direct(lab, iat=int(time.time()) - 100_000))
refused_as("login.signature")(lambda lab: direct(lab, key=OTHER_KEY))
refused_as("login.signature")(lambda lab: saml_at_sts(lab, sign="none"))
refused_as("role.saml")(lambda lab: saml_at_sts(lab, roles=(("arn:aws:iam::000000000000:role/X", "arn:x"),)))


@refused_as("login.provider")
def a_saml_provider_that_sts_does_not_know(lab: Lab) -> object:
    at = Saml(lab)
    at.provider = at.provider.replace("Corp", "Other")
    return at.assume(STS_IDP.response())


@refused_as("login.provider")
def another_developer_provider(lab: Lab) -> object:
    pool_id = lab.pool(roles=False, DeveloperProviderName=DEVELOPER)
    return lab.pools.get_open_id_token_for_developer_identity(IdentityPoolId=pool_id, Logins={"login.other": "d-1"})


@refused_as("login.audience")
def a_token_for_another_of_googles_clients(lab: Lab) -> object:
    token = lab.providers.issuer("google").token("g-1", "another")
    return get_id(lab, {GOOGLE: token}, SupportedLoginProviders={GOOGLE: "web-client"})


@refused_as("login.audience")
def a_token_for_another_facebook_app(lab: Lab) -> object:
    lab.providers.tokens["codes-other"] = ("app-2", "ana")
    return get_id(lab, {FACEBOOK: "codes-other"}, SupportedLoginProviders={FACEBOOK: "app-1"})


@refused_as("login.introspection")
def a_token_that_facebook_does_not_know(lab: Lab) -> object:
    return get_id(lab, {FACEBOOK: "codes-unknown"}, SupportedLoginProviders={FACEBOOK: "app-1"})


@refused_as("login.introspection")
def a_token_that_facebook_does_not_know_at_sts(lab: Lab) -> object:
    return Direct(lab).assume("codes-unknown", ProviderId=FACEBOOK)


@refused_as("login.keys")
def an_issuer_that_does_not_answer(lab: Lab) -> object:
    issuer = lab.providers.issuer(f"codes-down-{lab.account}")
    provider = lab.oidc(issuer, "app-1")
    lab.providers.down.add(issuer.slug)
    return get_id(lab, {issuer.name: issuer.token("ana", "app-1")}, OpenIdConnectProviderARNs=[provider])


@refused_as("login.keys")
def an_issuer_that_does_not_answer_sts(lab: Lab) -> object:
    issuer = lab.providers.issuer(f"codes-silent-{lab.account}")
    lab.oidc(issuer, "app-1")
    lab.providers.down.add(issuer.slug)
    return Direct(lab).assume(issuer.token("ana", "app-1"))


@refused_as("login.server_check")
def a_user_who_was_disabled(lab: Lab) -> object:
    people = People(lab, server_side_check=True)
    people.sign_up("ana")
    token = people.tokens("ana")["IdToken"]
    people.idp.admin_disable_user(UserPoolId=people.id, Username="ana")
    return people.identity(token)


@refused_as("login.server_check")
def a_user_who_signed_out(lab: Lab) -> object:
    people = People(lab, server_side_check=True)
    people.sign_up("ana")
    token = people.tokens("ana")["IdToken"]
    people.idp.admin_user_global_sign_out(UserPoolId=people.id, Username="ana")
    return people.identity(token)


@refused_as("login.replay")
def a_saml_response_used_twice(lab: Lab) -> object:
    provider = lab.iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=IDP.metadata)["SAMLProviderArn"]
    pool_id, logins = lab.pool(roles=False, SamlProviderARNs=[provider]), {provider: IDP.response()}
    lab.public.get_id(IdentityPoolId=pool_id, Logins=logins)
    return lab.public.get_id(IdentityPoolId=pool_id, Logins=logins)


@refused_as("login.pool_token")
def the_pools_token_at_get_id(lab: Lab) -> object:
    pool_id = lab.pool(roles=False, DeveloperProviderName=DEVELOPER)
    logins = {POOL_TOKEN: developer_token(lab, pool_id)["Token"]}
    return lab.public.get_id(IdentityPoolId=pool_id, Logins=logins)


@refused_as("login.pool_token")
def the_pools_token_beside_another(lab: Lab) -> object:
    pool_id = lab.pool(roles=False, DeveloperProviderName=DEVELOPER)
    made = developer_token(lab, pool_id)
    return credentials(lab, made["IdentityId"], {POOL_TOKEN: made["Token"], **user(lab)})


@refused_as("login.pool_token")
def what_is_no_token_of_a_pool(lab: Lab) -> object:
    pool_id = lab.pool(roles=False, DeveloperProviderName=DEVELOPER)
    made = developer_token(lab, pool_id)
    return credentials(lab, made["IdentityId"], {POOL_TOKEN: made["Token"][:-8] + "AAAAAAAA"})


@refused_as("login.expiry")
def an_expired_token_of_the_pool(lab: Lab) -> object:
    pool_id = lab.pool(roles=False, DeveloperProviderName=DEVELOPER)
    made = developer_token(lab, pool_id)
    lab.sandbox.switch("clock", {"advance": 3600}, account=lab.account)
    return credentials(lab, made["IdentityId"], {POOL_TOKEN: made["Token"]})


@refused_as("login.signature")
def a_pools_token_that_was_changed_at_sts(lab: Lab) -> object:
    token = lab.public.get_open_id_token(IdentityId=lab.guest(lab.pool(roles=False)))["Token"]
    return Direct(lab).assume(token[:-8] + "AAAAAAAA")
