"""The regions of AWS, by the list that botocore has, and those that the IDs of things begin with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.loaders import Loader

_ID = re.compile(r"([a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2})[:_].+")


@dataclass(frozen=True, slots=True)
class Partition:
    """The regions that one account can use.

    Attributes:
        regions: by their names, such as `eu-west-1`.
        global_region: the region that requests to IAM, and to STS at its global endpoint, are signed for.
        suffix: what the names of its hosts end with: `amazonaws.com`.
    """

    regions: frozenset[str]
    global_region: str
    suffix: str


@cache
def partition_of(region: str) -> Partition:
    """The partition that a region belongs to: credentials of one are worth nothing in another.

    Source: AWS General Reference, "Regions and endpoints"; IAM User Guide, "Amazon Resource Names (ARNs)".

    Raises:
        LookupError: botocore knows no such region.
    """
    for partition in Loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            regions, suffix = frozenset(partition["regions"]), str(partition["dnsSuffix"])
            return Partition(regions, _global_region(partition, region), suffix)
    raise LookupError(f"{region} is no region of AWS")


def _global_region(partition: Mapping[str, Any], region: str) -> str:
    iam = partition["services"].get("iam")
    # The newest partitions have one region, and no entry for IAM.
    return str(iam["endpoints"][iam["partitionEndpoint"]]["credentialScope"]["region"]) if iam else region


def region_of_id(resource_id: str) -> str:
    """The region that an ID begins with; empty where it begins with none.

    `REGION:UUID` are identity pools and identities, `REGION_NAME` user pools.
    """
    found = _ID.fullmatch(resource_id)
    return found[1] if found else ""


def region_named(params: Mapping[str, Any]) -> str:
    """The region of the pool or identity that a call names by its ID; empty where it names none."""
    named = (region_of_id(str(params.get(member, ""))) for member in ("IdentityPoolId", "IdentityId", "UserPoolId"))
    return next(filter(None, named), "")
