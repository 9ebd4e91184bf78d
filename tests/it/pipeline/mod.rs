//! The gateway from a request's head to its decision, driven natively with keys made here.

mod acceptance;
mod administrators;
mod answers;
mod assertion;
mod assertion_keys;
mod bounds;
mod credentials;
mod elsewhere;
mod exchange;
mod exchange_failures;
mod forms;
mod forwarding;
mod identity;
mod issuer_templates;
mod issuers;
mod keys;
mod lifetime;
mod limits;
mod log_orders;
mod memory;
mod orders;
mod own_paths;
mod owners;
mod presented;
mod remote;
mod remote_breaker;
mod remote_fallback;
mod remote_memory;
mod remote_schemes;
mod remote_signed;
mod remote_store;
mod remote_tokens;
mod requirements;
mod revocation;
mod revocation_log;
mod rewriting;
mod shadow;
mod sync;
mod tenant_headers;
mod tenants;
mod tenants_explained;
mod token_revocation;
mod tokens;
mod unnamed;

use edgeward::gateway::{Decision, Gateway};
use edgeward::time::NumericDate;
use serde_json::{Value, json};

use crate::support::drive::{World, line};
use crate::support::request::{Request, get};
use crate::support::sign::{Key, key_set};
use crate::support::{NOW, NOW_SECONDS};

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
        let (raw, gateway) = (configuration.clone(), crate::support::gateway(configuration));
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
        crate::support::explain::agrees(&self.raw, &self.world, request, now);
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
