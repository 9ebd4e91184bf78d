"""What goes wrong, and what clients see of it."""

from rest_framework import status
from rest_framework.exceptions import APIException, AuthenticationFailed


class Refused(Exception):
    """The request is not believed. The code is for the log; clients see one answer for all of them."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class KeysUnavailable(APIException):
    """Nobody can tell whether the gateway signed this: 503, so that no client throws its token away."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "the gateway's keys are not available; repeat the request"
    default_code = "keys_unavailable"


def not_through_gateway() -> AuthenticationFailed:
    """The 401 for every reason."""
    return AuthenticationFailed("the request did not come through the gateway", "gateway_required")
