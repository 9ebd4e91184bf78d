"""What takes the place of SimpleJWT's JWTAuthentication behind the gateway."""

import logging
from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from .caller import Caller, CallerToken
from .conf import current_rules
from .errors import Refused, not_through_gateway
from .identity import caller_claims, user_claims
from .rules import Rules
from .users import local_user

logger = logging.getLogger("edgeward_django")


class EdgewardAuthentication(BaseAuthentication):
    """
    Believes the gateway's assertion, and headers that agree with it. Every other request is refused with 401, on views that let everyone
    pass, too. The view has `request.user`, `request.auth` (`CallerToken`) and `request.user_claims`.
    """

    accepts_nobody = False

    def authenticate(self, request: Request) -> tuple[Any, CallerToken] | None:
        rules = current_rules()
        # Where DRF goes on without a user, a view finds no claims, and not an AttributeError.
        request._request.user_claims = {}  # type: ignore[attr-defined]
        try:
            claims = caller_claims(request.headers, rules)
            if claims is None:
                self.check_nobody()
                return None
            payload = user_claims(claims, rules)
            user = self.find_user(claims, rules)
        except Refused as refusal:
            logger.warning("refused: %s", refusal.code)
            raise not_through_gateway() from None
        request._request.user_claims = payload  # type: ignore[attr-defined]
        return user, CallerToken(presented_token(request), payload, claims)

    def check_nobody(self) -> None:
        """A request without any identity. The gateway sends one on `public` and `optional` routes, and so does anyone else."""
        if not self.accepts_nobody:
            raise Refused("assertion_missing")

    def find_user(self, claims: dict[str, Any], rules: Rules) -> Any:
        if rules.user is not None:
            return local_user(claims, rules.user)
        texts = {name: str(claims.get(name, "")) for name in ("issuer", "email", "tenant")}
        return Caller(subject=str(claims.get("sub", "")), roles=tuple(claims.get("roles", ())), **texts)

    def authenticate_header(self, request: Request) -> str:
        # With a challenge REST framework answers 401 to nobody, and 403 to somebody who lacks a role.
        return "Bearer"


class OptionalEdgewardAuthentication(EdgewardAuthentication):
    """The same for views behind `public` and `optional` routes: a request of nobody passes as anonymous. It proves nothing."""

    accepts_nobody = True


def presented_token(request: Request) -> bytes:
    """The token in `Authorization`, byte for byte. The gateway has verified it, and this application has not."""
    parts = get_authorization_header(request).split()
    return parts[1] if len(parts) == 2 else b""  # noqa: PLR2004
