import pytest

from iampolicy.evaluator import Access, authorize
from iampolicy.guest_limits import guest_session_policies
from tests.iampolicy.build import policy, statement

EVERYTHING = policy(statement(Action="*"))


def allowed(action: str, region: str = "us-east-1") -> bool:
    outcome = authorize([EVERYTHING], guest_session_policies(region), Access(action, "*", {}))
    assert outcome.layer == ("identity" if outcome.verdict == "allow" else "session")
    return outcome.verdict == "allow"


@pytest.mark.parametrize(
    "action",
    [
        "s3:GetObject",
        "s3:PutObject",
        "dynamodb:Scan",
        "sqs:SendMessage",
        "sns:Publish",
        "ses:SendEmail",
        "lambda:InvokeFunction",
        "logs:PutLogEvents",
        "cloudwatch:PutMetricData",
        "kinesis:PutRecord",
        "firehose:PutRecord",
        "mobileanalytics:PutEvents",
        "machinelearning:Predict",
        "execute-api:Invoke",
        "iot:Publish",
        "gamelift:CreateGame",
        "cognito-idp:ListUsers",
        "lex:PostText",
        "polly:SynthesizeSpeech",
        "comprehend:DetectSentiment",
        "translate:TranslateText",
        "transcribe:StartTranscriptionJob",
        "rekognition:DetectFaces",
        "mobiletargeting:PutEvents",
        "appsync:GraphQL",
        "personalize:GetRecommendations",
        "sagemaker:InvokeEndpoint",
        "codewhisperer:Anything",
        "textract:DetectDocumentText",
        "textract:AnalyzeDocument",
        "sdb:Select",
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:ReEncryptTo",
        "geo:GetMapTile",
        "geo:CalculateRoute",
        "geo:PutGeofence",
        "geo:BatchUpdateDevicePosition",
        "geo:GetPlace",
        "rum:PutRumEvents",
    ],
)
def test_guests_may_reach(action: str) -> None:
    assert allowed(action)


@pytest.mark.parametrize(
    "action",
    [
        "ssm:GetParameter",
        "secretsmanager:GetSecretValue",
        "kinesisvideo:GetDataEndpoint",
        "bedrock:InvokeModel",
        "sts:AssumeRole",
        "iam:ListRoles",
        "athena:StartQueryExecution",
        "ec2:DescribeInstances",
        "events:PutEvents",
        "states:StartExecution",
        "sagemaker:CreateModel",
        "textract:StartDocumentAnalysis",
        "kms:CreateKey",
        "kms:ListKeys",
        "kms:ScheduleKeyDeletion",
        "geo:CreateMap",
        "rum:CreateAppMonitor",
        "es:ESHttpGet",
        "rds:DescribeDBInstances",
    ],
)
def test_guests_may_not_reach(action: str) -> None:
    assert not allowed(action)


@pytest.mark.parametrize(
    "action", ["cognito-sync:ListRecords", "codewhisperer:X", "textract:AnalyzeDocument", "sdb:Select"]
)
def test_regions_to_opt_into_have_a_shorter_list(action: str) -> None:
    assert allowed(action, "eu-west-1")
    assert not allowed(action, "eu-south-1")
