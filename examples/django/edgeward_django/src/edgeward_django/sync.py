"""The receiver for `routes[].sync`: what Main has changed about a user is written to the local copy."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.dispatch import Signal
from rest_framework.exceptions import APIException, ParseError, PermissionDenied
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .authentication import EdgewardAuthentication
from .caller import CallerToken
from .conf import current_rules
from .errors import Refused
from .paths import value_at
from .users import change, present

# Sent with `user` (None without EDGEWARD["USER"]), `claims` and `record`, after the fields were written. May be sent twice for one change.
synced = Signal()

MOST_BYTES = 64 * 1024


class TooLarge(APIException):
    status_code = 413
    default_detail = f"expected at most {MOST_BYTES} bytes"


class IsSync(BasePermission):
    """The gateway removes this header from what clients send."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.headers.get("x-edgeward-sync") == "1"


class SyncView(APIView):
    """
    POST, JSON of at most 64 KiB, answered with 204. The assertion proves who has changed something, but does not cover the body. So only
    a record about the caller is written. For records about others, override `store`, and check there whether this caller may change them.
    """

    authentication_classes = (EdgewardAuthentication,)
    permission_classes = (IsSync,)
    parser_classes = (JSONParser,)

    def post(self, request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > MOST_BYTES:
            raise TooLarge
        record = request.data or None
        if record is not None and not isinstance(record, dict):
            raise ParseError("expected a JSON object, or no body")
        user = request.user if isinstance(request.user, AbstractBaseUser) else None
        claims = request.auth.payload if isinstance(request.auth, CallerToken) else {}
        self.store(user, claims, record)
        synced.send(sender=type(self), user=user, claims=claims, record=record)
        return Response(status=204)

    def store(self, user: AbstractBaseUser | None, claims: dict[str, Any], record: dict[str, Any] | None) -> None:
        """Writes EDGEWARD["SYNC"]["FIELDS"]. An answer of Main without a body changes nothing here."""
        rules = current_rules().sync
        if user is None or record is None:
            return
        if claims.get("sub") is None or str(value_at(record, rules.subject)) != str(claims["sub"]):
            raise PermissionDenied("the record is not about the caller")
        try:
            change(user, present(record, rules.fields))
        except Refused as refusal:
            raise ParseError(refusal.code) from refusal
