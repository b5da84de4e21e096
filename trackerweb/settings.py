"""Settings of Trackerweb. Every one has a default: it runs with no variable set (docs/configuration.md)."""

from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from trackerweb import environment, sqlite
from trackerweb.body import MAX_BODY_BYTES
from trackerweb.secret_key import read_or_make_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent

TRACKER_HOME = Path(environment.text("TRACKER_HOME", str(BASE_DIR / "data"))).expanduser().resolve()
TRACKER_HOME.mkdir(parents=True, exist_ok=True)
TRACKER_AUTH = environment.choice("TRACKER_AUTH", "local", ["local", "token"])
TRACKER_STALE_AFTER_MS = 1000 * environment.seconds("TRACKER_STALE_AFTER", 300)
TRACKER_WEBHOOK_PRIVATE = environment.switch("TRACKER_WEBHOOK_PRIVATE")
TRACKER_ALLOW_RUNS = environment.switch("TRACKER_ALLOW_RUNS")
if TRACKER_AUTH == "token":
    raise ImproperlyConfigured("TRACKER_AUTH='token' is not built yet. Leave it unset: this machine only, no password.")

TRACKER_ARTIFACTS = environment.folder("TRACKER_ARTIFACTS", TRACKER_HOME / "artifacts")

SECRET_KEY = read_or_make_secret_key(TRACKER_HOME / "secret_key")
DEBUG = False
ALLOWED_HOSTS = environment.names("TRACKER_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [
    "trackerweb",
    "experiments",
    "runs",
    "registry",
    "importing",
    "exporting",
    "projects",
    "webhooks",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "trackerweb.admin_app.CleanUpConfig",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "trackerweb.security.SecurityHeadersMiddleware",
    "trackerweb.security.LocalSafetyMiddleware",
    # Gives answers a Content-Length, without which a connection can't be kept, and is opened for each request.
    "django.middleware.common.CommonMiddleware",
    "trackerweb.compression.PageGZipMiddleware",
    "trackerweb.pages.PageFiles",
    "trackerweb.pages.PagePolicy",
    "trackerweb.pages.PageForms",
    "trackerweb.owner.AdminSessionMiddleware",
    "trackerweb.owner.LocalOwnerMiddleware",
    "trackerweb.pages.PageMessages",
    "trackerweb.errors.ErrorMiddleware",
]

ROOT_URLCONF = "trackerweb.urls"
WSGI_APPLICATION = "trackerweb.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "trackerweb.frame.frame",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django.templatetags.static", "trackerweb.templatetags.display"],
        },
    }
]

DATABASES = {"default": dj_database_url.config(default=f"sqlite:///{TRACKER_HOME / 'tracker.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = sqlite.options(environment.seconds("TRACKER_LOCK_SECONDS", 20))
# A connection a thread, kept: opening one for each request costs twenty times the request.
DATABASES["default"]["CONN_MAX_AGE"] = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "artifacts": {"BACKEND": "runs.artifacts.storage.BlobStorage", "OPTIONS": {"location": TRACKER_ARTIFACTS}},
}

CSRF_FAILURE_VIEW = "trackerweb.errors.csrf_failure"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_NAME = "trackerweb_csrf"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_SAMESITE = "Strict"
# What a form did is told on the next page, and travels there in a cookie: no session is needed.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PARSER_CLASSES": ["trackerweb.json.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["trackerweb.json.StrictJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "trackerweb.json.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "trackerweb.errors.api_exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Trackerweb API",
    "DESCRIPTION": "Log, search and read experiments, runs and metrics. Times are milliseconds since 1970, UTC.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PUBLIC": True,
    "ENUM_NAME_OVERRIDES": {"Direction": "experiments.models.Direction", "RunStatus": "runs.models.RunStatus"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # One line a request would drown what matters: a training script sends hundreds a second.
        "django.server": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django.security": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
}
