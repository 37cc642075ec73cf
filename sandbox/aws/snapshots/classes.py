"""The classes of which a snapshot may hold objects, by module and name. Nothing else is ever made when one is read."""

from collections import OrderedDict, defaultdict
from functools import lru_cache
from importlib import import_module
from typing import Any

# What of moto's models is not here cannot be made through the gate: tables of S3 Tables, exports and imports of tables.
_NAMES: dict[str, tuple[str, ...]] = {
    "collections": ("OrderedDict", "defaultdict"),
    "requests.structures": ("CaseInsensitiveDict",),
    "moto.s3.models": (
        "CorsRule",
        "FakeAcl",
        "FakeBucket",
        "FakeBucketInventoryConfiguration",
        "FakeDeleteMarker",
        "FakeGrant",
        "FakeGrantee",
        "FakeKey",
        "FakeMultipart",
        "LifeCycleNoncurrentVersionTransition",
        "LifecycleAndFilter",
        "LifecycleFilter",
        "LifecycleRule",
        "LifecycleTransition",
        "MultipartDict",
        "Notification",
        "NotificationConfiguration",
        "PublicAccessBlock",
    ),
    "moto.s3.utils": ("_VersionedKeyStore",),
    "moto.utilities.utils": ("CaseInsensitiveDict", "LowercaseDict"),
    "moto.utilities.tagging_service": ("TaggingService",),
    "moto.dynamodb.models.dynamo_type": ("DynamoType", "Item", "LimitedSizeDict"),
    "moto.dynamodb.models.table": (
        "Backup",
        "GlobalSecondaryIndex",
        "LocalSecondaryIndex",
        "ResourcePolicy",
        "RestoredPITTable",
        "RestoredTable",
        "StreamRecord",
        "StreamShard",
        "Table",
    ),
    "moto.ssm.models": (
        "AccountPermission",
        "Command",
        "Document",
        "Documents",
        "FakeMaintenanceWindow",
        "FakeMaintenanceWindowTarget",
        "FakeMaintenanceWindowTask",
        "FakePatchBaseline",
        "FakePatchGroup",
        "Parameter",
        "ParameterDict",
    ),
}


@lru_cache(maxsize=1)
def class_names() -> dict[type, str]:
    """Class -> the name by which a snapshot calls it. Imports moto."""
    return {kind: name for name, kind in classes().items()}


@lru_cache(maxsize=1)
def classes() -> dict[str, type]:
    """Name in a snapshot, such as `moto.s3.models.FakeBucket` -> class. Imports moto."""
    return {
        f"{module}.{name}": getattr(import_module(module), name) for module, names in _NAMES.items() for name in names
    }


@lru_cache(maxsize=256)
def methods_of(kind: type) -> frozenset[str]:
    """Names under which an object of the class must have no attribute of its own: something else would be called."""
    return frozenset(name for name in dir(kind) if callable(getattr(kind, name, None)))


def new_object(kind: type) -> Any:
    """An object without content. No constructor of moto's runs: some note their objects in lists of the process."""
    for base in (OrderedDict, defaultdict, dict):
        if issubclass(kind, base):
            return base.__new__(kind)
    return object.__new__(kind)
