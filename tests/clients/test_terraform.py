"""An identity pool's set-up looked after as by Terraform: made, found unchanged, changed, imported and removed."""

import itertools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from sandbox.testing import RunningSandbox
from tests.clients import terraform as tf
from tests.sandbox.saml_idp import SamlIdp

pytestmark = pytest.mark.slow
_accounts = itertools.count(600_000_000_001)
IDP, SECOND_IDP = SamlIdp(), SamlIdp()
RIGHTS = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Own", "Effect": "Allow", "Action": ["s3:GetObject"],
     "Resource": "arn:aws:s3:::shop/${cognito-identity.amazonaws.com:sub}/*"}]}  # fmt: skip


def trust(pool: str, amr: str) -> dict[str, Any]:
    conditions = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": pool},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr},
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


class Configuration:
    """Everything that an identity pool needs, in the order in which one thing needs another."""

    def __init__(self, aws: tf.Client, account: str) -> None:
        self.aws, self.account = aws, account
        self.resources: list[tf.Resource] = []

    def add(self, kind: type[tf.Resource], **config: Any) -> tf.Resource:
        resource = kind(self.aws, config)
        resource.create()
        self.resources.append(resource)
        return resource

    def apply(self) -> None:
        """Make it all: what is made later names what was made before."""
        self.aws("sts").get_caller_identity()  # The provider begins with it.
        add, tags = self.add, {"team": "one", "env": "test"}
        region = self.aws("cognito-identity").meta.region_name
        passwords = {"MinimumLength": 10, "RequireNumbers": True}
        users = add(tf.UserPool, name="people", verified=["email"], passwords=passwords, tags=tags)
        flows = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
        client = add(tf.UserPoolClient, pool=users.id, name="web", flows=flows, callbacks=["https://app.example/"])
        entra = "https://sts.example.net/3f6bd7e2-1111-4222-8333-944445555666/"
        oidc = add(tf.OpenIdProvider, url=entra, clients=["api://app"], thumbprints=["a" * 40], tags=tags)
        saml = add(tf.SamlProvider, name="corp", metadata=IDP.metadata, tags=tags)
        name = f"cognito-idp.{region}.amazonaws.com/{users.id}"
        client_id = client.id.partition("/")[2]
        pool = add(
            tf.IdentityPool,
            IdentityPoolName="shop",
            AllowUnauthenticatedIdentities=True,
            AllowClassicFlow=True,
            SupportedLoginProviders={"accounts.google.com": "g-1.apps.googleusercontent.com"},
            OpenIdConnectProviderARNs=[oidc.id],
            SamlProviderARNs=[saml.id],
            CognitoIdentityProviders=[{"ProviderName": name, "ClientId": client_id, "ServerSideTokenCheck": True}],
            tags=tags,
        )
        roles = {}
        for amr in ("authenticated", "unauthenticated"):
            described = {"description": f"{amr} people", "seconds": 3600, "tags": tags}
            role = add(tf.Role, name=f"shop-{amr}", trust=trust(pool.id, amr), **described)
            roles[amr] = f"arn:aws:iam::{self.account}:role/{role.id}"
        add(tf.RolePolicy, role="shop-authenticated", name="own", policy=RIGHTS)
        policy = add(tf.Policy, name="shop-read", description="reads", policy=RIGHTS, tags=tags)
        add(tf.PolicyAttachment, role="shop-authenticated", arn=policy.id)
        add(tf.PolicyAttachment, role="shop-unauthenticated", arn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
        rule = {"Claim": "custom:dept", "MatchType": "Equals", "Value": "x", "RoleARN": roles["authenticated"]}
        mapping = {
            "Type": "Rules",
            "AmbiguousRoleResolution": "AuthenticatedRole",
            "RulesConfiguration": {"Rules": [rule]},
        }
        mappings = {f"{name}:{client_id}": mapping}
        add(tf.RolesAttachment, pool=pool.id, roles=roles, mappings=mappings)
        add(tf.PrincipalTags, pool=pool.id, provider=name, defaults=False, tags={"department": "custom:dept"})
        add(tf.Group, pool=users.id, name="staff", role=roles["authenticated"], precedence=1)
        cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://app.example"], "AllowedHeaders": ["*"]}]
        closed = dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        )
        add(tf.Bucket, name=f"shop-{self.account}", tags=tags, cors=cors, public=closed)
        add(tf.Table, name="orders", tags=tags)

    def plan(self) -> dict[str, tuple[Any, Any]]:
        """What differs between what there is and what the configuration says, by `kind.argument`."""
        found: dict[str, tuple[Any, Any]] = {}
        for resource in self.resources:
            state = resource.read()
            kind = type(resource).__name__
            if state is None:
                found[kind] = (None, resource.config)
                continue
            for name in resource.config.keys() | state.keys():
                pair = state.get(name), resource.config.get(name)
                if pair[0] != pair[1]:
                    found[f"{kind}.{name}"] = pair
        return found

    def destroy(self) -> None:
        for resource in reversed(self.resources):
            resource.delete()


