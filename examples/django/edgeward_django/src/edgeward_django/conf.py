"""The rules that are in force."""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from .read import read
from .rules import Rules


@cache
def current_rules() -> Rules:
    """The setting EDGEWARD. With faults nothing is decided: `manage.py check` lists them, too."""
    rules, faults = read(getattr(settings, "EDGEWARD", None))
    if rules is None:
        raise ImproperlyConfigured("; ".join(f"{fault.place}: {fault.message}" for fault in faults))
    return rules


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "EDGEWARD":
        current_rules.cache_clear()


setting_changed.connect(_forget, dispatch_uid="edgeward_django.conf")
