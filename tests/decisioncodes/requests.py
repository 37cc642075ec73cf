"""Refusals of the request itself."""

from typing import Any

from tests.decisioncodes.table import bucket, refused_as
from tests.sandbox.lab import Lab, unchecked


@refused_as("request.signature")
def no_signature(lab: Lab) -> object:
    return lab.public.list_identity_pools(MaxResults=1)


@refused_as("request.signature")
def no_signature_at_a_service_behind_the_gate(lab: Lab) -> object:
    return lab.sandbox.anonymous("s3").list_buckets()


@refused_as("request.signature")
def another_secret_key(lab: Lab) -> object:
    return lab.sandbox.client("iam", access_key=lab.account, secret_key="wrong").list_roles()


@refused_as("request.signature")
def an_unknown_session(lab: Lab) -> object:
    keys = {"access_key": "ASIAEXAMPLE000000000", "secret_key": "x", "token": "x"}
    return lab.sandbox.client("sts", **keys).get_caller_identity()


@refused_as("request.origin")
def an_administrator_on_a_page_of_another_site(lab: Lab) -> object:
    client = lab.client("iam")
    client.meta.events.register("before-sign.iam.ListRoles", _from_elsewhere)
    return client.list_roles()


@refused_as("request.region")
def a_bucket_of_another_region(lab: Lab) -> object:
    place = {"LocationConstraint": "eu-west-1"}
    lab.client("s3").create_bucket(Bucket="elsewhere", CreateBucketConfiguration=place)
    client = lab.client("s3")
    client.meta.events.register("before-call.s3", _not_again)
    return client.list_objects_v2(Bucket="elsewhere")


@refused_as("request.limit")
def a_body_that_is_too_large(lab: Lab) -> object:
    return lab.public.get_id(IdentityPoolId="us-east-1:" + "0" * 36, Logins={"a": "x" * 1_100_000})


@refused_as("request.operation")
def an_operation_that_cognito_does_not_have(lab: Lab) -> object:
    return _renamed(lab.pools, "ListIdentityPools", "AWSCognitoIdentityService.ListSwimmingPools").list_identity_pools(
        MaxResults=1
    )


@refused_as("request.parameters")
def a_parameter_that_breaks_the_model(lab: Lab) -> object:
    return unchecked(lab.public, "GetId", IdentityPoolId="")


@refused_as("request.parameters")
def a_parameter_of_another_type(lab: Lab) -> object:
    return unchecked(lab.pools, "ListIdentityPools", MaxResults="many")


@refused_as("request.parameters")
def what_is_no_arn_of_a_role(lab: Lab) -> object:
    return lab.client("sts").assume_role(RoleArn="arn:aws:iam::1:user/somebody", RoleSessionName="test")


@refused_as("request.valid")
def a_name_that_iam_does_not_know(lab: Lab) -> object:
    return lab.iam.get_role(RoleName="Nobody")


@refused_as("service.emulated")
def a_service_that_is_not_here(lab: Lab) -> object:
    return lab.client("lambda").list_functions()


@refused_as("service.emulated")
def a_part_of_s3_that_is_not_here(lab: Lab) -> object:
    return lab.client("s3").get_bucket_metrics_configuration(Bucket=bucket(lab), Id="x")


@refused_as("fault.throttle")
def a_throttled_call(lab: Lab) -> object:
    lab.sandbox.switch("faults", {"operation": "ListIdentityPools", "rate": 0}, account=lab.account)
    return lab.pools.list_identity_pools(MaxResults=1)


@refused_as("fault.error")
def a_call_that_shall_fail(lab: Lab) -> object:
    fault = {"operation": "ListIdentityPools", "code": "InternalErrorException", "status": 500}
    lab.sandbox.switch("faults", fault, account=lab.account)
    return lab.pools.list_identity_pools(MaxResults=1)


def _from_elsewhere(request: Any, **_: Any) -> None:
    request.headers["Origin"] = "https://elsewhere.example"


def _renamed(client: Any, operation: str, target: str) -> Any:
    def rename(request: Any, **_: Any) -> None:
        request.headers["X-Amz-Target"] = target

    client.meta.events.register(f"before-sign.cognito-identity.{operation}", rename)
    return client


def _not_again(context: dict[str, Any], **_: Any) -> None:
    """Otherwise boto3 goes where the refusal says."""
    context["s3_redirect"]["redirected"] = True
