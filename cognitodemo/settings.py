"""Every setting of the project. Only this module asks for the environment, by way of cognitodemo.env.

The defaults are sandbox mode on one machine: nothing has to be set. README.md and .env.example list every name; tests
keep the three in step.
"""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

import appearance
from cognitodemo import database, env, secret_key
from cognitodemo.assembly import INSTALLED_APPS as INSTALLED_APPS
from cognitodemo.assembly import MIDDLEWARE as MIDDLEWARE
from cognitodemo.assembly import TEMPLATES as TEMPLATES
from providers.registry import PROVIDERS
from sandbox.core import facts
from web import logs

BASE_DIR = env.BASE_DIR
ENV_FILE, SET_OUTSIDE = env.ENV_FILE, env.OUTSIDE

# --- Mode and places --------------------------------------------------------------------------------------------------

APP_MODE = env.one_of("APP_MODE", "sandbox", "aws")
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "data")))
SECRET_KEY_IS_CHOSEN = bool(env.text("SECRET_KEY"))  # rather than made for one data directory
SECRET_KEY = env.text("SECRET_KEY") or secret_key.made_once(DATA_DIR, APP_MODE)
DEBUG = env.flag("DEBUG", False)

# Whoever sets only WEB_PORT wants the pages to be found at that port.
PUBLIC_URL = env.url("PUBLIC_URL", f"http://127.0.0.1:{env.number('WEB_PORT', 8000, least=1)}")
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"
# Where the web server listens. Behind a proxy, PUBLIC_URL is another address than this one.
WEB_HOST = env.text("WEB_HOST", "127.0.0.1")
WEB_PORT = env.number("WEB_PORT", 8000 if HTTPS else _public.port or 8000, least=1)
WEB_THREADS = env.number("WEB_THREADS", 8, least=1)  # of each process
WEB_WORKERS = env.number("WEB_WORKERS", 1, least=1)  # processes of `manage.py serve`
ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS") or [_public.hostname or "", "127.0.0.1", "localhost", "[::1]"]

# --- AWS: where the exchange goes -------------------------------------------------------------------------------------

# boto3 itself reads only AWS_DEFAULT_REGION; AWS's own example application calls it AWS_REGION. Both are accepted.
AWS_REGION = env.text("AWS_REGION") or env.text("AWS_DEFAULT_REGION", "us-east-1")
AWS_PROFILE = env.text("AWS_PROFILE")
AWS_ACCESS_KEY_ID = env.text("AWS_ACCESS_KEY_ID")  # the SDK reads it by itself; here it is only looked at by a check
AWS_ACCOUNT_ID = env.text("AWS_ACCOUNT_ID")
COGNITO_IDENTITY_POOL_ID = env.text("COGNITO_IDENTITY_POOL_ID")
AUTHENTICATED_ROLE_ARN = env.text("AUTHENTICATED_ROLE_ARN")
UNAUTHENTICATED_ROLE_ARN = env.text("UNAUTHENTICATED_ROLE_ARN")
SAMPLE_BUCKET = env.text("SAMPLE_BUCKET", facts.PUBLIC_BUCKET if APP_MODE == "sandbox" else "")
SAMPLE_OBJECT_KEY = env.text("SAMPLE_OBJECT_KEY", facts.CATALOGUE_KEY)
SAMPLE_TABLE = env.text("SAMPLE_TABLE", facts.PRODUCTS_TABLE if APP_MODE == "sandbox" else "")
# What people who signed in share: in the bucket each has a prefix, in the table a partition, that is their identity ID.
SAMPLE_PRIVATE_BUCKET = env.text("SAMPLE_PRIVATE_BUCKET", facts.PRIVATE_BUCKET if APP_MODE == "sandbox" else "")
# In the same bucket: an object that the role of one team reads and no other role, once roles are chosen per person.
SAMPLE_TEAM_OBJECT_KEY = env.text("SAMPLE_TEAM_OBJECT_KEY", facts.TEAM_OBJECT_KEY if APP_MODE == "sandbox" else "")
SAMPLE_NOTES_TABLE = env.text("SAMPLE_NOTES_TABLE", facts.NOTES_TABLE if APP_MODE == "sandbox" else "")

