"""The gateway's public keys: fetched when they are needed, cached, and never fetched as often as a client likes."""

import http.client
import json
import logging
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Any, cast

import jwt

from .errors import KeysUnavailable, Refused
from .rules import KeyRules

logger = logging.getLogger("edgeward_django")

MOST_BYTES = 64 * 1024
Fetch = Callable[[KeyRules], bytes]


class GatewayKeys:
    """
    Keys are fresh for `fresh` seconds. An unknown `kid` fetches them anew, at most once in `pause` seconds, for all callers together and
    even after a failed fetch. While the gateway gives none, the last ones serve for `stale` seconds more; then nothing is believed.
    """

    def __init__(self, rules: KeyRules, fetch: Fetch | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules, self._fetch, self._clock = rules, fetch or fetch_over_http, clock
        self._lock = Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched: float | None = None
        self._asked: float | None = None

    def find(self, kid: str) -> jwt.PyJWK:
        """The key of this name. Raises `Refused` where the gateway has no such key, `KeysUnavailable` where nobody can tell."""
        age = self._age()
        if kid in self._keys and age <= self._rules.fresh:
            return self._keys[kid]
        # One thread fetches. One whose key is known does not wait for it.
        if self._lock.acquire(blocking=kid not in self._keys):
            try:
                self._refresh(kid)
            finally:
                self._lock.release()
        return self._judge(kid)

    def _age(self) -> float:
        return float("inf") if self._fetched is None else self._clock() - self._fetched

    def _refresh(self, kid: str) -> None:
        now = self._clock()
        if kid in self._keys and self._age() <= self._rules.fresh:
            return
        if self._asked is not None and now - self._asked < self._rules.pause:
            return
        self._asked = now
        try:
            self._keys = usable_keys(self._fetch(self._rules))
            self._fetched = now
        except (OSError, ValueError, http.client.HTTPException) as error:
            logger.warning("keys_unavailable: %s", type(error).__name__)

    def _judge(self, kid: str) -> jwt.PyJWK:
        if self._age() > self._rules.fresh + self._rules.stale:
            raise KeysUnavailable
        if kid not in self._keys:
            raise Refused("key_unknown")
        return self._keys[kid]


def usable_keys(body: bytes) -> dict[str, jwt.PyJWK]:
    """The Ed25519 keys of a JWK Set by their `kid`. A name that two keys share names none."""
    entries = _members(json.loads(body))
    names = Counter(entry.get("kid") for entry in entries if isinstance(entry.get("kid"), str))
    keys = {}
    for entry in entries:
        kid = entry.get("kid")
        if names.get(kid) == 1 and (entry.get("kty"), entry.get("crv")) == ("OKP", "Ed25519") and "d" not in entry:
            try:
                keys[cast("str", kid)] = jwt.PyJWK(entry, "EdDSA")
            except jwt.PyJWTError:
                continue
    if not keys:
        raise ValueError("expected at least one key of Ed25519 with a `kid`")
    return keys


def _members(document: Any) -> list[dict[str, Any]]:
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("expected a JWK Set")  # noqa: TRY004
    return [entry for entry in entries if isinstance(entry, dict)]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def fetch_over_http(rules: KeyRules) -> bytes:
    """The body of a 200. A redirect is an error: it would let another host name the keys."""
    request = urllib.request.Request(rules.url, headers={"accept": "application/json"})  # noqa: S310 (the scheme was checked)
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=rules.timeout) as answer:
        body: bytes = answer.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ValueError(f"expected at most {MOST_BYTES} bytes of keys")
    return body


stores: dict[KeyRules, GatewayKeys] = {}


def keys_of(rules: KeyRules) -> GatewayKeys:
    """The one cache of this process for these rules."""
    return stores.setdefault(rules, GatewayKeys(rules))
