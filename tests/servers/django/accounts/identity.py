"""What takes the place of JWTAuthentication in an application behind Edgeward: it reads who the gateway says it is."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission

ITEM = re.compile(r'%"([^"]*)"|"((?:[^"\\]|\\.)*)"')


def items(value):
    """The texts of an RFC 9651 list of strings and display strings."""
    return [
        unquote(item.group(1)) if item.group(1) is not None else re.sub(r"\\(.)", r"\1", item.group(2))
        for item in ITEM.finditer(value)
    ]


@dataclass(frozen=True)
class Caller:
    subject: str
    issuer: str
    email: str
    tenant: str
    roles: tuple
    is_authenticated = True


class EdgewardAuthentication(BaseAuthentication):
    def authenticate(self, request):
        text = lambda fact: unquote(request.headers.get(f"x-auth-{fact}", ""))
        subject = text("subject")
        if not subject:
            return None
        roles = tuple(items(request.headers.get("x-auth-roles", "")))
        return Caller(subject, text("issuer"), text("email"), text("tenant"), roles), None

    def authenticate_header(self, request):
        # With a challenge, REST framework answers 401 to nobody and 403 to somebody without the role.
        return "Bearer"


def HasAnyRole(*roles):
    class Permission(BasePermission):
        def has_permission(self, request, view):
            return any(role in getattr(request.user, "roles", ()) for role in roles)

    return Permission


def HasRole(role):
    return HasAnyRole(role)
