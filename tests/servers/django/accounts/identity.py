"""What takes the place of JWTAuthentication in an application behind Edgeward: it reads who the gateway says it is, from plain
headers, or from the assertion where EDGEWARD_JWKS is set."""

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

import jwt
from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission

ITEM = re.compile(r'%"([^"]*)"|"((?:[^"\\]|\\.)*)"')


def items(value):
    """The texts of an RFC 9651 list of strings and display strings."""
    return [
        unquote(item.group(1)) if item.group(1) is not None else re.sub(r"\\(.)", r"\1", item.group(2))
        for item in ITEM.finditer(value)
    ]


@cache
def gateway_keys():
    # Kept for as long as the gateway says; an unknown `kid` is asked for once more.
    return jwt.PyJWKClient(settings.EDGEWARD_JWKS, lifespan=300, timeout=2)


def asserted(assertion):
    """The claims of an assertion by the gateway for this application; any other text is refused."""
    try:
        decoded = jwt.decode_complete(
            assertion,
            gateway_keys().get_signing_key_from_jwt(assertion).key,
            algorithms=["EdDSA"],
            issuer=settings.EDGEWARD_ISSUER,
            audience=settings.EDGEWARD_AUDIENCE,
            leeway=30,
            options={"require": ["iss", "aud", "iat", "exp"]},
        )
    except jwt.PyJWTError as error:
        raise AuthenticationFailed("the gateway did not send this") from error
    if decoded["header"].get("typ") != "edgeward-assertion+jwt":
        raise AuthenticationFailed("the gateway did not send this")
    return decoded["payload"]


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
        if settings.EDGEWARD_JWKS:
            return self.by_assertion(request)
        text = lambda fact: unquote(request.headers.get(f"x-auth-{fact}", ""))
        subject = text("subject")
        if not subject:
            return None
        roles = tuple(items(request.headers.get("x-auth-roles", "")))
        return Caller(subject, text("issuer"), text("email"), text("tenant"), roles), None

    def by_assertion(self, request):
        # The plain headers are not looked at: whoever reaches this server could have written them.
        assertion = request.headers.get("x-auth-assertion")
        if assertion is None:
            return None
        claims = asserted(assertion)
        facts = [claims.get(name, "") for name in ("sub", "issuer", "email", "tenant")]
        return Caller(*facts, tuple(claims.get("roles", ()))), None

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
