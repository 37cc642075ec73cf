import json

import pytest

from sandbox.aws.gate.generic import generic_access
from sandbox.core.http import Request


def access(
    service: str, method: str = "POST", path: str = "/", query: str = "", body: str = "", **headers: str
) -> tuple[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(method, path, query, named, body.encode(), "127.0.0.1", "id")
    found = generic_access(request, service, "us-east-1", "111122223333")
    return found.action, found.resource


@pytest.mark.parametrize(
    ("service", "target", "params", "action", "resource"),
    [
        ("ssm", "AmazonSSM.GetParameter", {"Name": "/a/b"}, "ssm:GetParameter",
         "arn:aws:ssm:us-east-1:111122223333:parameter/a/b"),
        ("kms", "TrentService.Encrypt", {"KeyId": "abc"}, "kms:Encrypt", "arn:aws:kms:us-east-1:111122223333:key/abc"),
        ("kms", "TrentService.Encrypt", {"KeyId": "arn:aws:kms:x:1:key/y"}, "kms:Encrypt", "arn:aws:kms:x:1:key/y"),
        ("logs", "Logs_20140328.PutLogEvents", {}, "logs:PutLogEvents", "*"),
        ("kinesis", "Kinesis_20131202.PutRecord", {"StreamName": "s"}, "kinesis:PutRecord",
         "arn:aws:kinesis:us-east-1:111122223333:stream/s"),
        ("rekognition", "RekognitionService.DetectFaces", {}, "rekognition:DetectFaces", "*"),
        ("cognito-idp", "AWSCognitoIdentityProviderService.AdminGetUser", {"UserPoolId": "us-east-1_a"},
         "cognito-idp:AdminGetUser", "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_a"),
        ("ssm", "AmazonSSM.Get Parameter <script>", {}, "ssm:UnknownOperation", "*"),
    ],
)  # fmt: skip
def test_services_with_a_target_header(
    service: str, target: str, params: dict[str, str], action: str, resource: str
) -> None:
    assert access(service, body=json.dumps(params), x_amz_target=target) == (action, resource)


@pytest.mark.parametrize(
    ("service", "body", "action"),
    [
        ("sns", "Action=Publish&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A1%3At", "sns:Publish"),
        ("monitoring", "Action=PutMetricData", "cloudwatch:PutMetricData"),
        ("email", "Action=SendEmail", "ses:SendEmail"),
        ("sdb", "Action=Select", "sdb:Select"),
    ],
)
def test_services_of_the_query_protocol(service: str, body: str, action: str) -> None:
    assert access(service, body=body, content_type="application/x-www-form-urlencoded")[0] == action


@pytest.mark.parametrize(
    ("service", "method", "path", "action"),
    [
        ("lambda", "POST", "/2015-03-31/functions/hello/invocations", "lambda:InvokeFunction"),
        ("lambda", "GET", "/2015-03-31/functions/", "lambda:ListFunctions"),
        ("lambda", "GET", "/2015-03-31/functions/hello", "lambda:GetFunction"),
        ("polly", "POST", "/v1/speech", "polly:SynthesizeSpeech"),
        ("geo", "GET", "/maps/v0/maps/m/tiles/1/2/3", "geo:GetMapTile"),
        ("mobiletargeting", "POST", "/v1/apps/a/events", "mobiletargeting:PutEvents"),
        ("sagemaker", "POST", "/endpoints/e/invocations", "sagemaker:InvokeEndpoint"),
        ("execute-api", "GET", "/prod/items", "execute-api:Invoke"),
        ("appsync", "GET", "/v1/apis", "appsync:ListGraphqlApis"),
        ("no-such-service", "GET", "/", "no-such-service:UnknownOperation"),
        ("../../etc", "GET", "/", "../../etc:UnknownOperation"),
    ],
)
def test_services_with_paths(service: str, method: str, path: str, action: str) -> None:
    assert access(service, method, path)[0] == action
