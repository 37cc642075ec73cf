"""What is missing or does not fit in the settings, each with an id and a hint; every `manage.py` command runs them."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.exceptions import ProfileNotFound
from botocore.loaders import Loader
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from web import proxies
from web.fake_values import FAKE

# https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetId.html (IdentityPoolId, AccountId)
POOL_ID = re.compile(r"(?P<region>[a-z]{2}(-[a-z]+)+-\d):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ACCOUNT_ID = re.compile(r"\d{12}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
ROLE_ARN = re.compile(r"arn:aws(-[a-z]+)*:iam::(?P<account>\d{12}):role/[\w+=,.@/-]+")
AWS_NAMES = (
    "AWS_REGION",
    "AWS_PROFILE",
    "AWS_ACCOUNT_ID",
    "COGNITO_IDENTITY_POOL_ID",
    "AUTHENTICATED_ROLE_ARN",
    "UNAUTHENTICATED_ROLE_ARN",
    "SAMPLE_BUCKET",
    "SAMPLE_TABLE",
)
ROLE_NAMES = ("AUTHENTICATED_ROLE_ARN", "UNAUTHENTICATED_ROLE_ARN")
REACHED_BY_LOOPBACK = ("127.0.0.1", "localhost", "0.0.0.0")  # noqa: S104 - what it says, and no more
KNOWN_SECRETS = ("test", "...")  # the default, and what the README writes where one belongs
LEAST_SECRET_KEY = 50  # as Django's own security.W009; the vault's key is derived from it

AppConfigs = Sequence[AppConfig] | None


@register("lab")
def check_pool(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """lab.E001, E002, W003: in aws mode there is an identity pool, its id is one, and the samples are where it is."""
    if settings.APP_MODE != "aws":
        return []
    pool_id = settings.COGNITO_IDENTITY_POOL_ID
    if not pool_id:
        hint = "Set it (docs/aws-setup.md says how to make a pool), or take APP_MODE out to run in the sandbox."
        return [Error("APP_MODE is aws, and COGNITO_IDENTITY_POOL_ID is not set.", hint=hint, id="lab.E001")]
    found = POOL_ID.fullmatch(pool_id)
    if not found:
        hint = "It looks like us-east-1: and a UUID. A user pool's id, with an underscore, is something else."
        return [
            Error(
                f"COGNITO_IDENTITY_POOL_ID is {pool_id!r}, which is not an identity pool ID.", hint=hint, id="lab.E002"
            )
        ]
    if found["region"] != settings.AWS_REGION and REGION.fullmatch(settings.AWS_REGION):
        problem = f"The identity pool is in {found['region']}, and AWS_REGION is {settings.AWS_REGION}."
        hint = f"Set AWS_REGION={found['region']}. If the sample bucket and tables are elsewhere, silence lab.W003."
        return [Warning(problem, hint=hint, id="lab.W003")]
    return []


@register("lab")
def check_aws_names(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """lab.E004-E006, W007: account id, role ARNs and region are well formed and belong together."""
    found: list[CheckMessage] = []
    if not _is_region(settings.AWS_REGION):
        hint = "It looks like us-east-1 or eu-central-1."
        found.append(Error(f"AWS_REGION is {settings.AWS_REGION!r}, which is not a Region.", hint=hint, id="lab.E006"))
    for name in ("AWS_ACCOUNT_ID", "SANDBOX_ACCOUNT_ID"):
        if (value := getattr(settings, name)) and not ACCOUNT_ID.fullmatch(value):
            hint = "It has 12 digits, without hyphens."
            found.append(Error(f"{name} is {value!r}, which is not an account ID.", hint=hint, id="lab.E004"))
    for name in ROLE_NAMES:
        found += _role_problems(name, getattr(settings, name))
    return found


def _is_region(name: str) -> bool:
    """AWS may have regions that the installed SDK has not heard of; the sandbox has none of them."""
    if settings.APP_MODE == "aws":
        return REGION.fullmatch(name) is not None
    return any(name in partition["regions"] for partition in Loader().load_data("partitions")["partitions"])


def _role_problems(name: str, value: str) -> Iterable[CheckMessage]:
    if not value or FAKE.search(value):
        return  # check_fake_values speaks of it
    arn = ROLE_ARN.fullmatch(value)
    if not arn:
        hint = "It looks like arn:aws:iam::<account>:role/<name>; the IAM console shows it on the role's page."
        yield Error(f"{name} is {value!r}, which is not the ARN of a role.", hint=hint, id="lab.E005")
        return
    known = settings.AWS_ACCOUNT_ID
    if settings.APP_MODE == "aws" and ACCOUNT_ID.fullmatch(known) and arn["account"] != known:
        problem = f"{name} belongs to account {arn['account']}, and AWS_ACCOUNT_ID is {known}."
        hint = "Is one of the two of another environment? If a role of another account is meant, silence lab.W007."
        yield Warning(problem, hint=hint, id="lab.W007")


@register("lab")
def check_fake_values(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """lab.E008, W019: no setting still has the value that an example put there. A secret's value is not shown."""
    hint = "It comes from an example. Put the real value in, or take the line out."
    found: list[CheckMessage] = [
        Error(f"{name} is {getattr(settings, name)!r}.", hint=hint, id="lab.E008")
        for name in AWS_NAMES
        if FAKE.search(getattr(settings, name))
    ]
    if settings.APP_MODE == "aws" and FAKE.search(settings.AWS_ACCESS_KEY_ID):
        problem = f"AWS_ACCESS_KEY_ID is {settings.AWS_ACCESS_KEY_ID!r}: AWS will refuse what this server signs."
        found.append(Warning(problem, hint=f"{hint} Guests need no credentials of the server.", id="lab.W019"))
    if FAKE.search(settings.SECRET_KEY):
        found.append(Error("SECRET_KEY is the value of an example.", hint=hint, id="lab.E008"))
    return found


