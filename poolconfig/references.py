"""IDs in a document that are new where it is made again: each becomes a reference, wherever it stands by itself."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from poolconfig.document import Document

_ARN_GOES_ON = r"(?![\w+=,.@/-])"
_ID_GOES_ON = r"(?![0-9A-Za-z])"
_BEGINS = r"(?<![0-9A-Za-z])"
_NO_LETTER = re.compile(r"[^0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class DocumentNames:
    """What the things of a document are called where it is written.

    Attributes:
        user_pools, clients: ID -> name, of those that can be made.
        oidc, saml, roles, policies: ARN -> name.
    """

    user_pools: Mapping[str, str]
    clients: Mapping[str, str]
    oidc: Mapping[str, str]
    saml: Mapping[str, str]
    roles: Mapping[str, str]
    policies: Mapping[str, str]


def names_of(document: Document) -> DocumentNames:
    """A name of letters and digits for each thing, none twice."""
    taken: set[str] = set()

    def name(kind: str, text: str) -> str:
        first = found = kind + _NO_LETTER.sub("", text)[:100]
        number = 2
        while found in taken:
            found, number = f"{first}x{number}", number + 1
        taken.add(found)
        return found

    known = [pool for pool in document["userPools"] if pool["Settings"]]
    clients = [client for pool in known for client in pool["Clients"]]
    own = [policy for policy in document["policies"] if not _is_of_aws(policy["Arn"])]
    return DocumentNames(
        user_pools={pool["Id"]: name("UserPool", pool["Settings"]["PoolName"]) for pool in known},
        clients={one["ClientId"]: name("Client", str(one["Settings"].get("ClientName", ""))) for one in clients},
        oidc={one["Arn"]: name("OpenIdConnect", one["Url"]) for one in document["openIdConnectProviders"]},
        saml={one["Arn"]: name("Saml", one["Name"]) for one in document["samlProviders"]},
        roles={one["Arn"]: name("Role", one["RoleName"]) for one in document["iamRoles"]},
        policies={one["Arn"]: name("Policy", one["PolicyName"]) for one in own},
    )


def own_policies(document: Document) -> Iterator[dict[str, Any]]:
    """The account's own managed policies. Those of AWS are there already."""
    yield from (policy for policy in document["policies"] if not _is_of_aws(policy["Arn"]))


class References:
    """Texts with IDs in them, written with references.

    Args:
        of: ID or ARN -> the reference as the language spells it.
        literal: what the language wants in place of everything else.
    """

    def __init__(self, of: Mapping[str, str], literal: Callable[[str], str]) -> None:
        self._of, self._literal = of, literal
        ordered = sorted(of, key=len, reverse=True)
        either = "|".join(re.escape(old) + (_ARN_GOES_ON if old.startswith("arn:") else _ID_GOES_ON) for old in ordered)
        self._pattern = re.compile(f"{_BEGINS}(?:{either})")

    def has_any(self, text: str) -> bool:
        return self._pattern.search(text) is not None

    def written(self, text: str) -> str:
        """The text in the language, references where IDs were."""
        parts, end = [], 0
        for found in self._pattern.finditer(text):
            parts += [self._literal(text[end : found.start()]), self._of[found[0]]]
            end = found.end()
        return "".join((*parts, self._literal(text[end:])))


def _is_of_aws(arn: str) -> bool:
    return ":aws:policy/" in arn
