"""Attributes for access control: claims of a login become principal tags."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.aws.cognito_identity.logins.verified import VerifiedLogin
from sandbox.aws.cognito_identity.records.pools import Pool
from sandbox.core.decisions import Decisions

_DOC = "https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html"


def tags_of(pool: Pool, logins: Sequence[VerifiedLogin], decisions: Decisions) -> dict[str, str]:
    """The principal tags that the pool's maps make of the logins. A claim that is missing gives no tag."""
    tags: dict[str, str] = {}
    for login in logins:
        tag_map = pool.tag_maps.get(login.tag_provider)
        if tag_map is None:
            continue
        if tag_map.use_defaults:
            tags |= login.default_tags
        else:
            tags |= _mapped(tag_map.tags, login.claims)
    if tags:
        decisions.info("token.tags", "principal tags", ", ".join(f"{key}={value}" for key, value in tags.items()), _DOC)
    return tags


def _mapped(tag_map: Mapping[str, str], claims: Mapping[str, Any]) -> dict[str, str]:
    values = ((tag, claim_text(claims.get(claim))) for tag, claim in tag_map.items())
    return {tag: value for tag, value in values if value}


def claim_text(value: Any) -> str:
    """A claim as the one string that a tag takes; an object has none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(claim_text(entry) for entry in value)
    return "" if value is None or isinstance(value, dict) else str(value)
