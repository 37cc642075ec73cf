"""Sample calls with a run's credentials, as data: what is asked, what it teaches, and the same call as a program.

The programs take the credentials from the environment variables that the SDKs read (AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), which the results offer for copying.
"""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent
from typing import Any, Literal

from django.conf import settings

_DOCS = "https://docs.aws.amazon.com"


@dataclass(frozen=True, slots=True)
class Sample:
    """One call.

    Attributes:
        expected: whether a role made by docs/aws-setup.md allows it.
        explanation: what to look at in the answer.
        settings_needed: names of settings that say which bucket, object or table.
        parameters: of the operation, with the settings filled in.
        python_lines, javascript_lines: the call itself; `python` and `javascript` make whole programs of them.
        javascript_package, javascript_client, javascript_command: names in the AWS SDK for JavaScript v3.
    """

    key: str
    title: str
    service: str
    operation: str
    purpose: str
    explanation: str
    expected: Literal["allowed", "refused"]
    doc: str
    parameters: Callable[[], dict[str, Any]]
    python_lines: Callable[[], str]
    javascript_lines: Callable[[], str]
    javascript_package: str
    javascript_client: str
    javascript_command: str
    settings_needed: tuple[str, ...] = ()

    @property
    def missing_settings(self) -> tuple[str, ...]:
        return tuple(name for name in self.settings_needed if not getattr(settings, name))

    def python(self, region: str) -> str:
        """A Python program (boto3) that makes this call."""
        body = dedent(self.python_lines()).strip()
        return f"import boto3\n\nclient = boto3.client({', '.join(self._python_client(region))})\n{body}\n"

    def javascript(self, region: str) -> str:
        """An ECMAScript module (AWS SDK for JavaScript v3) that makes this call: `node sample.mjs`."""
        names = f"{self.javascript_client}, {self.javascript_command}"
        return (
            f'import {{ {names} }} from "{self.javascript_package}";\n\n'
            f"const client = new {self.javascript_client}({{ {', '.join(self._javascript_client(region))} }});\n"
            f"{dedent(self.javascript_lines()).strip()}\n"
        )

    def _python_client(self, region: str) -> list[str]:
        endpoint = [f'endpoint_url="{settings.SANDBOX_PUBLIC_URL}"'] if settings.APP_MODE == "sandbox" else []
        return [f'"{self.service}"', f'region_name="{region}"', *endpoint]

    def _javascript_client(self, region: str) -> list[str]:
        options = [f'region: "{region}"']
        if settings.APP_MODE == "sandbox":
            options.append(f'endpoint: "{settings.SANDBOX_PUBLIC_URL}"')
            options += ["forcePathStyle: true"] if self.service == "s3" else []
        return options


def _object() -> dict[str, Any]:
    return {"Bucket": settings.SAMPLE_BUCKET, "Key": settings.SAMPLE_OBJECT_KEY}


_REFUSED_KEY = "written-by-a-guest.txt"
_REFUSED_TEXT = "A guest should not be able to write this."
_PARAMETER_NAME = "/identity-pools-lab/greeting"

SAMPLES: dict[str, Sample] = {
    sample.key: sample
    for sample in (
        Sample(
            key="who-am-i",
            title="Who am I?",
            service="sts",
            operation="GetCallerIdentity",
            purpose="Ask STS whom these credentials belong to.",
            explanation=(
                "The ARN names the assumed role and the session, not the person: everybody who comes through the "
                "enhanced flow is CognitoIdentityCredentials. This call needs no permission, and none can forbid it."
            ),
            expected="allowed",
            doc=f"{_DOCS}/STS/latest/APIReference/API_GetCallerIdentity.html",
            parameters=dict,
            python_lines=lambda: 'print(client.get_caller_identity()["Arn"])',
            javascript_lines=lambda: (
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
            explanation="The role's policy allows s3:ListBucket on this bucket. The answer is XML, like all of S3's.",
            expected="allowed",
            doc=f"{_DOCS}/AmazonS3/latest/API/API_ListObjectsV2.html",
            parameters=lambda: {"Bucket": settings.SAMPLE_BUCKET, "MaxKeys": 50},
            python_lines=lambda: (
                f"""
                answer = client.list_objects_v2(Bucket="{settings.SAMPLE_BUCKET}", MaxKeys=50)
                for item in answer.get("Contents", []):
                    print(item["Key"], item["Size"])
            """
            ),
            javascript_lines=lambda: (
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
                "could read it without asking this application."
            ),
            expected="allowed",
            doc=f"{_DOCS}/AmazonS3/latest/API/API_GetObject.html",
            parameters=_object,
            python_lines=lambda: (
                f"""
                answer = client.get_object(Bucket="{settings.SAMPLE_BUCKET}", Key="{settings.SAMPLE_OBJECT_KEY}")
                print(answer["ContentType"], len(answer["Body"].read()))
            """
            ),
            javascript_lines=lambda: (
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
            parameters=lambda: {"TableName": settings.SAMPLE_TABLE, "Limit": 5},
            python_lines=lambda: (
                f"""
                for item in client.scan(TableName="{settings.SAMPLE_TABLE}", Limit=5)["Items"]:
                    print(item)
            """
            ),
            javascript_lines=lambda: (
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
                "No statement of the role's policy allows s3:PutObject on this bucket, so the answer is AccessDenied: "
                "what is not allowed is denied."
            ),
            expected="refused",
            doc=f"{_DOCS}/AmazonS3/latest/API/API_PutObject.html",
            parameters=lambda: {"Bucket": settings.SAMPLE_BUCKET, "Key": _REFUSED_KEY, "Body": _REFUSED_TEXT.encode()},
            python_lines=lambda: (
                f"""
                client.put_object(Bucket="{settings.SAMPLE_BUCKET}", Key="{_REFUSED_KEY}", Body=b"{_REFUSED_TEXT}")
            """
            ),
            javascript_lines=lambda: (
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
                "In the basic flow the role alone decides."
            ),
            expected="refused",
            doc=f"{_DOCS}/cognito/latest/developerguide/iam-roles.html",
            parameters=lambda: {"Name": _PARAMETER_NAME},
            python_lines=lambda: f'print(client.get_parameter(Name="{_PARAMETER_NAME}")["Parameter"]["Value"])',
            javascript_lines=lambda: (
                f"""
                const answer = await client.send(new GetParameterCommand({{ Name: "{_PARAMETER_NAME}" }}));
                console.log(answer.Parameter.Value);
            """
            ),
            javascript_package="@aws-sdk/client-ssm",
            javascript_client="SSMClient",
            javascript_command="GetParameterCommand",
        ),
    )
}
