"""The condition keys of an access: given, looked up when a policy asks, absent, or unknown.

What AWS documents for an action (iampolicy.reference) is either supplied here, or truly absent in this
sandbox, or unknown: then the evaluation fails closed. docs/sandbox.md has the table that `key_table` makes.
"""

import time
from collections.abc import Mapping, Sequence
from functools import cached_property

from iampolicy.context import RequestContext, Value, tag_values
from iampolicy.reference import family_of, is_documented, keys_of_service
from iampolicy.truth import UNKNOWN, Unknown
from sandbox.aws.iam.resource_tags import tags_of_resource
from sandbox.aws.moto.tags import tags_of_object
from sandbox.aws.signing import sigv2, sigv4
from sandbox.core.http import Request
from sandbox.core.instance import Instance

_TAGS = ("aws:RequestTag/", "aws:TagKeys", "aws:ResourceTag/")
# Keys that are supplied: given with the access where the request has them, or looked up below.
SUPPLIED: dict[str, tuple[str, ...]] = {
    "cognito-identity": (*_TAGS, "cognito-identity:IdentityPoolArn"),
    "cognito-idp": _TAGS,
    "dynamodb": (
        *_TAGS, "dynamodb:Attributes", "dynamodb:EnclosingOperation", "dynamodb:LeadingKeys",
        "dynamodb:ReturnConsumedCapacity", "dynamodb:ReturnValues", "dynamodb:Select",
    ),
    "iam": (*_TAGS, "iam:ResourceTag/", "iam:PassedToService", "iam:PermissionsBoundary", "iam:PolicyARN"),
    "s3": (
        "aws:RequestTag/", "aws:TagKeys",
        "s3:authType", "s3:delimiter", "s3:ExistingObjectTag/", "s3:if-match", "s3:if-none-match",
        "s3:locationconstraint", "s3:max-keys", "s3:object-lock-legal-hold", "s3:object-lock-mode",
        "s3:object-lock-remaining-retention-days", "s3:object-lock-retain-until-date", "s3:ObjectCreationOperation",
        "s3:prefix", "s3:RequestObjectTag/", "s3:RequestObjectTagKeys", "s3:ResourceAccount", "s3:signatureAge",
        "s3:signatureversion", "s3:TlsVersion", "s3:versionid", "s3:x-amz-acl", "s3:x-amz-bucket-namespace",
        "s3:x-amz-content-sha256", "s3:x-amz-copy-source", "s3:x-amz-grant-full-control", "s3:x-amz-grant-read",
        "s3:x-amz-grant-read-acp", "s3:x-amz-grant-write", "s3:x-amz-grant-write-acp", "s3:x-amz-metadata-directive",
        "s3:x-amz-object-ownership", "s3:x-amz-server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-server-side-encryption-customer-algorithm",
        "s3:x-amz-storage-class", "s3:x-amz-website-redirect-location",
    ),
    "ssm": (*_TAGS, "ssm:Overwrite", "ssm:Policies", "ssm:Recursive", "ssm:resourceTag/"),
    "sts": (
        *_TAGS, "iam:ResourceTag/", "sts:ExternalId", "sts:RoleSessionName", "sts:SourceIdentity",
        "sts:TransitiveTagKeys",
    ),
}  # fmt: skip

_ABAC = "tags of buckets count only where ABAC is switched on for the bucket, which is not emulated"
_ACCESS_POINTS = "there are no access points"
_FEDERATION = "supplied for federation of this kind, absent for any other"
_NEVER = "no call that is authorised here has it"
# Keys whose absence is the truth here, and why.
ABSENT: dict[str, dict[str, str]] = {
    "cognito-identity": {
        f"cognito-identity-{kind}:{name}": "only calls without a signature have it, and nobody is asked for those"
        for kind in ("auth", "unauth")
        for name in ("AccountId", "IdentityPoolArn")
    },
    "s3": {
        "aws:ResourceTag/": _ABAC,
        "s3:BucketTag/": _ABAC,
        "s3:AccessGrantsInstanceArn": "there are no access grants",
        "s3:AccessPointNetworkOrigin": _ACCESS_POINTS,
        "s3:AccessPointTag/": _ACCESS_POINTS,
        "s3:DataAccessPointAccount": _ACCESS_POINTS,
        "s3:DataAccessPointArn": _ACCESS_POINTS,
    },
    "ssm": dict.fromkeys(("ec2:SourceInstanceARN", "ssm:SourceInstanceARN"), "no machines are managed here"),
    "sts": {
        "sts:RequestContext/": _NEVER,
        "sts:RequestContextProviders": _NEVER,
    },
}
_FEDERATED = ("saml:", "accounts.google.com:", "cognito-identity.amazonaws.com:", "graph.facebook.com:",
              "www.amazon.com:")  # fmt: skip
