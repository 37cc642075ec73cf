"""Every setting of the project. This is the only module that reads the environment.

The defaults are sandbox mode on one machine: nothing has to be set. `.env` beside manage.py is read when it is there,
and the real environment wins over it. README.md and .env.example list every name; tests keep the three in step.
"""

import os
import secrets
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

import appearance
from cognitodemo import envfile
from providers.registry import PROVIDERS
from sandbox.core import facts
from web import proxies

BASE_DIR = Path(__file__).resolve().parent.parent

for _name, _value in envfile.read(Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))).items():
    os.environ.setdefault(_name, _value)  # where the SDKs look as well


def _text(name: str, default: str = "") -> str:
    """The stripped value of one variable. An empty value in `.env` means the same as no line at all."""
    # Not env.str(): a value that begins with "$" would be taken for the name of another variable.
    return str(environ.Env.ENVIRON.get(name, "")).strip() or default


def _list(name: str, default: str = "") -> list[str]:
    """What stands between the commas, without the blanks around it."""
    return [part.strip() for part in _text(name, default).split(",") if part.strip()]


def _one_of(name: str, *choices: str) -> str:
    value = _text(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of: {', '.join(choices)}.")
    return value


def _some_of(name: str, *choices: str) -> list[str]:
    """Some of the choices, all of them by default."""
    values = _list(name, ",".join(choices))
    for value in values:
        if value not in choices:
            raise ImproperlyConfigured(f"{name} has {value!r}; it takes: {', '.join(choices)}.")
    return values


def _flag(name: str, default: bool) -> bool:
    value = _text(name, "yes" if default else "no").lower()
    if value not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be yes or no.")
    return value in ("1", "true", "yes", "on")


def _number(name: str, default: int, *, least: int = 0) -> int:
    value = _text(name, str(default))
    if not (value.isascii() and value.isdigit()) or int(value) < least:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number of at least {least}.")
    return int(value)


def _url(name: str, default: str) -> str:
    value = _text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be an origin such as http://127.0.0.1:8000.")
    return value


def _networks(name: str, default: str) -> list[str]:
    value = _list(name, default)
    try:
        proxies.networks(tuple(value))
    except ValueError as error:
        told = f"{name}: {error}; it takes addresses, networks such as 10.0.0.0/24, loopback and private."
        raise ImproperlyConfigured(told) from None
    return value


def _database(default: str) -> dict[str, Any]:
    with warnings.catch_warnings():
        # The library warns with everything that it read out of the URL, the password included.
        warnings.simplefilter("ignore")
        config = _from_url("DATABASE_URL", environ.Env.db_url_config, _text("DATABASE_URL", default))
    if not config.get("ENGINE"):
        raise ImproperlyConfigured(
            "DATABASE_URL names no kind of database; it must be a URL such as postgres://user:password@host:5432/name."
        )
    return config


def _from_url(name: str, read: Callable[[str], Any], url: str) -> dict[str, Any]:
    """What django-environ makes of a URL. Its own complaints, and urllib's, quote the URL, which has a password."""
    try:
        return dict(read(url))
    except (ValueError, KeyError, ImproperlyConfigured):
        told = f"{name} cannot be read as a URL; signs such as / and @ in a password are written %2F and %40."
        raise ImproperlyConfigured(told) from None


def _secret_key(directory: Path) -> str:
    """SECRET_KEY of the environment, or the installation's own: generated once, kept in a file only we may read.

    The vault is sealed with a key derived from it: one that changed on every start would lose what is in the vault.
    """
    if given := _text("SECRET_KEY"):
        return given
    if APP_MODE == "aws":
        raise ImproperlyConfigured(
            "SECRET_KEY must be set when APP_MODE=aws."
            " Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    path = directory / "secret_key"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _kept_key(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def _kept_key(path: Path) -> str:
    """The key in the file. A process that started at the same moment may have made the file and not written it yet."""
    for _ in range(50):
        if kept := path.read_text().strip():
            return kept
        time.sleep(0.1)
    raise ImproperlyConfigured(f"{path} is empty. Delete it, and a new key is made; what the vault holds is lost then.")


# --- Mode and places --------------------------------------------------------------------------------------------------

APP_MODE = _one_of("APP_MODE", "sandbox", "aws")
DATA_DIR = Path(_text("DATA_DIR", str(BASE_DIR / "data")))
SECRET_KEY = _secret_key(DATA_DIR)
DEBUG = _flag("DEBUG", False)

# Who moves the web server to another port alone means its pages to be found there.
PUBLIC_URL = _url("PUBLIC_URL", f"http://127.0.0.1:{_number('WEB_PORT', 8000, least=1)}")
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"
# Where the web server listens. Behind a proxy, PUBLIC_URL is another address than this one.
WEB_HOST = _text("WEB_HOST", "127.0.0.1")
WEB_PORT = _number("WEB_PORT", 8000 if HTTPS else _public.port or 8000, least=1)
WEB_THREADS = _number("WEB_THREADS", 8, least=1)  # of each process
WEB_WORKERS = _number("WEB_WORKERS", 1, least=1)  # processes of `manage.py serve`
ALLOWED_HOSTS = _list("ALLOWED_HOSTS") or [
    _public.hostname or "",
    "127.0.0.1",
    "localhost",
    "[::1]",
]

# --- AWS: where the exchange goes -------------------------------------------------------------------------------------

# boto3 itself reads only AWS_DEFAULT_REGION; AWS's own example application calls it AWS_REGION. Both are accepted.
AWS_REGION = _text("AWS_REGION") or _text("AWS_DEFAULT_REGION", "us-east-1")
AWS_PROFILE = _text("AWS_PROFILE")
AWS_ACCESS_KEY_ID = _text("AWS_ACCESS_KEY_ID")  # the SDK reads it by itself; here it is only looked at by a check
AWS_ACCOUNT_ID = _text("AWS_ACCOUNT_ID")
COGNITO_IDENTITY_POOL_ID = _text("COGNITO_IDENTITY_POOL_ID")
AUTHENTICATED_ROLE_ARN = _text("AUTHENTICATED_ROLE_ARN")
UNAUTHENTICATED_ROLE_ARN = _text("UNAUTHENTICATED_ROLE_ARN")
SAMPLE_BUCKET = _text("SAMPLE_BUCKET", facts.PUBLIC_BUCKET if APP_MODE == "sandbox" else "")
SAMPLE_OBJECT_KEY = _text("SAMPLE_OBJECT_KEY", facts.CATALOGUE_KEY)
SAMPLE_TABLE = _text("SAMPLE_TABLE", facts.PRODUCTS_TABLE if APP_MODE == "sandbox" else "")
# What people who signed in share: in the bucket each has a prefix, in the table a partition, that is their identity ID.
SAMPLE_PRIVATE_BUCKET = _text("SAMPLE_PRIVATE_BUCKET", facts.PRIVATE_BUCKET if APP_MODE == "sandbox" else "")
# In the same bucket: an object that the role of one team reads and no other role, once roles are chosen per person.
SAMPLE_TEAM_OBJECT_KEY = _text("SAMPLE_TEAM_OBJECT_KEY", facts.team_key("engineers") if APP_MODE == "sandbox" else "")
SAMPLE_NOTES_TABLE = _text("SAMPLE_NOTES_TABLE", facts.NOTES_TABLE if APP_MODE == "sandbox" else "")

# Every endpoint override that an SDK would follow; cognitodemo.checks refuses those that contradict the mode.
AWS_ENDPOINT_OVERRIDES = {
    name: value for name, value in os.environ.items() if name.startswith("AWS_ENDPOINT_URL") and value.strip()
}

# --- The sandbox: read by the sandbox app and, as an address, by the clients in flows ---------------------------------

SANDBOX_HOST = _text("SANDBOX_HOST", "127.0.0.1")
SANDBOX_PORT = _number("SANDBOX_PORT", 4566, least=1)
SANDBOX_PUBLIC_URL = _url("SANDBOX_PUBLIC_URL", f"http://127.0.0.1:{SANDBOX_PORT}")
SANDBOX_ACCESS_KEY_ID = _text("SANDBOX_ACCESS_KEY_ID", "test")
SANDBOX_SECRET_ACCESS_KEY = _text("SANDBOX_SECRET_ACCESS_KEY", "test")
SANDBOX_ACCOUNT_ID = _text("SANDBOX_ACCOUNT_ID", "000000000000")
SANDBOX_OPEN_ACCOUNTS = _flag("SANDBOX_OPEN_ACCOUNTS", True)
SANDBOX_OIDC_LEEWAY = _number("SANDBOX_OIDC_LEEWAY", 300)
SANDBOX_TRUSTED_ORIGINS = [origin.rstrip("/") for origin in _list("SANDBOX_TRUSTED_ORIGINS", "")]
SANDBOX_SERVICES = _some_of("SANDBOX_SERVICES", "s3", "dynamodb", "ssm", "cognito-idp")

# None means AWS's own regional hosts. In sandbox mode every client is given this address, whatever else is set.
AWS_ENDPOINT = f"http://127.0.0.1:{SANDBOX_PORT}" if APP_MODE == "sandbox" else None

# The identity pools that a person may choose from; flows.exchange.pools reads them.
# In the sandbox they are the seeded ones.
if APP_MODE == "sandbox":
    IDENTITY_POOLS = [
        {
            "key": pool.key,
            "pool_id": pool.pool_id(AWS_REGION, SANDBOX_ACCOUNT_ID, SANDBOX_ACCOUNT_ID),
            "label": pool.label,
            "description": pool.description,
            "region": AWS_REGION,
            "account_id": SANDBOX_ACCOUNT_ID,
            "guest_role_arn": facts.role_arn(SANDBOX_ACCOUNT_ID, facts.GUEST_ROLE),
            "authenticated_role_arn": facts.role_arn(SANDBOX_ACCOUNT_ID, facts.AUTHENTICATED_ROLE),
        }
        for pool in facts.IDENTITY_POOLS
    ]
elif COGNITO_IDENTITY_POOL_ID:
    IDENTITY_POOLS = [
        {
            "key": "configured",
            "pool_id": COGNITO_IDENTITY_POOL_ID,
            "label": "Configured identity pool",
            "description": "The identity pool of COGNITO_IDENTITY_POOL_ID.",
            "region": AWS_REGION,
            "account_id": AWS_ACCOUNT_ID,
            "guest_role_arn": UNAUTHENTICATED_ROLE_ARN,
            "authenticated_role_arn": AUTHENTICATED_ROLE_ARN,
        }
    ]
else:
    IDENTITY_POOLS = []

# --- Identity providers: what each gave this application when it was registered there ---------------------------------

# In sandbox mode the stand-ins' own pinned values and addresses are the defaults. This is the one place where the
# application and the sandbox's constants meet; everything else finds the stand-ins by these settings alone.
_stand_in: dict[str, str] = {}
# The beginning of a provider's real URL -> where to go instead. Empty on AWS: the real providers.
PROVIDER_ENDPOINTS: dict[str, str] = {}
if APP_MODE == "sandbox":
    from sandbox.idp.stand_ins import application_settings, endpoint_map

    _lab = facts.Lab(AWS_REGION, SANDBOX_ACCOUNT_ID, SANDBOX_PUBLIC_URL, PUBLIC_URL)
    PROVIDER_ENDPOINTS = endpoint_map(_lab)
    _stand_in = {**application_settings(_lab), "DEVELOPER_PROVIDER_NAME": facts.DEVELOPER_PROVIDER_NAME}


def _provider_setting(name: str) -> str:
    """In sandbox mode the stand-in's value and no other: a real client ID means nothing to its stand-in."""
    return _stand_in.get(name, "") if APP_MODE == "sandbox" else _text(name)


# Each provider names its settings beside what else is its own, in providers/. A name in capitals is a setting.
for _provider in PROVIDERS.values():
    _values = {name: _provider_setting(name) for name in _provider.setting_names}
    globals().update({**_values, **_provider.settings_derived(_values, globals())})
# AWS's own example asks for the address of its front end. Ours is PUBLIC_URL, so this name is accepted and not used.
FRONTEND_URL = _text("FRONTEND_URL")

SIGN_IN_SECONDS = _number("SIGN_IN_SECONDS", 900, least=60)  # how long a sign-in under way may take at the provider
# Seconds by which a provider's clock and ours may differ when the times of an ID token or a SAML response are compared.
SIGN_IN_LEEWAY = _number("SIGN_IN_LEEWAY", 60)
# The steps that social-auth takes when an answer is back. None of them looks up, makes or links an account.
SOCIAL_AUTH_PIPELINE = (
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_uid",
    "social_core.pipeline.social_auth.auth_allowed",
    "providers.social.pipeline.record_artifact",
)
# djangosaml2 asks this function for the service provider's configuration; it is built once and kept.
SAML_CONFIG_LOADER = "providers.saml.config.load_config"

# --- Django -----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "cognitodemo",
    "accounts",
    "vault",
    "providers",
    "flows",
    "sandbox",
]

MIDDLEWARE = [
    "cognitodemo.middleware.HealthMiddleware",
    "cognitodemo.middleware.RequestLogMiddleware",
    "cognitodemo.middleware.OneHostMiddleware",
    "cognitodemo.middleware.BodySizeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "cognitodemo.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "cognitodemo.middleware.NulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.VisitorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "cognitodemo.urls"
WSGI_APPLICATION = "cognitodemo.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cognitodemo.context.mode",
            ],
        },
    },
]

