//! Every cap in one place, each with the reason for its value.

use std::time::Duration;

/// Most lists of header names that an isolate knows; then it learns them anew. Few kinds of clients
/// make up nearly all traffic.
pub const NAME_LISTS: usize = 256;

/// Room for what is read of a head; a longer one takes another way.
pub const HEAD_BYTES: usize = 30_000;

/// Most texts that are read of a head in that way: method, URL, id, and the values of some fields.
pub const HEAD_TEXTS: usize = 64;

/// Most header fields of a request, each name counted once; more are refused. Browsers send about 20.
pub const FIELDS: usize = 512;

/// Most elements of `Connection`, empty ones included; more are refused. Clients send one or two.
pub const CONNECTION_ELEMENTS: usize = 64;

/// Hosts of which an isolate keeps what an origin is told.
pub const FORWARDED_HOSTS: usize = 1024;

/// Header fields of a usual request whose values are read.
pub const FIELDS_READ: usize = 8;

/// Longest list of header names that it learns, in bytes.
pub const NAME_LIST_BYTES: usize = 2048;

/// Longest token, in bytes, unless the configuration says so. Peers allow 4–16 KiB (Envoy 4 KiB,
/// workers-oauth-provider 16 KiB).
pub const TOKEN_BYTES: usize = 8 * 1024;

/// Most that the configuration may allow a token, and all identity headers together, in bytes: both
/// must fit into one head.
pub const CONFIGURED_BYTES: usize = 16 * 1024;

/// Most headers of good tokens that are known: an issuer has one for each of its keys and kinds of token.
pub const KNOWN_HEADERS: usize = 16;

/// Longest of them, in bytes of its encoded text. Most have below a hundred.
pub const KNOWN_HEADER_BYTES: usize = 512;

/// Deepest nesting of JSON in a token or key set; real tokens stay below 8.
pub const JSON_DEPTH: usize = 32;

/// Largest JWK Set, in bytes. AWS allows 150 kB, workers-oauth-provider 64 KiB.
pub const JWKS_BYTES: usize = 128 * 1024;

/// Most keys in a JWK Set; providers publish 2–10.
pub const JWKS_KEYS: usize = 64;

/// Most keys tried for a token that names none: each costs a signature check.
pub const KEYS_TRIED: usize = 4;

/// RSA moduli in bits: below it RFC 7518 §3.3 forbids, above it one check costs milliseconds.
pub const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// How long a fetched key set counts as fresh when the issuer does not say (jose and Envoy: 600 s).
pub const JWKS_FRESH: Duration = Duration::from_secs(600);

/// Bounds for the issuer's own `Cache-Control: max-age`.
pub const JWKS_FRESH_MIN: Duration = Duration::from_secs(60);
/// See [`JWKS_FRESH_MIN`].
pub const JWKS_FRESH_MAX: Duration = Duration::from_secs(24 * 3600);

/// How long a key set serves while its issuer cannot be reached. Peers: never, or for ever.
pub const JWKS_STALE: Duration = Duration::from_secs(24 * 3600);

/// Pause between two fetches for keys that were not found, and after a failed fetch (jose: 30 s).
pub const JWKS_COOL_DOWN: Duration = Duration::from_secs(30);

/// Longest wait for an issuer's answer.
pub const JWKS_TIMEOUT: Duration = Duration::from_millis(2000);

/// How often a request looks whether another one's fetch has ended.
pub const JWKS_POLL: Duration = Duration::from_millis(10);

/// How long one request may hold the lease on a fetch before another takes it over: metadata and
/// keys, each within its timeout, and the store's copy before them.
pub const JWKS_LEASE: Duration = Duration::from_secs(7);

/// How many unknown `kid`s an isolate remembers per issuer.
pub const MISSES_REMEMBERED: usize = 128;

/// How long an isolate reuses a `bounded` revocation verdict.
pub const REVOCATION_BOUNDED: Duration = Duration::from_secs(5);

