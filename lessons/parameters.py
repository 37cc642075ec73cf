"""The parameters that a visitor can set before a call, by the name that they have at AWS.

LoginsKey is none of AWS's: it is the name under which the login stands in Logins.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """The label of its field, and the help below it."""

    label: str
    help: str


PARAMETERS: dict[str, Parameter] = {
    "AccountId": Parameter("AWS account ID", "Twelve digits. Optional: AWS finds the pool without it."),
    "CustomRoleArn": Parameter(
        "Custom role ARN",
        "Only if the token carries several roles: which of them to use. Otherwise leave it empty.",
    ),
    "DurationSeconds": Parameter(
        "Duration in seconds", "900 up to the role’s maximum session duration. Empty means one hour."
    ),
    "IdentityId": Parameter(
        "Identity ID",
        "Empty means the one that GetId answers with. Somebody else’s is refused, and so is a merged one.",
    ),
    "LoginsKey": Parameter(
        "Name in Logins", "The provider’s name that the login is sent under. Try a wrong one, and read the refusal."
    ),
    "RoleArn": Parameter("Role ARN", "The IAM role to assume. Its trust policy decides."),
    "RoleSessionName": Parameter("Role session name", "2 to 64 characters. It shows in CloudTrail and in the ARN."),
    "TokenDuration": Parameter("Token duration in seconds", "1 to 86400. Empty means fifteen minutes."),
}
