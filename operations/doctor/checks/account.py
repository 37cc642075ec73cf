"""What the account as a whole adds: quotas, what CloudTrail records, policies from above."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from operations.doctor import fixes
from operations.doctor.findings import Finding, Fix
from operations.doctor.subject import Subject

_TYPE = "AWS::Cognito::IdentityPool"
# How AWS names the policy that refused, in the sentence of an AccessDenied.
_FROM_ABOVE = ("resource control policy", "VPC endpoint policy", "service control policy", "permissions boundary")


def quotas(it: Subject) -> Iterator[Finding | str]:
    """How many GetId a second the account has, and whether this application sends no more."""
    listed = it.looking.get("service-quotas", "ListServiceQuotas", it.region, ServiceCode="cognito-identity")
    found = next((one for one in listed["Quotas"] if "GetId " in f"{one['QuotaName']} "), None)
    if found is None:
        yield "no quota is named"
        return
    most = int(found["Value"])
    if most < settings.GET_ID_PER_SECOND:
        yield Finding(
            "warning",
            f"GET_ID_PER_SECOND is {settings.GET_ID_PER_SECOND}, and the account has {most} a second",
            f"at most {most}",
            "When a class begins together, some are refused: TooManyRequestsException.",
            (fixes.setting("GET_ID_PER_SECOND", str(max(most * 4 // 5, 1))),),
        )
    yield f"{most} a second: sixty people who begin together are through in {max(60 // most, 1)} s"


def trail(it: Subject) -> Iterator[Finding | str]:
    """Whether CloudTrail records what identity pools hand out. Those are data events, which are off by default."""
    named = it.looking.get("cloudtrail", "DescribeTrails", it.region)["trailList"]
    for one in named:
        arn = one["TrailARN"]
        selectors = it.looking.get("cloudtrail", "GetEventSelectors", it.region, TrailName=arn)
        if any(_records(selector) for selector in selectors.get("AdvancedEventSelectors", [])):
            yield f"recorded by {one['Name']}"
            return
    yield Finding(
        "note",
        "no trail records GetId and GetCredentialsForIdentity",
        "a trail with data events, where somebody has to know who got credentials",
        "They are data events: off by default, and paid by number.",
        (_recording(it, named),),
    )
    yield "off"


def _records(selector: dict[str, Any]) -> bool:
    fields = selector.get("FieldSelectors", [])
    return any(one.get("Field") == "resources.type" and _TYPE in one.get("Equals", []) for one in fields)


def _recording(it: Subject, trails: list[dict[str, Any]]) -> Fix:
    selector = {
        "Name": "Identity pools",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": [_TYPE]},
        ],
    }
    if not trails:
        return fixes.by_hand("Make a trail first (CloudTrail, Trails, Create trail).")
    arn = trails[0]["TrailARN"]
    kept = it.looking.get("cloudtrail", "GetEventSelectors", it.region, TrailName=arn).get("AdvancedEventSelectors")
    management = {"Name": "Management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
    params = {"TrailName": arn, "AdvancedEventSelectors": [*(kept or [management]), selector]}
    return fixes.aws("cloudtrail", "PutEventSelectors", params, it.region)


def from_above(it: Subject) -> Iterator[Finding | str]:
    """Whether a policy of the organisation or of an endpoint was in the way. Only what was refused tells."""
    for sentence in dict.fromkeys(it.looking.refusals):
        for kind in _FROM_ABOVE:
            if kind in sentence:
                yield Finding(
                    "warning",
                    f"AWS said: {sentence}",
                    "a way for these calls",
                    f"A {kind} refuses them, whatever the policies of this account say.",
                    (
                        fixes.by_hand(
                            f"Ask whoever administers the organisation or the network to let it through the {kind}."
                        ),
                    ),
                )
    yield "nothing of the kind was said"
