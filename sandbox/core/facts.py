"""The facts of the lab: what a sandbox holds under pinned names, as functions of account, region and address.

Whoever configures a client or writes an exercise names these ids, so they are the same on every machine. Nothing here
imports a library: settings and seed read it at their start. What belongs to one stand-in stands in its file
(sandbox.idp.stand_ins).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

PUBLIC_BUCKET = "identity-pools-lab-public"
PRIVATE_BUCKET = "identity-pools-lab-private"
CATALOGUE_KEY = "product-catalog.pdf"
PRODUCTS_TABLE = "SampleProducts"
NOTES_TABLE = "LabNotes"

MAIN_POOL, RULES_POOL, TOKEN_POOL = "lab", "rules", "token"  # keys of seeded pools
GUEST, AUTHENTICATED, SAML_USERS = "Guest", "Authenticated", "SamlUsers"  # kinds of roles
SAML_PROVIDER_NAME = "LabSaml"
DEVELOPER_PROVIDER_NAME = "login.identitypoolslab"

STAND_INS_PATH = "/idp"
STAND_IN_COOKIES = "standin_"  # what the names of the stand-ins' cookies begin with

USER_POOL_NAME = "LabPool01"
USER_POOL_DOMAIN_PREFIX = "identity-pools-lab"


def team_key(team: str) -> str:
    """The object in the private bucket that only a team's role reads."""
    return f"teams/{team}/roadmap.txt"


TEAM_OBJECT_KEY = team_key("engineers")


@dataclass(frozen=True, slots=True)
class Lab:
    """One account of a sandbox and where it is found.

    Attributes:
        region: such as `us-east-1`.
        account: 12 digits.
        public_url: the origin of the sandbox, as browsers and tokens know it.
        app_url: the origin of the web application.
        home: the account whose administrator the sandbox was started with. What it has under pinned names and at pinned
            addresses, every other account has under names of its own, which hold its number and no address.
    """

    region: str
    account: str
    public_url: str
    app_url: str
    home: str

    @property
    def is_home(self) -> bool:
        return self.account == self.home

    @property
    def stand_ins_path(self) -> str:
        """The path below which the account's stand-ins are found, without a slash at its end."""
        return STAND_INS_PATH if self.is_home else f"{STAND_INS_PATH}/{self.account}"

    @property
    def stand_ins_url(self) -> str:
        """The address of the same."""
        return f"{self.public_url}{self.stand_ins_path}"

    def own_host(self, name: str) -> str:
        """A host that only this account has, for what has no real one: in a domain that nobody can have (RFC 6761,
        section 6.2)."""
        return f"{name}.{self.account}.identity-pools-lab.test"


def role_arn(account: str, name: str) -> str:
    """The ARN of a role without a path, as all seeded ones are."""
    return f"arn:aws:iam::{account}:role/{name}"


def pool_role(key: str, kind: str) -> str:
    """The name of a seeded pool's own role: `LabGuest` of the main pool, `LabNoClassicGuest` of `no-classic`.

    Args:
        key: of the seeded pool.
        kind: `Guest`, `Authenticated`, or whom it is for, such as `Engineers`.
    """
    own = "" if key == MAIN_POOL else "".join(map(str.capitalize, key.split("-")))
    return f"Lab{own}{kind}"


GUEST_ROLE, AUTHENTICATED_ROLE = pool_role(MAIN_POOL, GUEST), pool_role(MAIN_POOL, AUTHENTICATED)
SAML_ROLE = pool_role(MAIN_POOL, SAML_USERS)  # of people whose assertion names no group's role


def saml_provider_arn(account: str) -> str:
    """The SAML provider that IAM knows the stand-in by."""
    return f"arn:aws:iam::{account}:saml-provider/{SAML_PROVIDER_NAME}"


def user_pool_id(region: str) -> str:
    """`REGION_LabPool01`: the pool that the managed login stands in for."""
    return f"{region}_{USER_POOL_NAME}"


@dataclass(frozen=True, slots=True)
class SeededUserPool:
    """Id and domain prefix of the user pool that an account has from the start."""

    pool_id: str
    domain: str


def seeded_user_pool(lab: Lab) -> SeededUserPool:
    """Where an account's seeded user pool is found: the home account's has the pinned names."""
    if lab.is_home:
        return SeededUserPool(user_pool_id(lab.region), USER_POOL_DOMAIN_PREFIX)
    return SeededUserPool(f"{lab.region}_Lab{lab.account}", f"{USER_POOL_DOMAIN_PREFIX}-{lab.account}")


_USER_POOL = re.compile(rf"([a-z0-9-]+)_(?:{USER_POOL_NAME}|Lab([0-9]{{12}}))")


