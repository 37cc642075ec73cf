"""The list of codes, the code that writes them, the documentation and the tests say the same."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from botocore.exceptions import ClientError

from decisioncodes import MEANINGS, Code, is_code
from tests import ROOT
from tests.decisioncodes.pools import DEVELOPER, IDP, credentials, user
from tests.decisioncodes.table import REFUSALS, basic, bucket, session
from tests.decisioncodes.test_refusals_have_codes import MODULES
from tests.sandbox.issuers import USER_POOL
from tests.sandbox.lab import COGNITO, Lab, allow, decisions_of, trust
from tests.sandbox.wire import send

TRUSTED = ("trust.principal", "trust.action", "trust.aud", "trust.amr")
# Codes that no refusal ends with, by where they are provoked.
IN_AN_ANSWER = {
    "fault.delay", "identity.authenticated", "identity.created", "identity.merged", "login.recipient",
    "policy.administrator", "policy.missing_key", "policy.scope_down", "request.summary", "token.issued", "token.tags",
    "trust.saml",
}  # fmt: skip
OBSERVED_IN_AWS = {
    "answer.error", "answer.status", "request.attempts", "request.host", "token.amr", "token.aud", "token.iss",
}  # fmt: skip
OF_OTHER_TESTS = {"request.busy"}  # tests/sandbox/server/test_shares_of_strangers.py


def test_every_code_has_a_meaning_and_is_written_as_codes_are() -> None:
    assert tuple(MEANINGS) == get_args(Code)
    assert [code for code in MEANINGS if not re.fullmatch(r"[a-z]+\.[a-z_]+", code)] == []
    assert all(text.endswith(".") and len(text) < 120 for text in MEANINGS.values())


def test_the_documentation_lists_the_codes_as_the_code_does() -> None:
    rows = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| (.+) \|$", (ROOT / "docs" / "sandbox.md").read_text(), re.MULTILINE)
    assert rows == list(MEANINGS.items())


def test_every_code_is_provoked_by_a_test() -> None:
    assert MODULES
    provoked = {code for code, _ in REFUSALS} | IN_AN_ANSWER | OBSERVED_IN_AWS | OF_OTHER_TESTS
    assert set(MEANINGS) == provoked


def test_every_code_is_written_somewhere_and_no_other() -> None:
    source = "".join(path.read_text() for path in _sources())
    written = {text for text in re.findall(r'"([a-z]+\.[a-z_]+)"', source) if is_code(text)}
    assert set(MEANINGS) - written == set()
    given = set(re.findall(r'decisions\.(?:passed|denied|info)\(\s*"([^"]+)"', source))
    assert given - set(MEANINGS) == set()
    assert len(given) > 40


def _sources() -> Iterator[Path]:
    for package in ("sandbox", "iampolicy", "flows"):
        yield from (ROOT / package).rglob("*.py")


def told(answer: dict[str, Any]) -> dict[str, str]:
    """Code -> verdict of an answer's decisions."""
    found = {entry["code"]: entry["verdict"] for entry in decisions_of(answer)}
    assert set(found) <= set(MEANINGS)
    return found


def test_a_guest_in_the_enhanced_flow(lab: Lab) -> None:
    pool_id = lab.pool()
    first = lab.public.get_id(IdentityPoolId=pool_id)
    assert told(first) == {"pool.exists": "pass", "pool.guest": "pass", "identity.created": "info"}
    answer = lab.public.get_credentials_for_identity(IdentityId=first["IdentityId"])
    passed = (
        "identity.exists",
        "pool.guest",
        "role.missing",
        "trust.principal",
        "trust.action",
        "trust.aud",
        "trust.amr",
    )
    assert told(answer) == {**dict.fromkeys(passed, "pass"), "policy.scope_down": "info"}


