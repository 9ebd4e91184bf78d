"""Main's views, an auth API's, and those of an application that has moved behind the gateway."""

from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.views import LoginView
from rest_framework import serializers
from rest_framework.authentication import BasicAuthentication, TokenAuthentication
from rest_framework.decorators import api_view, authentication_classes, permission_classes, throttle_classes
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from . import ledger, tokens
from .identity import EdgewardAuthentication, HasAnyRole, HasRole
from .models import User

ANY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]
META = ("HTTP_", "CONTENT_", "REMOTE_", "SERVER_", "REQUEST_", "PATH_INFO", "QUERY_STRING", "RAW_URI")


class Profile(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["email", "first_name", "last_name"]


def profile(user):
    return {**user.me(), "first_name": user.first_name, "last_name": user.last_name}


def heard(request):
    """The request's headers, and what the server made of them."""
    return {
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "meta": {name: value for name, value in request.META.items() if name.startswith(META) and isinstance(value, str)},
    }


@api_view(["GET"])
def me(request):
    return Response(request.user.me())


@api_view(["GET"])
@throttle_classes([UserRateThrottle])
def throttled_me(request):
    return Response(request.user.me())


@api_view(["GET"])
@authentication_classes([TokenAuthentication])
def authtoken_me(request):
    return Response(request.user.me())


@api_view(["GET"])
@authentication_classes([KnoxAuthentication])
def knox_me(request):
    return Response(request.user.me())


class KnoxLogin(LoginView):
    authentication_classes = [BasicAuthentication]


@api_view(["GET", "PUT"])
def own_profile(request):
    if request.method == "PUT":
        wanted = Profile(request.user, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        wanted.save()
    return Response(profile(request.user))


@api_view(["POST"])
@authentication_classes([EdgewardAuthentication])
@permission_classes([IsAuthenticated])
def sync_me(request):
    ledger.told(request)
    return Response(status=204)


@api_view(["GET"])
@authentication_classes([EdgewardAuthentication])
@permission_classes([HasRole("admin")])
def reports(request):
    return Response({"subject": request.user.subject, "roles": request.user.roles})


@api_view(["GET"])
@authentication_classes([EdgewardAuthentication])
@permission_classes([HasAnyRole("rvt", "admin")])
def exams(request):
    return Response({"subject": request.user.subject, "roles": request.user.roles})


@api_view(ANY_METHOD)
@authentication_classes([])
@permission_classes([])
def echo(request, rest=""):
    return Response({"method": request.method, "body": request.body.decode("latin-1"), **heard(request)})


@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def jwks(request):
    return Response(tokens.jwks())


@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def notes(request):
    return Response({"asked": ledger.ASKED, "told": ledger.TOLD})
