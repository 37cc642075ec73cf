"""What a session needs to call the sandbox's own services: each says it, and dispatch asks for it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.endpoint.services import SERVICES
from tests.sandbox.lab import Lab, allow, decisions_of, refused

# Service, operation as boto3 calls it, its parameters, and the action and resource of the refusal.
CALLS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("iam", "get_role", {"RoleName": "Nobody"}, "iam:GetRole", "arn:aws:iam::{account}:role/Nobody"),
    ("iam", "list_roles", {}, "iam:ListRoles", "*"),
    ("iam", "get_user", {"UserName": "ana"}, "iam:GetUser", "arn:aws:iam::{account}:user/ana"),
    ("iam", "get_policy", {"PolicyArn": "{policy}"}, "iam:GetPolicy", "{policy}"),
    ("cognito-identity", "list_identity_pools", {"MaxResults": 1}, "cognito-identity:ListIdentityPools", "*"),
    ("cognito-identity", "get_identity_pool_roles", {"IdentityPoolId": "{pool}"},
     "cognito-identity:GetIdentityPoolRoles", "{pool_arn}"),
    ("cognito-identity", "describe_identity", {"IdentityId": "{identity}"},
     "cognito-identity:DescribeIdentity", "{pool_arn}"),
    ("sts", "get_access_key_info", {"AccessKeyId": "ASIAAAAAAAAAAAAAAAAA"}, "sts:GetAccessKeyInfo", "*"),
]  # fmt: skip


def session_of(lab: Lab, name: str, policy: dict[str, Any] | None = None) -> dict[str, Any]:
    """Credentials of a new role with this policy only."""
    statement = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    role = lab.role(name, {"Version": "2012-10-17", "Statement": [statement]}, policy)
    return dict(lab.client("sts").assume_role(RoleArn=role, RoleSessionName="caller")["Credentials"])


def test_each_call_needs_its_action_on_what_it_names(lab: Lab) -> None:
    pool = lab.pool(roles=False)
    known = {
        "account": lab.account,
        "pool": pool,
        "pool_arn": f"arn:aws:cognito-identity:us-east-1:{lab.account}:identitypool/{pool}",
        "identity": lab.guest(pool),
        "policy": f"arn:aws:iam::{lab.account}:policy/none",
    }
    session = session_of(lab, "Powerless")
    for service, operation, params, action, resource in CALLS:
        given = {name: value.format(**known) if isinstance(value, str) else value for name, value in params.items()}
        with pytest.raises(ClientError) as error:
            getattr(lab.with_credentials(service, session), operation)(**given)
        code = "AccessDeniedException" if service == "cognito-identity" else "AccessDenied"
        assert refused(error.value)[1] == code
        wanted = f"is not authorized to perform: {action} on resource: {resource.format(**known)} because"
        assert wanted in refused(error.value)[2]


def test_who_one_is_needs_no_permission(lab: Lab) -> None:
    session = session_of(lab, "Powerless")
    assert lab.with_credentials("sts", session).get_caller_identity()["Account"] == lab.account


def test_iam_says_that_an_administrator_called_and_the_others_do_not(lab: Lab) -> None:
    assert "policy.administrator" in {decision["code"] for decision in decisions_of(lab.iam.list_roles())}
    headers = lab.pools.list_identity_pools(MaxResults=1)["ResponseMetadata"]["HTTPHeaders"]
    assert "policy.administrator" not in headers.get("x-sandbox-decisions", "")


def test_a_fault_concerns_only_calls_that_are_allowed(lab: Lab) -> None:
    fault = {"operation": "ListRoles", "code": "ServiceFailure", "message": "on request", "status": 500}
    lab.sandbox.switch("faults", fault, account=lab.account)
    for name, policy, code in (("No", None, "AccessDenied"), ("Yes", allow("iam:ListRoles"), "ServiceFailure")):
        with pytest.raises(ClientError) as error:
            lab.with_credentials("iam", session_of(lab, name, policy)).list_roles()
        assert refused(error.value)[1] == code


def test_what_needs_no_permission_is_an_operation() -> None:
    for service in SERVICES.values():
        assert service.free | service.authorised_by_handler <= set(service.operations)


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("iam", "create_user", {"UserName": "ana"}),
        ("iam", "create_group", {"GroupName": "admins"}),
        ("sts", "decode_authorization_message", {"EncodedMessage": "x"}),
        ("sts", "get_federation_token", {"Name": "ana"}),
    ],
)
def test_what_aws_has_and_the_sandbox_has_not_is_said_to_those_who_may(
    lab: Lab, service: str, operation: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as error:
        getattr(lab.client(service), operation)(**params)
    name = "".join(part.capitalize() for part in operation.split("_"))
    assert refused(error.value) == (501, "NotImplemented", f"This sandbox does not emulate {name} of {service}.")
    assert decisions_of(error.value.response)[-1]["code"] == "service.emulated"
    with pytest.raises(ClientError) as error:
        getattr(lab.with_credentials(service, session_of(lab, "Powerless")), operation)(**params)
    assert refused(error.value)[:2] == (403, "AccessDenied")
