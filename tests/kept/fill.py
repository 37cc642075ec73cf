"""Uses a running `manage.py demo` as people do, so that its data directory is worth keeping.

    python -m tests.kept.fill WEB_URL SANDBOX_URL notes.json

Every secret and person in it is made up. Written to `notes.json` is what a test cannot find in the directory itself:
passwords, codes of runs, credentials that are out in the world.
"""

import json
import re
import sys
import time
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import requests
from botocore import UNSIGNED
from botocore.config import Config

from tests.sandbox.idp.driver import Browser as StandInBrowser
from tests.sandbox.idp.driver import hidden_fields

NAME, PASSWORD = "kept-learner", "a made-up passphrase"
HOME, SECOND = "000000000000", "111122223333"
COGNITO = "cognito-identity.amazonaws.com"


class Visitor:
    """A browser at the application."""

    def __init__(self, web: str) -> None:
        self.web = web
        self.session = requests.Session()

    def post(self, path: str, page: str = "/demo/?access=guest", **fields: str) -> requests.Response:
        form = self.session.get(self.web + page).text
        (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        answer = self.session.post(self.web + path, {"csrfmiddlewaretoken": token, **fields})
        assert answer.status_code < 400 or answer.status_code == 422, (path, answer.status_code, answer.text[:2000])
        return answer

    def run(self, flow: str, provider: str = "guest", pool: str = "lab", pace: str = "all", person: str = "ana") -> str:
        """The code of a run that is carried as far as `pace` says."""
        access = "guest" if provider == "guest" else "authenticated"
        fields = {"access": access, "provider": provider, "flow": flow, "pool": pool, "pace": pace}
        answer = self.post("/runs/", **fields)
        if "/sign-in/" in answer.url:
            answer = self.sign_in(answer.text, person)
        return _code(answer.url)

    def sign_in(self, page: str, person: str) -> requests.Response:
        (link,) = re.findall(r'<a\s+class="btn btn-main btn-large"\s+href="([^"]+)"', page)
        answer = StandInBrowser().sign_in(unescape(link), person)
        if answer.status_code == 200:
            return self.session.post(self.web + "/saml/acs/", dict(hidden_fields(answer.text)))
        return self.session.get(answer.headers["Location"])

    def advance(self, code: str, position: int) -> None:
        self.post(f"/runs/{code}/advance/", f"/runs/{code}/", position=str(position))

    def use(self, code: str, *samples: str) -> None:
        for sample in samples:
            self.post(f"/runs/{code}/use/", f"/runs/{code}/use/", sample=sample)


def _code(url: str) -> str:
    found = re.search(r"/runs/([\w-]+)/", urlsplit(url).path)
    assert found, url
    return found[1]


def runs(web: str) -> dict[str, Any]:
    """Runs of an account and of a browser without one."""
    visitor = Visitor(web)
    before = {"guest": visitor.run("enhanced"), "refused": visitor.run("enhanced", pool="no-guests")}
    account = Visitor(web)
    account.post("/accounts/sign-up/", "/accounts/sign-up/", username=NAME, password1=PASSWORD, password2=PASSWORD)
    made = {
        "guest_basic": account.run("basic"),
        "google": account.run("enhanced", "google"),
        "saml": account.run("enhanced", "saml", person="bo"),
        "user_pool": account.run("basic", "user-pool", person="chidi"),
        "developer": account.run("enhanced", "developer"),
        "facebook": account.run("enhanced", "facebook"),
        "half_way": account.run("basic", pace="step"),
        "refused_classic": account.run("basic", pool="no-classic"),
    }
    linked = account.post(f"/runs/{made['facebook']}/link/", f"/runs/{made['facebook']}/", to=made["google"])
    made["linked"] = _code(linked.url)
    account.advance(made["half_way"], 0)
    account.use(made["guest_basic"], "who-am-i", "read-object", "write-object", "read-parameter")
    account.use(made["google"], "who-am-i", "write-own-object", "write-own-note")
    waiting = account.post("/runs/", access="authenticated", provider="oidc", flow="enhanced", pool="lab", pace="all")
    assert "/sign-in/" in waiting.url, waiting.url
    cookies = [dict(one.session.cookies) for one in (visitor, account)]
    return {"visitor": before, "account": made, "visitor_cookies": cookies[0], "account_cookies": cookies[1]}


class Aws:
    """Clients of one account's administrator, and of nobody."""

    def __init__(self, url: str, account: str) -> None:
        self.url, self.account = url, account
        self.pools, self.iam = self.client("cognito-identity"), self.client("iam")
        config = Config(signature_version=UNSIGNED)
        self.public, self.sts = (
            boto3.client(name, region_name="us-east-1", endpoint_url=url, config=config)
            for name in ("cognito-identity", "sts")
        )

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": self.account, "aws_secret_access_key": "test"}
        return boto3.client(service, region_name="us-east-1", endpoint_url=self.url, **keys)

    def fill(self) -> dict[str, Any]:
        """A pool with roles, providers and people of its own, and credentials that outlive the directory's closing."""
        providers = self._providers()
        pool = self._pool(providers[0])
        role, managed = self._role(pool)
        self.pools.set_identity_pool_roles(IdentityPoolId=pool, Roles={"authenticated": role, "unauthenticated": role})
        return {
            "account": self.account,
            "pool": pool,
            "role": role,
            "managed_policy": managed,
            "providers": providers,
            **self._people(pool, role),
            "pools": sorted(
                one["IdentityPoolId"] for one in self.pools.list_identity_pools(MaxResults=60)["IdentityPools"]
            ),
            "roles": {one["RoleName"]: one["RoleId"] for one in self.iam.list_roles()["Roles"]},
        }

    def _providers(self) -> list[str]:
        made = [
            self.iam.create_open_id_connect_provider(
                Url="https://login.example.org/realm", ClientIDList=["kept"], ThumbprintList=["a" * 40]
            )["OpenIDConnectProviderArn"]
        ]
        if self.account == HOME:
            seeded = self.iam.list_saml_providers()["SAMLProviderList"][0]["Arn"]
            metadata = self.iam.get_saml_provider(SAMLProviderArn=seeded)["SAMLMetadataDocument"]
            made.append(self.iam.create_saml_provider(Name="Kept", SAMLMetadataDocument=metadata)["SAMLProviderArn"])
        return made

    def _pool(self, provider: str) -> str:
        pool = self.pools.create_identity_pool(
            IdentityPoolName="kept pool",
            AllowUnauthenticatedIdentities=True,
            AllowClassicFlow=True,
            DeveloperProviderName="login.kept",
            OpenIdConnectProviderARNs=[provider],
            IdentityPoolTags={"course": "spring"},
        )["IdentityPoolId"]
        self.pools.set_principal_tag_attribute_map(
            IdentityPoolId=pool, IdentityProviderName=provider, PrincipalTags={"team": "sub"}
        )
        return str(pool)

    def _role(self, pool: str) -> tuple[str, str]:
        """ARNs of a role that may do everything, and of a managed policy that is attached to it."""
        trusted = {
            "Effect": "Allow",
            "Principal": {"Federated": COGNITO},
            "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
            "Condition": {"StringEquals": {f"{COGNITO}:aud": pool}},
        }
        everything = json.dumps(_policy({"Effect": "Allow", "Action": "*", "Resource": "*"}))
        role = self.iam.create_role(
            RoleName="Kept", AssumeRolePolicyDocument=json.dumps(_policy(trusted)), Tags=[{"Key": "a", "Value": "b"}]
        )["Role"]["Arn"]
        self.iam.put_role_policy(RoleName="Kept", PolicyName="all", PolicyDocument=everything)
        managed = self.iam.create_policy(PolicyName="KeptManaged", PolicyDocument=everything)["Policy"]["Arn"]
        self.iam.attach_role_policy(RoleName="Kept", PolicyArn=managed)
        return role, managed

    def _people(self, pool: str, role: str) -> dict[str, Any]:
        guests = [self.public.get_id(IdentityPoolId=pool)["IdentityId"] for _ in range(3)]
        developer = self.pools.get_open_id_token_for_developer_identity(
            IdentityPoolId=pool, Logins={"login.kept": "user-1"}, TokenDuration=3600
        )
        # A second name for the same identity.
        self.pools.get_open_id_token_for_developer_identity(IdentityPoolId=pool, Logins={"login.kept": "user-2"})
        self.pools.merge_developer_identities(
            IdentityPoolId=pool,
            DeveloperProviderName="login.kept",
            SourceUserIdentifier="user-2",
            DestinationUserIdentifier="user-1",
        )
        enhanced = self.public.get_credentials_for_identity(IdentityId=guests[0])["Credentials"]
        token = self.public.get_open_id_token(IdentityId=guests[1])["Token"]
        basic = self.sts.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="kept", WebIdentityToken=token, DurationSeconds=3600
        )["Credentials"]
        return {
            "guests": guests,
            "developer": self.pools.lookup_developer_identity(IdentityPoolId=pool, DeveloperUserIdentifier="user-1")[
                "IdentityId"
            ],
            "developer_token": developer["Token"],
            "enhanced_session": _keys(enhanced),
            "basic_session": _keys(basic),
        }


def _policy(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}


def _keys(credentials: dict[str, Any]) -> list[str]:
    secret = credentials.get("SecretKey") or credentials["SecretAccessKey"]
    return [credentials["AccessKeyId"], secret, credentials["SessionToken"]]


def main() -> None:
    web, url, out = sys.argv[1:]
    notes: dict[str, Any] = {"name": NAME, "password": PASSWORD, "runs": runs(web)}
    notes["made"] = int(time.time())
    notes["home"] = Aws(url, HOME).fill()
    notes["second"] = Aws(url, SECOND).fill()
    Path(out).write_text(json.dumps(notes, indent=1) + "\n")


if __name__ == "__main__":
    main()
