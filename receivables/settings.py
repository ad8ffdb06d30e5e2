"""The settings of every process, from the environment. A bad value stops the start with a sentence.

Variables: DEBUG, SECRET_KEY, SECRET_KEY_FALLBACKS, ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS, DATABASE_URL,
DATABASE_APP_URL, DATABASE_POOL, TRUST_PROXY, TRUSTED_PROXY_COUNT, REQUIRE_SECOND_FACTOR, WEBHOOK_HOSTS, EMAIL_URL,
EMAIL_TIMEOUT, DEFAULT_FROM_EMAIL, LOG_LEVEL, RECEIVABLES_DATA.
"""

import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from receivables.core import databases, embedded
from receivables.core import mail_settings as mail

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = embedded.data_folder()


def boolean(name: str, default: bool) -> bool:
    """A switch of the environment. Raises `ImproperlyConfigured` on anything that is neither yes nor no."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    text = env.str(name, "").strip().lower()
    if text and text not in words:
        raise ImproperlyConfigured(f"{name} is {text!r}; write true or false.")
    return words.get(text, default)


def whole_number(name: str) -> int:
    """A small number of the environment, 0 if it is not there. Raises `ImproperlyConfigured` on anything else."""
    text = env.str(name, "0").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise ImproperlyConfigured(f"{name} is {text!r}; write a number from 0 to 99.")
    return int(text)


def secret_key(local: bool) -> str:
    """SECRET_KEY, or on one's own machine one made once and kept. Raises `ImproperlyConfigured` elsewhere."""
    given = env.str("SECRET_KEY", "")
    if not given and local:
        kept = DATA_DIR / "secret_key"
        if not kept.exists():
            DATA_DIR.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(60))
        given = kept.read_text()
    if len(given) < 50 and not local:
        raise ImproperlyConfigured(
            "SECRET_KEY must be set to a random text of at least 50 characters outside the demo; make one with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(60))'"
        )
    return given


# The demo, and only the demo, runs on the embedded database. It shows our own pages for what goes wrong, like
# production; Django's debugging pages come only where somebody asks for them.
EMBEDDED = not env.str("DATABASE_URL", "") and not env.str("DATABASE_APP_URL", "")
DEMO = EMBEDDED
DEBUG = boolean("DEBUG", False)
# On one's own machine there is no https and no host name, and no secret to be given.
LOCAL = DEMO or DEBUG
SECRET_KEY = secret_key(LOCAL)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Stand-ins of accounting systems on this machine are for tests alone.
ALLOW_LOOPBACK_SYSTEMS = False
# The servers that webhooks may go to ("example.com", ".example.com" for all below); empty: every public one.
WEBHOOK_HOSTS = tuple(env.list("WEBHOOK_HOSTS", default=[]))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if LOCAL else [])
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the host names of this site.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Imports run only downwards in this list, see ARCHITECTURE.md.
OWN_APPS = [
    "receivables.core",
    "accounts",
    "receivables.approvals",
    "receivables.customers",
    "receivables.ledger",
    "receivables.billing",
    "receivables.collections",
    "receivables.credit_control",
    "receivables.writeoffs",
    "receivables.writeoffs.automated",
    "receivables.reports",
    "receivables.audit",
    "receivables.ledger_exports",
    "receivables.integrations",
    "receivables.integrations.webhooks",
    "receivables.integrations.incoming",
    "receivables.integrations.linking",
]
INSTALLED_APPS = [
    *OWN_APPS,
    "whitenoise.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "template_partials",
    "pghistory",
    "pgtrigger",
    "procrastinate.contrib.django",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
]

# No middleware opens a transaction: it would commit half-done work on an error page. Operations are atomic themselves.
MIDDLEWARE = [
    "receivables.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "receivables.core.middleware.PrivatePagesMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.ActorMiddleware",
    "receivables.core.middleware.RefusalMiddleware",
    "accounts.middleware.SettingsHistoryMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "receivables.urls"
WSGI_APPLICATION = "receivables.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "receivables.core.navigation.navigation",
                "receivables.core.context.number_format",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "django_tables2/bootstrap5-responsive.html"

# Database
DATABASES = databases.configure(env, DATA_DIR, SECRET_KEY)
DATABASE_ROUTERS = ["receivables.core.databases.OwnerMigrates"]
if boolean("DATABASE_POOL", False):
    # Threads of the web server share these; `manage.py serve` switches it on, short commands have no use for it.
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 12, "timeout": 10}

# Who signs in, and how
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.MembershipBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign_in"
# Nobody can try the demo's Admin with a phone that was never enrolled.
REQUIRE_SECOND_FACTOR = boolean("REQUIRE_SECOND_FACTOR", not DEMO)
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 1  # hours
AXES_HANDLER = "accounts.throttling.SignInThrottle"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username", "ip_address"]  # limits: accounts/throttling.py
AXES_LOCKOUT_CALLABLE = "accounts.throttling.lockout_response"
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

PASSWORD_RESET_TIMEOUT = 3600
OTP_TOTP_ISSUER = "Receivables"
TRUSTED_PROXY_COUNT = whole_number("TRUSTED_PROXY_COUNT")  # proxies of ours that add to X-Forwarded-For

# Sessions live in the database, so that one can be ended at once.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "sessionid" if LOCAL else "__Host-sid"
SESSION_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_IDLE_MINUTES = 30
SESSION_ABSOLUTE_HOURS = 8
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "receivables.core.failures.csrf_failure"
CSRF_COOKIE_SECURE = not LOCAL

# Browser
SECURE_SSL_REDIRECT = not LOCAL
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = not LOCAL
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if boolean("TRUST_PROXY", False):
    # Only behind a proxy that removes this header from what clients send.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's own style sheet draws check marks and arrows as data: pictures
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "report-uri": "/content-violations",
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000  # a bulk page of 500 rows, each with its own amount
DATA_UPLOAD_MAX_NUMBER_FILES = 5

# Languages and formats
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["receivables.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = LOCAL  # nothing to collect before the first start

# Mail. Nothing leaves one's own machine unless EMAIL_URL names a server: mails are written to files there.
vars().update(mail.configure(env, DATA_DIR, LOCAL))

# History of settings and master data; documents have their own events
PGHISTORY_APPEND_ONLY = True

# One line per record, each with the id of its request
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "receivables.core.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django": {"handlers": []},  # its own console handler would say everything twice
        "django.server": {"handlers": ["stderr"], "propagate": False},
        "procrastinate": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