# What this application calls itself in a User-Agent where it talks to the sandbox, as `app/...`.
APPLICATION_ID = "identity-pools-lab"

# Every endpoint override that an SDK would follow; cognitodemo.checks refuses those that contradict the mode.
AWS_ENDPOINT_OVERRIDES = env.beginning_with("AWS_ENDPOINT_URL")

# --- The sandbox: read by the sandbox app and, as an address, by the clients in flows ---------------------------------

SANDBOX_HOST = env.text("SANDBOX_HOST", "127.0.0.1")
SANDBOX_PORT = env.number("SANDBOX_PORT", 4566, least=1)
SANDBOX_PUBLIC_URL = env.url("SANDBOX_PUBLIC_URL", f"http://127.0.0.1:{SANDBOX_PORT}")
SANDBOX_ACCESS_KEY_ID = env.text("SANDBOX_ACCESS_KEY_ID", "test")
SANDBOX_SECRET_ACCESS_KEY = env.text("SANDBOX_SECRET_ACCESS_KEY", "test")
SANDBOX_ACCOUNT_ID = env.text("SANDBOX_ACCOUNT_ID", "000000000000")
SANDBOX_OPEN_ACCOUNTS = env.flag("SANDBOX_OPEN_ACCOUNTS", True)
SANDBOX_OIDC_LEEWAY = env.number("SANDBOX_OIDC_LEEWAY", 300)
SANDBOX_TRUSTED_ORIGINS = [origin.rstrip("/") for origin in env.listed("SANDBOX_TRUSTED_ORIGINS", "")]
SANDBOX_SERVICES = env.some_of("SANDBOX_SERVICES", "s3", "dynamodb", "ssm")
# Where the two public addresses are one, browsers need one port (cognitodemo.one_port), and SDKs the sandbox's own.
_for_clients = f"http://{_public.hostname}:{SANDBOX_PORT}" if SANDBOX_PUBLIC_URL == PUBLIC_URL else SANDBOX_PUBLIC_URL
SANDBOX_CLI_URL = env.url("SANDBOX_CLI_URL", _for_clients)
# Classes with a sandbox of their own, by the ID in the class's address -> where this application reaches it, and the
# origin at which browsers do (web.sandboxes).
CLASS_SANDBOXES = env.addresses_of("CLASS_SANDBOXES")
CLASS_OF_ACCOUNT = "training.services.pinned.class_of_account"
STAND_INS_PATH = facts.STAND_INS_PATH
STAND_IN_COOKIES = facts.STAND_IN_COOKIES

# None means AWS's own regional hosts. In sandbox mode every client is given this address, whatever else is set.
AWS_ENDPOINT = f"http://127.0.0.1:{SANDBOX_PORT}" if APP_MODE == "sandbox" else None

# What names the identity pools of another account of the sandbox.
POOLS_AT_ACCOUNT = "cognitodemo.stand_ins.pools_at"
# The identity pools that a person may choose from; flows.exchange.pools reads them. In the sandbox: the seeded ones.
if APP_MODE == "sandbox":
    from cognitodemo.stand_ins import seeded_pools

    IDENTITY_POOLS = seeded_pools(AWS_REGION, SANDBOX_ACCOUNT_ID, SANDBOX_ACCOUNT_ID)
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

