"""For views that call another service as the caller."""

from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from .caller import CallerToken


class ForwardedTokenMixin:
    """Gives a view the caller's own token, to call a service that verifies it: `requests.get(url, headers=self.headers_to_forward())`."""

    request: Request

    def token_to_forward(self) -> str:
        """The token as the caller sent it, or 401: the route has `authorization = "strip"`, or nobody called."""
        auth = self.request.auth
        if not isinstance(auth, CallerToken) or not auth.token:
            raise NotAuthenticated("there is no token to forward")
        return str(auth)

    def headers_to_forward(self) -> dict[str, str]:
        """`Authorization`, and the request's id, by which the logs of all services can be read together."""
        headers = {"Authorization": f"Bearer {self.token_to_forward()}"}
        request_id = self.request.headers.get("x-request-id")
        return {**headers, "X-Request-Id": request_id} if request_id else headers
