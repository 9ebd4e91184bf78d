//! What may happen to a gateway: requests of every kind, time, revocations, rotations, outages.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::forgery::{Forgery, forgeries};
use super::oracle::Spec;
use super::tenants::{self, Place};
use crate::support::NOW_SECONDS;

#[derive(Clone, Debug)]
pub(crate) enum Event {
    Ask(Box<Ask>),
    /// Milliseconds go by.
    Wait(i64),
    /// Something about a token is revoked.
    Revoke(Index, &'static str),
    /// An issuer's keys are fetched in the background.
    Publish(usize, Published),
    /// The isolate drops its verdicts.
    Forget,
}

#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) path: &'static str,
    pub(crate) place: Place,
    pub(crate) method: &'static str,
    pub(crate) token: Index,
    pub(crate) forgeries: Vec<Forgery>,
    pub(crate) form: Form,
    pub(crate) noise: Vec<(&'static str, &'static str)>,
    pub(crate) keys: Published,
    pub(crate) store: Store,
}

/// How the token is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Bearer,
    Lowercase,
    Spaced,
    Missing,
    Basic,
    Twice,
    WithAnother,
}

/// What an issuer answers: sets that it may really publish, or nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Published {
    All,
    First,
    Last,
    None,
    Unreachable,
}

/// How the store answers; an entry that is there is never kept back.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Store {
    Honest,
    Down,
    Short,
    Long,
}

pub(crate) fn events() -> impl Strategy<Value = Vec<Event>> {
    let waits = vec![0, 1, 999, 4_999, 5_000, 29_000, 31_000, 60_000, 600_000, 90_000_000];
    let claims = vec!["jti", "sid", "sub", "iss"];
    let event = prop_oneof![
        8 => asks().prop_map(|ask| Event::Ask(Box::new(ask))),
        2 => select(waits).prop_map(Event::Wait),
        1 => (any::<Index>(), select(claims)).prop_map(|(of, claim)| Event::Revoke(of, claim)),
        1 => (0..2_usize, published()).prop_map(|(issuer, set)| Event::Publish(issuer, set)),
        1 => Just(Event::Forget),
    ];
    prop::collection::vec(event, 1..16)
}

const PATHS: [&str; 9] = [
    "/private/a",
    "/private/b",
    "/off/a",
    "/eventual/a",
    "/admin/a",
    "/optional/a",
    "/shared/a",
    "/.edgeward/me",
    "/.edgeward/admin/revocations",
];
const ODD_PATHS: [&str; 6] = [
    "/public/a",
    "/public/%2e%2e/private",
    "/public;/private/a",
    "//private/a",
    "/.edgeward/ready",
    "/nowhere",
];

fn asks() -> impl Strategy<Value = Ask> {
    let paths = prop_oneof![
        8 => select(PATHS.as_slice()),
        1 => select(ODD_PATHS.as_slice()),
    ];
    let paths = (paths, tenants::places());
    let form = prop_oneof![
        12 => Just(Form::Bearer),
        1 => Just(Form::Lowercase),
        1 => Just(Form::Spaced),
        1 => Just(Form::Missing),
        1 => Just(Form::Basic),
        1 => Just(Form::Twice),
        1 => Just(Form::WithAnother),
    ];
    let noise = select(vec![
        ("x-auth-subject", "root"),
        ("x_auth_roles", "admin"),
        ("x.auth.email", "root@x.example"),
        ("x-edgeward-caller", "root"),
        ("connection", "authorization, x-auth-subject"),
        ("origin", "https://evil.example"),
        ("access-control-request-method", "GET"),
        ("x-http-method-override", "GET"),
        ("x-original-url", "/public/a"),
    ]);
    let store = prop_oneof![
        10 => Just(Store::Honest),
        1 => Just(Store::Down),
        1 => Just(Store::Short),
        1 => Just(Store::Long),
    ];
    let methods =
        prop_oneof![8 => Just("GET"), 1 => select(vec!["POST", "HEAD", "OPTIONS", "TRACE", "get"])];
    let noise = prop::collection::vec(noise, 0..4);
    (paths, methods, any::<Index>(), forgeries(), form, noise, published(), store).prop_map(
        |((path, place), method, token, forgeries, form, noise, keys, store)| Ask {
            path,
            place,
            method,
            token,
            forgeries,
            form,
            noise,
            keys,
            store,
        },
    )
}

fn published() -> impl Strategy<Value = Published> {
    prop_oneof![
        8 => Just(Published::All),
        1 => Just(Published::First),
        1 => Just(Published::Last),
        1 => Just(Published::None),
        1 => Just(Published::Unreachable),
    ]
}

pub(crate) fn specs() -> impl Strategy<Value = Vec<Spec>> {
    // Mostly a good token, now and then one that is not in force or not what it says.
    let signer = prop_oneof![4 => Just(0_usize), 2 => Just(1), 3 => Just(2)];
    let named = prop_oneof![8 => Just(None), 1 => (0..3_usize).prop_map(Some)];
    let typ = prop_oneof![
        12 => select(vec![None, Some("JWT"), Some("at+jwt")]), 1 => Just(Some("logout+jwt")),
    ];
    let spec = (signer, any::<usize>(), named, any::<bool>(), typ, claims());
    let spec = spec.prop_map(|(signer, key, named, names_key, typ, claims)| Spec {
        signer,
        key,
        named: named.unwrap_or(signer),
        names_key,
        typ,
        claims,
    });
    prop::collection::vec(spec, 1..5)
}

fn claims() -> impl Strategy<Value = Value> {
    let exp =
        prop_oneof![8 => select(vec![600, 200_000]), 1 => select(vec![40, 0, -29, -30, -600])];
    let nbf = prop_oneof![8 => Just(None), 1 => select(vec![0, 30, 31]).prop_map(Some)];
    let iat =
        prop_oneof![8 => select(vec![None, Some(-60)]), 1 => select(vec![Some(30), Some(31)])];
    let aud = prop_oneof![
        8 => select(vec![json!("api"), json!(["x", "api"])]),
        1 => select(vec![json!("x"), json!([])]),
    ];
    let jti = select(vec![None, Some("t-1"), Some("t-2")]);
    let roles = select(vec![json!([]), json!(["admin"]), json!(["user"])]);
    let kind = prop_oneof![8 => Just(None), 1 => select(vec!["access", "refresh"]).prop_map(Some)];
    let subject = select(vec!["user-1", "user-2"]);
    (exp, nbf, iat, aud, jti, roles, kind, (subject, tenants::claims())).prop_map(
        |(exp, nbf, iat, aud, jti, roles, kind, (subject, tenant))| {
            let mut claims = json!({
                "sub": subject, "sid": format!("s-{subject}"), "aud": aud, "roles": roles,
                "exp": NOW_SECONDS + exp,
            });
            let mut maybe = |name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    claims[name] = value;
                }
            };
            maybe("nbf", nbf.map(|seconds| json!(NOW_SECONDS + seconds)));
            maybe("iat", iat.map(|seconds| json!(NOW_SECONDS + seconds)));
            maybe("tenant", tenant);
            maybe("jti", jti.map(|id| json!(id)));
            maybe("token_type", kind.map(|kind| json!(kind)));
            claims
        },
    )
}