# In sandbox mode the values and addresses of the home account's stand-ins.
_stand_in: dict[str, str] = {}
# The beginning of a provider's real URL -> where to go instead. Empty on AWS: the real providers.
PROVIDER_ENDPOINTS: dict[str, str] = {}
# What says the same of the stand-ins of another account of the sandbox, for runs in its identity pools.
REGISTERED_AT_ACCOUNT = "cognitodemo.stand_ins.registered_at"
if APP_MODE == "sandbox":
    from cognitodemo.stand_ins import registered

    _lab = facts.Lab(AWS_REGION, SANDBOX_ACCOUNT_ID, SANDBOX_PUBLIC_URL, PUBLIC_URL, SANDBOX_ACCOUNT_ID)
    _stand_in, PROVIDER_ENDPOINTS = registered(_lab)


def _provider_setting(name: str) -> str:
    """In sandbox mode the stand-in's value and no other: a real client ID means nothing to its stand-in."""
    return _stand_in.get(name, "") if APP_MODE == "sandbox" else env.text(name)


# Each provider names its settings beside what else is its own, in providers/. A name in capitals is a setting.
for _provider in PROVIDERS.values():
    _values = {name: _provider_setting(name) for name in _provider.setting_names}
    globals().update({**_values, **_provider.settings_derived(_values, globals())})
# AWS's own example asks for the address of its front end. Ours is PUBLIC_URL, so this name is accepted and not used.
FRONTEND_URL = env.text("FRONTEND_URL")

SIGN_IN_SECONDS = env.number("SIGN_IN_SECONDS", 900, least=60)  # how long a sign-in under way may take at the provider
# Seconds by which a provider's clock and ours may differ when the times of an ID token or a SAML response are compared.
SIGN_IN_LEEWAY = env.number("SIGN_IN_LEEWAY", 60)
# Whether people may send an identity pool what our server refused at their sign-in. In the sandbox they always may.
SEND_REFUSED_TOKENS = env.flag("SEND_REFUSED_TOKENS", False)
# The steps that social-auth takes when an answer is back. None of them looks up, makes or links an account.
SOCIAL_AUTH_PIPELINE = (
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_uid",
    "social_core.pipeline.social_auth.auth_allowed",
    "providers.social.pipeline.record_artifact",
)
# djangosaml2 asks this function for the service provider's configuration; it is built once and kept.
SAML_CONFIG_LOADER = "providers.saml.config.load_config"

# --- The company's sign-in for the accounts of this site (docs/company.md) --------------------------------------------

COMPANY_NAME = env.text("COMPANY_NAME", "your company")
COMPANY_ISSUER = env.text("COMPANY_ISSUER")
COMPANY_CLIENT_ID, COMPANY_CLIENT_SECRET = env.text("COMPANY_CLIENT_ID"), env.text("COMPANY_CLIENT_SECRET")
COMPANY_SCOPES = env.text("COMPANY_SCOPES", "openid profile email")
COMPANY_GROUPS_CLAIM = env.text("COMPANY_GROUPS_CLAIM", "groups")
# Some providers leave the claim out of the tokens of people who are in no group; others do by mistake.
COMPANY_GROUPS_OPTIONAL = env.flag("COMPANY_GROUPS_OPTIONAL", False)
# The group whose members are trainers, reviewers, staff; without one, rights are given on this site.
COMPANY_TRAINERS, COMPANY_REVIEWERS = env.text("COMPANY_TRAINERS"), env.text("COMPANY_REVIEWERS")
COMPANY_STAFF = env.text("COMPANY_STAFF")
COMPANY_SESSION_HOURS = env.number("COMPANY_SESSION_HOURS", 12, least=1)
LOCAL_PASSWORDS = env.flag("LOCAL_PASSWORDS", True)
AUTHENTICATION_BACKENDS = ["accounts.backends.PasswordSwitch", "django.contrib.auth.backends.ModelBackend"]

# --- Django -----------------------------------------------------------------------------------------------------------

ROOT_URLCONF = "cognitodemo.urls"
WSGI_APPLICATION = "cognitodemo.wsgi.application"

