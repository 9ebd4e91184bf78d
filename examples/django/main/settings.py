"""Main owns the users. It issues tokens with SimpleJWT, and still verifies them itself: the gateway changes nothing here."""

import os
from datetime import timedelta

from base import (  # noqa: F401
    ALLOWED_HOSTS,
    APPS,
    DEFAULT_AUTO_FIELD,
    MIDDLEWARE,
    SECRET_KEY,
    USE_X_FORWARDED_HOST,
    database,
    rest_framework,
)

INSTALLED_APPS = [*APPS, "rest_framework_simplejwt.token_blacklist", "main"]
ROOT_URLCONF = "main.urls"
AUTH_USER_MODEL = "main.User"
DATABASES = database()
USE_TZ = True
REST_FRAMEWORK = rest_framework("rest_framework_simplejwt.authentication.JWTAuthentication")
SIMPLE_JWT = {
    "SIGNING_KEY": os.environ.get("MAIN_JWT_SECRET", SECRET_KEY),
    "ISSUER": "https://main.example",
    "AUDIENCE": "api",
    "USER_ID_CLAIM": "sub",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=1),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "TOKEN_OBTAIN_SERIALIZER": "main.tokens.TokenPair",
}
