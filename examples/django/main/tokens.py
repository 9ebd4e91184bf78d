"""SimpleJWT's pair of tokens, with the claims that the gateway decides on."""

from rest_framework_simplejwt.serializers import TokenObtainPairSerializer


class TokenPair(TokenObtainPairSerializer):
    @classmethod
    def get_token(cls, user):
        token = super().get_token(user)
        token["email"], token["role"], token["tenant"] = user.email, user.role, user.tenant
        return token
