"""The cast: fictional people who can sign in at every stand-in, with what role mappings and principal tags look at.

A person is a stranger to every provider but the one that is asked: each knows them by a subject of its own, in its own
shape, the same for ever. Nobody here exists, and the domains are reserved for examples (RFC 2606).
"""

import hashlib
from dataclasses import dataclass

from sandbox.core.facts import MAIN_POOL, SAML_ROLE, TOKEN_POOL, pool_role

ACME, BOREAL = "acme", "boreal"  # the two tenants
PASSWORD_PATTERN = "{given}-Pool-{number}!"  # noqa: S105 (shown on the sign-in page)


@dataclass(frozen=True, slots=True)
class SeededGroup:
    """A group of the user pool. The lowest precedence decides the preferred role; a tie leaves it open.

    In each seeded pool that knows groups, a role of that pool is for it.
    """

    name: str
    precedence: int

    @property
    def kind(self) -> str:
        """Whom a role of its is for, as in `pool_role`."""
        return self.name.capitalize()

    @property
    def role(self) -> str:
        """The role that the user pool gives it: of the identity pool that goes by the token."""
        return pool_role(TOKEN_POOL, self.kind)


ADMINS = "admins"  # the group whose role reads the files of every team
GROUPS = {
    group.name: group
    for group in (
        SeededGroup(ADMINS, 1),
        SeededGroup("engineers", 10),
        SeededGroup("finance", 20),
        SeededGroup("auditors", 20),
        SeededGroup("support", 30),
    )
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in at the stand-ins.

    Attributes:
        key: short name in forms and URLs; also the user name in the user pool.
        title: what makes them interesting, in a few words, for the sign-in page.
    """

    key: str
    given_name: str
    family_name: str
    department: str
    tenant: str
    groups: tuple[str, ...]
    title: str
    email_verified: bool = True
    number: int = 1

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def email(self) -> str:
        return f"{self.key}@{self.tenant}.example"

    @property
    def password(self) -> str:
        return PASSWORD_PATTERN.format(given=self.given_name, number=self.number)

    @property
    def initials(self) -> str:
        return self.given_name[0] + self.family_name[0]

    def company_roles(self) -> list[str]:
        """Names of the roles that the company's assertion offers, best precedence first: of the main identity pool."""
        groups = sorted((GROUPS[name] for name in self.groups), key=lambda group: group.precedence)
        return [pool_role(MAIN_POOL, group.kind) for group in groups] or [SAML_ROLE]


PEOPLE = {
    person.key: person
    for person in (
        Person("ana", "Ana", "Lima", "Engineering", ACME, ("engineers",), "Engineer at Acme", number=1),
        Person("bo", "Bo", "Winther", "Finance", ACME, ("finance",), "Accountant at Acme", number=2),
        Person("chidi", "Chidi", "Okeke", "Support", BOREAL, ("support",), "Support agent at Boreal", number=3),
        Person("devi", "Devi", "Rao", "Engineering", BOREAL, ("admins", "engineers"), "In two groups", number=4),
        Person("elif", "Elif", "Demir", "Finance", BOREAL, ("finance", "auditors"), "Two equal groups", number=5),
        Person("finn", "Finn", "Moss", "Contractor", ACME, (), "In no group", email_verified=False, number=6),
        Person("grace", "Grace", "Adeyemi", "Sales", ACME, (), "No rule knows Sales", number=7),
    )
}


def digest(provider: str, person: Person) -> bytes:
    """32 bytes that are the same for ever: what a provider makes its id of the person from."""
    return hashlib.sha256(f"identity-pools-lab:{provider}:{person.key}".encode()).digest()


def digits(provider: str, person: Person, length: int, first: str) -> str:
    """An id of so many digits, of which the first are given."""
    return first + str(int.from_bytes(digest(provider, person), "big"))[: length - len(first)]
