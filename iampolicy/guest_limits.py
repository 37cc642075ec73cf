"""The limits that Amazon Cognito puts on guests in the enhanced flow.

Cognito passes an inline and a managed session policy with AssumeRoleWithWebIdentity; a guest may do what the role
allows and at least one of the two allows as well.
Source: Amazon Cognito Developer Guide, "IAM roles", section "Access policies for unauthenticated identities".
"""

from typing import Any

from iampolicy.statements import PolicyDocument

MANAGED_POLICY_ARN = "arn:aws:iam::aws:policy/AmazonCognitoUnAuthedIdentitiesSessionPolicy"

_INLINE_EVERYWHERE = [
    "cloudwatch:*",
    "logs:*",
    "dynamodb:*",
    "kinesis:*",
    "mobileanalytics:*",
    "s3:*",
    "ses:*",
    "sns:*",
    "sqs:*",
    "lambda:*",
    "machinelearning:*",
    "execute-api:*",
    "iot:*",
    "gamelift:*",
    "cognito-identity:*",
    "cognito-idp:*",
    "lex:*",
    "polly:*",
    "comprehend:*",
    "translate:*",
    "transcribe:*",
    "rekognition:*",
    "mobiletargeting:*",
    "firehose:*",
    "appsync:*",
    "personalize:*",
    "sagemaker:InvokeEndpoint",
]
_INLINE_DEFAULT_REGIONS = [
    "cognito-sync:*",
    "codewhisperer:*",
    "textract:DetectDocumentText",
    "textract:AnalyzeDocument",
    "sdb:*",
]
_MANAGED = [
    "rum:PutRumEvents",
    "polly:*",
    "comprehend:*",
    "translate:*",
    "transcribe:*",
    "rekognition:*",
    "mobiletargeting:*",
    "firehose:*",
    "personalize:*",
    "sagemaker:InvokeEndpoint",
    "geo:GetMap*",
    "geo:SearchPlaceIndex*",
    "geo:GetPlace",
    "geo:CalculateRoute*",
    "geo:*Geofence",
    "geo:*Geofences",
    "geo:*DevicePosition*",
    "geo:ListMaps",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptTo",
    "kms:ReEncryptFrom",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
]

# Regions that an account has to opt into (AWS Account Management guide, "Enable or disable AWS Regions").
OPT_IN_REGIONS = frozenset(
    [
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
    ]
)


def _allow(actions: list[str]) -> PolicyDocument:
    return PolicyDocument(Version="2012-10-17", Statement=[{"Effect": "Allow", "Action": actions, "Resource": "*"}])


INLINE_POLICY = _allow(_INLINE_EVERYWHERE + _INLINE_DEFAULT_REGIONS)
INLINE_POLICY_OPT_IN_REGIONS = _allow(_INLINE_EVERYWHERE)
MANAGED_POLICY = _allow(_MANAGED)


def guest_session_policies(region: str) -> list[dict[str, Any]]:
    """The two session policies of a guest's session in `region`: the inline one, then the managed one."""
    return [INLINE_POLICY_OPT_IN_REGIONS if region in OPT_IN_REGIONS else INLINE_POLICY, MANAGED_POLICY]
