"""Django's settings, made from the environment and ``app-config.yaml``.

The environment says where things are and who runs this (``PORTAL_CONFIG``, ``PORTAL_DATA_DIR``, ``DATABASE_URL``,
``CACHE_URL``, ``PORTAL_ENV``, ``SECRET_KEY``); ``app-config.yaml`` says what the portal is. Both are documented in
``docs/reference``.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ

from portal.config import ConfigSource, set_current
from portal.config.coercion import to_web_address
from portal.databases.configured import databases_from
from portal.http.policy import content_security_policy
from portal.plugins.discovery import plugins_in
from portal.secret_key import secret_key_in
from portal.services.cache.configured import caches_from
from portal.services.logger import logging_config
from portal.services.logger.structured import level_from

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- What this process is -------------------------------------------------------------------------------------------
PORTAL_ENV = env.str("PORTAL_ENV", default="production")
DEBUG = env.bool("DEBUG", default=False)
PORTAL_DATA_DIR = Path(env.str("PORTAL_DATA_DIR", default=str(BASE_DIR / "var"))).absolute()
_config_files = [Path(path) for path in env.str("PORTAL_CONFIG", default="").split(":") if path]
PORTAL_CONFIG_SOURCE = ConfigSource(_config_files or None, root=BASE_DIR, environ=os.environ)
config = PORTAL_CONFIG_SOURCE.load()
set_current(config)

_app_url = config.read("app.baseUrl", "http://127.0.0.1:8000", to_web_address)
_base_url = urlsplit(config.read("backend.baseUrl", _app_url, to_web_address))
_https = _base_url.scheme == "https"

# --- Apps: Django's, the core, and the plugins ----------------------------------------------------------------------
# A plugin is installed by one line: here, in the environment's PORTAL_PLUGINS, or in app-config's backend.plugins.
INSTALLED_APPS = [
    "portal",
    "apps.catalog",
    "apps.api_docs",
    "apps.catalog_graph",
    "apps.events",
    "apps.catalog_import",
    "apps.home",
    "apps.devtools",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "csp",
    "drf_spectacular_sidecar",
]
PORTAL_PLUGINS = [*env.list("PORTAL_PLUGINS", default=[]), *config.get_strings("backend.plugins", default=[])]
INSTALLED_APPS += [plugin for plugin in PORTAL_PLUGINS if plugin not in INSTALLED_APPS]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.http.middleware.CorsMiddleware",
    "portal.shell.language.LanguageMiddleware",
    "portal.http.middleware.ErrorMiddleware",
    "portal.http.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.http.middleware.PageMessagesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.http.middleware.CredentialsMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
# Backstage's paths have no slash at the end, and a redirect would lose a POST's body.
APPEND_SLASH = False

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
                "portal.shell.context.shell",
            ]
        },
    }
]

# --- Databases and caches -------------------------------------------------------------------------------------------
DATABASES = databases_from(config, os.environ, plugins_in(INSTALLED_APPS), data_dir=PORTAL_DATA_DIR)
DATABASE_ROUTERS = ["portal.databases.PluginRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = caches_from(config, os.environ)

# --- Security -------------------------------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key_in(PORTAL_DATA_DIR)
ALLOWED_HOSTS = [
    *env.list("ALLOWED_HOSTS", default=[]),
    *{host for host in (_base_url.hostname, "127.0.0.1", "localhost", "[::1]") if host},
]
CSRF_TRUSTED_ORIGINS = [f"{_base_url.scheme}://{_base_url.netloc}"]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME = "greenroom_session"
CSRF_COOKIE_NAME = "greenroom_csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_https)
SECURE_REDIRECT_EXEMPT = [r"^\.backstage/health/"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
if config.get("backend.trustProxy"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
SECURE_REFERRER_POLICY = config.get_str("backend.referrer.policy", default="same-origin")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = content_security_policy(config)
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Static files, language, logging --------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = PORTAL_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PORTAL_ENV == "development"
        else "portal.http.static_files.CollectedStaticFiles"
    },
}
# Without ``collectstatic`` they are served from the apps' folders. With it they are smaller, and browsers keep them.
WHITENOISE_USE_FINDERS = True
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_AUTOREFRESH = PORTAL_ENV == "development"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
LOGGING = logging_config(
    level_from(env.str("LOG_LEVEL", default=""), config.get_str("backend.logger.level", default="")),
    as_json=PORTAL_ENV == "production",
)

# --- API ------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.http.authentication.PortalAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["portal.http.json.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.http.json.JsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "portal.http.json.JsonAlways",
    "EXCEPTION_HANDLER": "portal.http.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
