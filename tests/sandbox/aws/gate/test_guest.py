"""What the seeded guest role shows."""

from tests.sandbox.aws.gate.people import Person, refused

PUBLIC = "identity-pools-lab-public"
ARN = "arn:aws:sts::000000000000:assumed-role/LabGuest/CognitoIdentityCredentials"


def test_a_guest_reads_the_public_bucket(guest: Person) -> None:
    s3 = guest.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=PUBLIC)["Contents"]]
    assert "product-catalog.pdf" in keys
    answer = s3.get_object(Bucket=PUBLIC, Key="product-catalog.pdf")
    assert answer["ContentType"] == "application/pdf"
    assert answer["Body"].read().startswith(b"%PDF-1.4")


def test_a_guest_scans_the_products(guest: Person) -> None:
    answer = guest.client("dynamodb").scan(TableName="SampleProducts")
    assert answer["Count"] == 20
    assert {"ProductId", "Name", "Price"} <= answer["Items"][0].keys()


def test_a_guest_may_not_write(guest: Person) -> None:
    action, resource = "s3:PutObject", f"arn:aws:s3:::{PUBLIC}/mine.txt"
    assert refused(guest.client("s3").put_object, Bucket=PUBLIC, Key="mine.txt", Body=b"x") == (
        "AccessDenied",
        403,
        f'User: {ARN} is not authorized to perform: {action} on resource: "{resource}" '
        f"because no identity-based policy allows the {action} action",
    )


def test_a_guest_may_not_list_the_buckets(guest: Person) -> None:
    message = (
        f"User: {ARN} is not authorized to perform: s3:ListAllMyBuckets "
        "because no identity-based policy allows the s3:ListAllMyBuckets action"
    )
    assert refused(guest.client("s3").list_buckets) == ("AccessDenied", 403, message)


def test_the_enhanced_flow_takes_away_what_the_role_has(guest: Person) -> None:
    action, resource = "ssm:GetParameter", "arn:aws:ssm:us-east-1:000000000000:parameter/identity-pools-lab/secret"
    assert refused(guest.client("ssm").get_parameter, Name="/identity-pools-lab/secret") == (
        "AccessDeniedException",
        400,
        f"User: {ARN} is not authorized to perform: {action} on resource: {resource} "
        f"because no session policy allows the {action} action",
    )


def test_the_basic_flow_leaves_it(guest: Person) -> None:
    identity = guest.sandbox.anonymous("cognito-identity")
    token = identity.get_open_id_token(IdentityId=guest.identity_id)["Token"]
    answer = guest.sandbox.anonymous("sts").assume_role_with_web_identity(
        RoleArn="arn:aws:iam::000000000000:role/LabGuest", RoleSessionName="basic", WebIdentityToken=token
    )["Credentials"]
    keys = {
        "access_key": answer["AccessKeyId"],
        "secret_key": answer["SecretAccessKey"],
        "token": answer["SessionToken"],
    }
    answer = Person(guest.sandbox, keys).client("ssm").get_parameter(Name="/identity-pools-lab/greeting")
    assert answer["Parameter"]["Value"].startswith("Hello")


def test_a_dynamodb_refusal_is_json_with_status_400(guest: Person) -> None:
    item = {"ProductId": {"S": "P-9999"}}
    code, status, message = refused(guest.client("dynamodb").put_item, TableName="SampleProducts", Item=item)
    assert (code, status) == ("AccessDeniedException", 400)
    resource = "arn:aws:dynamodb:us-east-1:000000000000:table/SampleProducts"
    assert message == (
        f"User: {ARN} is not authorized to perform: dynamodb:PutItem on resource: {resource} "
        "because no identity-based policy allows the dynamodb:PutItem action"
    )


def test_credentials_of_a_pool_may_not_call_identity_pools(guest: Person) -> None:
    code, _, _ = refused(guest.client("cognito-identity").list_identity_pools, MaxResults=1)
    assert code == "AccessDeniedException"
