"""What one sandbox is told at its start: by the management command from Django's settings, by a test by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.core.facts import Lab
from sandbox.core.http import is_loopback


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Where the sandbox listens, who administers it, where it keeps its state.

    Attributes:
        data_file: the SQLite file of the sandbox's own; made with mode 0600.
        host, port: where it listens. Port 0 takes a free one.
        public_url: the origin under which browsers and tokens know it, such as `http://127.0.0.1:4566`.
        region: where its samples are, and unsigned calls that name no other, as in `us-east-1`. Accounts have every
            region of its partition.
        account_id: 12 digits; the account of the administrator `access_key_id`. An access key ID that is itself
            12 digits is the administrator of that account; with which secret, sandbox.core.accounts says.
        open_accounts: whether accounts that nobody made take the home administrator's secret.
        oidc_leeway: seconds after its expiry in which an ID token of a generic OpenID Connect provider is still taken
            (RFC 7523 allows for skew; the Developer Guide, "Set up an OIDC provider", speaks of five minutes).
        services: what is authorised here and then passed on to moto.
        endpoints: the beginning of a provider's URL -> the local URL that stands in for it, such as
            `https://accounts.google.com` -> `http://127.0.0.1:4566/idp/google`. The longest beginning wins.
        app_url: the origin of the web application, for the redirect URIs that the stand-ins accept.
        more_hosts: other host names by which clients know it than that of `public_url`.
        unlisted_apps: applications whose calls the lists of accounts' calls leave out, by the ID that their SDK names:
            that of the web application, which records its calls itself.
        trusted_origins: of web pages, such as `https://tools.example.com`, that may send what an administrator signed,
            besides those of loopback and of the two addresses above.
    """

    data_file: Path
    host: str = "127.0.0.1"
    port: int = 4566
    public_url: str = "http://127.0.0.1:4566"
    region: str = "us-east-1"
    account_id: str = "000000000000"
    access_key_id: str = "test"
    secret_access_key: str = "test"  # noqa: S105 (the convention of local AWS endpoints, no secret)
    oidc_leeway: int = 300
    services: tuple[str, ...] = ("s3", "dynamodb", "ssm")
    app_url: str = "http://127.0.0.1:8000"
    open_accounts: bool = True
    seed: bool = True
    more_hosts: tuple[str, ...] = ()
    unlisted_apps: tuple[str, ...] = ()
    trusted_origins: tuple[str, ...] = ()
    endpoints: Mapping[str, str] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = field(default=("127.0.0.1", "localhost", "[::1]"))

    def lab(self, account: str = "") -> Lab:
        """Where an account's things are found; by default the home account's."""
        return Lab(self.region, account or self.account_id, self.public_url, self.app_url, self.account_id)

    @property
    def accounts_are_open(self) -> bool:
        """Whether any twelve digits are an account: never where other machines reach the sandbox."""
        return self.open_accounts and is_loopback(self.host) and is_loopback(urlsplit(self.public_url).hostname)