/// How long an isolate reuses an `eventual` verdict: KV's own delay is of this size.
pub const REVOCATION_EVENTUAL: Duration = Duration::from_secs(60);

/// Longest wait for the revocation log, a retry included.
pub const LOG_TIMEOUT: Duration = Duration::from_millis(500);

/// The greatest `leeway_seconds`.
pub const GREATEST_LEEWAY: Duration = Duration::from_secs(300);

/// How much longer than its tokens an entry of the log stays: the greatest leeway, and a minute for
/// clocks that differ.
pub const LOG_RETENTION: Duration = Duration::from_secs(360);

/// How long a lift of nothing is remembered, so that a copy from KV does not undo it.
pub const LIFT_RETENTION: Duration = Duration::from_hours(24);

/// How long the revocation log counts as failing after it gave no answer, and as answering after it
/// gave one, for those who need not know exactly.
pub const LOG_LEASE: Duration = Duration::from_secs(1);

/// How long a question for a page of changes counts as being on its way: longer than
/// [`STORE_TIMEOUT`], which its answer may take, because the request that sent it may be gone.
pub const FOLLOW_LEASE: Duration = Duration::from_millis(2500);

/// A copy of the revocation log is loaded anew when it has twice as many entries as after its last
/// load, and this many more.
pub const LOG_COPY_SLACK: usize = 4096;

/// Most fingerprints for which an isolate keeps what the log has confirmed.
pub const LOG_CONFIRMATIONS: usize = 4096;

/// Shortest life of a KV entry (platform rule).
pub const KV_TTL_MIN: Duration = Duration::from_secs(60);

/// Longest life that is asked of a KV entry; what must live longer is stored for good.
pub const KV_TTL_MAX: Duration = Duration::from_secs(10 * 365 * 86_400);

/// KV reads may be served from the location's cache this long (platform minimum).
pub const KV_CACHE_TTL: Duration = Duration::from_secs(30);

/// How long an unknown `kid` is remembered, so that one client with an old token does not spend
/// every cool-down's fetch.
pub const MISS_REMEMBERED: Duration = Duration::from_secs(60);

/// Longest wait for the revocation store: a request that waits longer is better refused.
pub const STORE_TIMEOUT: Duration = Duration::from_millis(2000);

/// Longest wait for a rate limiting binding, which answers in the same location.
pub const LIMITER_TIMEOUT: Duration = Duration::from_millis(500);

/// How long a request may wait for a signature or the store before it counts as hung up; both
/// answer sooner, or not at all.
pub const WAITING: Duration = Duration::from_secs(10);

/// Most requests that wait at once in an isolate; the oldest gives way.
pub const WAITING_REQUESTS: usize = 8192;

/// Verified tokens that an isolate remembers, in bytes of the memory that they take. An isolate has
/// 128 MB, and the platform's own objects need room beside the wasm.
pub const VERIFIED_BYTES: u64 = 28 * 1024 * 1024;
/// How many tokens are expected to fit.
pub const VERIFIED_TOKENS: usize = 8192;

/// Bytes of all identity headers together, names and values, unless the configuration says so.
/// Origins commonly cap a head at 8 KiB.
pub const IDENTITY_BYTES: usize = 6 * 1024;

/// Largest answer of an auth server about a token, in bytes.
pub const REMOTE_BODY_BYTES: usize = 64 * 1024;

/// How often a request looks whether another one's call has ended.
pub const REMOTE_POLL: Duration = Duration::from_millis(10);

/// How long a no is: one client with an old token must not become load on the auth server.
pub const REMOTE_NO: Duration = Duration::from_secs(10);

/// Longest pause that an auth server's `Retry-After` is taken at its word for: a slip of it must
/// not lock everybody out for a day.
pub const REMOTE_PAUSE_MAX: Duration = Duration::from_secs(3600);

