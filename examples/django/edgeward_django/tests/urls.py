from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication

from edgeward_django.authentication import OptionalEdgewardAuthentication
from edgeward_django.forwarding import ForwardedTokenMixin
from edgeward_django.permissions import HasAnyRole, HasRole, HasScope
from edgeward_django.sync import SyncView


class Show(ForwardedTokenMixin, APIView):
    def get(self, request):
        return Response({"user": str(request.user), "claims": request.user_claims})


class Open(Show):
    permission_classes = [AllowAny]


class Optional(Open):
    authentication_classes = [OptionalEdgewardAuthentication]


class Both(Show):
    """While an application moves over."""

    authentication_classes = [OptionalEdgewardAuthentication, JWTAuthentication]


class Written(Show):
    """A view as it was written for SimpleJWT, and as services of a central auth API have it."""

    permission_classes = [HasRole("rvt")]

    def get(self, request):
        token = request.auth.token.decode()
        return Response({"token": token, "text": str(request.auth), "id": request.auth["id"], "role": request.user_claims["role"]})


class Forward(Show):
    def get(self, request):
        return Response(self.headers_to_forward())


def guarded(*permissions):
    return Show.as_view(permission_classes=list(permissions))


urlpatterns = [
    path("show/", Show.as_view()),
    path("open/", Open.as_view()),
    path("optional/", Optional.as_view()),
    path("both/", Both.as_view()),
    path("written/", Written.as_view()),
    path("forward/", Forward.as_view()),
    path("any-role/", guarded(HasAnyRole("admin", "doctor"))),
    path("scope/", guarded(HasScope("users:read", "users:write"))),
    path("words/", guarded(HasScope("schön"))),
    path("either/", guarded(HasRole("admin") | HasScope("users:read"))),
    path("internal/sync/me", SyncView.as_view()),
]
