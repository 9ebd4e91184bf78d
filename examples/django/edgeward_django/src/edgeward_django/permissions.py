"""Roles and scopes as permissions: `permission_classes = [HasRole("rvt")]`, also with `&`, `|` and `~`."""

from typing import Any
from urllib.parse import unquote

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from .caller import CallerToken


def HasRole(role: str) -> type[BasePermission]:
    """The caller has this role."""
    return HasAnyRole(role)


def HasAnyRole(*roles: str) -> type[BasePermission]:
    """The caller has at least one of these roles."""
    return _permission("roles", _texts(roles), any)


def HasScope(*words: str) -> type[BasePermission]:
    """The token's scope has all of these words."""
    return _permission("scope", _texts(words), all)


def _permission(name: str, wanted: tuple[str, ...], enough: Any) -> type[BasePermission]:
    class Permission(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            # Of the verified claims, and never of the local user: a copy may be old.
            auth = request.auth
            return isinstance(auth, CallerToken) and bool(enough(item in held(auth, name) for item in wanted))

    return Permission


def held(auth: CallerToken, name: str) -> list[str]:
    """The roles or scopes of the caller."""
    value = auth.facts.get(name)
    if isinstance(value, str):
        # Words beyond ASCII are percent-encoded, as in the header.
        return [unquote(word) for word in value.split(" ")]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _texts(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values or not all(isinstance(value, str) and value for value in values):
        raise TypeError("expected at least one text")
    return values
