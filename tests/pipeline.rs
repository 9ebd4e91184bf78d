//! The gateway from a request's head to its decision, driven natively with keys made here.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail loudly"
)]

#[path = "pipeline/acceptance.rs"]
mod acceptance;
#[path = "pipeline/answers.rs"]
mod answers;
#[path = "pipeline/assertion.rs"]
mod assertion;
#[path = "pipeline/assertion_keys.rs"]
mod assertion_keys;
#[path = "pipeline/bounds.rs"]
mod bounds;
#[path = "pipeline/credentials.rs"]
mod credentials;
#[path = "pipeline/elsewhere.rs"]
mod elsewhere;
#[path = "pipeline/exchange.rs"]
mod exchange;
#[path = "pipeline/exchange_failures.rs"]
mod exchange_failures;
#[path = "pipeline/forms.rs"]
mod forms;
#[path = "pipeline/forwarding.rs"]
mod forwarding;
#[path = "pipeline/identity.rs"]
mod identity;
#[path = "pipeline/issuer_templates.rs"]
mod issuer_templates;
#[path = "pipeline/issuers.rs"]
mod issuers;
#[path = "pipeline/keys.rs"]
mod keys;
#[path = "pipeline/limits.rs"]
mod limits;
#[path = "pipeline/memory.rs"]
mod memory;
#[path = "pipeline/orders.rs"]
mod orders;
#[path = "pipeline/own_paths.rs"]
mod own_paths;
#[path = "pipeline/owners.rs"]
mod owners;
#[path = "pipeline/remote.rs"]
mod remote;
#[path = "pipeline/remote_breaker.rs"]
mod remote_breaker;
#[path = "pipeline/remote_fallback.rs"]
mod remote_fallback;
#[path = "pipeline/remote_memory.rs"]
mod remote_memory;
#[path = "pipeline/remote_schemes.rs"]
mod remote_schemes;
#[path = "pipeline/remote_signed.rs"]
mod remote_signed;
#[path = "pipeline/remote_store.rs"]
mod remote_store;
#[path = "pipeline/remote_tokens.rs"]
mod remote_tokens;
#[path = "pipeline/requirements.rs"]
mod requirements;
#[path = "pipeline/revocation.rs"]
mod revocation;
#[path = "pipeline/rewriting.rs"]
mod rewriting;
#[path = "pipeline/shadow.rs"]
mod shadow;
mod support;
#[path = "pipeline/sync.rs"]
mod sync;
#[path = "pipeline/tenant_headers.rs"]
mod tenant_headers;
#[path = "pipeline/tenants.rs"]
mod tenants;
#[path = "pipeline/tenants_explained.rs"]
mod tenants_explained;
#[path = "pipeline/tokens.rs"]
mod tokens;
#[path = "pipeline/unnamed.rs"]
mod unnamed;

use edgeward::gateway::{Decision, Gateway};
use edgeward::time::NumericDate;
use serde_json::{Value, json};

use support::drive::{World, line};
use support::request::{Request, get};
use support::sign::{Key, key_set};
use support::{NOW, NOW_SECONDS};

/// The issuer with published keys, by its index in the configuration.
const MAIN: usize = 0;
const MAIN_ISSUER: &str = "https://auth.example.com";
const SECRET_ISSUER: &str = "https://secret.example.com";

/// One issuer with published keys and one with secrets; routes of every kind.
fn configuration() -> Value {
    json!({
        "realm": "api",
        "admin": { "require": { "role": "admin" } },
        "origins": [
            { "name": "main", "url": "https://origin.example" },
            { "name": "bound", "url": "service:API" },
        ],
        "issuers": [
            {
                "name": "main", "issuer": MAIN_ISSUER, "audiences": ["api", "web"],
                "algorithms": ["ES256", "EdDSA"], "claims": { "tenant": "org.id" },
                "verify": { "jwks": "https://auth.example.com/jwks.json" },
            },
            {
                "name": "secret", "issuer": SECRET_ISSUER, "audiences": ["api"],
                "algorithms": ["HS256"], "verify": { "secrets": ["SECRET", "OTHER"] },
            },
        ],
        "routes": [
            { "path": "/public/**", "access": "public" },
            { "path": "/optional/**", "access": "optional" },
            { "path": "/private/**", "access": "authenticated" },
            { "path": "/eventual/**", "access": "authenticated", "revocation": "eventual" },
            { "path": "/off/**", "access": "authenticated", "revocation": "off" },
            { "path": "/admin/**", "access": "authenticated", "require": { "role": "admin" } },
            { "path": "/stripped/**", "access": "optional", "authorization": "strip" },
            { "path": "/bound/**", "access": "public", "origin": "bound" },
            { "path": "/cors/**", "access": "authenticated", "cors_preflight": true,
              "require": { "role": "admin" } },
        ],
    })
}

/// Claims that both issuers' policies accept, but for `iss`.
fn claims_of(issuer: &str) -> Value {
    json!({
        "iss": issuer, "sub": "user-1", "aud": "api", "jti": "t-1", "sid": "s-1",
        "iat": NOW_SECONDS - 60, "exp": NOW_SECONDS + 600,
    })
}

/// The claims with some replaced; `null` takes one away.
fn with(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().expect("an object").remove(name);
        }
    }
    claims
}

/// A gateway and its world: the main issuer publishes `k1` (P-256) and `k2` (Ed25519).
struct Bench {
    raw: Value,
    gateway: Gateway,
    world: World,
    p256: Key,
    ed25519: Key,
    secret: Key,
}

impl Bench {
    fn new() -> Self {
        Self::of(&configuration())
    }

    fn of(configuration: &Value) -> Self {
        let (p256, ed25519) = (Key::p256(1), Key::ed25519(2));
        let mut world = World::default();
        world.published.insert(MAIN, key_set(&[("k1", &p256), ("k2", &ed25519)]));
        let (raw, gateway) = (configuration.clone(), support::gateway(configuration));
        Self { raw, gateway, world, p256, ed25519, secret: Key::named("SECRET") }
    }

    /// A token of the issuer with secrets, with some claims replaced.
    fn token(&self, changes: &Value) -> String {
        self.secret.token(&with(claims_of(SECRET_ISSUER), changes))
    }

    /// A token of the issuer with published keys, signed with `k1`.
    fn published(&self, changes: &Value) -> String {
        self.p256.token_by("k1", &with(claims_of(MAIN_ISSUER), changes))
    }

    /// Decides, and sees that whatever is asked here is explained as it is decided.
    fn decide_at(&mut self, request: &Request, now: NumericDate) -> Decision {
        support::explain::agrees(&self.raw, &self.world, request, now);
        self.world.decide(&self.gateway, request, now)
    }

    /// The outcome in one line, as [`line`] has it.
    fn at(&mut self, request: &Request, now: NumericDate) -> String {
        line(&self.decide_at(request, now))
    }

    fn now(&mut self, request: &Request) -> String {
        self.at(request, NOW)
    }

    /// What comes of a token on a route that needs one.
    fn verdict(&mut self, token: &str) -> String {
        self.now(&get("/private/a").bearer(token))
    }
}

const PASSED: &str = "forward https://origin.example/private/a";
