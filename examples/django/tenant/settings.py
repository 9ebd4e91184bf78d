"""One tenant's own application: started once as acme, once as globex. It verifies no token, and has no secret."""

import os

from base import (  # noqa: F401
    ALLOWED_HOSTS,
    APPS,
    DEFAULT_AUTO_FIELD,
    MIDDLEWARE,
    SECRET_KEY,
    USE_X_FORWARDED_HOST,
    database,
    edgeward,
    rest_framework,
)

INSTALLED_APPS = [*APPS, "edgeward_django", "tenant"]
ROOT_URLCONF = "tenant.urls"
AUTH_USER_MODEL = "tenant.Member"
DATABASES = database()
USE_TZ = True
REST_FRAMEWORK = rest_framework("edgeward_django.authentication.EdgewardAuthentication")

MAIN_URL = os.environ.get("MAIN_URL", "http://127.0.0.1:8101")
EDGEWARD = edgeward(
    AUDIENCE=os.environ.get("NAME", "acme"),
    TOKEN_ISSUERS=["https://main.example"],
    # The local user has Main's id, and is made at the first request (row C12).
    USER={"LOOKUP": {"username": "sub"}, "FIELDS": {"email": "email"}},
    # And follows what Main says of it (row A7).
    SYNC={"FIELDS": {"email": "email", "first_name": "first_name", "last_name": "last_name"}},
)
