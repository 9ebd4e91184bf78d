/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must serve every target")]
pub enum Target {
    /// To the origin with this index in the configuration.
    Origin(usize),
    /// To the origin of the tenant that the request is for.
    Tenant,
    /// The gateway answers itself.
    Own(OwnResource),
}

/// The gateway's own resources under `/.edgeward/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must serve every resource")]
pub enum OwnResource {
    /// `health`: alive.
    Health,
    /// `ready`: configuration, keys, store.
    Ready,
    /// `me`: the caller's claims as the gateway sees them.
    Me,
    /// `jwks.json`: the public keys of the gateway's assertions.
    KeySet,
    /// `admin/revocations`: revokes, lifts, and lists what is revoked.
    Revocations,
    /// `token/revoke`: lets anyone end a token that they hold (RFC 7009).
    TokenRevocation,
    /// `admin/revocations/import`: imports KV's blacklist into the log.
    RevocationImport,
    /// `sessions`: the caller's own sessions, and their end.
    Sessions,
    /// `admin/tokens`: lists the registry.
    Tokens,
    /// `admin/tokens/expire`: expires registered tokens.
    TokenExpiry,
    /// `admin/subjects/…`: deletes a subject from the registry.
    Subject,
    /// `admin/tokens/archive`: removes what expired long ago from the registry.
    Archive,
    /// `admin/audit`: lists the audit trail.
    Audit,
    /// `admin/audit/seals`: lists the seals of the audit trail.
    AuditSeals,
    /// `metrics`: counts of all isolates.
    Metrics,
    /// `playground/…` and `docs/…`: a file of a page, where the deployment has such files.
    Page,
    /// Anything else under `/.edgeward/`: there is no such thing, and no origin is asked.
    Unknown,
}