def test_a_guest_in_the_basic_flow(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    token = lab.public.get_open_id_token(IdentityId=lab.guest(pool_id))
    assert told(token) == dict.fromkeys(("identity.exists", "pool.guest", "pool.classic", "token.issued"), "pass")
    answer = basic(lab, pool_id, lab.role("Guest", trust(pool_id, "unauthenticated")))
    passed = {"login.format", "login.signature", "login.expiry", *TRUSTED}
    assert told(answer) == dict.fromkeys(passed, "pass")


def test_a_person_whose_guest_identity_is_kept_then_merged(lab: Lab) -> None:
    pool_id = lab.pool()
    tags = {"UseDefaults": False, "PrincipalTags": {"dept": "custom:dept"}}
    lab.pools.set_principal_tag_attribute_map(IdentityPoolId=pool_id, IdentityProviderName=USER_POOL, **tags)
    logins = user(lab)
    kept = told(credentials(lab, lab.guest(pool_id), logins))
    assert kept["identity.authenticated"] == "info"
    assert {"login.format", "login.claims", "login.issuer", "login.audience", "login.expiry", "login.signature"} <= {
        code for code, verdict in kept.items() if verdict == "pass"
    }
    merged = told(
        lab.public.get_open_id_token(IdentityId=lab.guest(pool_id), Logins=user(lab, **{"custom:dept": "HR"}))
    )
    assert (merged["identity.merged"], merged["token.tags"]) == ("info", "info")


def test_a_saml_login_that_trusts_the_provider(lab: Lab) -> None:
    provider = lab.iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=IDP.metadata)["SAMLProviderArn"]
    pool_id = lab.pool(SamlProviderARNs=[provider])
    policy = trust(pool_id)
    policy["Statement"][0] |= {"Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithSAML"}
    policy["Statement"][0]["Condition"] = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    role = lab.role("TrustsSaml", policy, allow("*"))
    logins = {provider: IDP.response(roles=((role, provider),))}
    identity = lab.public.get_id(IdentityPoolId=pool_id, Logins=logins)
    assert {"login.replay": "pass", "login.recipient": "info"}.items() <= told(identity).items()
    answer = told(credentials(lab, identity["IdentityId"], logins))
    assert {"role.saml": "pass", "trust.saml": "info", "trust.aud": "pass"}.items() <= answer.items()
    assert COGNITO not in str(policy)


def test_a_developers_token(lab: Lab) -> None:
    pool_id = lab.pool(DeveloperProviderName=DEVELOPER)
    made = lab.pools.get_open_id_token_for_developer_identity(IdentityPoolId=pool_id, Logins={DEVELOPER: "d-1"})
    assert {"login.provider": "pass", "token.issued": "pass"}.items() <= told(made).items()
    answer = told(credentials(lab, made["IdentityId"], {COGNITO: made["Token"]}))
    assert answer["login.pool_token"] == "pass"


def test_an_administrator_a_delay_and_a_missing_key(lab: Lab) -> None:
    name = bucket(lab)
    assert told(lab.client("s3").list_objects_v2(Bucket=name))["policy.administrator"] == "info"
    lab.sandbox.switch("faults", {"operation": "ListIdentityPools", "delay": 0.01}, account=lab.account)
    assert told(lab.pools.list_identity_pools(MaxResults=1))["fault.delay"] == "info"
    s3 = lab.with_credentials("s3", session(lab, allow("s3:GetObject")))
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=name, Key="none")
    assert {"policy.missing_key": "info", "policy.identity": "deny"}.items() <= told(error.value.response).items()


def test_keys_that_may_not_be_deleted_name_the_policy(lab: Lab) -> None:
    name, limited = bucket(lab), session(lab, allow("*"), Policy=json.dumps(allow("s3:GetObject")))
    s3 = lab.with_credentials("s3", limited)
    answer = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]})
    assert [error["Code"] for error in answer["Errors"]] == ["AccessDenied"] * 2
    assert told(answer) == {"policy.session": "deny"}


def test_the_short_form_of_the_header_keeps_the_codes(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    conditions = {"StringNotEquals": {f"{COGNITO}:nothing{index}": "x" for index in range(20)}}
    role = lab.role("Long", trust(pool_id, "unauthenticated", extra=conditions))
    answer = basic(lab, pool_id, role)
    short = decisions_of(answer)
    assert (short[0]["code"], short[0]["check"], short[0]["verdict"]) == ("request.summary", "summary", "info")
    assert all(is_code(entry["code"]) for entry in short)
    path = re.search(r"/_sandbox/requests/\S+", short[0]["actual"])
    assert path is not None
    whole = send(lab.sandbox, "GET", path[0]).json["decisions"]
    assert [entry["code"] for entry in whole][-len(short) + 1 :] == [entry["code"] for entry in short[1:]]
    assert sum(entry["code"] == "trust.condition" for entry in whole) == 20
