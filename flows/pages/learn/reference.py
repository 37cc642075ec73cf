"""What the reference pages say about an operation.

Parameters, answers and errors are read from the service models that boto3 itself works with, so they are those of the
installed SDK. What the models do not say, when to use a call and what surprises people, is written here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape

import botocore.session
from botocore.model import OperationModel, Shape, StructureShape
from django.utils.html import strip_tags

from redaction.names import kind_of


@dataclass(frozen=True, slots=True)
class Topic:
    """What we have to say about one operation.

    Attributes:
        service: as the SDKs name it.
        service_title: as people name it.
        good_to_know: sentences, each with a fact that is easy to miss.
        doc: AWS's own page.
    """

    operation: str
    service: str
    service_title: str
    purpose: str
    good_to_know: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class Member:
    """One parameter or one member of an answer. `path` is dotted, as in `Credentials.SecretKey`."""

    path: str
    type_name: str
    required: bool
    secret: bool
    limits: str
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One error that the model names, with the first paragraph of what AWS says about it."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A topic with what the SDK's service model says about its operation."""

    topic: Topic
    signed: bool
    text: str
    parameters: tuple[Member, ...]
    answer: tuple[Member, ...]
    faults: tuple[Fault, ...]


class UnknownOperation(LookupError):
    """There is no reference page for this operation."""


_IDENTITY = "https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_{}.html"
_STS = "https://docs.aws.amazon.com/STS/latest/APIReference/API_{}.html"
_POOLS = "Amazon Cognito identity pools"
_STS_NAME = "AWS Security Token Service (STS)"

TOPICS: dict[str, Topic] = {
    topic.operation: topic
    for topic in (
        Topic(
            operation="GetId",
            service="cognito-identity",
            service_title=_POOLS,
            purpose="Finds the identity that belongs to a login, or makes a new one. Both flows begin with it.",
            good_to_know=(
                "Without Logins every call makes a new guest identity, so an app keeps the identity ID that it got.",
                "With a login that the pool has seen before, the answer is the identity from last time.",
                "The name of a provider in Logins is its issuer without https://, and the check is exact.",
                "AccountId is optional. The pool's ID alone finds the pool.",
                "An account may call it 25 times a second in a Region; a classroom can meet that quota.",
            ),
            doc=_IDENTITY.format("GetId"),
        ),
        Topic(
            operation="GetCredentialsForIdentity",
            service="cognito-identity",
            service_title=_POOLS,
            purpose="Gives an identity its temporary credentials in one call. The identity pool chooses the role and "
            "asks STS for the credentials itself. This is the second and last call of the enhanced flow.",
            good_to_know=(
                "It does what GetOpenIdToken and AssumeRoleWithWebIdentity do together, on the service's side.",
                "The secret is called SecretKey here; STS and every SDK call it SecretAccessKey.",
                "The credentials last one hour, and the role session is always named CognitoIdentityCredentials.",
                "A guest's role is cut down by a session policy that AWS adds; no setting turns it off.",
                "The identity ID in the answer may differ from the one sent, when two identities were merged.",
                "When STS refuses the role, the answer is InvalidIdentityPoolConfigurationException and no more.",
            ),
            doc=_IDENTITY.format("GetCredentialsForIdentity"),
        ),
        Topic(
            operation="GetOpenIdToken",
            service="cognito-identity",
            service_title=_POOLS,
            purpose="Gives an identity a token, signed by the identity pool, that says which identity it is and "
            "whether somebody signed in. It is the second call of the basic flow.",
            good_to_know=(
                "The token is valid for ten minutes. Its audience is the pool's ID, its subject the identity ID.",
                "Its amr claim says authenticated or unauthenticated; a role's trust policy should check it.",
                "A pool with AllowClassicFlow off refuses it, and so does one with role mappings for the provider.",
                "With a SAML login it is always refused.",
            ),
            doc=_IDENTITY.format("GetOpenIdToken"),
        ),
        Topic(
            operation="AssumeRoleWithWebIdentity",
            service="sts",
            service_title=_STS_NAME,
            purpose="Exchanges a web identity token for temporary credentials of one role. It is the third call of the "
            "basic flow: here the app, not the pool, says which role it wants.",
            good_to_know=(
                "It is not signed. The token is the proof, and the role's trust policy decides.",
                "DurationSeconds may be 900 up to the role's maximum session duration; without it, one hour.",
                "RoleSessionName is the app's choice. It ends up in the assumed role's ARN and in CloudTrail.",
                "A trust policy that checks aud but not amr lets guests of the pool in as well.",
                "The wire format is a form for the request and XML for the answer, unlike the identity pool's JSON.",
            ),
            doc=_STS.format("AssumeRoleWithWebIdentity"),
        ),
        Topic(
            operation="GetOpenIdTokenForDeveloperIdentity",
            service="cognito-identity",
            service_title=_POOLS,
            purpose="Gives your own server a token for somebody whom it has signed in itself. It takes the place of "
            "GetId and GetOpenIdToken for developer-authenticated identities.",
            good_to_know=(
                "It is signed with AWS credentials, so it is made by a server and never by a browser or a phone.",
                "Whoever may make this call decides who somebody is: take the identifier from your own session, never "
                "from a form field.",
                "The token lasts 15 minutes unless TokenDuration asks for something else, at most 24 hours.",
                "The token is then sent under the name cognito-identity.amazonaws.com, or to STS in the basic flow.",
            ),
            doc=_IDENTITY.format("GetOpenIdTokenForDeveloperIdentity"),
        ),
        Topic(
            operation="GetCallerIdentity",
            service="sts",
            service_title=_STS_NAME,
            purpose="Says whose credentials a call was signed with. It answers the question “Who am I?”.",
            good_to_know=(
                "No permission is needed for it, and a policy that denies it changes nothing.",
                "After the enhanced flow everybody's ARN ends in CognitoIdentityCredentials: the ARN does not tell "
                "people apart.",
                "Session policies do not stop it either, so it works for guests too.",
            ),
            doc=_STS.format("GetCallerIdentity"),
        ),
    )
}


