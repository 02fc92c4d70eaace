"""Settings of every installation: one file that reads the environment and runs without any."""

import os
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict

BASE_DIR = Path(__file__).resolve().parents[2]


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_flag(name: str, default: bool) -> bool:
    return env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def database(url: str) -> dict[str, Any]:
    """Django's settings for a connection address. JIT is off: pages ask short questions, which it only delays."""
    parts = {"options": "-c jit=off", **conninfo_to_dict(url)}
    named = {key: str(parts.pop(key, "") or "") for key in ("host", "port", "user", "password", "dbname")}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": named.pop("dbname"),
        **{key.upper(): value for key, value in named.items()},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts,
    }


DEBUG = env_flag("DEBUG", True)
DATA_DIR = Path(env("DATA_DIR", str(BASE_DIR / "var" / "dev"))).absolute()
SECRET_KEY = env("SECRET_KEY", "development-only-and-refused-by-the-deployment-check" if DEBUG else "")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
ENCRYPTION_KEYS = env_list("ENCRYPTION_KEYS")  # of tokens at rest, the newest first; without any, the secret key's
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "*" if DEBUG else "localhost,127.0.0.1,[::1]")
SITE_URL = env("SITE_URL", "http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

DATABASE_URL = env("DATABASE_URL", f"postgresql://groundswell@/groundswell?host={DATA_DIR / 'run'}")
REDIS_URL = env("REDIS_URL", f"unix://{DATA_DIR / 'run' / 'redis.sock'}?db=0")
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

INSTALLED_APPS = [
    "groundswell.accounts",
    "groundswell.events",
    "groundswell.services",
    "groundswell.web",
    "groundswell.api",
    "groundswell.demo",
    "creators",
    "campaigns",
    "outreach",
    "tracking",
    "allauth",
    "allauth.account",
    "template_partials",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "groundswell.web.bodies.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "groundswell.web.slashes.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "groundswell.web.nul.NulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "groundswell.web.methods.MethodMiddleware",
    "groundswell.web.htmx.MessagesMiddleware",
]
ROOT_URLCONF = "groundswell.urls"
WSGI_APPLICATION = "groundswell.wsgi.application"
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
                "groundswell.web.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "groundswell.web.forms.ComponentRenderer"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = env("ACCOUNT_EMAIL_VERIFICATION", "mandatory")
ACCOUNT_FORMS = {
    "signup": "groundswell.accounts.forms.SignUpForm",
    "login": "groundswell.accounts.forms.SignInForm",
    "add_email": "groundswell.accounts.forms.NewAddressForm",
    "change_password": "groundswell.accounts.forms.ChangePasswordForm",
    "reset_password": "groundswell.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "groundswell.accounts.forms.NewPasswordForm",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "portal_link": "20/15m/ip,4/15m/key",
    "removal_link": "8/d/key",
    "removal": "30/15m/ip,10/h/key",
    "shared_password": "10/15m/ip,40/15m/key",
    "shared_file": "30/15m/ip,300/15m/key",
    "shared_verdict": "300/15m/ip,1000/15m/key",
}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up, nowhere else
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "groundswell.accounts.adapter.AccountAdapter"
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env_flag("BEHIND_PROXY", False) else 0
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(BASE_DIR / "var" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static" / "dist"]
MEDIA_ROOT = Path(env("MEDIA_ROOT", str(DATA_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# The modules name each other as they were built, with a hash of their own: both names have to be served.
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "webp", "ico", "woff", "woff2", "gz", "br", "map"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # every creator that is ticked is one
MAX_BODY_SIZE = 52 * 1024 * 1024  # the largest file that may be uploaded, and what surrounds it in a form

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE and env_flag("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY = env_flag("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(env("EMAIL_PORT", "1025"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "Groundswell <hello@groundswell.localhost>")

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1) if REDIS_URL.startswith("unix://") else REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 60 * 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 120}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "deliver-events": {"task": "groundswell.events.tasks.deliver_pending", "schedule": 15.0},
    "send-queued-mail": {"task": "outreach.tasks.send_queued", "schedule": 10.0, "options": {"expires": 10}},
    "ship-clicks": {"task": "tracking.tasks.clicks.ship_clicks", "schedule": 2.0, "options": {"expires": 10}},
    "roll-up": {"task": "tracking.tasks.returns.roll_up", "schedule": 5.0, "options": {"expires": 10}},
    "refresh-outlooks": {
        "task": "tracking.tasks.outlooks.refresh_outlooks",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "check-rollups": {"task": "tracking.tasks.returns.check_rollups", "schedule": crontab(hour="3", minute="40")},
    "resume-replays": {"task": "tracking.tasks.ledger.resume_replays", "schedule": 60.0},
    "approve-commissions": {"task": "tracking.tasks.ledger.approve_commissions", "schedule": 3600.0},
    "make-click-partitions": {"task": "tracking.tasks.clicks.make_partitions", "schedule": 3600.0},
    "forget-old-secrets": {"task": "tracking.tasks.stores.forget_old_secrets", "schedule": 3600.0},
    "make-codes": {"task": "tracking.tasks.codes.make_codes", "schedule": 10.0, "options": {"expires": 10}},
    "watch-codes": {"task": "tracking.tasks.codes.watch_codes", "schedule": 3600.0, "options": {"expires": 3600}},
    "check-links": {"task": "tracking.tasks.links.check_destinations", "schedule": crontab(hour="3", minute="20")},
    "deliver-letters": {
        "task": "groundswell.accounts.tasks.deliver_letters",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "forget-letters": {"task": "groundswell.accounts.tasks.forget_letters", "schedule": 86400.0},
    "send-invitations": {"task": "groundswell.accounts.tasks.send_invitations", "schedule": 300.0},
    "forget-idempotent-calls": {"task": "groundswell.api.tasks.forget_calls", "schedule": 3600.0},
    "tend-search": {"task": "creators.tasks.tend_search", "schedule": crontab(hour="4", minute="20")},
    "sieve-changed": {"task": "creators.tasks.sieve_changed", "schedule": 60.0, "options": {"expires": 60}},
    "watch-searches": {"task": "creators.tasks.watch_searches", "schedule": 3600.0, "options": {"expires": 3600}},
    "tell-matches": {"task": "creators.tasks.tell_matches", "schedule": 86400.0},
    "remind-due": {"task": "creators.tasks.remind_due", "schedule": crontab(minute="5")},
    "tend-exports": {"task": "creators.tasks.tend_exports", "schedule": 300.0},
    "tend-data-requests": {"task": "creators.tasks.tend_data_requests", "schedule": 3600.0},
    "tend-merges": {"task": "creators.tasks.tend_merges", "schedule": 86400.0},
    "resume-vetting": {"task": "creators.tasks.resume_vetting", "schedule": 60.0},
    "send-due-reports": {
        "task": "tracking.tasks.reports.send_due_reports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "resume-order-imports": {"task": "tracking.tasks.imports.resume_orders", "schedule": 30.0},
    "resume-imports": {"task": "creators.tasks.resume_imports", "schedule": 30.0},
    "recompute-stale-metrics": {"task": "creators.tasks.recompute_stale", "schedule": 10.0, "options": {"expires": 10}},
    "recompute-metrics": {"task": "creators.tasks.recompute_all", "schedule": crontab(hour="2", minute="20")},
    "keep-connections": {"task": "creators.tasks.keep_connections", "schedule": 300.0, "options": {"expires": 300}},
    "refresh-accounts": {"task": "creators.tasks.refresh_due", "schedule": 60.0, "options": {"expires": 60}},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["groundswell.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["groundswell.api.permissions.HasScope"],
    "DEFAULT_PAGINATION_CLASS": "groundswell.api.pagination.KeysetPagination",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["groundswell.api.parsers.StorableJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "groundswell.api.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["groundswell.api.throttles.ApiKeyThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "api_key": env("API_RATE", "1200/min"),
        "refused_key": "60/min",
        "snippet": "30/min",
        "snippet_all": "6000/min",
    },
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "EXCEPTION_HANDLER": "groundswell.api.errors.problem",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Groundswell partner API",
    "VERSION": "1",
    "DESCRIPTION": (
        "Read creators and returns of one brand, run its campaigns, and post its orders. "
        "Send the key as `Authorization: Bearer gs_…`. Lists come in pages: follow `next` until it is null. "
        "Rates are fractions (0.0312 is 3.12 %), null is unknown and never zero, money is a decimal with its currency."
    ),
    "LICENSE": {"name": "MIT"},
    "SERVERS": [{"url": "/", "description": "This installation"}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"validatorUrl": None, "deepLinking": True, "defaultModelsExpandDepth": 0},
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "VettingRunStatus": "creators.models.vetting.VettingRun.Status",
        "ReportSection": "tracking.models.reports.Report.Section",
        "ReportLetterStatus": "tracking.models.reports.ReportLetter.Status",
        "ReplayStatus": "tracking.models.rules.AttributionRun.Status",
        "CommissionStatus": "tracking.models.commissions.Commission.Status",
        "Network": "creators.models.Network",
        "ImportStatus": "creators.models.Import.Status",
        "Source": "creators.models.Source",
        "PostFormat": "creators.models.PostFormat",
        "ExportFormat": "creators.models.exports.Export.Format",
        "ConnectionKind": "creators.models.Connection.Kind",
        "ConnectionStatus": "creators.models.Connection.Status",
        "CampaignStatus": "campaigns.models.Campaign.Status",
        "CollaborationStatus": "campaigns.models.Collaboration.Status",
        "OfferStatus": "campaigns.models.Offer.Status",
        "MessageStatus": "outreach.models.Message.Status",
        "RowOutcome": [("created", "created"), ("unchanged", "unchanged"), ("refused", "refused")],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "groundswell.api.schema.add_refusals",
    ],
}

# The networks' interfaces: docs/connectors.md tells what to register, creators/connectors/quota.py what `limit` is.
GRAPH_VERSION = env("GRAPH_VERSION", "v26.0")
CONNECTORS: dict[str, dict[str, Any]] = {
    "youtube": {
        "api_url": "https://youtube.googleapis.com/youtube/v3",
        "authorise_url": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_url": "https://oauth2.googleapis.com/token",
        "revoke_url": "https://oauth2.googleapis.com/revoke",
        "client_id": env("GOOGLE_CLIENT_ID"),
        "client_secret": env("GOOGLE_CLIENT_SECRET"),
        "api_key": env("YOUTUBE_API_KEY"),
        "limit": int(env("YOUTUBE_DAILY_UNITS", "10000")),
    },
    "instagram": {
        "root_url": "https://graph.instagram.com",
        "api_url": f"https://graph.instagram.com/{GRAPH_VERSION}",
        "authorise_url": "https://www.instagram.com/oauth/authorize",
        "token_url": "https://api.instagram.com/oauth/access_token",
        "client_id": env("INSTAGRAM_CLIENT_ID"),
        "client_secret": env("INSTAGRAM_CLIENT_SECRET"),
        "limit": int(env("INSTAGRAM_HOURLY_CALLS", "200")),
    },
    "facebook": {
        "api_url": f"https://graph.facebook.com/{GRAPH_VERSION}",
        "authorise_url": f"https://www.facebook.com/{GRAPH_VERSION}/dialog/oauth",
        "token_url": f"https://graph.facebook.com/{GRAPH_VERSION}/oauth/access_token",
        "client_id": env("FACEBOOK_CLIENT_ID"),
        "client_secret": env("FACEBOOK_CLIENT_SECRET"),
    },
    "tiktok": {
        "api_url": "https://open.tiktokapis.com/v2",
        "authorise_url": "https://www.tiktok.com/v2/auth/authorize/",
        "token_url": "https://open.tiktokapis.com/v2/oauth/token/",
        "revoke_url": "https://open.tiktokapis.com/v2/oauth/revoke/",
        "client_id": env("TIKTOK_CLIENT_KEY"),
        "client_secret": env("TIKTOK_CLIENT_SECRET"),
        "limit": 85,
    },
}
# Interfaces of shops that have one address for all; that of other shops is their own domain.
SHOP_ADDRESSES = {"stripe": "https://api.stripe.com"}
CONNECTOR_TIMEOUT = 15.0  # seconds to connect, and between two pieces of an answer
CONNECTOR_BACKOFF = 0.5  # seconds, doubled with each try

SPOOL_DIR = Path(env("SPOOL_DIR", str(DATA_DIR / "spool")))
COUNTRY_HEADER = env("COUNTRY_HEADER")  # in which a proxy passes a visitor's country, such as CF-IPCountry
GEOIP_DATABASE = env("GEOIP_DATABASE")  # path of a country database in MaxMind's format
CLICK_STREAM = env("CLICK_STREAM")  # address of a Redis that takes clicks instead of the spool's files
CLICK_MONTHS = int(env("CLICK_MONTHS", "13"))  # single clicks are kept for; 0: for ever
METRICS_TOKEN = env("METRICS_TOKEN")  # opens /metrics
DNS_SERVERS = env_list("DNS_SERVERS")  # empty: those of the machine
MAIL_LOOKUP_URL = env("MAIL_LOOKUP_URL")
OUTBOX_PATIENCE = float(env("OUTBOX_PATIENCE", "30"))  # seconds until "not in the mail server's log" counts as lost
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
    "loggers": {name: {"level": "WARNING"} for name in ("httpx", "httpcore")},  # they would write addresses with tokens
}
