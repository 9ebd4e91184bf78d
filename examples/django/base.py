"""What the four projects share: settings that are the same in each, and how a project is started."""

import importlib
import importlib.util
import io
import os
from pathlib import Path

PROJECT = os.environ.get("PROJECT", "main")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{PROJECT}.settings")

# A secret of this process: no project keeps Django sessions.
SECRET_KEY = os.environ.get("DJANGO_SECRET", "not-used-for-anything-that-outlives-this-process")
# That of everybody in the example.
PASSWORD = "correct horse battery staple"  # noqa: S105
# The gateway says which host the client asked for, and the projects listen on loopback alone (docs/origins.md).
USE_X_FORWARDED_HOST = True
ALLOWED_HOSTS = [".localhost", "127.0.0.1"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
APPS = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def database() -> dict:
    """SQLite in the folder that start.mjs names."""
    name = Path(os.environ.get("STATE", ".")) / f"{os.environ.get('NAME', PROJECT)}.sqlite3"
    # IMMEDIATE: writers wait for one another, and never find out in the middle of a transaction that they cannot write.
    options = {"timeout": 20, "transaction_mode": "IMMEDIATE"}
    return {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}}


def rest_framework(authentication: str, **more) -> dict:
    return {
        "DEFAULT_AUTHENTICATION_CLASSES": [authentication],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        **more,
    }


def edgeward(**more) -> dict:
    """The setting of edgeward-django. Each project adds what is its own."""
    return {
        "JWKS_URL": os.environ.get("EDGEWARD_JWKS", "http://127.0.0.1:8787/.edgeward/jwks.json"),
        "ISSUER": "https://gateway.example",
        **more,
    }


def prepare() -> None:
    """Checks the settings, makes the tables, and the people who are in `<project>/people.py`."""
    import django  # noqa: PLC0415 (the settings must be named first)
    from django.apps import apps  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    django.setup()
    call_command("check", fail_level="WARNING", stdout=io.StringIO())
    # The clinic has no tables.
    if apps.is_installed("django.contrib.auth"):
        call_command("migrate", verbosity=0)
        if importlib.util.find_spec(f"{PROJECT}.people"):
            importlib.import_module(f"{PROJECT}.people").make()
        # The worker is a fork: it must open connections of its own.
        connections.close_all()


def application():
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    return get_wsgi_application()
