"""A sample that shows which role the pool chose: one object, read by the role of one team and refused to the others.

https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
"""

from django.conf import settings

from lessons.sample_calls.sample import DOCS, Sample

SAMPLES = (
    Sample(
        key="read-team-object",
        title="Read a team’s file",
        service="s3",
        operation="GetObject",
        purpose="Read an object that belongs to one team, which not every role may.",
        explanation=(
            "A pool can choose the role by rules, by the token or by the SAML response, and each role has a policy of "
            "its own. Bucket, key and call are the same for everybody: only the role makes the difference, and "
            "without a statement for this key the answer is AccessDenied."
        ),
        expected="by role",
        doc=f"{DOCS}/AmazonS3/latest/API/API_GetObject.html",
        parameters=lambda _: {"Bucket": settings.SAMPLE_PRIVATE_BUCKET, "Key": settings.SAMPLE_TEAM_OBJECT_KEY},
        python_lines=lambda _: (
            f"""
            answer = client.get_object(
                Bucket="{settings.SAMPLE_PRIVATE_BUCKET}",
                Key="{settings.SAMPLE_TEAM_OBJECT_KEY}",
            )
            print(answer["Body"].read().decode())
        """
        ),
        javascript_lines=lambda _: (
            f"""
            const answer = await client.send(
              new GetObjectCommand({{
                Bucket: "{settings.SAMPLE_PRIVATE_BUCKET}",
                Key: "{settings.SAMPLE_TEAM_OBJECT_KEY}",
              }}),
            );
            console.log(await answer.Body.transformToString());
        """
        ),
        javascript_package="@aws-sdk/client-s3",
        javascript_client="S3Client",
        javascript_command="GetObjectCommand",
        settings_needed=("SAMPLE_PRIVATE_BUCKET", "SAMPLE_TEAM_OBJECT_KEY"),
        access="authenticated",
    ),
)
