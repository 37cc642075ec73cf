"""Samples for everybody who has credentials, and one that only guests learn from."""

from typing import Any

from django.conf import settings

from lessons.operations import OPERATIONS
from lessons.sample_calls.sample import DOCS as _DOCS
from lessons.sample_calls.sample import Sample


def _object(_: str) -> dict[str, Any]:
    return {"Bucket": settings.SAMPLE_BUCKET, "Key": settings.SAMPLE_OBJECT_KEY}


_REFUSED_KEY = "not-allowed.txt"
_REFUSED_TEXT = "This role should not be able to write this."
_PARAMETER_NAME = "/identity-pools-lab/greeting"


def _refused(_: str) -> dict[str, Any]:
    return {"Bucket": settings.SAMPLE_BUCKET, "Key": _REFUSED_KEY, "Body": _REFUSED_TEXT.encode()}


SAMPLES = (
    Sample(
        key="who-am-i",
        title="Who am I?",
        service="sts",
        operation="GetCallerIdentity",
        purpose=OPERATIONS["GetCallerIdentity"].purpose,
        explanation=" ".join(OPERATIONS["GetCallerIdentity"].explanation),
        expected="allowed",
        doc=OPERATIONS["GetCallerIdentity"].doc,
        parameters=lambda _: {},
        python_lines=lambda _: 'print(client.get_caller_identity()["Arn"])',
        javascript_lines=lambda _: (
            """
                const answer = await client.send(new GetCallerIdentityCommand({}));
                console.log(answer.Arn);
            """
        ),
        javascript_package="@aws-sdk/client-sts",
        javascript_client="STSClient",
        javascript_command="GetCallerIdentityCommand",
    ),
    Sample(
        key="list-bucket",
        title="List the public bucket",
        service="s3",
        operation="ListObjectsV2",
        purpose="List what is in the S3 bucket that the role may read.",
        explanation="The role’s policy allows s3:ListBucket on this bucket. The answer is XML, like all of S3’s.",
        expected="allowed",
        doc=f"{_DOCS}/AmazonS3/latest/API/API_ListObjectsV2.html",
        parameters=lambda _: {"Bucket": settings.SAMPLE_BUCKET, "MaxKeys": 50},
        python_lines=lambda _: (
            f"""
                answer = client.list_objects_v2(Bucket="{settings.SAMPLE_BUCKET}", MaxKeys=50)
                for item in answer.get("Contents", []):
                    print(item["Key"], item["Size"])
            """
        ),
        javascript_lines=lambda _: (
            f"""
                const answer = await client.send(
                  new ListObjectsV2Command({{ Bucket: "{settings.SAMPLE_BUCKET}", MaxKeys: 50 }}),
                );
                for (const item of answer.Contents ?? []) console.log(item.Key, item.Size);
            """
        ),
        javascript_package="@aws-sdk/client-s3",
        javascript_client="S3Client",
        javascript_command="ListObjectsV2Command",
        settings_needed=("SAMPLE_BUCKET",),
    ),
    Sample(
        key="read-object",
        title="Read the product catalogue",
        service="s3",
        operation="GetObject",
        purpose="Read one object from the public bucket.",
        explanation=(
            "The object itself is not kept, only its size, type and SHA-256. A browser with these credentials "
            "could read it without this application."
        ),
        expected="allowed",
        doc=f"{_DOCS}/AmazonS3/latest/API/API_GetObject.html",
        parameters=_object,
        python_lines=lambda _: (
            f"""
                answer = client.get_object(Bucket="{settings.SAMPLE_BUCKET}", Key="{settings.SAMPLE_OBJECT_KEY}")
                print(answer["ContentType"], len(answer["Body"].read()))
            """
        ),
        javascript_lines=lambda _: (
            f"""
                const answer = await client.send(
                  new GetObjectCommand({{ Bucket: "{settings.SAMPLE_BUCKET}", Key: "{settings.SAMPLE_OBJECT_KEY}" }}),
                );
                console.log(answer.ContentType, (await answer.Body.transformToByteArray()).length);
            """
        ),
        javascript_package="@aws-sdk/client-s3",
        javascript_client="S3Client",
        javascript_command="GetObjectCommand",
        settings_needed=("SAMPLE_BUCKET", "SAMPLE_OBJECT_KEY"),
    ),
    Sample(
        key="scan-table",
        title="Scan the SampleProducts table",
        service="dynamodb",
        operation="Scan",
        purpose="Read five items of the DynamoDB table.",
        explanation="DynamoDB speaks JSON, and each value comes with its type: S for text, N for a number.",
        expected="allowed",
        doc=f"{_DOCS}/amazondynamodb/latest/APIReference/API_Scan.html",
        parameters=lambda _: {"TableName": settings.SAMPLE_TABLE, "Limit": 5},
        python_lines=lambda _: (
            f"""
                for item in client.scan(TableName="{settings.SAMPLE_TABLE}", Limit=5)["Items"]:
                    print(item)
            """
        ),
        javascript_lines=lambda _: (
            f"""
                const answer = await client.send(new ScanCommand({{ TableName: "{settings.SAMPLE_TABLE}", Limit: 5 }}));
                for (const item of answer.Items) console.log(item);
            """
        ),
        javascript_package="@aws-sdk/client-dynamodb",
        javascript_client="DynamoDBClient",
        javascript_command="ScanCommand",
        settings_needed=("SAMPLE_TABLE",),
    ),
    Sample(
        key="write-object",
        title="Try to write to the bucket",
        service="s3",
        operation="PutObject",
        purpose="Write an object, which the role does not allow.",
        explanation=(
            "No statement of the role’s policy allows s3:PutObject on this bucket, so the answer is AccessDenied: "
            "what is not allowed is denied."
        ),
        expected="refused",
        doc=f"{_DOCS}/AmazonS3/latest/API/API_PutObject.html",
        parameters=_refused,
        python_lines=lambda _: (
            f"""
                client.put_object(Bucket="{settings.SAMPLE_BUCKET}", Key="{_REFUSED_KEY}", Body=b"{_REFUSED_TEXT}")
            """
        ),
        javascript_lines=lambda _: (
            f"""
                await client.send(
                  new PutObjectCommand({{
                    Bucket: "{settings.SAMPLE_BUCKET}",
                    Key: "{_REFUSED_KEY}",
                    Body: "{_REFUSED_TEXT}",
                  }}),
                );
            """
        ),
        javascript_package="@aws-sdk/client-s3",
        javascript_client="S3Client",
        javascript_command="PutObjectCommand",
        settings_needed=("SAMPLE_BUCKET",),
    ),
    Sample(
        key="read-parameter",
        title="Try a service closed to guests",
        service="ssm",
        operation="GetParameter",
        purpose="Call Systems Manager, which no guest of the enhanced flow can reach.",
        explanation=(
            "Even a role that allows ssm:GetParameter does not help a guest of the enhanced flow: the session "
            "policy that AWS adds there lists the services that guests can reach, and this one is not among them. "
            "In the basic flow only the role decides."
        ),
        expected="refused",
        doc=f"{_DOCS}/systems-manager/latest/APIReference/API_GetParameter.html",
        parameters=lambda _: {"Name": _PARAMETER_NAME},
        python_lines=lambda _: f'print(client.get_parameter(Name="{_PARAMETER_NAME}")["Parameter"]["Value"])',
        javascript_lines=lambda _: (
            f"""
                const answer = await client.send(new GetParameterCommand({{ Name: "{_PARAMETER_NAME}" }}));
                console.log(answer.Parameter.Value);
            """
        ),
        javascript_package="@aws-sdk/client-ssm",
        javascript_client="SSMClient",
        javascript_command="GetParameterCommand",
        access="guest",
        basic_allows=True,
    ),
)
