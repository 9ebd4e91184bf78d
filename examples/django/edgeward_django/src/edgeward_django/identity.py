"""Who the caller is: what the assertion says, where the headers say the same."""

from collections.abc import Mapping
from typing import Any

from .assertion import verified_claims
from .encoding import ABSENT, agrees
from .errors import Refused
from .keys import keys_of
from .paths import value_at
from .rules import FACTS, Rules


def caller_claims(headers: Mapping[str, str], rules: Rules) -> dict[str, Any] | None:
    """
    The claims of the caller, or None for a request of nobody. Identity headers without an assertion, or beside one that says otherwise,
    were not written by the gateway: `Refused`.
    """
    assertion = headers.get(f"{rules.prefix}assertion")
    if assertion is None:
        if any(headers.get(rules.header_of(fact)) is not None for fact in FACTS):
            raise Refused("assertion_missing")
        return None
    claims = verified_claims(assertion, rules, keys_of(rules.keys))
    compare(headers, claims, rules)
    return claims


def compare(headers: Mapping[str, str], claims: Mapping[str, Any], rules: Rules) -> None:
    """Refuses headers that differ from the assertion: a view may read either, and both must say the same."""
    for fact, (member, encoding) in FACTS.items():
        # An empty fact has no header.
        if not agrees(headers.get(rules.header_of(fact)), claims.get(member) or ABSENT, encoding):
            raise Refused("header_differs")
    further = claims.get("claims") or {}
    for entry in rules.claim_headers:
        if not agrees(headers.get(entry.header), further.get(entry.claim, ABSENT), entry.encoding):
            raise Refused("header_differs")


def user_claims(claims: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """What views get: the facts, the further claims by their own names, and the names that EDGEWARD["CLAIMS"] gives."""
    facts = {name: value for name, value in claims.items() if name not in ("claims", "aud", "iss")}
    further = claims.get("claims") or {}
    aliases = {name: value_at(claims, path) for name, path in rules.claims.items()}
    return {**further, **facts, **{name: value for name, value in aliases.items() if value is not None}}
