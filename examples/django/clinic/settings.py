"""A service that asked the auth API on every request. It has no users, no database and no secret now."""

from base import (  # noqa: F401
    ALLOWED_HOSTS,
    MIDDLEWARE,
    SECRET_KEY,
    USE_X_FORWARDED_HOST,
    edgeward,
    rest_framework,
)

INSTALLED_APPS = ["rest_framework", "edgeward_django"]
ROOT_URLCONF = "clinic.urls"
DATABASES = {}
USE_TZ = True
REST_FRAMEWORK = rest_framework("edgeward_django.authentication.EdgewardAuthentication", UNAUTHENTICATED_USER=None)
EDGEWARD = edgeward(
    AUDIENCE="clinic",
    TOKEN_ISSUERS=["https://auth.example"],
    # The names that these views know from the answer of /api/me/.
    CLAIMS={"id": "sub", "role": "roles.0"},
)