_TAG_LOOKUPS = ("aws:resourcetag/", "iam:resourcetag/", "ssm:resourcetag/")


def why_absent(service: str, key: str) -> str | None:
    """Why a documented key of the service is truly absent when it is not supplied; None when it is not."""
    family = family_of(key)
    if service == "sts" and family.startswith(_FEDERATED):
        return _FEDERATION
    return _absent(service).get(family)


def _absent(service: str) -> dict[str, str]:
    return {family_of(key): why for key, why in ABSENT.get(service, {}).items()}


_SUPPLIED = {service: frozenset(map(family_of, keys)) for service, keys in SUPPLIED.items()}


def key_table() -> str:
    """The keys of each service as docs/sandbox.md has them: supplied, truly absent, and those that fail closed."""
    lines = ["| service | supplied | truly absent | unknown: fails closed |", "| --- | --- | --- | --- |"]
    for service in sorted(SUPPLIED):
        documented = keys_of_service(service)
        supplied = {name for family, name in documented.items() if family in _SUPPLIED[service]}
        absent = {name for name in documented.values() if name not in supplied and why_absent(service, name)}
        closed = set(documented.values()) - supplied - absent
        cells = (", ".join(f"`{name}`" for name in sorted(names)) or "–" for names in (supplied, absent, closed))
        lines.append(f"| {service} | {' | '.join(cells)} |")
    return "\n".join(lines)


class _Lookups:
    """Keys of one access that cost something to find out, each at most once."""

    def __init__(self, instance: Instance, request: Request | None, action: str, resource: str, account: str) -> None:
        self._instance = instance
        self._request = request
        self._action = action
        self._service = action.partition(":")[0]
        self._resource = resource
        self._account = account
        self.version_id: str | None = None

    def find(self, key: str) -> Value | None:
        if not is_documented(self._action, key):
            return None
        family, name = family_of(key), key.partition("/")[2]
        if family == "s3:existingobjecttag/":
            return self._object_tags.get(name)
        if family in _TAG_LOOKUPS and self._service != "s3":
            tags = self._resource_tags
            return UNKNOWN if tags is None else tags.get(name)
        if family == "s3:signatureage":
            return self._signature_age()
        if family == "s3:tlsversion":
            # A proxy that ends TLS knows the version, and does not say it.
            return UNKNOWN if self._instance.config.public_url.startswith("https://") else None
        known = family in _SUPPLIED.get(self._service, ()) or why_absent(self._service, key) is not None
        return None if known else UNKNOWN

    @cached_property
    def _object_tags(self) -> Mapping[str, str | Unknown]:
        bucket, _, key = self._resource.removeprefix("arn:aws:s3:::").partition("/")
        return tag_values(tags_of_object(self._account, bucket, key, self.version_id).items())

    @cached_property
    def _resource_tags(self) -> Mapping[str, str | Unknown] | None:
        tags = tags_of_resource(self._instance.store, self._resource)
        return None if tags is None else tag_values(tags.items())

    def _signature_age(self) -> Value:
        """Milliseconds since the request was signed; a URL of Signature Version 2 does not say when that was."""
        if self._request is None or sigv2.is_presigned(self._request):
            return UNKNOWN
        try:
            signed = sigv4.read_authorization(self._request)
        except sigv4.Incomplete:
            return UNKNOWN
        return UNKNOWN if signed is None else str(max(0, round((time.time() - signed.time) * 1000)))


def request_context(
    instance: Instance,
    request: Request | None,
    given: Mapping[str, str | Sequence[str] | Unknown],
    action: str,
    resource: str,
    account: str,
) -> RequestContext:
    """The context in which policies are evaluated for one access.

    Args:
        given: the keys that are known; of S3's own, those that are not documented for the action do not count.
        account: whose resource it is.
    """
    lookups = _Lookups(instance, request, action, resource, account)
    version_id = given.get("s3:VersionId")
    lookups.version_id = version_id if isinstance(version_id, str) else None
    if action.startswith("s3:"):
        given = {key: value for key, value in given.items() if key[:3] != "s3:" or is_documented(action, key)}
    return RequestContext(given, lookups.find)
