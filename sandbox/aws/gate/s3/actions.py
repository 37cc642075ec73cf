"""Which actions on which resources an S3 request needs.

Source: Service Authorization Reference, "Amazon S3", and the "Permissions" section of each operation's API reference.
"""

from collections.abc import Mapping, Sequence

from iampolicy.evaluator import Access
from sandbox.aws.gate.s3.request import S3Request
from sandbox.aws.signing import sigv2
from sandbox.core.http import Request

ContextKeys = dict[str, str | Sequence[str]]

_READ_WRITE = {
    "accelerate": ("GetAccelerateConfiguration", "PutAccelerateConfiguration"),
    "acl": ("GetBucketAcl", "PutBucketAcl"),
    "analytics": ("GetAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    "cors": ("GetBucketCORS", "PutBucketCORS"),
    "encryption": ("GetEncryptionConfiguration", "PutEncryptionConfiguration"),
    "intelligent-tiering": ("GetIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"),
    "inventory": ("GetInventoryConfiguration", "PutInventoryConfiguration"),
    "lifecycle": ("GetLifecycleConfiguration", "PutLifecycleConfiguration"),
    "logging": ("GetBucketLogging", "PutBucketLogging"),
    "metrics": ("GetMetricsConfiguration", "PutMetricsConfiguration"),
    "notification": ("GetBucketNotification", "PutBucketNotification"),
    "object-lock": ("GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    "ownershipControls": ("GetBucketOwnershipControls", "PutBucketOwnershipControls"),
    "policy": ("GetBucketPolicy", "PutBucketPolicy"),
    "publicAccessBlock": ("GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock"),
    "replication": ("GetReplicationConfiguration", "PutReplicationConfiguration"),
    "requestPayment": ("GetBucketRequestPayment", "PutBucketRequestPayment"),
    "tagging": ("GetBucketTagging", "PutBucketTagging"),
    "versioning": ("GetBucketVersioning", "PutBucketVersioning"),
    "website": ("GetBucketWebsite", "PutBucketWebsite"),
}

# (method, subresource) -> action on the bucket. To delete a configuration is to put an empty one, for most of them.
BUCKET_ACTIONS: dict[tuple[str, str], str] = {
    **{("GET", name): read for name, (read, _) in _READ_WRITE.items()},
    **{("PUT", name): write for name, (_, write) in _READ_WRITE.items()},
    **{("DELETE", name): write for name, (_, write) in _READ_WRITE.items()},
    ("DELETE", "policy"): "DeleteBucketPolicy",
    ("DELETE", "website"): "DeleteBucketWebsite",
    ("GET", ""): "ListBucket",
    ("HEAD", ""): "ListBucket",
    ("PUT", ""): "CreateBucket",
    ("DELETE", ""): "DeleteBucket",
    ("GET", "versions"): "ListBucketVersions",
    ("GET", "uploads"): "ListBucketMultipartUploads",
    ("GET", "location"): "GetBucketLocation",
    ("GET", "policyStatus"): "GetBucketPolicyStatus",
    ("GET", "session"): "CreateSession",
}

# (method, subresource) -> action on the object, and the action when a version is named.
OBJECT_ACTIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("GET", ""): ("GetObject", "GetObjectVersion"),
    ("HEAD", ""): ("GetObject", "GetObjectVersion"),
    ("PUT", ""): ("PutObject", "PutObject"),
    ("DELETE", ""): ("DeleteObject", "DeleteObjectVersion"),
    ("POST", "uploads"): ("PutObject", "PutObject"),
    ("PUT", "uploadId"): ("PutObject", "PutObject"),
    ("POST", "uploadId"): ("PutObject", "PutObject"),
    ("GET", "uploadId"): ("ListMultipartUploadParts", "ListMultipartUploadParts"),
    ("DELETE", "uploadId"): ("AbortMultipartUpload", "AbortMultipartUpload"),
    ("GET", "acl"): ("GetObjectAcl", "GetObjectVersionAcl"),
    ("PUT", "acl"): ("PutObjectAcl", "PutObjectVersionAcl"),
    ("GET", "tagging"): ("GetObjectTagging", "GetObjectVersionTagging"),
    ("PUT", "tagging"): ("PutObjectTagging", "PutObjectVersionTagging"),
    ("DELETE", "tagging"): ("DeleteObjectTagging", "DeleteObjectVersionTagging"),
    ("GET", "attributes"): ("GetObjectAttributes", "GetObjectVersionAttributes"),
    ("GET", "retention"): ("GetObjectRetention", "GetObjectRetention"),
    ("PUT", "retention"): ("PutObjectRetention", "PutObjectRetention"),
    ("GET", "legal-hold"): ("GetObjectLegalHold", "GetObjectLegalHold"),
    ("PUT", "legal-hold"): ("PutObjectLegalHold", "PutObjectLegalHold"),
    ("GET", "torrent"): ("GetObjectTorrent", "GetObjectVersionTorrent"),
    ("POST", "restore"): ("RestoreObject", "RestoreObject"),
    ("POST", "select"): ("GetObject", "GetObject"),
    ("PUT", "encryption"): ("UpdateObjectEncryption", "UpdateObjectEncryption"),
    ("PUT", "renameObject"): ("RenameObject", "RenameObject"),
}

# Authorised by name but not emulated: moto would take the request for the plain one, without a subresource.
NOT_EMULATED = frozenset(
    [
        *(("GET", name) for name in ("analytics", "intelligent-tiering", "metrics", "requestPayment", "session")),
        *(("PUT", name) for name in ("analytics", "intelligent-tiering", "metrics", "requestPayment")),
        *(
            ("DELETE", name)
            for name in (
                "accelerate", "acl", "analytics", "intelligent-tiering", "inventory", "logging", "metrics",
                "notification", "object-lock", "requestPayment", "versioning",
            )
        ),
    ]
)  # fmt: skip
NOT_EMULATED_OBJECTS = frozenset(
    [("GET", "retention"), ("GET", "torrent"), ("PUT", "encryption"), ("PUT", "renameObject"), ("POST", "select")]
)

BYPASS = "x-amz-bypass-governance-retention"
_GRANTS = ("x-amz-acl", "x-amz-grant-read", "x-amz-grant-write", "x-amz-grant-read-acp", "x-amz-grant-write-acp",
           "x-amz-grant-full-control")  # fmt: skip
_HEADER_KEYS = (
    *_GRANTS,
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-metadata-directive",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "x-amz-object-ownership",
)


def is_known(call: S3Request) -> bool:
    """Whether there is such an operation. A POST to a bucket is known only as DeleteObjects."""
    if not call.bucket:
        return call.method == "GET" and not call.subresource
    if call.key:
        return (call.method, call.subresource) in OBJECT_ACTIONS
    return (call.method, call.subresource) in BUCKET_ACTIONS or (call.method, call.subresource) == ("POST", "delete")


def is_emulated(call: S3Request) -> bool:
    """Whether moto serves the operation."""
    return (call.method, call.subresource) not in (NOT_EMULATED_OBJECTS if call.key else NOT_EMULATED)


def s3_accesses(call: S3Request, request: Request) -> list[Access]:
    """Every action that a known request needs. DeleteObjects has one access for each key instead."""
    context = _context(call, request)
    if not call.bucket:
        return [Access("s3:ListAllMyBuckets", call.arn, context)]
    if not call.key:
        return _bucket_accesses(call, request.headers, context)
    return _object_accesses(call, request.headers, context)


def delete_accesses(call: S3Request, request: Request, key: str, version_id: str | None) -> list[Access]:
    """Every access that DeleteObjects needs for one of its keys."""
    action = "s3:DeleteObjectVersion" if version_id else "s3:DeleteObject"
    context = _context(call, request) | ({"s3:VersionId": version_id} if version_id else {})
    bypasses = request.headers.get(BYPASS, "").lower() == "true"
    actions = (action, "s3:BypassGovernanceRetention") if bypasses else (action,)
    return [Access(name, f"arn:aws:s3:::{call.bucket}/{key}", context) for name in actions]


def _bucket_accesses(call: S3Request, headers: Mapping[str, str], context: ContextKeys) -> list[Access]:
    action = BUCKET_ACTIONS[call.method, call.subresource]
    needed = [action]
    if action == "CreateBucket":
        needed += ["PutBucketAcl"] if any(name in headers for name in _GRANTS) else []
        needed += ["PutBucketOwnershipControls"] if "x-amz-object-ownership" in headers else []
        if headers.get("x-amz-bucket-object-lock-enabled", "").lower() == "true":
            needed += ["PutBucketObjectLockConfiguration", "PutBucketVersioning"]
    return [Access(f"s3:{name}", call.arn, context) for name in needed]


def _object_accesses(call: S3Request, headers: Mapping[str, str], context: ContextKeys) -> list[Access]:
    plain, of_version = OBJECT_ACTIONS[call.method, call.subresource]
    version_id = call.value("versionId")
    found = [Access(f"s3:{of_version if version_id else plain}", call.arn, context)]
    if call.subresource == "attributes":
        read = "s3:GetObjectVersion" if version_id else "s3:GetObject"
        found.insert(0, Access(read, call.arn, context))
    if headers.get(BYPASS, "").lower() == "true" and plain in ("DeleteObject", "PutObjectRetention"):
        found.append(Access("s3:BypassGovernanceRetention", call.arn, context))
    if plain != "PutObject":
        return found
    if call.copy_source is not None and call.method == "PUT":
        action = "s3:GetObjectVersion" if call.copy_source.version_id else "s3:GetObject"
        version: ContextKeys = {"s3:VersionId": call.copy_source.version_id} if call.copy_source.version_id else {}
        found.insert(0, Access(action, call.copy_source.arn, {**context, **version}))
    if any(name in headers for name in _GRANTS):
        found.append(Access("s3:PutObjectAcl", call.arn, context))
    if "x-amz-tagging" in headers:
        found.append(Access("s3:PutObjectTagging", call.arn, context))
    if "x-amz-object-lock-mode" in headers or "x-amz-object-lock-retain-until-date" in headers:
        found.append(Access("s3:PutObjectRetention", call.arn, context))
    if "x-amz-object-lock-legal-hold" in headers:
        found.append(Access("s3:PutObjectLegalHold", call.arn, context))
    return found


def _context(call: S3Request, request: Request) -> ContextKeys:
    """S3's own condition keys. A key that the request does not have is absent, so that `Null` can be asked for it."""
    presigned = "authorization" not in request.headers
    keys: ContextKeys = {
        "s3:authType": "REST-QUERY-STRING" if presigned else "REST-HEADER",
        "s3:signatureversion": "AWS" if sigv2.is_presigned(request) else "AWS4-HMAC-SHA256",
    }
    if request.form_signature:
        keys |= {"s3:authType": "POST", "s3:signatureversion": request.form_signature}
    if not call.key:
        for name in ("prefix", "delimiter", "max-keys"):
            value = call.value(name)
            if value is not None:
                keys[f"s3:{name}"] = value
    version_id = call.value("versionId")
    if version_id is not None:
        keys["s3:VersionId"] = version_id
    for name in _HEADER_KEYS:
        if name in request.headers:
            keys[f"s3:{name}"] = request.headers[name]
    if call.copy_source is not None:
        keys["s3:x-amz-copy-source"] = f"{call.copy_source.bucket}/{call.copy_source.key}"
    return keys
