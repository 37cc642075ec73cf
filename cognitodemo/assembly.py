"""What the site is put together from: applications, what each request passes on its way in and out, and templates."""

from cognitodemo import env

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
    "import_export",
    "cognitodemo",
    "accounts",
    "vault",
    "providers",
    "flows",
    "training",
    "operations",
    "sandbox",
]

MIDDLEWARE = [
    "cognitodemo.middleware.HealthMiddleware",
    "cognitodemo.middleware.RequestIdMiddleware",
    "cognitodemo.middleware.RequestLogMiddleware",
    "cognitodemo.middleware.OneHostMiddleware",
    "cognitodemo.middleware.BodySizeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "cognitodemo.one_port.StandInsMiddleware",
    "cognitodemo.static_files.StaticFilesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cognitodemo.middleware.CompressMiddleware",
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
    "training.pages.waiting.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [env.BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "cognitodemo.template_files.KeptLoader",
                    ["cognitodemo.template_files.FilesLoader", "cognitodemo.template_files.AppsLoader"],
                ),
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cognitodemo.context.mode",
            ],
            "builtins": ["web.page_tags"],
        },
    },
]