DATABASES = {"default": _database(f"sqlite:///{DATA_DIR / 'app.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # SQLite makes its file, and not the directory for it.
    Path(DATABASES["default"]["NAME"]).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Without IMMEDIATE, two writers that both began by reading fail with "database is locked"; WAL alone does not help.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 10,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
# The exchange writes its rows between calls to AWS; one transaction around a request would be open while AWS answers.
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": _from_url("CACHE_URL", environ.Env.cache_url_config, _text("CACHE_URL", "locmemcache://"))}

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "flows:run_list"
LOGOUT_REDIRECT_URL = "flows:home"
# Open in the sandbox, where an account costs nothing; on AWS an administrator makes accounts unless this is set.
SIGN_UP_OPEN = _flag("SIGN_UP_OPEN", APP_MODE == "sandbox")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
# How the admin site writes dates; other pages say how they want them. A language's own formats win over settings.
FORMAT_MODULE_PATH = ["cognitodemo.formats"]

STATIC_URL = "/static/"
# WhiteNoise serves the files from where they lie, so that there is no collecting them first.
STATICFILES_DIRS = [BASE_DIR / "static", appearance.STATIC]
WHITENOISE_USE_FINDERS = True

# --- Security ---------------------------------------------------------------------------------------------------------

# Ports do not separate cookies: the sandbox's pages on another port of the same host would overwrite a "sessionid".
# With https the prefix keeps pages of sibling hosts from setting ours (RFC 6265bis, section 4.1.3.2).
_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_prefix}lab_session"
CSRF_COOKIE_NAME = f"{_prefix}lab_csrf"
VISITOR_COOKIE_NAME = f"{_prefix}lab_visitor"
MESSAGE_COOKIE_NAME = f"{_prefix}lab_messages"
MESSAGE_STORAGE = "cognitodemo.notices.Notices"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script has to read it
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
DEFAULT_EXCEPTION_REPORTER_FILTER = "cognitodemo.debugging.NothingSecret"
CSRF_FAILURE_VIEW = "web.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
# A proxy ends TLS and says who asked, in X-Forwarded-Proto, -For and -Host; web.proxies believes these from the
# peers that are named here, and from nobody else.
BEHIND_PROXY = _flag("BEHIND_PROXY", False)
TRUSTED_PROXIES = _networks("TRUSTED_PROXIES", "loopback,private" if BEHIND_PROXY else "")
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MAX_BODY_BYTES = 1024 * 1024  # of any request; forms are held to less
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Limits of the product --------------------------------------------------------------------------------------------

RUN_LEASE_SECONDS = 30  # longer than one call may take: connect 3 s and read 10 s, with a retry
RUNS_PER_MINUTE = _number("RUNS_PER_MINUTE", 60, least=1)  # of one visitor without an account
RUNS_PER_MINUTE_PER_ADDRESS = _number(
    "RUNS_PER_MINUTE_PER_ADDRESS", 10 * RUNS_PER_MINUTE, least=1
)  # a class shares one
SIGN_INS_PER_MINUTE = _number("SIGN_INS_PER_MINUTE", 10, least=1)  # failed ones, from one address or for one account
SIGN_UPS_PER_MINUTE = _number("SIGN_UPS_PER_MINUTE", 30, least=1)  # from one address
RETENTION_DAYS = _number("RETENTION_DAYS", 0)  # 0 keeps everything until `manage.py purge --older-than` says otherwise
KEEP_PERSONAL_CLAIMS = _flag("KEEP_PERSONAL_CLAIMS", False)

# --- Logging ----------------------------------------------------------------------------------------------------------

LOG_FORMAT = _one_of("LOG_FORMAT", "json", "plain")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "web.logs.JsonFormatter"},
        "plain": {
            "()": "web.logs.PlainFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": _text("LOG_LEVEL", "INFO")},
    "loggers": {
        # Django's own handlers would write past our formatter, and its warnings repeat what the request's line says.
        "django": {"handlers": []},
        "django.server": {"handlers": [], "propagate": True, "level": "ERROR"},
        "django.request": {"level": "ERROR"},
        # At DEBUG the SDK and the sign-in libraries print bodies, which hold tokens. They never get that level.
        **{
            name: {"level": "WARNING"}
            for name in ("boto3", "botocore", "urllib3", "social", "oauthlib", "requests_oauthlib", "xmlschema")
        },
        # That a server process has started and finished is said by the commands in their own words.
        "uvicorn": {"level": "WARNING"},
        # A refused SAML response is a sign-in's row here, and a traceback with parts of the response there.
        **{name: {"level": "CRITICAL"} for name in ("djangosaml2", "saml2")},
    },
}
