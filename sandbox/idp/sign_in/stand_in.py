"""What all stand-ins have in common: the facts by which others know them. Light to import, as each stand-in's file is.

Seed, settings and the sandbox's own services ask the class; only the WSGI application makes instances of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sandbox.core.facts import Lab
from sandbox.idp.sign_in.context import IdpContext
from sandbox.idp.sign_in.logins import Login, LoginRequest
from sandbox.idp.sign_in.mistakes import Misbehaviour
from sandbox.idp.sign_in.people import Person

if TYPE_CHECKING:
    from flask import Response

    from sandbox.idp.storage.keys import SigningKeys

# Called with the account's stand-in and with what the variables of the path say.
View = Callable[..., "Response"]


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """One application at one provider.

    Attributes:
        redirect_uris: compared character by character (RFC 9700, section 2.1).
        logout_uris: where the managed login may go after a sign-out.
        secret: empty for Apple, whose clients prove themselves with a signed JWT.
    """

    client_id: str
    secret: str
    redirect_uris: tuple[str, ...]
    logout_uris: tuple[str, ...] = ()
    name: str = "Identity Pools Lab"


@dataclass(frozen=True, slots=True)
class Route:
    """One path of a stand-in, below that of the account, and the method of its class that answers there."""

    path: str
    view: View
    methods: tuple[str, ...] = ("GET",)


class StandIn:
    """One stand-in.

    A client's id and secret are the same on every machine, since the configuration of clients and identity pools names
    them, and guard nothing: they open a stand-in that hands tokens of fictional people to whoever asks.

    Attributes:
        slug: its short name in addresses, rows and the switches.
        order: its place wherever stand-ins are listed.
        title: the provider it stands in for.
        real_name: what its pages say that it is not; the title, unless that is only a kind of provider.
        colour: that people know the provider by, as #rrggbb.
        monogram: what stands where the provider has its logo; the first letter of the title, where it has none.
        layout: of its pages: a `card` in the middle, or a `band` in its colour across them.
        artifact_name: what the application gets in the end, such as `ID token`.
        signs: what is edited on its page: `claims` or `attributes`, or `profile` where nothing is signed.
        misbehaviours: what it can do wrong on purpose.
        has_keys: whether it signs with keys of its own.
        client_id, client_secret: the application, as the provider's console would have registered it for the home
            account.
        account_client_id: the same id of every other account, with its number for `{account}`.
        backend: name of the application's sign-in backend, which is part of its redirect URI.
        client_settings: the application's names for client id and secret.
        role_mappings: types of role mapping by which seeded pools choose roles for its people.
        department_claim: the claim that rules look at.
        names_roles: whether its artifact names roles itself, those of the main pool. The other pools have rules for it.
    """

    slug: ClassVar[str]
    order: ClassVar[int]
    title: ClassVar[str]
    real_name: ClassVar[str] = ""
    colour: ClassVar[str] = "#44546a"
    monogram: ClassVar[str] = ""
    layout: ClassVar[Literal["card", "band"]] = "card"
    artifact_name: ClassVar[str]
    signs: ClassVar[str]
    misbehaviours: ClassVar[tuple[Misbehaviour, ...]]
    has_keys: ClassVar[bool] = True
    client_id: ClassVar[str] = ""
    client_secret: ClassVar[str] = ""
    account_client_id: ClassVar[str] = ""
    backend: ClassVar[str] = ""
    client_settings: ClassVar[tuple[str, ...]] = ()
    role_mappings: ClassVar[tuple[str, ...]] = ()
    department_claim: ClassVar[str] = ""
    names_roles: ClassVar[bool] = False

    keys: SigningKeys  # where it has any

    def __init__(self, context: IdpContext) -> None:
        self.context = context
        self.records = context.records

    # --- What others know it by ---

    @classmethod
    def hosts(cls, lab: Lab) -> tuple[str, ...]:
        """The provider's real hosts, each with as much of the path as is its own. None where it has only local ones."""
        return ()

    @classmethod
    def places(cls, lab: Lab) -> dict[str, str]:
        """Each of the hosts -> where below the account's path it is played: mostly under its own name."""
        return {host: host for host in cls.hosts(lab)}

    @classmethod
    def local_addresses(cls, lab: Lab) -> dict[str, str]:
        """What the page of the stand-ins calls it -> an address that is local to begin with."""
        return {}

    @classmethod
    def logins_key(cls, lab: Lab) -> str:
        """The provider's name in a Logins map."""
        raise NotImplementedError

    @classmethod
    def client(cls, lab: Lab) -> RegisteredClient:
        """The application, as it is registered here for the account."""
        client_id, secret = cls.client_id, cls.client_secret
        if not lab.is_home:
            client_id = cls.account_client_id.format(account=lab.account)
            secret = f"{secret}-{lab.account}" if secret else ""
        completed = f"{lab.app_url}/sign-in/complete/{cls.backend}/"
        return RegisteredClient(client_id, secret, (completed,), (f"{lab.app_url}/",))

    @classmethod
    def application_settings(cls, lab: Lab) -> dict[str, str]:
        """What the application has to be told to use this stand-in, by the names of its settings."""
        client = cls.client(lab)
        return dict(zip(cls.client_settings, (client.client_id, client.secret), strict=True))

    @classmethod
    def identity_pool_members(cls, lab: Lab) -> dict[str, Any]:
        """The members of CreateIdentityPool by which a pool trusts it. By default those of a public provider."""
        return {"SupportedLoginProviders": {cls.logins_key(lab): cls.client(lab).client_id}}

    @classmethod
    def oidc_provider(cls, lab: Lab) -> dict[str, Any] | None:
        """Members of CreateOpenIDConnectProvider, for one that IAM has to know."""
        return None

    @classmethod
    def role_mapping_key(cls, lab: Lab) -> str:
        """Its name in a pool's RoleMappings."""
        return cls.logins_key(lab)

    @classmethod
    def amr(cls, lab: Lab) -> str:
        """What `amr` says of its people in trust policies; `*` stands for what differs from start to start."""
        return cls.logins_key(lab)

    @staticmethod
    def subject(person: Person) -> str:
        """What the provider knows a person by: the same for ever, in the shape that the real one uses."""
        raise NotImplementedError

    @staticmethod
    def new_key_id() -> str:
        """A key id in the shape that the real issuer uses."""
        return secrets.token_hex(20)

    # --- What it serves ---

    @classmethod
    def routes(cls) -> Iterator[Route]:
        """What it serves, the same for every account."""
        raise NotImplementedError

    def login(self, wanted: LoginRequest) -> Login:
        """What a sign-in leads to, made and recorded like any other, without the page.

        Raises:
            LoginRefused
        """
        raise NotImplementedError
