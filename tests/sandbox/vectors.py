"""vectors.json made real: every pool, role, identity and token of a case is brought about through the public APIs.

Ids in a case are made up and cannot all be pinned, so each case is rewritten to the ids that its set-up yields.
"""

import json
import time
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tests.sandbox.issuers import USER_POOL
from tests.sandbox.lab import COGNITO, Lab, allow, trust, unchecked
from tests.sandbox.saml_idp import SESSION_NAME, SamlIdp

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text())
ACCOUNT, POOL = "111122223333", "us-east-1:11111111-2222-3333-4444-555555555555"
_EPOCH = 1_700_000_000  # what the cases call now
_POOL_MEMBERS = (
    "IdentityPoolName",
    "AllowUnauthenticatedIdentities",
    "AllowClassicFlow",
    "SupportedLoginProviders",
    "DeveloperProviderName",
    "OpenIdConnectProviderARNs",
    "CognitoIdentityProviders",
    "SamlProviderARNs",
)
GOOGLE, FACEBOOK = "accounts.google.com", "graph.facebook.com"
_SAML = SamlIdp()


@dataclass
class World:
    """The situation that a case describes."""

    lab: Lab
    case: dict[str, Any]
    ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, lab: Lab, case: dict[str, Any]) -> "World":
        text = json.dumps(case).replace(ACCOUNT, lab.account).replace(POOL, f"us-east-1:{uuid.uuid4()}")
        world = cls(lab, {})
        if "user_state" in case["given"]:
            text = text.replace(USER_POOL, world.real_user_pool[0]).replace("client1examp1e", world.real_user_pool[1])
        if case["given"].get("dependency") == "JWKS unreachable":
            text = text.replace("https://idp.example.com/realm", "http://127.0.0.1:9/realm")
            text = text.replace("idp.example.com/realm", "127.0.0.1:9/realm")
        world.case = json.loads(text)
        world._set_up()
        messages = json.dumps(world.case["expect"].get("message_contains"))
        for made_up, real in world.ids.items():
            messages = messages.replace(made_up, real)
        world.case["expect"]["message_contains"] = json.loads(messages)
        return world

    # --- what the case speaks of ---

    @property
    def given(self) -> dict[str, Any]:
        return dict(self.case["given"])

    @property
    def pool(self) -> dict[str, Any]:
        """The pool; cases of STS describe none, so they get the one that issued their tokens."""
        plain = {
            "IdentityPoolName": "p1",
            "AllowUnauthenticatedIdentities": True,
            "DeveloperProviderName": "login.example.app",
            "CognitoIdentityProviders": [{"ProviderName": USER_POOL, "ClientId": "client1examp1e"}],
        }
        return dict(self.given.get("pool") or plain)

    @cached_property
    def pool_id(self) -> str:
        given = self.given.get("pool", {}).get("IdentityPoolId")
        tokens = [token for token in self.given.get("tokens", {}).values() if token["kind"] == "identity_pool_token"]
        return str(given or (tokens[0]["aud"] if tokens else f"us-east-1:{uuid.uuid4()}"))

    def known(self, text: str) -> str:
        """An identity id of the case as the set-up knows it."""
        return self.ids.get(text, text)

    # --- setting it up ---

    def _set_up(self) -> None:
        for arn, provider in self.given.get("iam_oidc", {}).items():
            made = self.lab.iam.create_open_id_connect_provider(
                Url=provider["url"], ClientIDList=provider["client_ids"], ThumbprintList=["a" * 40]
            )
            assert made["OpenIDConnectProviderArn"] == arn
        for arn in self.pool.get("SamlProviderARNs", []):
            self.lab.iam.create_saml_provider(Name=arn.rpartition("/")[2], SAMLMetadataDocument=_SAML.metadata)
        self._roles()
        if self.case["operation"] != "CreateIdentityPool":
            self._pool()

    def _roles(self) -> None:
        trusts = dict(self.given.get("role_trust", {}))
        for kind, arn in self.pool.get("Roles", {}).items():
            plain = {"Principal": COGNITO, "Action": ["sts:AssumeRoleWithWebIdentity"], "aud": [self.pool_id]}
            trusts.setdefault(arn, {**plain, "amr": kind})
        for arn, wanted in trusts.items():
            client = self.lab.sandbox.client("iam", access_key=arn.split(":")[4])
            seconds = self.given.get("role_max_session", {}).get(arn, 3600)
            document = json.dumps(_trust_policy(wanted))
            name = arn.rpartition("/")[2]
            client.create_role(RoleName=name, AssumeRolePolicyDocument=document, MaxSessionDuration=seconds)
            policy = json.dumps(allow("*"))
            client.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy)

    def _pool(self) -> None:
        wanted = {name: self.pool[name] for name in _POOL_MEMBERS if self.pool.get(name) is not None}
        # While its identities come into being the pool takes everybody who shall own one of them.
        google = {**wanted.get("SupportedLoginProviders", {}), GOOGLE: "g-client"}
        open_to_all = {**wanted, "AllowUnauthenticatedIdentities": True, "SupportedLoginProviders": google}
        open_to_all.pop("AllowClassicFlow", None)
        tags = {"sandbox:custom-id": self.pool_id}
        self.lab.pools.create_identity_pool(**open_to_all, IdentityPoolTags=tags)
        for identity in self.given.get("identities", []):
            self.ids[identity["IdentityId"]] = self._identity(identity)
        for token in self.given.get("tokens", {}).values():
            if token["kind"] == "identity_pool_token" and token["sub"] not in self.ids:
                guest = token.get("amr") == ["unauthenticated"]
                logins = [] if guest else [{"provider": USER_POOL, "user": "u-1"}]
                self.ids[token["sub"]] = self._identity({"logins": logins, "state": "enabled"})
        if "tokens" not in self.given or "pool" in self.given:
            self.lab.pools.update_identity_pool(IdentityPoolId=self.pool_id, **wanted)
        roles = self.pool.get("Roles", {})
        mappings = self.pool.get("RoleMappings", {})
        self.lab.pools.set_identity_pool_roles(IdentityPoolId=self.pool_id, Roles=roles, RoleMappings=mappings)
        for provider, tag_map in self.pool.get("PrincipalTagMaps", {}).items():
            self.lab.pools.set_principal_tag_attribute_map(
                IdentityPoolId=self.pool_id, IdentityProviderName=provider, **tag_map
            )

    def _identity(self, wanted: dict[str, Any]) -> str:
        developer = self.pool.get("DeveloperProviderName")
        logins = {entry["provider"]: entry["user"] for entry in wanted["logins"]}
        if developer in logins:
            made = self.lab.pools.get_open_id_token_for_developer_identity(
                IdentityPoolId=self.pool_id, Logins={developer: logins[developer]}
            )
            return str(made["IdentityId"])
        tokens = {provider: self._login_of(provider, user) for provider, user in logins.items()}
        identity_id = str(self.lab.public.get_id(IdentityPoolId=self.pool_id, Logins=tokens)["IdentityId"])
        if wanted["state"] == "disabled":
            owner = {USER_POOL: self.lab.user_pool.token("somebody")}
            self.lab.public.get_id(IdentityPoolId=self.pool_id, Logins=owner)
            self.lab.public.get_open_id_token(IdentityId=identity_id, Logins=owner)
        return identity_id

    def _login_of(self, provider: str, user: str) -> str:
        """A token by which `user` signs in, whatever the case's own tokens are."""
        if provider == GOOGLE:
            return self.lab.providers.issuer("google").token(user, "g-client")
        if provider.startswith("arn:"):
            return _SAML.response(name_id=user)
        if "user_state" in self.given:
            return str(self.real_user_pool[2])
        return self.lab.user_pool.token(user)

    # --- tokens ---

    def token(self, name: str) -> str:
        """The token that the case calls `name`."""
        wanted = dict(self.given["tokens"][name])
        make = getattr(self, f"_{wanted['kind']}")
        return str(make(wanted))

    def _opaque(self, wanted: dict[str, Any]) -> str:
        return str(wanted["value"])

    def _jwt(self, wanted: dict[str, Any]) -> str:
        if "user_state" in self.given:
            return str(self.real_user_pool[2])
        slugs = {f"https://{USER_POOL}": "userpool", "https://accounts.google.com": "google"}
        slugs |= {"https://appleid.apple.com": "apple", "https://idp.example.com/realm": "oidc"}
        issuer = self.lab.providers.issuer(slugs.get(wanted["iss"], "userpool"))
        claims = {name: value for name, value in wanted.items() if name not in ("kind", "typ", "alg", "signature")}
        claims.setdefault("aud", None)
        shift = int(time.time()) - _EPOCH
        for claim in ("exp", "iat"):
            if claim in claims:
                claims[claim] += shift
        if wanted.get("signature") not in (None, "valid"):
            from tests.sandbox.issuers import OTHER_KEY

            claims["key"] = OTHER_KEY
        return issuer.token(**claims)

    def _facebook_access_token(self, wanted: dict[str, Any]) -> str:
        token = f"EAA{uuid.uuid4().hex}"
        if wanted["expired"]:
            self.lab.providers.expired.add(token)
        elif wanted["valid"]:
            self.lab.providers.tokens[token] = (wanted["app_id"], wanted["user_id"])
        return token

    def _amazon_access_token(self, wanted: dict[str, Any]) -> str:
        return "Atza|" + uuid.uuid4().hex

    def _saml_response_base64(self, wanted: dict[str, Any]) -> str:
        (provider,) = self.pool["SamlProviderARNs"]
        return _SAML.response(
            name_id=wanted["name_id"],
            roles=tuple((role, provider) for role in wanted["roles"]),
            audience=wanted["audience"],
            attributes={SESSION_NAME: ["somebody"]},
        )

    def _identity_pool_token(self, wanted: dict[str, Any]) -> str:
        identity_id = self.known(wanted["sub"])
        developer = self.pool.get("DeveloperProviderName")
        if "pool" in self.given or "principal_tags_bytes" in wanted:
            many = wanted.get("principal_tags_bytes", 0) // 120
            tags = {f"k{number:02d}{'x' * 60}": "v" * 60 for number in range(min(many, 50))}
            made = self.lab.pools.get_open_id_token_for_developer_identity(
                IdentityPoolId=self.pool_id, Logins={developer: "d-1"}, PrincipalTags=tags
            )
            return str(made["Token"])
        guest = wanted.get("amr") == ["unauthenticated"]
        logins = {} if guest else {USER_POOL: self.lab.user_pool.token("u-1")}
        return str(self.lab.public.get_open_id_token(IdentityId=identity_id, Logins=logins)["Token"])

    @cached_property
    def real_user_pool(self) -> tuple[str, str, str]:
        """A user pool made through the API: its provider name, a client id, and a real ID token of its one user."""
        idp = self.lab.client("cognito-idp")
        user_pool = idp.create_user_pool(PoolName="people")["UserPool"]["Id"]
        client = idp.create_user_pool_client(
            UserPoolId=user_pool, ClientName="app", ExplicitAuthFlows=["ADMIN_NO_SRP_AUTH"]
        )["UserPoolClient"]["ClientId"]
        idp.admin_create_user(UserPoolId=user_pool, Username="ana", TemporaryPassword="Temporary-1!")
        idp.admin_set_user_password(UserPoolId=user_pool, Username="ana", Password="Permanent-1!", Permanent=True)
        signed_in = idp.admin_initiate_auth(
            UserPoolId=user_pool,
            ClientId=client,
            AuthFlow="ADMIN_NO_SRP_AUTH",
            AuthParameters={"USERNAME": "ana", "PASSWORD": "Permanent-1!"},
        )
        return f"cognito-idp.us-east-1.amazonaws.com/{user_pool}", client, signed_in["AuthenticationResult"]["IdToken"]

    # --- the call ---

    def bring_about(self) -> None:
        """What happens between the set-up and the call: sign-out, deletion, time, load, a provider that is down."""
        state = self.given.get("user_state", "")
        user_pool = self.real_user_pool[0].rpartition("/")[2] if state else ""
        if state.startswith("GlobalSignOut"):
            self.lab.client("cognito-idp").admin_user_global_sign_out(UserPoolId=user_pool, Username="ana")
        if state == "deleted":
            self.lab.client("cognito-idp").admin_delete_user(UserPoolId=user_pool, Username="ana")
        if "load" in self.given:
            # A limit that every call is over, so that a slow machine is over it too.
            self.lab.sandbox.switch("faults", {"operation": "GetId", "rate": 0}, account=self.lab.account)
        if self.given.get("dependency", "").startswith("www.amazon.com"):
            self.lab.providers.down.add("amazon")

    def request(self) -> dict[str, Any]:
        """The call's parameters, with the tokens and ids of the set-up."""
        request = dict(self.case["request"])
        if "Logins" in request:
            tokens = self.given.get("tokens", {})
            request["Logins"] = {k: self.token(v) if v in tokens else v for k, v in request["Logins"].items()}
        if "WebIdentityToken" in request:
            request["WebIdentityToken"] = self.token(request["WebIdentityToken"])
        if "IdentityId" in request:
            request["IdentityId"] = self.known(request["IdentityId"])
        if "RoleMappings_rules" in request:
            rule = {"Claim": "a", "MatchType": "Equals", "Value": "b", "RoleARN": request["Roles"]["authenticated"]}
            rules = {"Rules": [rule] * request.pop("RoleMappings_rules")}
            mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": rules}
            request["RoleMappings"] = {f"{USER_POOL}:client1examp1e": mapping}
        if self.case["operation"] == "GetCredentialsForIdentity" or "IdentityId" in request:
            request.pop("IdentityPoolId", None) if self.case["operation"] in ("GetCredentialsForIdentity",) else None
        return request

    def call(self) -> dict[str, Any]:
        """The answer of the case's operation, or its refusal as an answer."""
        operation = self.case["operation"]
        request = self.request()
        if operation.startswith("call:"):
            return self._call_service(operation.split(" ")[0])
        if operation.startswith("sts:"):
            if self.given.get("now") and "sts-expired" in self.case["id"]:
                self.lab.sandbox.switch("clock", {"advance": 700}, account=self.lab.account)
            client, name = self.lab.sts, operation.removeprefix("sts:")
        else:
            client, name = self.lab.pools, operation
        try:
            return (
                unchecked(client, name, **request) if client is self.lab.pools else client._make_api_call(name, request)
            )
        except ClientError as error:
            return dict(error.response)

    def _call_service(self, operation: str) -> dict[str, Any]:
        """Call a service with a guest's credentials; whether the sandbox has such a service is another question."""
        (identity_id,) = self.ids.values()
        credentials = self.lab.public.get_credentials_for_identity(IdentityId=identity_id)["Credentials"]
        _, service, name = operation.split(":")
        client = self.lab.with_credentials(service, credentials)
        params = {"s3": {"Bucket": "none-such", "Key": "k"}, "kms": {"KeyId": "k", "Plaintext": b"x"}}[service]
        try:
            return dict(client._make_api_call(name, params))
        except ClientError as error:
            return dict(error.response)


def _trust_policy(wanted: dict[str, Any]) -> dict[str, Any]:
    document = trust(wanted["aud"], wanted["amr"], actions=tuple(wanted["Action"]), extra=wanted.get("extra"))
    text = json.dumps(document).replace(f"{COGNITO}:amr", wanted.get("amr_key", f"{COGNITO}:amr"))
    if wanted["aud"] is None:
        # IAM no longer saves a trust in identity pools that tests no audience, unless it trusts simply everybody.
        return dict(json.loads(text.replace(json.dumps({"Federated": COGNITO}), '"*"')))
    return dict(json.loads(text.replace(f'"Federated": "{COGNITO}"', f'"Federated": "{wanted["Principal"]}"')))
