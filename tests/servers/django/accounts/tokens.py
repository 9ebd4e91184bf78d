"""SimpleJWT's own pair of tokens with the claims that a gateway decides on, and the keys to verify them."""

import hashlib
import json

from django.conf import settings
from jwt.algorithms import RSAAlgorithm
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer


class TokenPair(TokenObtainPairSerializer):
    @classmethod
    def get_token(cls, user):
        token = super().get_token(user)
        token["email"] = user.email
        token["role"] = user.role
        token["org"] = user.me()["org"]
        return token


def jwks():
    """The public key as a JWK Set; an empty set when tokens are signed with a secret."""
    jwt = settings.SIMPLE_JWT
    if not jwt["ALGORITHM"].startswith("RS"):
        return {"keys": []}
    algorithm = RSAAlgorithm(RSAAlgorithm.SHA256)
    public = RSAAlgorithm.to_jwk(algorithm.prepare_key(jwt["VERIFYING_KEY"]), as_dict=True)
    jwk = {name: public[name] for name in ("e", "kty", "n")}
    digest = hashlib.sha256(json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    # SimpleJWT writes no `kid` into its tokens; the name is for people who read the set.
    return {"keys": [{**jwk, "use": "sig", "alg": jwt["ALGORITHM"], "kid": digest[:16]}]}
