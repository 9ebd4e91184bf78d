"""The setting EDGEWARD as checked types. `read.py` makes them."""

from dataclasses import dataclass, field

PLAIN, LIST, JSON = "plain", "list", "json"
ENCODINGS = (PLAIN, LIST, JSON)

# The facts that have a header: the member of the assertion, and how the header writes it. Of scope the assertion has the same text.
FACTS = {
    "subject": ("sub", PLAIN),
    "issuer": ("issuer", PLAIN),
    "email": ("email", PLAIN),
    "roles": ("roles", LIST),
    "scope": ("scope", "words"),
    "tenant": ("tenant", PLAIN),
    "session": ("session", PLAIN),
    "token_id": ("token_id", PLAIN),
}


@dataclass(frozen=True)
class KeyRules:
    """Where the gateway's keys are, and how long they are used, in seconds."""

    url: str
    fresh: float = 300
    # As long as the gateway itself may be unreachable while requests still come from it.
    stale: float = 3600
    pause: float = 30
    timeout: float = 2


@dataclass(frozen=True)
class ClaimHeader:
    """One entry of the gateway's `headers.claims`."""

    header: str
    claim: str
    encoding: str = PLAIN


@dataclass(frozen=True)
class UserRules:
    """How a local user is found or made: fields of the user model, and the paths of their values in the assertion."""

    lookup: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)
    create: bool = True
    update: bool = False


@dataclass(frozen=True)
class SyncRules:
    """Which member of a record names its user, and which fields of the user follow it."""

    subject: str = "id"
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """All of it."""

    keys: KeyRules
    audience: str
    issuer: str = "edgeward"
    leeway: int = 30
    prefix: str = "x-auth-"
    names: dict[str, str] = field(default_factory=dict)
    claim_headers: tuple[ClaimHeader, ...] = ()
    token_issuers: tuple[str, ...] = ()
    claims: dict[str, str] = field(default_factory=dict)
    user: UserRules | None = None
    sync: SyncRules = field(default_factory=SyncRules)

    def header_of(self, fact: str) -> str:
        """The name of the header that carries this fact."""
        return self.names.get(fact, self.prefix + fact.replace("_", "-"))
