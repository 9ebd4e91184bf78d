"""The local user of a caller: found, or made once, whichever request comes first."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DataError, IntegrityError, transaction

from .errors import Refused
from .paths import value_at
from .rules import UserRules

# What a database or a field says to a value that does not fit it.
UNFIT = (ValueError, TypeError, OverflowError, ValidationError)


def local_user(claims: Mapping[str, Any], rules: UserRules) -> AbstractBaseUser:
    """Raises `Refused` where there is no such user, and none can be made."""
    lookup = {field: _name(value_at(claims, path)) for field, path in rules.lookup.items()}
    fields = present(claims, rules.fields)
    user = _found(lookup)
    if user is None:
        if not rules.create:
            raise Refused("user_unknown")
        user = _made(lookup, fields)
    elif rules.update:
        change(user, fields)
    if not user.is_active:
        raise Refused("user_inactive")
    return user


def present(record: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """The fields for which the record has a value."""
    values = {field: value_at(record, path) for field, path in paths.items()}
    if not all(isinstance(value, str | int | float | None) for value in values.values()):
        raise Refused("user_field_refused")
    return {field: value for field, value in values.items() if value is not None}


def change(user: AbstractBaseUser, fields: Mapping[str, Any]) -> None:
    """Writes what differs, and nothing else: requests at the same moment do not undo each other's fields."""
    changed = [field for field, value in fields.items() if getattr(user, field) != value]
    if not changed:
        return
    for field in changed:
        setattr(user, field, fields[field])
    try:
        with transaction.atomic():
            user.save(update_fields=changed)
    except (IntegrityError, DataError, *UNFIT) as error:
        raise Refused("user_field_refused") from error


def _name(value: Any) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise Refused("user_not_named")
    return value


def _found(lookup: Mapping[str, str | int]) -> AbstractBaseUser | None:
    try:
        user: AbstractBaseUser = get_user_model()._default_manager.get(**lookup)
    except ObjectDoesNotExist:
        return None
    except (DataError, *UNFIT) as error:
        raise Refused("user_not_named") from error
    # A database may take Ada for ada, and Django 01 for 1: neither is the same subject.
    if any(str(getattr(user, field)) != str(value) for field, value in lookup.items()):
        raise Refused("user_name_differs")
    return user


def _made(lookup: Mapping[str, str | int], fields: Mapping[str, Any]) -> AbstractBaseUser:
    try:
        # Where another request was first, its unique field makes this one find that user. A savepoint of its own holds the insert.
        get_user_model()._default_manager.get_or_create(**lookup, defaults={**fields, "password": make_password(None)})
    except IntegrityError as error:
        # Another user has a field that must be unique, such as the address.
        raise Refused("user_conflict") from error
    except (DataError, *UNFIT) as error:
        raise Refused("user_field_refused") from error
    user = _found(lookup)
    if user is None:
        raise Refused("user_unknown")
    return user
