"""Identity pools as the exchange sees them: looked up by id, kept in memory as long as they do not change."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sandbox.aws.cognito_identity.records.refusals import invalid_parameter, pool_not_found
from sandbox.core.errors import AwsError
from sandbox.core.facts import reserved_for
from sandbox.core.instance import Instance
from sandbox.core.regions import region_of_id

PINNED_ID_TAG = "sandbox:custom-id"
_CACHED = 5000
# What goes with a pool.
_TABLES = ("identity_login", "identity", "principal_tag_map", "spent_assertion", "imported_pool", "identity_pool")


@dataclass(frozen=True, slots=True)
class TagMap:
    """What SetPrincipalTagAttributeMap says of one provider: tag key -> claim, or AWS's two default tags."""

    use_defaults: bool
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pool:
    """An identity pool.

    Attributes:
        region: the one with which its id begins; the sandbox's own where it begins with none, as a pinned one may.
        definition: the members of CreateIdentityPool that were given, as given; neither id nor tags.
        roles: `authenticated` and `unauthenticated` -> role ARN.
        clients: user-pool provider name -> client id -> whether ServerSideTokenCheck is on.
        tag_maps: by IdentityProviderName.
    """

    pool_id: str
    account: str
    region: str
    definition: Mapping[str, Any]
    roles: Mapping[str, str]
    role_mappings: Mapping[str, Any]
    tags: Mapping[str, str]
    tag_maps: Mapping[str, TagMap]
    clients: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:cognito-identity:{self.region}:{self.account}:identitypool/{self.pool_id}"

    @property
    def allows_guests(self) -> bool:
        return bool(self.definition.get("AllowUnauthenticatedIdentities"))

    @property
    def allows_basic_flow(self) -> bool:
        """Unset permits it; only an explicit false does not (aws-cli#7652)."""
        return self.definition.get("AllowClassicFlow") is not False

    @property
    def developer_provider(self) -> str:
        return str(self.definition.get("DeveloperProviderName", ""))

    @property
    def login_providers(self) -> Mapping[str, str]:
        """Public provider's host -> the application's id there."""
        return self.definition.get("SupportedLoginProviders") or {}

    @property
    def oidc_provider_arns(self) -> list[str]:
        return self.definition.get("OpenIdConnectProviderARNs") or []

    @property
    def saml_provider_arns(self) -> list[str]:
        return self.definition.get("SamlProviderARNs") or []

    @property
    def has_providers(self) -> bool:
        """Whether anybody but guests can get in."""
        return bool(
            self.clients
            or self.login_providers
            or self.oidc_provider_arns
            or self.saml_provider_arns
            or self.developer_provider
        )

    def described(self) -> dict[str, Any]:
        """The pool as CreateIdentityPool, UpdateIdentityPool and DescribeIdentityPool answer it."""
        answer = {"IdentityPoolId": self.pool_id, **self.definition}
        if self.tags:
            answer["IdentityPoolTags"] = dict(self.tags)
        return answer


