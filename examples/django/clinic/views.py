"""Views as they were written for the auth API: only the import of HasRole has changed (row B7)."""

from edgeward_django.permissions import HasAnyRole, HasRole
from rest_framework.response import Response
from rest_framework.views import APIView


class Exams(APIView):
    permission_classes = [HasRole("rvt")]

    def get(self, request):
        user = request.user_claims
        return Response({"id": user["id"], "email": user["email"], "role": user["role"]})


class Rounds(APIView):
    permission_classes = [HasAnyRole("admin", "doctor")]

    def get(self, request):
        return Response({"role": request.user_claims["role"]})


class Token(APIView):
    """Views that hand the token on read it so."""

    def get(self, request):
        return Response({"characters": len(request.auth.token.decode()), "id": request.auth["id"]})