DATABASES = {
    "default": database.settings(
        env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'app.sqlite3'}"),
        pool=env.range_of("DATABASE_POOL"),
        behind_bouncer=env.flag("DATABASE_BEHIND_PGBOUNCER", False),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

METRICS_TOKEN = env.text("METRICS_TOKEN")  # with which /metrics is read; without it there is no such page

CACHES = {"default": env.cache("CACHE_URL", "locmemcache://")}

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "flows:run_list"
# Asked first: the page of whoever has work somewhere else, or nothing.
PAGE_AFTER_SIGN_IN = "training.services.cohorts.page_after_sign_in"
LOGOUT_REDIRECT_URL = "flows:home"
# Open in the sandbox, where an account costs nothing; on AWS an administrator makes accounts unless this is set.
SIGN_UP_OPEN = env.flag("SIGN_UP_OPEN", APP_MODE == "sandbox")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
# How the admin site writes dates; other pages say how they want them. A language's own formats win over settings.
FORMAT_MODULE_PATH = ["cognitodemo.formats"]

STATIC_URL = "/static/"
# The files are served from where they lie, so that there is no collecting them first.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "cognitodemo.static_files.NamesWithDigests"},
}
STATICFILES_DIRS = [BASE_DIR / "static", appearance.STATIC]
WHITENOISE_USE_FINDERS = True

# --- Security ---------------------------------------------------------------------------------------------------------

# Ports do not separate cookies: the sandbox's pages on another port of the same host would overwrite a "sessionid".
# With https the prefix keeps pages of sibling hosts from setting ours (RFC 6265bis, section 4.1.3.2).
_prefix = "__Host-" if HTTPS else ""
SESSION_ENGINE = "accounts.sessions"
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
BEHIND_PROXY = env.flag("BEHIND_PROXY", False)
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "loopback,private" if BEHIND_PROXY else "")
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MAX_BODY_BYTES = 1024 * 1024  # of any request but one with a file (web/brought_files.py); forms are held to less
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
RUNS_PER_MINUTE = env.number("RUNS_PER_MINUTE", 60, least=1)  # of one visitor without an account
# A class shares one address.
RUNS_PER_MINUTE_PER_ADDRESS = env.number("RUNS_PER_MINUTE_PER_ADDRESS", 10 * RUNS_PER_MINUTE, least=1)
# Calls of GetId a second on AWS, of which an account has 25 in a region, while a class begins together
# (flows.exchange.pacing).
GET_ID_PER_SECOND = env.number("GET_ID_PER_SECOND", 20, least=1)
SIGN_INS_PER_MINUTE = env.number("SIGN_INS_PER_MINUTE", 10, least=1)  # failed ones, from one address or for one account
SIGN_UPS_PER_MINUTE = env.number("SIGN_UPS_PER_MINUTE", 30, least=1)  # from one address
# Codes of classes, of one browser and from one address: a class shares one, and mistypes (training.pages.joining).
WRONG_CODES_PER_MINUTE = env.number("WRONG_CODES_PER_MINUTE", 20, least=1)
WRONG_CODES_PER_MINUTE_PER_ADDRESS = env.number("WRONG_CODES_PER_MINUTE_PER_ADDRESS", 6000, least=1)
# 0 keeps everything until `manage.py purge --older-than` says otherwise.
RETENTION_DAYS = env.number("RETENTION_DAYS", 0)
KEEP_PERSONAL_CLAIMS = env.flag("KEEP_PERSONAL_CLAIMS", False)
IMPORT_EXPORT_ESCAPE_ILLEGAL_CHARS_ON_EXPORT = True
# Directories with folders of exercises beside those of this repository; no Python of theirs is run.
EXERCISE_DIRS = env.listed("EXERCISE_DIRS")

# --- Logging ----------------------------------------------------------------------------------------------------------

LOG_FORMAT = env.one_of("LOG_FORMAT", "json", "plain")
LOG_LEVEL = env.text("LOG_LEVEL", "")  # empty: INFO, and of `manage.py class` what its trainer has to know
LOGGING = logs.settings(LOG_FORMAT, LOG_LEVEL or "INFO")