@cache
def reference(operation: str) -> Reference:
    """The reference of one operation.

    Raises:
        UnknownOperation: it is not among TOPICS.
    """
    if operation not in TOPICS:
        raise UnknownOperation(operation)
    topic = TOPICS[operation]
    model: OperationModel = botocore.session.Session().get_service_model(topic.service).operation_model(operation)
    return Reference(
        topic=topic,
        # A missing auth type means the service's usual one, Signature Version 4.
        signed=model.auth_type != "none",
        text=_first_paragraph(model.documentation),
        parameters=tuple(_members(model.input_shape)),
        answer=tuple(_members(model.output_shape)),
        faults=tuple(Fault(shape.error_code, _first_paragraph(shape.documentation)) for shape in model.error_shapes),
    )


def _members(shape: Shape | None, prefix: str = "") -> Iterator[Member]:
    """The members of a structure, nested structures flattened; an operation without parameters has none."""
    if not isinstance(shape, StructureShape):
        return
    for name, member in shape.members.items():
        yield Member(
            path=prefix + name,
            type_name=member.type_name,
            required=name in shape.required_members,
            secret=_is_secret(name, member),
            limits=_limits(member),
            text=_first_paragraph(member.documentation),
        )
        yield from _members(member, f"{prefix}{name}.")


def _is_secret(name: str, shape: Shape) -> bool:
    """The models mark secrets as sensitive, all but the session token and the values of Logins."""
    return bool(shape.metadata.get("sensitive")) or bool(kind_of((name,)))


def _limits(shape: Shape) -> str:
    """The constraints of a shape as words: `1 to 55 characters`, `900 to 43200`, `at most 10 entries`."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if most is None:
        return ""
    unit = {"string": " characters", "map": " entries", "list": " entries"}.get(shape.type_name, "")
    return f"at most {most}{unit}" if least is None else f"{least} to {most}{unit}"


def _first_paragraph(html: str) -> str:
    """The first paragraph of a model's documentation as plain text."""
    paragraph = re.split(r"</p>|<ul>|<important>|<note>", html, maxsplit=1)[0]
    return re.sub(r"\s+", " ", unescape(strip_tags(paragraph))).strip()
