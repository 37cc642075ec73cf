"""Samples for people who signed in: what lies under their own identity ID is theirs, and nobody else's is.

The role's policy says so with a policy variable, ${cognito-identity.amazonaws.com:sub}, which is the identity ID of
the caller: one policy for everybody (https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html).
"""

from typing import Any

from django.conf import settings

from lessons.sample_calls.sample import DOCS, Sample

_FILE = "hello.txt"
_TEXT = "This file is under my own identity ID."
_NOTE_ID = "hello"
_NOTE = "This item is under my own identity ID."


def _somebody_else(identity_id: str) -> str:
    """An identity ID of the same pool that is not this one: its last digit is another."""
    return f"{identity_id[:-1]}{'0' if identity_id[-1:] != '0' else '1'}"


def _own_object(identity_id: str) -> dict[str, Any]:
    return {"Bucket": settings.SAMPLE_PRIVATE_BUCKET, "Key": f"{identity_id}/{_FILE}", "Body": _TEXT.encode()}


def _own_note(identity_id: str) -> dict[str, Any]:
    item = {"IdentityId": {"S": identity_id}, "NoteId": {"S": _NOTE_ID}, "Text": {"S": _NOTE}}
    return {"TableName": settings.SAMPLE_NOTES_TABLE, "Item": item}


def _listing(prefix: str) -> dict[str, Any]:
    return {"Bucket": settings.SAMPLE_PRIVATE_BUCKET, "Prefix": f"{prefix}/"}


def _python_listing(prefix: str) -> str:
    return f"""
        answer = client.list_objects_v2(Bucket="{settings.SAMPLE_PRIVATE_BUCKET}", Prefix="{prefix}/")
        for item in answer.get("Contents", []):
            print(item["Key"], item["Size"])
    """


def _javascript_listing(prefix: str) -> str:
    return f"""
        const answer = await client.send(
          new ListObjectsV2Command({{
            Bucket: "{settings.SAMPLE_PRIVATE_BUCKET}",
            Prefix: "{prefix}/",
          }}),
        );
        for (const item of answer.Contents ?? []) console.log(item.Key, item.Size);
    """


SAMPLES = (
    Sample(
        key="write-own-object",
        title="Write a file of your own",
        service="s3",
        operation="PutObject",
        purpose="Put an object under your own identity ID in the private bucket.",
        explanation=(
            "The role allows s3:PutObject below the prefix that is the caller’s identity ID. The policy names it with "
            "a variable, so one role serves everybody and nobody can reach what belongs to somebody else."
        ),
        expected="allowed",
        doc=f"{DOCS}/AmazonS3/latest/API/API_PutObject.html",
        parameters=_own_object,
        python_lines=lambda identity_id: (
            f"""
            client.put_object(
                Bucket="{settings.SAMPLE_PRIVATE_BUCKET}",
                Key="{identity_id}/{_FILE}",
                Body=b"{_TEXT}",
            )
        """
        ),
        javascript_lines=lambda identity_id: (
            f"""
            await client.send(
              new PutObjectCommand({{
                Bucket: "{settings.SAMPLE_PRIVATE_BUCKET}",
                Key: "{identity_id}/{_FILE}",
                Body: "{_TEXT}",
              }}),
            );
        """
        ),
        javascript_package="@aws-sdk/client-s3",
        javascript_client="S3Client",
        javascript_command="PutObjectCommand",
        settings_needed=("SAMPLE_PRIVATE_BUCKET",),
        access="authenticated",
    ),
    Sample(
        key="list-own-prefix",
        title="List your own files",
        service="s3",
        operation="ListObjectsV2",
        purpose="List what is under your own identity ID.",
        explanation=(
            "s3:ListBucket is allowed on the bucket on one condition: the prefix that is asked for begins with the "
            "caller’s identity ID. Without a prefix, or with a different one, it is refused."
        ),
        expected="allowed",
        doc=f"{DOCS}/AmazonS3/latest/API/API_ListObjectsV2.html",
        parameters=_listing,
        python_lines=_python_listing,
        javascript_lines=_javascript_listing,
        javascript_package="@aws-sdk/client-s3",
        javascript_client="S3Client",
        javascript_command="ListObjectsV2Command",
        settings_needed=("SAMPLE_PRIVATE_BUCKET",),
        access="authenticated",
    ),
    Sample(
        key="list-other-prefix",
        title="Look into somebody else’s files",
        service="s3",
        operation="ListObjectsV2",
        purpose="Ask for what is under another identity ID, which the role does not allow.",
        explanation=(
            "The bucket, the action and the role are those of the call before. Only the prefix is different, and the "
            "policy’s condition compares it with the identity ID of the caller."
        ),
        expected="refused",
        doc=f"{DOCS}/AmazonS3/latest/API/API_ListObjectsV2.html",
        parameters=lambda identity_id: _listing(_somebody_else(identity_id)),
        python_lines=lambda identity_id: _python_listing(_somebody_else(identity_id)),
        javascript_lines=lambda identity_id: _javascript_listing(_somebody_else(identity_id)),
        javascript_package="@aws-sdk/client-s3",
        javascript_client="S3Client",
        javascript_command="ListObjectsV2Command",
        settings_needed=("SAMPLE_PRIVATE_BUCKET",),
        access="authenticated",
    ),
    Sample(
        key="write-own-note",
        title="Write an item of your own",
        service="dynamodb",
        operation="PutItem",
        purpose="Put an item into the table of notes, under your own identity ID.",
        explanation=(
            "The condition key dynamodb:LeadingKeys is the item’s partition key. The role allows dynamodb:PutItem when "
            "it is the caller’s identity ID: many people share one table, and each sees a table of their own."
        ),
        expected="allowed",
        doc=f"{DOCS}/amazondynamodb/latest/APIReference/API_PutItem.html",
        parameters=_own_note,
        python_lines=lambda identity_id: (
            f"""
            client.put_item(
                TableName="{settings.SAMPLE_NOTES_TABLE}",
                Item={{
                    "IdentityId": {{"S": "{identity_id}"}},
                    "NoteId": {{"S": "{_NOTE_ID}"}},
                    "Text": {{"S": "{_NOTE}"}},
                }},
            )
        """
        ),
        javascript_lines=lambda identity_id: (
            f"""
            await client.send(
              new PutItemCommand({{
                TableName: "{settings.SAMPLE_NOTES_TABLE}",
                Item: {{
                  IdentityId: {{ S: "{identity_id}" }},
                  NoteId: {{ S: "{_NOTE_ID}" }},
                  Text: {{ S: "{_NOTE}" }},
                }},
              }}),
            );
        """
        ),
        javascript_package="@aws-sdk/client-dynamodb",
        javascript_client="DynamoDBClient",
        javascript_command="PutItemCommand",
        settings_needed=("SAMPLE_NOTES_TABLE",),
        access="authenticated",
    ),
)