@register("lab")
def check_endpoints(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """lab.E009 and E010: no endpoint override contradicts the mode, wherever the SDK would find it."""
    found: list[CheckMessage] = []
    for name, value in settings.AWS_ENDPOINT_OVERRIDES.items():
        if settings.APP_MODE == "sandbox" and not _is_the_sandbox(value):
            hint = f"Take {name} out, or set APP_MODE=aws. In sandbox mode nothing leaves for another endpoint."
            found.append(Error(f"APP_MODE is sandbox, and {name} is {value!r}.", hint=hint, id="lab.E009"))
        if settings.APP_MODE == "aws" and (_is_loopback(value) or _is_the_sandbox(value)):
            hint = f"Take {name} out, or take APP_MODE out to run in the sandbox."
            found.append(Error(f"APP_MODE is aws, and {name} is {value!r}.", hint=hint, id="lab.E010"))
    if settings.APP_MODE == "aws":
        found += _shared_config_problems()
    return found


def _shared_config_problems() -> Iterable[CheckMessage]:
    """The SDK also follows `endpoint_url` of the profile in ~/.aws/config, plain or in a services section."""
    session = botocore.session.Session(profile=settings.AWS_PROFILE or None)
    try:
        profile = session.get_scoped_config()
        services = session.full_config.get("services", {}).get(profile.get("services", ""), {})
    except ProfileNotFound:
        hint = "Look into ~/.aws/config and ~/.aws/credentials, or take AWS_PROFILE out."
        yield Error(f"AWS_PROFILE is {settings.AWS_PROFILE!r}, and there is no such profile.", hint=hint, id="lab.E011")
        return
    places = {"endpoint_url": profile.get("endpoint_url", "")} | {
        f"{service}.endpoint_url": values.get("endpoint_url", "")
        for service, values in services.items()
        if isinstance(values, dict)
    }
    for place, value in places.items():
        if value and (_is_loopback(value) or _is_the_sandbox(value)):
            hint = "Take that line out of ~/.aws/config, or choose another AWS_PROFILE."
            yield Error(f"APP_MODE is aws, and the profile's {place} is {value!r}.", hint=hint, id="lab.E010")


@register("lab")
def check_origin(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """lab.E012-E014, E018, W035: PUBLIC_URL, ALLOWED_HOSTS, DEBUG and the sandbox's addresses fit together."""
    found: list[CheckMessage] = []
    public = urlsplit(settings.PUBLIC_URL)
    host = public.hostname or ""
    if not any(_allows(pattern, host) for pattern in settings.ALLOWED_HOSTS):
        hint = f"Add {host} to ALLOWED_HOSTS, or take ALLOWED_HOSTS out."
        found.append(Error(f"PUBLIC_URL's host {host!r} is not in ALLOWED_HOSTS.", hint=hint, id="lab.E012"))
    if settings.DEBUG and (public.scheme == "https" or settings.APP_MODE == "aws"):
        hint = "Take DEBUG out: its error pages show settings and variables to whoever meets an error."
        found.append(Error("DEBUG is on, and PUBLIC_URL is https or APP_MODE is aws.", hint=hint, id="lab.E013"))
    if settings.APP_MODE == "sandbox" and settings.SANDBOX_HOST not in REACHED_BY_LOOPBACK:
        problem = f"SANDBOX_HOST is {settings.SANDBOX_HOST}, and this application reaches the sandbox by 127.0.0.1."
        hint = "Set SANDBOX_HOST=0.0.0.0 to let others in, and SANDBOX_PUBLIC_URL to the address that they use."
        found.append(Error(problem, hint=hint, id="lab.E018"))
    if settings.APP_MODE == "sandbox" and settings.WEB_PORT == settings.SANDBOX_PORT:
        problem = f"WEB_PORT and SANDBOX_PORT are both {settings.WEB_PORT}."
        found.append(Error(problem, hint="Set one of them to another port.", id="lab.E014"))
    if settings.APP_MODE == "sandbox" and _is_loopback(settings.SANDBOX_PUBLIC_URL) and not _is_loopback(f"//{host}"):
        problem = (
            f"PUBLIC_URL is {settings.PUBLIC_URL}, and SANDBOX_PUBLIC_URL sends whoever signs in to their own machine, "
            f"{settings.SANDBOX_PUBLIC_URL}."
        )
        hint = f"Set SANDBOX_PUBLIC_URL={settings.PUBLIC_URL} (docs/https.md, One address for both)."
        found.append(Warning(problem, hint=hint, id="lab.W035"))
    return found


@register("lab")
def check_proxies(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """lab.W015, W020: with https there is a trusted proxy, and not just anybody is one."""
    trusted = settings.TRUSTED_PROXIES
    if urlsplit(settings.PUBLIC_URL).scheme == "https" and not trusted:
        problem = (
            "PUBLIC_URL is https, and BEHIND_PROXY is off, nor does TRUSTED_PROXIES name a proxy:"
            " behind one, every page would redirect to itself."
        )
        hint = "Set TRUSTED_PROXIES to the proxy's address (or loopback), and let it set X-Forwarded-Proto and -For."
        return [Warning(problem, hint=hint, id="lab.W015")]
    everybody = any(network.prefixlen == 0 for network in proxies.networks(tuple(trusted)))
    if everybody or ("private" in trusted and not _is_loopback(f"//{settings.WEB_HOST}")):
        whom = "everybody" if everybody else "every machine of a private network"
        problem = f"The web server listens on {settings.WEB_HOST} and believes X-Forwarded-* from {whom}."
        hint = "Set TRUSTED_PROXIES to only the addresses or the network of the proxies, such as 10.0.3.0/24."
        return [Warning(problem, hint=hint, id="lab.W020")]
    return []


@register("lab")
def check_shared_key(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """lab.E021: what several processes or machines share is sealed with a key that all of them are told."""
    if settings.SECRET_KEY_IS_CHOSEN:
        return []
    engine = settings.DATABASES["default"]["ENGINE"]
    if not engine.endswith("sqlite3"):
        problem = "DATABASE_URL is a server, and SECRET_KEY is one that was made for DATA_DIR."
    elif settings.WEB_WORKERS > 1:
        problem = f"WEB_WORKERS is {settings.WEB_WORKERS}, and SECRET_KEY is one that was made for DATA_DIR."
    else:
        return []
    hint = (
        f"Set SECRET_KEY to what {settings.DATA_DIR / 'secret_key'} holds, or to a new one, with which everybody signs "
        "in again: python -c 'import secrets; print(secrets.token_urlsafe(50))'. Another data directory would make "
        "another key, and could read neither sessions nor what the vault holds."
    )
    return [Error(problem, hint=hint, id="lab.E021")]


@register("lab")
def check_keys(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """lab.E016, W017: SECRET_KEY is long enough, and a sandbox that others reach has an administrator of its own."""
    found: list[CheckMessage] = []
    if len(settings.SECRET_KEY) < LEAST_SECRET_KEY:
        hint = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        problem = f"SECRET_KEY has {len(settings.SECRET_KEY)} characters; at least {LEAST_SECRET_KEY} are needed."
        found.append(Error(problem, hint=hint, id="lab.E016"))
    open_sandbox = settings.APP_MODE == "sandbox" and not _is_loopback(f"//{settings.SANDBOX_HOST}")
    if open_sandbox and settings.SANDBOX_SECRET_ACCESS_KEY in KNOWN_SECRETS:
        problem = (
            f"The sandbox listens on {settings.SANDBOX_HOST}, and its administrator's secret key is public knowledge."
        )
        hint = "Set SANDBOX_SECRET_ACCESS_KEY: whoever reaches the sandbox could change its pools and roles."
        found.append(Warning(problem, hint=hint, id="lab.W017"))
    return found


@register("lab")
def check_class_sandboxes(app_configs: AppConfigs, **kwargs: Any) -> list[CheckMessage]:
    """lab.E033, W034: a class's own sandbox is another one than the site's, and its secrets stay on the way there."""
    found: list[CheckMessage] = []
    if settings.CLASS_SANDBOXES and settings.APP_MODE == "aws":
        hint = "Take CLASS_SANDBOXES out: on AWS a class has no sandbox."
        return [Error("CLASS_SANDBOXES is set, and APP_MODE is aws.", hint=hint, id="lab.E033")]
    for name, (endpoint, public_url) in settings.CLASS_SANDBOXES.items():
        if _is_the_sandbox(endpoint) or (public_url and public_url == settings.SANDBOX_PUBLIC_URL):
            problem = f"CLASS_SANDBOXES pins {name} to the site's own sandbox, {public_url or endpoint}."
            hint = "Start another one, with a DATA_DIR, SANDBOX_PORT and SANDBOX_PUBLIC_URL of its own (docs/scale.md)."
            found.append(Error(problem, hint=hint, id="lab.E033"))
        elif endpoint.startswith("http:") and not _is_loopback(endpoint):
            problem = f"The sandbox of {name} at {endpoint} tells this application keys of accounts, unencrypted."
            hint = "Reach it by https, or through a network that only the two machines are in."
            found.append(Warning(problem, hint=hint, id="lab.W034"))
    return found


def _is_the_sandbox(url: str) -> bool:
    """Whether `url` is this installation's sandbox, by whichever name of this machine."""
    parts = urlsplit(url)
    public = urlsplit(settings.SANDBOX_PUBLIC_URL)
    return (parts.hostname, parts.port) == (public.hostname, public.port) or (
        _is_loopback(url) and parts.port == settings.SANDBOX_PORT
    )


def _is_loopback(url: str) -> bool:
    return proxies.is_loopback(urlsplit(url if "//" in url else f"//{url}").hostname or "")


def _allows(pattern: str, host: str) -> bool:
    """As django.http.request.is_same_domain: a leading dot stands for the domain and whatever lies below it."""
    pattern = pattern.lower()
    return pattern in ("*", host) or (pattern.startswith(".") and (host.endswith(pattern) or host == pattern[1:]))
