"""A tenant's views: none of them sees a token, but the one that calls Main."""

import json
import urllib.request

from django.conf import settings
from edgeward_django.forwarding import ForwardedTokenMixin
from edgeward_django.permissions import HasAnyRole
from edgeward_django.sync import SyncView
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import ListAPIView, ListCreateAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Member, Note


class NoteForm(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "text"]


class Notes(ListCreateAPIView):
    """The caller's own notes: `request.user` is the local user."""

    serializer_class = NoteForm

    def get_queryset(self):
        return Note.objects.filter(owner=self.request.user).order_by("id")

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)


class Caller(APIView):
    """Who the gateway says the caller is."""

    def get(self, request):
        claims = {name: request.user_claims.get(name) for name in ("sub", "issuer", "email", "roles", "tenant")}
        return Response({"application": settings.EDGEWARD["AUDIENCE"], "claims": claims, "has_token": bool(request.auth.token)})


class Record(serializers.ModelSerializer):
    id = serializers.CharField(source="username")

    class Meta:
        model = Member
        fields = ["id", "email", "first_name", "last_name", "is_active"]


class Members(ListAPIView):
    permission_classes = [HasAnyRole("owner", "superuser")]
    serializer_class = Record
    queryset = Member.objects.order_by("username")


class Plans(ForwardedTokenMixin, APIView):
    """Asks Main as the caller, as tenants did for everything before."""

    def get(self, request):
        # The address is a setting of ours.
        asked = urllib.request.Request(f"{settings.MAIN_URL}/api/plans/", headers=self.headers_to_forward())  # noqa: S310
        with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310
            return Response(json.load(answer))


class MemberSync(SyncView):
    """Main has invited or removed somebody. The assertion says who did that: only an owner may, and only here."""

    def store(self, user, claims, record):
        if record is None:
            return
        if not {"owner", "superuser"} & set(claims.get("roles", [])) or record.get("tenant") != claims.get("tenant"):
            raise PermissionDenied
        fields = {name: record[name] for name in ("email", "first_name", "last_name", "is_active")}
        Member.objects.update_or_create(username=record["id"], defaults=fields)
