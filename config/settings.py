"""Django's settings, all derived from `environment.py`. Nothing here is chosen twice."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nawzajem  # noqa: F401  exchanges the sqlite3 module before Django looks for it
from config.environment import HOUSE, compiled, read
from nawzajem.ground.keys import derive, ring

ENV = read()
DATA = ENV.data
KEYS = ring(ENV.key, DATA / "key", command=ENV.key_command, data=DATA / "nawzajem.sqlite3")
_compiled = Path(os.environ.get("NUMBA_CACHE_DIR", DATA / "compiled"))  # the program's own folder may be read-only
os.environ["NUMBA_CACHE_DIR"] = str(compiled(_compiled))

# -- the door ---------------------------------------------------------------------------------------------------------
DEBUG = ENV.development
# The oldest signs: while the master key is changed, processes that know the new one and those that do not believe each other.
*SECRET_KEY_FALLBACKS, SECRET_KEY = [derive(key, "django").hex() for key in KEYS.known]
_origin = urlsplit(ENV.origin)
ALLOWED_HOSTS = [_origin.hostname or "", "localhost", "127.0.0.1"] if ENV.origin else ["*"]
CSRF_TRUSTED_ORIGINS = [ENV.origin] if ENV.origin else []
SECURE_COOKIES = _origin.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
_only_here = "__Host-" if SECURE_COOKIES else ""  # browsers then take them from this host alone
SESSION_COOKIE_NAME = f"{_only_here}nawzajem"
CSRF_COOKIE_NAME = f"{_only_here}csrftoken"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "nawzajem.web.refusals.csrf_failed"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_REFERRER_POLICY = "same-origin"  # nothing to other sites; with "no-referrer" browsers send forms from "null"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600  # a week has 168 hours, a programme some hundred topics

ROOT_URLCONF = "nawzajem.urls"
WSGI_APPLICATION = "config.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # a form's token is masked afresh and lengths vary, so sizes tell nothing
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "nawzajem.web.doorway.Doorway",
    "allauth.account.middleware.AccountMiddleware",
]
if ENV.metrics or ENV.traces:
    MIDDLEWARE.insert(0, "nawzajem.web.watched.Watched")
INSTALLED_APPS = [
    "nawzajem",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- what is kept -----------------------------------------------------------------------------------------------------
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
    "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16000;"
)


def _database(address: str) -> dict[str, object]:
    if not address:
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA / "nawzajem.sqlite3", "OPTIONS": options}
    parts = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "OPTIONS": {"prepare_threshold": 0} | dict(pair.split("=", 1) for pair in parts.query.split("&") if pair),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database(ENV.database) | ({} if ENV.database else {"CONN_MAX_AGE": None})}
if ENV.replica:
    DATABASES["replica"] = _database(ENV.replica) | {"TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["nawzajem.ground.replica.Router"]

# Attempts are counted here, and nothing else is kept: in the database where several processes have to count together. Not in
# Redis, so that nobody is kept from signing in by a Redis that is away.
_counts_together = bool(ENV.database) or ENV.pages > 1
CACHES = {
    "default": {
        "BACKEND": "nawzajem.ground.attempts.Attempts",
        "LOCATION": "nawzajem_attempts",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
    if _counts_together
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
SESSION_ENGINE = "nawzajem.web.sessions"

# -- people -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "nawzajem.Person"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # a pseudonym is unique whatever its capital letters, by a constraint
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["pseudonym", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "nawzajem.web.passphrases.WordsOfOnesOwn"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "nawzajem.web.accounts.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "pseudonym"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]  # each of the two forms leaves one of them out
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # for those who sign in by e-mail; see web/accounts.py: ConfirmAddress
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before the way in is changed: an open device is not yet its owner
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE_COOKIES else "http"
# By address they are generous, for a class comes from one: floods are met before, by browser (web/whence.py). By account not.
ACCOUNT_RATE_LIMITS = {
    "login": "400/m/ip",
    "login_failed": "5/300s/key",
    "signup": "400/m/ip",
    "reset_password": "400/m/ip,5/m/key",
    "reset_password_from_key": "400/m/ip",
    "request_login_code": "400/m/ip,3/m/key",
}
ACCOUNT_FORMS = {
    "signup": "nawzajem.web.accounts.JoinForm",
    "login": "nawzajem.web.accounts.EnterForm",
    "change_password": "nawzajem.web.account_forms.ChangeForm",
    "set_password": "nawzajem.web.account_forms.SetForm",
    "reset_password_from_key": "nawzajem.web.account_forms.ResetForm",
}
MFA_FORMS = {
    "add_webauthn": "nawzajem.web.account_forms.AddPasskeyForm",
    "edit_webauthn": "nawzajem.web.account_forms.NamePasskeyForm",
}
MFA_ADAPTER = "nawzajem.web.factors.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Nawzajem"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE_COOKIES  # browsers allow it on localhost only

# -- words and time ---------------------------------------------------------------------------------------------------
LANGUAGE_CODE = ENV.language
LANGUAGES = [("pl", "polski"), ("pl-formal", "polski (Pani, Pan)"), ("en", "English")]
DEVICE_COOKIE_NAME = f"{_only_here}nawzajem-device"
LANGUAGE_COOKIE_NAME = f"{_only_here}nawzajem-language"
LOCALE_PATHS = [HOUSE / "nawzajem" / "locale"]
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = ENV.time_zone

# -- pages ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "nawzajem.web.files.OneSheet"
    }
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
_loaders = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HOUSE / "nawzajem" / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "nawzajem.web.doorway.around",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "nawzajem.web.parts"],
            "loaders": _loaders if DEBUG else [("django.template.loaders.cached.Loader", _loaders)],
        },
    }
]

# -- letters ----------------------------------------------------------------------------------------------------------
_email = urlsplit(ENV.email)
EMAIL_BACKEND = {
    "console": "django.core.mail.backends.console.EmailBackend",
    "memory": "django.core.mail.backends.locmem.EmailBackend",
}.get(_email.scheme, "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = _email.hostname or "localhost"
EMAIL_PORT = _email.port or (465 if _email.scheme == "smtps" else 587)
EMAIL_HOST_USER = unquote(_email.username or "")
EMAIL_HOST_PASSWORD = unquote(_email.password or "")
EMAIL_USE_SSL = _email.scheme == "smtps"
EMAIL_USE_TLS = _email.scheme == "smtp" and EMAIL_HOST not in {"localhost", "127.0.0.1"}
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.email_from

# -- what the house says to its keeper --------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "config.logs.AsJson"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": ENV.log}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "nawzajem": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
