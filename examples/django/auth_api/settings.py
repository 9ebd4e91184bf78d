"""A central auth API: SimpleJWT as installed, whose tokens have neither `iss` nor `aud`, and GET /api/me/."""

import os

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

INSTALLED_APPS = [*APPS, "rest_framework_simplejwt.token_blacklist", "auth_api"]
ROOT_URLCONF = "auth_api.urls"
AUTH_USER_MODEL = "auth_api.Account"
DATABASES = database()
USE_TZ = True
REST_FRAMEWORK = rest_framework(
    "rest_framework_simplejwt.authentication.JWTAuthentication",
    DEFAULT_THROTTLE_CLASSES=["rest_framework.throttling.UserRateThrottle"],
    DEFAULT_THROTTLE_RATES={"user": "150/min"},
)
SIMPLE_JWT = {"SIGNING_KEY": os.environ.get("AUTH_JWT_SECRET", SECRET_KEY), "TOKEN_OBTAIN_SERIALIZER": "auth_api.views.TokenPair"}