def _changed(resource: tf.Resource) -> dict[str, Any]:
    """The configuration with something else in every argument that can be changed in place."""
    config = deepcopy(resource.config)
    if "tags" in config and not isinstance(resource, tf.PrincipalTags):
        config["tags"] = {"team": "two", "cost": "1"} if _drops_tags(resource) else {**config["tags"], "team": "two"}
    changes: dict[type[tf.Resource], Callable[[], Any]] = {
        tf.UserPool: lambda: config.update(passwords={"MinimumLength": 12, "RequireNumbers": False}),
        tf.UserPoolClient: lambda: config.update(name="web-2", callbacks=["https://app.example/back"]),
        tf.OpenIdProvider: lambda: config.update(clients=["api://app-2", "api://app-3"], thumbprints=["b" * 40]),
        tf.SamlProvider: lambda: config.update(metadata=SECOND_IDP.metadata),
        # The classic flow is left out: it stays as it is. Other members are given whole. (Another name would make the
        # provider replace the pool.)
        tf.IdentityPool: lambda: config.update(AllowUnauthenticatedIdentities=False),
        tf.Role: lambda: config.update(description="changed", seconds=7200),
        tf.RolePolicy: lambda: config["policy"]["Statement"][0].update(Sid="Changed"),
        tf.Policy: lambda: config["policy"]["Statement"][0].update(Sid="Changed"),
        tf.RolesAttachment: lambda: config.update(mappings={}),
        tf.PrincipalTags: lambda: config.update(tags={"team": "custom:team"}),
        tf.Group: lambda: config.update(precedence=7),
        tf.Bucket: lambda: config["cors"][0].update(AllowedMethods=["GET", "PUT"]),
    }
    changes.get(type(resource), lambda: None)()
    return config


def _drops_tags(resource: tf.Resource) -> bool:
    """Whether its update also takes tags away."""
    return isinstance(resource, tf.Role | tf.IdentityPool | tf.UserPool | tf.Bucket | tf.Table)


@pytest.fixture
def configuration(served: RunningSandbox) -> Configuration:
    account = str(next(_accounts))
    clients: dict[str, Any] = {}

    def aws(service: str) -> Any:
        if service not in clients:
            clients[service] = served.client(service, access_key=account)
        return clients[service]

    return Configuration(aws, account)


def test_apply_plan_update_plan_import_destroy(configuration: Configuration) -> None:
    configuration.apply()
    assert configuration.plan() == {}
    assert configuration.plan() == {}, "reading changes nothing"

    changed = 0
    for resource in configuration.resources:
        wanted = _changed(resource)
        if wanted != resource.config:
            resource.update(wanted)
            changed += 1
    assert changed == len([one for one in configuration.resources if not isinstance(one, tf.PolicyAttachment)])
    assert configuration.plan() == {}

    for resource in configuration.resources:
        assert resource.imported() == resource.config, type(resource).__name__

    configuration.destroy()
    assert [type(one).__name__ for one in configuration.resources if _is_there(one)] == []
    iam = configuration.aws("iam")
    assert iam.list_roles()["Roles"] == iam.list_policies(Scope="Local")["Policies"] == []
    assert configuration.aws("s3").list_buckets()["Buckets"] == []


def _is_there(resource: tf.Resource) -> bool:
    return resource.read() is not None


def test_what_was_changed_by_hand_is_planned_back(configuration: Configuration) -> None:
    configuration.apply()
    (pool,) = [one for one in configuration.resources if isinstance(one, tf.IdentityPool)]
    members = {name: value for name, value in pool.config.items() if name != "tags"}
    members["AllowUnauthenticatedIdentities"] = False
    configuration.aws("cognito-identity").update_identity_pool(IdentityPoolId=pool.id, **members)
    assert configuration.plan() == {"IdentityPool.AllowUnauthenticatedIdentities": (False, True)}
    pool.update(pool.config)
    assert configuration.plan() == {}
    configuration.aws("iam").delete_role_policy(RoleName="shop-authenticated", PolicyName="own")
    assert list(configuration.plan()) == ["RolePolicy"]