def user_pool_reserved_for(pool_id: str, home: str) -> str | None:
    """The only account that may have a user pool of this id, seeded yet or not, when it is one of the seeded ones'."""
    found = _USER_POOL.fullmatch(pool_id)
    return None if found is None else found[2] or home


_DOMAIN = re.compile(rf"{USER_POOL_DOMAIN_PREFIX}(?:-([0-9]{{12}}))?")


def domain_reserved_for(prefix: str, home: str) -> str | None:
    """The only account that may have this domain prefix, seeded yet or not, when it is one of the seeded pools'."""
    found = _DOMAIN.fullmatch(prefix)
    return None if found is None else found[1] or home


def endpoint_map(lab: Lab, places: Mapping[str, str]) -> dict[str, str]:
    """Real URL prefix -> local prefix, both ending in a slash, so that no prefix swallows a longer name.

    Every path of a real host has the same path below its place, which mostly has the host's name;
    `https://accounts.google.com/o/oauth2/v2/auth` becomes
    `http://127.0.0.1:4566/idp/accounts.google.com/o/oauth2/v2/auth`.

    Args:
        places: real host -> the place below the account's path where it is played.
    """
    return {f"https://{host}/": f"{lab.stand_ins_url}/{place}/" for host, place in places.items()}


@dataclass(frozen=True, slots=True)
class SeededPool:
    """One identity pool that every account has from the start, each showing something else.

    Attributes:
        number: makes its id.
        key: how the application's addresses and rows name it.
        name: as in CreateIdentityPool.
        label, description: what the application calls it when people choose one.
        settings: members of CreateIdentityPool.
        mapping: how it chooses roles for signed-in people: by `Rules`, by what the `Token` says, or always the same.
    """

    number: int
    key: str
    name: str
    label: str
    description: str
    settings: dict[str, Any]
    mapping: Literal["", "Rules", "Token"] = ""

    def pool_id(self, region: str, account: str, home: str) -> str:
        """Its id in an account; `home` as in `identity_pool_id`."""
        return identity_pool_id(region, account, home, self.number)

    def role_arn(self, account: str, kind: str) -> str:
        """The ARN of one of its own roles; `kind` as in `pool_role`."""
        return role_arn(account, pool_role(self.key, kind))


_OPEN = {"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": True}

IDENTITY_POOLS = (
    SeededPool(
        1,
        MAIN_POOL,
        "IdentityPoolsLab",
        "Everything on",
        "Guest access and the basic (classic) flow are both allowed.",
        _OPEN,
    ),
    SeededPool(
        2,
        "no-guests",
        "IdentityPoolsLabNoGuests",
        "Guest access off",
        "Only people who signed in at a provider get an identity.",
        {**_OPEN, "AllowUnauthenticatedIdentities": False},
    ),
    SeededPool(
        3,
        "no-classic",
        "IdentityPoolsLabClassicOff",
        "Basic (classic) flow off",
        "Guests are welcome, but only through the enhanced flow.",
        {**_OPEN, "AllowClassicFlow": False},
    ),
    SeededPool(
        4,
        RULES_POOL,
        "IdentityPoolsLabRoleByRule",
        "Role by rule",
        "For people of the OIDC provider, the SAML provider and the user pool: their department chooses the role.",
        _OPEN,
        mapping="Rules",
    ),
    SeededPool(
        5,
        TOKEN_POOL,
        "IdentityPoolsLabRoleByToken",
        "Role by token",
        "For people of the user pool: their groups choose the role. Nothing changes for others.",
        _OPEN,
        mapping="Token",
    ),
)

# The ids of seeded pools are a family of their own, so that none can be made that belongs to another account.
_FAMILY = "5a4db000"
_SEEDED = re.compile(rf"[^:]+:{_FAMILY}-([0-9]{{4}})-c000-8000-([0-9]{{12}})")
_HOME = "0000"


def identity_pool_id(region: str, account: str, home: str, number: int) -> str:
    """The id of a seeded pool: of the home account `...-000000000001`, of another the account's digits at its end.

    Args:
        home: the account whose administrator the sandbox was started with.
    """
    if account == home:
        return f"{region}:{_FAMILY}-{_HOME}-c000-8000-{number:012d}"
    return f"{region}:{_FAMILY}-{number:04d}-c000-8000-{account}"


def reserved_for(pool_id: str, home: str) -> str | None:
    """The only account that may have this id, seeded yet or not, when it is one of the family."""
    found = _SEEDED.fullmatch(pool_id)
    if found is None:
        return None
    number, account = found.groups()
    return home if number == _HOME else account
