"""What tenants left to Main: the caller's own record, passwords, and who belongs to a tenant."""

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import RetrieveUpdateAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import User


class Profile(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "email", "first_name", "last_name", "role", "tenant", "is_active"]
        read_only_fields = ["id", "role", "tenant", "is_active"]


class Me(RetrieveUpdateAPIView):
    serializer_class = Profile

    def get_object(self):
        return self.request.user


class NewPassword(serializers.Serializer):
    old_password = serializers.CharField(required=False)
    new_password = serializers.CharField(min_length=8)


class ChangePassword(APIView):
    """One's own password, with the old one."""

    def post(self, request):
        asked = NewPassword(data=request.data)
        asked.is_valid(raise_exception=True)
        if not request.user.check_password(asked.validated_data.get("old_password", "")):
            raise serializers.ValidationError({"old_password": ["is wrong"]})
        return set_password(request.user, asked)


class ChangeTheirPassword(APIView):
    """Whose password may be changed here, the gateway decides: `path_segment` in edgeward.toml (row A9)."""

    def post(self, request, id):
        asked = NewPassword(data=request.data)
        asked.is_valid(raise_exception=True)
        return set_password(get_object_or_404(User, pk=id, tenant=request.user.tenant), asked)


def set_password(user, asked):
    user.set_password(asked.validated_data["new_password"])
    user.save(update_fields=["password"])
    return Response({"user": {"id": user.id}})


class Invite(APIView):
    """An owner invites somebody into their own tenant, which is told of it by `sync`."""

    def post(self, request):
        owner(request)
        asked = Profile(data=request.data)
        asked.is_valid(raise_exception=True)
        user = User(**asked.validated_data, username=asked.validated_data["email"], tenant=request.user.tenant)
        user.set_unusable_password()
        user.save()
        return Response(Profile(user).data, status=201)


class Remove(APIView):
    """The user can log in no more. The tenant keeps a row that is not active."""

    def delete(self, request, id):
        owner(request)
        user = get_object_or_404(User, pk=id, tenant=request.user.tenant)
        user.is_active = False
        user.save(update_fields=["is_active"])
        return Response(Profile(user).data)


def owner(request):
    if request.user.role not in ("owner", "superuser"):
        raise PermissionDenied


class Plans(APIView):
    """What tenants ask Main for, under a path of its own (row A10) or with the caller's token."""

    def get(self, request):
        return Response({"asked_by": request.user.id, "plans": ["basic", "pro"]})
