"""The gateway's assertion: a JWT that says who the caller is, signed for this application."""

from typing import Any

import jwt

from .errors import Refused
from .keys import GatewayKeys
from .rules import Rules

TYPE = "edgeward-assertion+jwt"
MOST_CHARACTERS = 16 * 1024


def verified_claims(assertion: str, rules: Rules, keys: GatewayKeys) -> dict[str, Any]:
    """The claims of an assertion that holds. Raises `Refused`, or `KeysUnavailable`."""
    key = keys.find(_kid(assertion))
    try:
        claims = jwt.decode(
            assertion,
            key.key,
            # Never the token's own choice: one algorithm is accepted.
            algorithms=["EdDSA"],
            issuer=rules.issuer,
            audience=rules.audience,
            leeway=rules.leeway,
            options={"require": ["iss", "aud", "iat", "exp"], "strict_aud": True},
        )
    except jwt.ExpiredSignatureError as error:
        raise Refused("assertion_expired") from error
    except jwt.PyJWTError as error:
        raise Refused("assertion_invalid") from error
    if rules.token_issuers and claims.get("issuer") not in rules.token_issuers:
        raise Refused("token_issuer_refused")
    return claims


def _kid(assertion: str) -> str:
    if len(assertion) > MOST_CHARACTERS:
        raise Refused("assertion_too_large")
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.PyJWTError as error:
        raise Refused("assertion_malformed") from error
    # The type keeps other tokens of the same key apart; `crit` would ask for what is not understood here (RFC 7515 §4.1.11).
    if header.get("typ") != TYPE or "crit" in header or not isinstance(header.get("kid"), str):
        raise Refused("assertion_header_refused")
    return str(header["kid"])
