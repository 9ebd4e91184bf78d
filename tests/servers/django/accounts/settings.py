"""Settings: a small team's project. What differs between tests comes from the environment."""

import json
import os
from datetime import timedelta
from pathlib import Path

import django
from django.core.management.utils import get_random_secret_key

ENV = os.environ


def switch(name):
    return ENV.get(name) == "1"


SECRET_KEY = get_random_secret_key()
ALLOWED_HOSTS = ["127.0.0.1", "localhost", *ENV.get("ALLOWED_HOSTS", "").split()]
ROOT_URLCONF = "accounts.urls"
WSGI_APPLICATION = "accounts.wsgi.application"
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_framework_simplejwt.token_blacklist",
    "knox",
    "accounts",
]
# dj-rest-auth, which keeps tokens in cookies.
if switch("DJ_REST_AUTH"):
    INSTALLED_APPS.append("dj_rest_auth")
    REST_AUTH = {
        "USE_JWT": True,
        "SESSION_LOGIN": False,
        "JWT_AUTH_COOKIE": "at",
        "JWT_AUTH_REFRESH_COOKIE": "rt",
    }
# wc-django-jwt, which keeps a registry of tokens.
if switch("WC_DJANGO_JWT"):
    INSTALLED_APPS += ["wcd_jwt", "wcd_jwt.contrib.registry"]
    WCD_JWT = {
        "TOKEN_OBTAIN_SERIALIZER": "wcd_jwt.serializers.TokenObtainPairSerializer",
        "TOKEN_REFRESH_SERIALIZER": "wcd_jwt.contrib.registry.serializers.TokenRefreshSerializer",
        "AUTHENTICATION_CLASS": "wcd_jwt.contrib.registry.authentication.JWTAuthentication",
    }
MIDDLEWARE = [
    "accounts.ledger.Ledger",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
# Behind a gateway that says which host and scheme the client asked for. As Django has them by default, nobody is believed.
USE_X_FORWARDED_HOST = switch("USE_X_FORWARDED_HOST")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if switch("USE_X_FORWARDED_PROTO") else None
SECURE_SSL_REDIRECT = switch("SECURE_SSL_REDIRECT")
if switch("CSRF"):
    MIDDLEWARE.append("django.middleware.csrf.CsrfViewMiddleware")
# {host: organisation}. Empty: a host says nothing.
TENANT_HOSTS = json.loads(ENV.get("TENANT_HOSTS", "{}"))
if TENANT_HOSTS:
    MIDDLEWARE.append("accounts.public.TenantByHost")

AUTH_USER_MODEL = "accounts.User"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(ENV["DATABASE"]),
        # Writers wait for one another, and never find out in the middle of a transaction that they cannot write.
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
        }
        # Older ones have no such options, and are asked one thing after the other.
        if django.VERSION >= (5, 1)
        else {"timeout": 20},
    }
}
# Each start makes a database of its own from the models: there is nothing to migrate.
MIGRATION_MODULES = dict.fromkeys(["contenttypes", "auth", "authtoken", "token_blacklist", "knox", "wcd_jwt_registry", "accounts"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Users here have one known password; a slow hash would slow down tests and protect nothing.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Behind a gateway that signs: where its keys are, who it says it is, and what it calls this application. Empty: the plain headers
# are believed.
EDGEWARD_JWKS = ENV.get("EDGEWARD_JWKS", "")
EDGEWARD_ISSUER = ENV.get("EDGEWARD_ISSUER", "edgeward")
EDGEWARD_AUDIENCE = ENV.get("EDGEWARD_AUDIENCE", "main")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    # For the one view that counts. Few, and for long, so that who has used them up stays so.
    "DEFAULT_THROTTLE_RATES": {"user": "2/day"},
}

# As REST framework has them by default.
if switch("WC_DJANGO_JWT"):
    del REST_FRAMEWORK["DEFAULT_PARSER_CLASSES"]

SIMPLE_JWT = {
    "ALGORITHM": ENV.get("JWT_ALGORITHM", "HS256"),
    # HS256: the shared secret. RS256: a private key in PEM, with its public key below.
    "SIGNING_KEY": ENV["JWT_SIGNING_KEY"],
    "VERIFYING_KEY": ENV.get("JWT_VERIFYING_KEY", ""),
    # Empty, as SimpleJWT has them by default: such tokens carry neither `iss` nor `aud`.
    "ISSUER": ENV.get("JWT_ISSUER") or None,
    "AUDIENCE": ENV.get("JWT_AUDIENCE") or None,
    "USER_ID_CLAIM": ENV.get("JWT_USER_ID_CLAIM", "user_id"),
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=int(ENV.get("JWT_ACCESS_SECONDS", "300"))),
    "REFRESH_TOKEN_LIFETIME": timedelta(seconds=int(ENV.get("JWT_REFRESH_SECONDS", "86400"))),
    "ROTATE_REFRESH_TOKENS": ENV.get("JWT_ROTATES", "1") == "1",
    "BLACKLIST_AFTER_ROTATION": ENV.get("JWT_ROTATES", "1") == "1",
    "TOKEN_OBTAIN_SERIALIZER": ENV.get("JWT_SERIALIZER", "accounts.tokens.TokenPair"),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": True,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "ERROR"},
}