class Pools:
    """The pools of all accounts and regions; ids are unique across them, as on AWS."""

    def __init__(self, instance: Instance) -> None:
        self._store = instance.store
        self._connection = instance.store.connection
        self._region, self._home = instance.config.region, instance.config.account_id
        self._cache: dict[str, Pool] = {}

    def find(self, pool_id: str) -> Pool:
        """The pool, in whichever account.

        Raises:
            AwsError: ResourceNotFoundException.
        """
        pool = self._cache.get(pool_id)
        if pool is None:
            row = self._connection.execute("SELECT * FROM identity_pool WHERE pool_id = ?", (pool_id,)).fetchone()
            if row is None:
                raise pool_not_found(pool_id)
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            pool = self._cache[pool_id] = self._read(row)
        return pool

    def find_in(self, account: str, region: str, pool_id: str) -> Pool:
        """The pool of this account and region; one of another does not exist there.

        Raises:
            AwsError: ResourceNotFoundException.
        """
        pool = self.find(pool_id)
        if (pool.account, pool.region) != (account, region):
            raise pool_not_found(pool_id)
        return pool

    def create(self, account: str, region: str, definition: Mapping[str, Any], tags: Mapping[str, str]) -> Pool:
        """A new pool. The tag `sandbox:custom-id` pins its id, for clients whose configuration is static.

        An id stays with the account that had it first, also when the pool is deleted: clients that know it from there
        must not meet somebody else's pool. Ids of seeded pools stay with theirs even before that has them.

        Raises:
            AwsError: ResourceConflictException when the pinned id is taken; InvalidParameterException when it is one of
                another region.
        """
        pool_id = tags.get(PINNED_ID_TAG) or f"{region}:{uuid.uuid4()}"
        if self._region_of(pool_id) != region:
            raise invalid_parameter(f"'{pool_id}' cannot be the id of an identity pool in {region}.")
        taken = (
            reserved_for(pool_id, self._home) not in (None, account)
            or self._connection.execute(
                "SELECT 1 FROM identity_pool WHERE pool_id = ? "
                "UNION ALL SELECT 1 FROM identity_pool_owner WHERE pool_id = ? AND account != ?",
                (pool_id, pool_id, account),
            ).fetchone()
        )
        if taken:
            raise AwsError("ResourceConflictException", f"IdentityPool '{pool_id}' already exists.")
        with self._store.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO identity_pool_owner VALUES (?, ?)", (pool_id, account))
            connection.execute(
                "INSERT INTO identity_pool (pool_id, account, definition, tags) VALUES (?, ?, ?, ?)",
                (pool_id, account, json.dumps(definition), json.dumps(tags)),
            )
        return self.find(pool_id)

    def update(self, pool_id: str, definition: Mapping[str, Any], tags: Mapping[str, str]) -> Pool:
        self._connection.execute(
            "UPDATE identity_pool SET definition = ?, tags = ? WHERE pool_id = ?",
            (json.dumps(definition), json.dumps(tags), pool_id),
        )
        return self._changed(pool_id)

    def set_roles(self, pool_id: str, roles: Mapping[str, str], role_mappings: Mapping[str, Any]) -> None:
        self._connection.execute(
            "UPDATE identity_pool SET roles = ?, role_mappings = ? WHERE pool_id = ?",
            (json.dumps(roles), json.dumps(role_mappings), pool_id),
        )
        self._changed(pool_id)

    def set_tags(self, pool_id: str, tags: Mapping[str, str]) -> None:
        self._connection.execute("UPDATE identity_pool SET tags = ? WHERE pool_id = ?", (json.dumps(tags), pool_id))
        self._changed(pool_id)

    def set_tag_map(self, pool: Pool, provider: str, tag_map: TagMap) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO principal_tag_map (pool_id, provider, account, use_defaults, tags)"
            " VALUES (?, ?, ?, ?, ?)",
            (pool.pool_id, provider, pool.account, tag_map.use_defaults, json.dumps(dict(tag_map.tags))),
        )
        self._changed(pool.pool_id)

    def delete(self, pool_id: str) -> None:
        """Remove the pool and everything in it."""
        with self._store.transaction() as connection:
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table} WHERE pool_id = ?", (pool_id,))  # noqa: S608 (our own names)
        self._cache.pop(pool_id, None)

    def page(self, account: str, region: str, limit: int, after: int) -> list[tuple[int, Pool]]:
        """At most `limit` pools of an account in a region with a sequence number above `after`, in the order of
        creation."""
        rows = self._connection.execute(
            "SELECT sequence, pool_id FROM identity_pool WHERE account = ? AND sequence > ? ORDER BY sequence",
            (account, after),
        )
        mine = (row for row in rows if self._region_of(row["pool_id"]) == region)
        return [(row["sequence"], self.find(row["pool_id"])) for row in islice(mine, limit)]

    def seeded_regions(self, account: str) -> set[str]:
        """The regions in which an account has pools that it was seeded with."""
        rows = self._connection.execute("SELECT pool_id FROM identity_pool WHERE account = ?", (account,))
        ids = (row["pool_id"] for row in rows)
        return {region_of_id(pool_id) for pool_id in ids if reserved_for(pool_id, self._home) == account}

    def forget(self) -> None:
        """Rows were removed behind this cache's back."""
        self._cache.clear()

    def _region_of(self, pool_id: str) -> str:
        return region_of_id(pool_id) or self._region

    def _changed(self, pool_id: str) -> Pool:
        self._cache.pop(pool_id, None)
        return self.find(pool_id)

    def _read(self, row: Any) -> Pool:
        definition = json.loads(row["definition"])
        clients: dict[str, dict[str, bool]] = {}
        for entry in definition.get("CognitoIdentityProviders") or []:
            name, client = entry.get("ProviderName"), entry.get("ClientId")
            if name and client:
                clients.setdefault(name, {})[client] = bool(entry.get("ServerSideTokenCheck"))
        maps = self._connection.execute("SELECT * FROM principal_tag_map WHERE pool_id = ?", (row["pool_id"],))
        return Pool(
            pool_id=row["pool_id"],
            account=row["account"],
            region=self._region_of(row["pool_id"]),
            definition=definition,
            roles=json.loads(row["roles"]),
            role_mappings=json.loads(row["role_mappings"]),
            tags=json.loads(row["tags"]),
            tag_maps={
                entry["provider"]: TagMap(bool(entry["use_defaults"]), json.loads(entry["tags"])) for entry in maps
            },
            clients=clients,
        )
