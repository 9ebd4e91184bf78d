"""What views find in `request.auth`, and in `request.user` where there are no local users."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


class CallerToken(Mapping[str, Any]):
    """`request.auth`: the caller's own token as bytes, as SimpleJWT has it, and the claims that the gateway vouches for."""

    def __init__(self, token: bytes, payload: dict[str, Any], facts: Mapping[str, Any]) -> None:
        # Empty where the route strips `Authorization`, and in what `sync` tells.
        self.token = token
        self.payload = payload
        # As the assertion has them. Permissions read these: EDGEWARD["CLAIMS"] may give their names to something else.
        self.facts = facts

    def __getitem__(self, name: str) -> Any:
        return self.payload[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.payload)

    def __len__(self) -> int:
        return len(self.payload)

    def __str__(self) -> str:
        return self.token.decode("latin-1")

    def __repr__(self) -> str:
        # Tracebacks and logs repeat this.
        return "<CallerToken>"


@dataclass(frozen=True)
class Caller:
    """`request.user` without EDGEWARD["USER"]: no row in any table."""

    issuer: str
    subject: str
    email: str = ""
    roles: tuple[str, ...] = ()
    tenant: str = ""

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False

    @property
    def id(self) -> str:
        return self.subject

    @property
    def pk(self) -> str:
        """One text for one caller: subjects of two issuers may be the same. REST framework's throttles count by it."""
        return f"{self.issuer} {self.subject}"

    @property
    def username(self) -> str:
        return self.subject

    def __str__(self) -> str:
        return self.subject
