from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer


def record(account):
    return {
        "id": f"account-{account.pk}",
        "email": account.email,
        "role": account.role,
        "org": {"subscription": {"status": account.subscription}},
    }


class Me(APIView):
    """What services asked on every request: 200 and who it is, or 401."""

    def get(self, request):
        return Response(record(request.user))


class TokenPair(TokenObtainPairSerializer):
    """The token says the same as /api/me/, so that it can be verified where nobody answers there (row C3)."""

    @classmethod
    def get_token(cls, user):
        token = super().get_token(user)
        for name, value in record(user).items():
            token[name] = value
        return token