/// Answers that an isolate remembers, in bytes of the memory that they take.
pub const REMOTE_BYTES: u64 = 8 * 1024 * 1024;
/// How many of them are expected to fit.
pub const REMOTE_ANSWERS: usize = 8192;

/// Origins for which a verified token keeps an assertion, or a token it was exchanged for: a caller
/// seldom goes to more in turn, and each may be as large as the identity headers.
pub const HELD_ORIGINS: usize = 4;

/// How long an exchanged token is used whose answer does not say: RFC 8693 §2.2.1 wants it said.
pub const EXCHANGE_LIFE: Duration = Duration::from_secs(60);

/// How long before its end an exchanged token is no longer sent (half of its life, if that is less):
/// it has to arrive, and clocks differ.
pub const EXCHANGE_MARGIN: Duration = Duration::from_secs(10);

/// How long anybody may keep the gateway's own key set. A key that is to sign has to be published
/// this long before.
pub const KEY_SET_MAX_AGE: Duration = Duration::from_secs(300);

/// Longest path, in bytes, after which a request is refused (Workers: 16 KiB for the URL).
pub const PATH_BYTES: usize = 8 * 1024;

/// Wait for the origin's first byte in milliseconds, unless the origin says otherwise.
pub const ORIGIN_TIMEOUT_MS: u64 = 30_000;

/// The refusals that an isolate writes to the audit trail within a second; a row says how many it stands for.
pub const REFUSALS_AUDITED: u64 = 5;

/// Most refusals that an isolate logs within a second, unless the configuration says so. A line
/// costs more than the refusal, and whoever floods the gateway must not choose the bill.
pub const REFUSALS_LOGGED: u64 = 100;

/// Most passes that an isolate logs within a second, unless the configuration says so.
pub const PASSES_LOGGED: u64 = 1000;

/// Most lines of every other kind that an isolate logs within a second.
pub const LINES_LOGGED: u64 = 100;

/// Most refusals kept in JavaScript's form: one for each wire code that floods come in, and for each
/// realm, which only another configuration changes.
pub const REFUSALS_HELD: usize = 16;

/// Longest wait for a tenant's origin that is told of a change, for each attempt. Four attempts and
/// the pauses between them fit into the 30 s that a Worker has after its answer.
pub const SYNC_TIMEOUT: Duration = Duration::from_secs(5);

/// Largest body of an admin call, in bytes: the largest token and a little more.
pub const ADMIN_BODY_BYTES: usize = 20 * 1024;

/// `Retry-After` on 503.
pub const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Deepest nesting of `all`, `any` and `not` in a requirement; real ones stay below 4. Bounds the
/// stack of whoever judges it.
pub const REQUIREMENT_DEPTH: usize = 8;

/// Most requirements in one tree, branching ones included: all may be judged on every request.
pub const REQUIREMENT_NODES: usize = 128;

/// Most values that one requirement lists under `one_of` or `acr`.
pub const REQUIREMENT_VALUES: usize = 128;

/// Largest configuration in KV, in bytes: 5,000 routes come to less than 1 MiB.
pub const CONFIG_BYTES: usize = 4 * 1024 * 1024;

/// How often an isolate looks at the configuration in KV, unless the deployed table says
/// otherwise: KV itself may answer with what it read [`KV_CACHE_TTL`] ago.
pub const CONFIG_REFRESH: Duration = KV_CACHE_TTL;

/// How long a starting isolate's first request may hold the reading of the configuration before
/// another takes it over: longer than two [`STORE_TIMEOUT`]s, one after the other.
pub const CONFIG_LEASE: Duration = Duration::from_secs(5);

/// How often the requests beside it look whether that reading has ended.
pub const CONFIG_POLL: Duration = Duration::from_millis(5);

/// `User-Agent` of every request that the gateway makes by itself: firewalls in front of issuers
/// refuse those that say none.
pub const USER_AGENT: &str = concat!("edgeward/", env!("CARGO_PKG_VERSION"));
