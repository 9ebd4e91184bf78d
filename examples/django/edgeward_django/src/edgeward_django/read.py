"""Reads the setting EDGEWARD. Every fault is found at once, each with its place, as the gateway does with its own configuration."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .rules import ENCODINGS, FACTS, PLAIN, ClaimHeader, KeyRules, Rules, SyncRules, UserRules

HEADER = re.compile(r"[a-z0-9-]+")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: `EDGEWARD["AUDIENCE"]`."""

    number: int
    place: str
    message: str


def read(table: Any) -> tuple[Rules | None, list[Fault]]:
    """The rules, or None and why."""
    faults: list[Fault] = []
    root = _Table("EDGEWARD", table, faults)
    keys = root.table("KEYS")
    headers = root.table("HEADERS")
    key_rules = KeyRules(
        root.take("JWKS_URL", 2, "https://…/.edgeward/jwks.json (http is for loopback hosts)", _is_key_url, required=True),
        keys.take("FRESH_SECONDS", 5, "a number from 1 to 86400", _between(1, 86_400), 300),
        keys.take("STALE_SECONDS", 5, "a number from 0 to 86400", _between(0, 86_400), 3600),
        keys.take("PAUSE_SECONDS", 5, "a number from 1 to 3600", _between(1, 3_600), 30),
        keys.take("TIMEOUT_SECONDS", 5, "a number from 0.1 to 30", _between(0.1, 30), 2),
    )
    rules = Rules(
        keys=key_rules,
        audience=root.take("AUDIENCE", 3, "the name that the gateway has for this application's origin", _is_text, required=True),
        issuer=root.take("ISSUER", 4, "the gateway's `assertion.issuer`", _is_text, "edgeward"),
        leeway=root.take("LEEWAY_SECONDS", 5, "a number from 0 to 300, the gateway's `leeway_seconds`", _between(0, 300), 30),
        prefix=headers.take("PREFIX", 6, "lower-case letters, digits and `-`, with `-` at the end", _is_prefix, "x-auth-"),
        names=headers.take("NAMES", 6, f"a table of {', '.join(FACTS)} and header names in lower case", _are_names, {}),
        claim_headers=tuple(map(_claim_header, headers.take("CLAIMS", 6, CLAIM_FORM, _are_claim_headers, []))),
        token_issuers=tuple(root.take("TOKEN_ISSUERS", 7, "a list of the `iss` of tokens that are accepted", _are_texts, [])),
        claims=root.take("CLAIMS", 8, "a table of names and dotted paths in the assertion", _are_paths, {}),
        user=_user(root),
        sync=_sync(root),
    )
    for each in (keys, headers, root):
        each.finish()
    return (None if faults else rules), faults


CLAIM_FORM = 'a list of {"header": …, "claim": …, "encoding": "plain", "list" or "json"}, the gateway\'s `headers.claims`'


def _user(root: "_Table") -> UserRules | None:
    if not root.has("USER"):
        root.rest.pop("USER", None)
        return None
    table = root.table("USER")
    rules = UserRules(
        table.take("LOOKUP", 9, "a table of one or two fields and their paths in the assertion", _is_lookup, required=True) or {},
        table.take("FIELDS", 9, "a table of fields and dotted paths in the assertion", _are_paths, {}),
        table.take("CREATE", 9, "True or False", _is_flag, True),
        table.take("UPDATE", 9, "True or False", _is_flag, False),
    )
    table.finish()
    return rules


def _sync(root: "_Table") -> SyncRules:
    table = root.table("SYNC")
    rules = SyncRules(
        table.take("SUBJECT", 10, "the dotted path of the user's id in a record", _is_text, "id"),
        table.take("FIELDS", 10, "a table of fields and dotted paths in a record", _are_paths, {}),
    )
    table.finish()
    return rules


class _Table:
    """A table that is read key by key; what was not read is unknown."""

    def __init__(self, place: str, value: Any, faults: list[Fault]) -> None:
        self.place, self.faults = place, faults
        self.rest: dict[str, Any] = dict(value) if isinstance(value, Mapping) else {}
        if not isinstance(value, Mapping):
            faults.append(Fault(1, place, "expected a dict"))

    def has(self, key: str) -> bool:
        return self.rest.get(key) is not None

    def table(self, key: str) -> "_Table":
        return _Table(f'{self.place}["{key}"]', self.rest.pop(key, {}), self.faults)

    def take(
        self, key: str, number: int, expected: str, holds: Callable[[Any], bool], default: Any = None, *, required: bool = False
    ) -> Any:
        value = self.rest.pop(key, default)
        if required and value is None:
            self.faults.append(Fault(number, f'{self.place}["{key}"]', f"is required: {expected}"))
        elif not holds(value):
            self.faults.append(Fault(number, f'{self.place}["{key}"]', f"expected {expected}"))
            return default
        return value

    def finish(self) -> None:
        for key in self.rest:
            self.faults.append(Fault(1, f'{self.place}["{key}"]', "unknown setting"))


def _claim_header(entry: Mapping[str, str]) -> ClaimHeader:
    return ClaimHeader(entry["header"], entry["claim"], entry.get("encoding", PLAIN))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_text, value))


def _are_paths(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, value)) and all(map(_is_text, value.values()))


def _is_lookup(value: Any) -> bool:
    return _are_paths(value) and 1 <= len(value) <= 2  # noqa: PLR2004


def _is_header(value: Any) -> bool:
    return isinstance(value, str) and HEADER.fullmatch(value) is not None


def _is_prefix(value: Any) -> bool:
    return _is_header(value) and value.endswith("-")


def _are_names(value: Any) -> bool:
    return isinstance(value, Mapping) and all(fact in FACTS for fact in value) and all(map(_is_header, value.values()))


def _are_claim_headers(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_claim_header, value))


def _is_claim_header(value: Any) -> bool:
    if not isinstance(value, Mapping) or not set(value) <= {"header", "claim", "encoding"}:
        return False
    return _is_header(value.get("header")) and _is_text(value.get("claim")) and value.get("encoding", PLAIN) in ENCODINGS


def _between(least: float, most: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _is_key_url(value: Any) -> bool:
    if not _is_text(value):
        return False
    try:
        url = urlsplit(value)
        host = url.hostname
    except ValueError:
        return False
    return bool(host) and (url.scheme == "https" or (url.scheme == "http" and host in LOOPBACK))
