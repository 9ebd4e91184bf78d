"""`manage.py check`: each wrong setting by its name."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import FieldDoesNotExist
from django.db.models import UniqueConstraint
from django.utils.module_loading import import_string

from .authentication import EdgewardAuthentication
from .read import read
from .rules import Rules, UserRules


@register(Tags.security)
def check_settings(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    rules, faults = read(getattr(settings, "EDGEWARD", None))
    found: list[CheckMessage] = [Error(f"{fault.place}: {fault.message}", id=f"edgeward.E{fault.number:03}") for fault in faults]
    if rules is not None:
        found += [*_users(rules), *_sync(rules)]
    return [*found, *_classes()]


def _users(rules: Rules) -> Iterator[CheckMessage]:
    if rules.user is None:
        return
    yield from _fields("LOOKUP", rules.user.lookup, 'EDGEWARD["USER"]')
    yield from _fields("FIELDS", rules.user.fields, 'EDGEWARD["USER"]')
    if not _is_unique(rules.user):
        yield Error(
            'EDGEWARD["USER"]["LOOKUP"]: expected a unique field, or two fields that are unique together',
            hint="Without it two requests at the same moment make two users.",
            id="edgeward.E012",
        )
    if "issuer" not in rules.user.lookup.values() and len(rules.token_issuers) != 1:
        yield Error(
            'EDGEWARD["TOKEN_ISSUERS"]: expected exactly one issuer, or a field for "issuer" in EDGEWARD["USER"]["LOOKUP"]',
            hint="Two issuers may give two people the same subject.",
            id="edgeward.E013",
        )
    if "email" in rules.user.lookup.values():
        yield Warning(
            'EDGEWARD["USER"]["LOOKUP"]: finds users by address',
            hint="Anyone who can register an address at the issuer becomes its local user: make sure that the issuer verifies addresses.",
            id="edgeward.W001",
        )


def _sync(rules: Rules) -> Iterator[CheckMessage]:
    yield from _fields("FIELDS", rules.sync.fields, 'EDGEWARD["SYNC"]')


def _fields(key: str, fields: dict[str, str], place: str) -> Iterator[CheckMessage]:
    if not fields:
        # An application without local users may have no user model.
        return
    model = get_user_model()
    for name in fields:
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            field = None
        if field is None or not getattr(field, "concrete", False) or field.many_to_many:
            yield Error(f'{place}["{key}"]["{name}"]: {model.__name__} has no such field', id="edgeward.E011")


def _is_unique(rules: UserRules) -> bool:
    meta = get_user_model()._meta
    names = set(rules.lookup)
    if any(field.name in names and getattr(field, "unique", False) for field in meta.get_fields()):
        return True
    together = [set(each) for each in meta.unique_together]
    together += [set(each.fields) for each in meta.constraints if isinstance(each, UniqueConstraint) and each.condition is None]
    return any(each and each <= names for each in together)


def _classes() -> Iterator[CheckMessage]:
    """Another class beside ours is another way in, past the gateway."""
    names = getattr(settings, "REST_FRAMEWORK", {}).get("DEFAULT_AUTHENTICATION_CLASSES")
    if names is None:
        names = ["rest_framework.authentication.SessionAuthentication", "rest_framework.authentication.BasicAuthentication"]
    others = [name for name in names if not _is_ours(name)]
    if others:
        yield Warning(
            f'REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"]: {", ".join(map(str, others))} accepts requests past the gateway',
            hint="Name edgeward_django.authentication.EdgewardAuthentication alone.",
            id="edgeward.W002",
        )


def _is_ours(name: Any) -> bool:
    try:
        found = import_string(name) if isinstance(name, str) else name
    except ImportError:
        return False
    return isinstance(found, type) and issubclass(found, EdgewardAuthentication)
