"""A small application behind the gateway."""

import os
import tempfile
from pathlib import Path

SECRET_KEY = "only for tests, and long enough for SimpleJWT"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rest_framework",
    "edgeward_django",
    "tests",
]
ROOT_URLCONF = "tests.urls"
AUTH_USER_MODEL = "tests.Person"
# A file, because threads of one test write to it at the same moment.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "TEST": {"NAME": str(Path(tempfile.gettempdir()) / f"edgeward-django-{os.getpid()}.sqlite3")},
        "OPTIONS": {"timeout": 20},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["edgeward_django.authentication.EdgewardAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
EDGEWARD = {
    "JWKS_URL": "https://api.example.com/.edgeward/jwks.json",
    "ISSUER": "https://gateway.example.com",
    "AUDIENCE": "acme",
    "TOKEN_ISSUERS": ["https://main.example.com"],
    "HEADERS": {"CLAIMS": [{"header": "x-auth-plan", "claim": "org.plan"}]},
    "CLAIMS": {"id": "sub", "role": "roles.0", "plan": "claims.org.plan"},
    "USER": {"LOOKUP": {"username": "sub"}, "FIELDS": {"email": "email"}},
    "SYNC": {"FIELDS": {"first_name": "first_name", "email": "email"}},
}
