"""For tests of an application: requests as the gateway would send them, and nothing that listens."""

import json
import re
import time
from types import TracebackType
from typing import Any
from urllib.parse import quote

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from .assertion import TYPE
from .conf import current_rules
from .keys import GatewayKeys, stores

SAFE = "".join(map(chr, range(0x21, 0x7F))).replace("%", "")


class GatewayForTests:
    """
    with GatewayForTests() as gateway:
        client.get("/exams/", headers=gateway.headers("user-2", roles=["rvt"], token="…"))
    """

    def __init__(self, kid: str = "test") -> None:
        self.key, self.kid = Ed25519PrivateKey.generate(), kid

    def __enter__(self) -> "GatewayForTests":
        rules = current_rules().keys
        stores[rules] = GatewayKeys(rules, fetch=lambda _: self.published())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        stores.clear()

    def published(self) -> bytes:
        """The JWK Set with this gateway's key."""
        public = OKPAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return json.dumps({"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "EdDSA"}]}).encode()

    def assertion(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        """An assertion with these claims over those that are always there. A claim of None is left out."""
        rules, now = current_rules(), int(time.time())
        full = {"iss": rules.issuer, "aud": rules.audience, "iat": now, "exp": now + 60, **claims}
        payload = {name: value for name, value in full.items() if value is not None}
        members = {"typ": TYPE, "kid": self.kid, **(header or {})}
        named = {name: value for name, value in members.items() if value is not None}
        return jwt.encode(payload, self.key, algorithm="EdDSA", headers=named)

    def headers(self, subject: str, *, token: str = "", **facts: Any) -> dict[str, str]:
        """All headers of a request of this caller; `facts` are `roles`, `email`, `tenant`, … of the assertion."""
        rules = current_rules()
        issuer = rules.token_issuers[0] if rules.token_issuers else "https://issuer.test"
        claims = {"sub": subject, "issuer": issuer, **facts}
        if "scope" in claims:
            claims["scope"] = " ".join(quote(word, safe=SAFE) for word in claims["scope"].split(" "))
        written = {rules.header_of("subject" if name == "sub" else name): _written(name, value) for name, value in claims.items()}
        own = {"authorization": f"Bearer {token}"} if token else {}
        return {**own, **written, f"{rules.prefix}assertion": self.assertion(claims)}


def _written(name: str, value: Any) -> str:
    if name == "scope":
        return str(value)
    if isinstance(value, list):
        return ", ".join(f'"{_escaped(item)}"' if item.isascii() else f'%"{quote(item, safe=SAFE)}"' for item in value)
    return quote(str(value), safe=SAFE)


def _escaped(item: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", item)
