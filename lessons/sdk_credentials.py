"""How an app gets and renews its credentials in each SDK: the part of the SDK that does it, or that there is none.

As the SDKs' own documents and sources say; `docs` is where.
"""

from dataclasses import dataclass
from typing import Literal

Flows = Literal["enhanced", "basic", "both", "none"]


@dataclass(frozen=True, slots=True)
class Sdk:
    """One SDK.

    Attributes:
        provider: the class or function that gets and renews credentials of an identity pool; empty where there is none.
        where: the package that it comes in.
        flows: which flow it takes.
        renews: how they are renewed; where there is no provider, what an app does instead.
        docs: the page to read.
    """

    language: str
    sdk: str
    provider: str
    where: str
    flows: Flows
    renews: str
    docs: str


SDKS: tuple[Sdk, ...] = (
    Sdk(
        "JavaScript, browser and Node.js",
        "AWS SDK for JavaScript v3",
        "fromCognitoIdentityPool",
        "@aws-sdk/credential-providers",
        "enhanced",
        "Before they expire, by itself. `logins` takes functions, so that a fresh token is asked for each time.",
        "https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/Package/-aws-sdk-credential-providers/",
    ),
    Sdk(
        "JavaScript, web app",
        "Amplify",
        "fetchAuthSession",
        "aws-amplify/auth",
        "enhanced",
        "By itself, together with the user pool’s tokens. It keeps a guest’s identity ID in the browser.",
        "https://docs.amplify.aws/javascript/build-a-backend/auth/connect-your-frontend/manage-user-sessions/",
    ),
    Sdk(
        "Swift",
        "AWS SDK for Swift",
        "CognitoAWSCredentialIdentityResolver",
        "AWSSDKIdentity",
        "enhanced",
        "By itself. `updateLogins` hands it the tokens of whoever has signed in.",
        "https://sdk.amazonaws.com/swift/api/awssdkidentity/latest/documentation/awssdkidentity/"
        "cognitoawscredentialidentityresolver",
    ),
    Sdk(
        "Kotlin, Android",
        "Amplify",
        "Amplify.Auth.fetchAuthSession",
        "com.amplifyframework:aws-auth-cognito",
        "enhanced",
        "By itself. The AWS SDK for Kotlin has no provider for identity pools.",
        "https://docs.amplify.aws/android/build-a-backend/auth/connect-your-frontend/manage-user-sessions/",
    ),
    Sdk(
        "C#, .NET",
        "AWS SDK for .NET",
        "CognitoAWSCredentials",
        "AWSSDK.CognitoIdentity",
        "both",
        "By itself. With role ARNs it takes the basic flow, without them the enhanced one. `AddLogin` adds a token.",
        "https://docs.aws.amazon.com/sdk-for-net/v4/developer-guide/cognito-creds-provider.html",
    ),
    Sdk(
        "C++",
        "AWS SDK for C++",
        "CognitoCachingAuthenticatedCredentialsProvider",
        "aws-cpp-sdk-identity-management",
        "enhanced",
        "By itself; for guests there is CognitoCachingAnonymousCredentialsProvider.",
        "https://docs.aws.amazon.com/sdk-for-cpp/latest/api/aws-cpp-sdk-identity-management/html/classes.html",
    ),
    Sdk(
        "PHP",
        "AWS SDK for PHP v3",
        "Aws\\CognitoIdentity\\CognitoIdentityProvider",
        "aws/aws-sdk-php",
        "enhanced",
        "Each call of the provider gets new ones; `CredentialProvider::memoize` keeps them until they expire.",
        "https://docs.aws.amazon.com/aws-sdk-php/v3/api/class-Aws.CognitoIdentity.CognitoIdentityProvider.html",
    ),
    Sdk(
        "Python",
        "boto3",
        "",
        "",
        "none",
        "Make the calls as a run’s page shows them, with unsigned clients (`signature_version=UNSIGNED`). "
        "`botocore.credentials.RefreshableCredentials` calls your function again before they expire.",
        "https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/cognito-identity.html",
    ),
    Sdk(
        "Java",
        "AWS SDK for Java 2.x",
        "",
        "",
        "none",
        "Make the two calls with AnonymousCredentialsProvider. StsAssumeRoleWithWebIdentityCredentialsProvider "
        "makes the "
        "last call of the basic flow, and renews while its token is good.",
        "https://docs.aws.amazon.com/sdk-for-java/latest/developer-guide/credentials.html",
    ),
    Sdk(
        "Go",
        "AWS SDK for Go v2",
        "",
        "",
        "none",
        "Make the two calls with `aws.AnonymousCredentials`, in a type with `Retrieve` inside an "
        "`aws.CredentialsCache`.",
        "https://docs.aws.amazon.com/sdk-for-go/v2/developer-guide/configure-gosdk.html",
    ),
    Sdk(
        "Rust",
        "AWS SDK for Rust",
        "",
        "",
        "none",
        "Make the two calls without credentials, in a type that implements ProvideCredentials; the SDK caches what "
        "it gives.",
        "https://docs.aws.amazon.com/sdk-for-rust/latest/dg/credproviders.html",
    ),
    Sdk(
        "Command line",
        "AWS CLI v2",
        "",
        "",
        "none",
        "`--no-sign-request` makes the calls. A `credential_process` in ~/.aws/config can be a script that does, "
        "and is "
        "asked again when they have expired.",
        "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html",
    ),
)
