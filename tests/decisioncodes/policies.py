"""Refusals by policies: of the role, of the session, of the resource."""

import json

from tests.decisioncodes.pools import credentials, user
from tests.decisioncodes.table import bucket, refused_as, session, statement
from tests.sandbox.lab import Lab, allow, trust


@refused_as("policy.identity")
def a_role_without_the_right(lab: Lab) -> object:
    return lab.with_credentials("s3", session(lab, allow("s3:GetObject"))).list_buckets()


@refused_as("policy.identity")
def a_role_whose_policy_denies(lab: Lab) -> object:
    policy = allow("*")
    policy["Statement"].append({"Effect": "Deny", "Action": "iam:*", "Resource": "*"})
    return lab.with_credentials("iam", session(lab, policy)).list_roles()


@refused_as("policy.identity")
def a_role_that_may_not_be_passed_on(lab: Lab) -> object:
    pool_id = lab.pool(roles=False)
    role = lab.role("Guest", trust(pool_id, "unauthenticated"))
    caller = lab.with_credentials("cognito-identity", session(lab, allow("cognito-identity:*")))
    return caller.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"unauthenticated": role})


@refused_as("policy.condition_key")
def a_condition_that_the_sandbox_cannot_tell(lab: Lab) -> object:
    policy = allow("s3:PutInventoryConfiguration")
    policy["Statement"][0]["Condition"] = {"StringEquals": {"s3:InventoryAccessibleOptionalFields": "Size"}}
    name = bucket(lab)
    configuration = {
        "Destination": {"S3BucketDestination": {"Bucket": f"arn:aws:s3:::{name}", "Format": "CSV"}},
        "Id": "i",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
    }
    s3 = lab.with_credentials("s3", session(lab, policy))
    return s3.put_bucket_inventory_configuration(Bucket=name, Id="i", InventoryConfiguration=configuration)


@refused_as("policy.boundary")
def a_permissions_boundary_that_does_not_allow(lab: Lab) -> object:
    keys = session(lab, allow("*"))
    arn = lab.with_credentials("sts", keys).get_caller_identity()["Arn"]
    bound = "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess"
    lab.iam.put_role_permissions_boundary(RoleName=arn.split("/")[1], PermissionsBoundary=bound)
    return lab.with_credentials("s3", keys).list_buckets()


@refused_as("policy.session")
def a_session_policy_that_does_not_allow(lab: Lab) -> object:
    limited = session(lab, allow("*"), Policy=json.dumps(allow("s3:GetObject")))
    return lab.with_credentials("s3", limited).list_buckets()


@refused_as("policy.session")
def a_guest_beyond_what_cognito_lists(lab: Lab) -> object:
    answer = lab.public.get_credentials_for_identity(IdentityId=lab.guest(lab.pool()))
    return lab.with_credentials("iam", answer["Credentials"]).list_roles()


@refused_as("policy.resource")
def a_bucket_that_denies(lab: Lab) -> object:
    closed = statement("*", "s3:ListBucket", effect="Deny", Resource="*")
    name = bucket(lab)
    closed["Statement"][0]["Resource"] = f"arn:aws:s3:::{name}"
    lab.client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps(closed))
    return lab.with_credentials("s3", session(lab, allow("*"))).list_objects_v2(Bucket=name)


@refused_as("policy.identity")
def a_missing_key_of_a_bucket_that_may_not_be_listed(lab: Lab) -> object:
    return lab.with_credentials("s3", session(lab, allow("s3:GetObject"))).get_object(Bucket=bucket(lab), Key="none")


@refused_as("policy.pool_credentials")
def credentials_of_a_pool_at_identity_pools(lab: Lab) -> object:
    pool_id = lab.pool()
    answer = lab.public.get_credentials_for_identity(IdentityId=lab.person(pool_id), Logins=user(lab))
    caller = lab.with_credentials("cognito-identity", answer["Credentials"])
    return caller.describe_identity_pool(IdentityPoolId=pool_id)


@refused_as("role.missing")
def an_identity_whose_kind_has_no_role(lab: Lab) -> object:
    pool_id = lab.pool()
    roles = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]
    lab.pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": roles["authenticated"]})
    return credentials(lab, lab.guest(pool_id))
