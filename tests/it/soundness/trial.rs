//! One gateway, the events that happen to it, and what the oracle thinks of each decision.

use edgeward::gateway::{Admission, Decision, Gateway, Outcome, Step};
use edgeward::revocation::{RevocationAnswer, RevocationKind, RevocationName};
use edgeward::route::Access;
use edgeward::time::NumericDate;
use serde_json::{Value, json};

use super::forgery::forge;
use super::oracle::{Issuer, Knowledge, Revoked, Spec, at_ms, issuers};
use super::scenario::{Ask, Event, Form, Published, Store};
use super::tenants::Layout;
use crate::support::drive::{World, line, route, update, verify};
use crate::support::request::{Request, request};
use crate::support::sign::key_set;

pub(crate) struct SignatureAttempt {
    layout: Layout,
    gateway: Gateway,
    issuers: Vec<Issuer>,
    world: World,
    knows: Knowledge,
}

fn configuration(layout: Layout) -> Value {
    let issuer = |name: &str, algorithms: &[&str], verify: Value| {
        json!({ "name": name, "issuer": format!("https://{name}.example"), "audiences": ["api"],
                "algorithms": algorithms, "verify": verify })
    };
    let jwks = |name: &str| json!({ "jwks": format!("https://{name}.example/jwks.json") });
    let routes = [
        json!({ "path": "/public/**", "access": "public" }),
        json!({ "path": "/optional/**", "access": "optional" }),
        json!({ "path": "/private/**", "access": "authenticated" }),
        json!({ "path": "/eventual/**", "access": "authenticated", "revocation": "eventual" }),
        json!({ "path": "/off/**", "access": "authenticated", "revocation": "off" }),
        json!({ "path": "/admin/**", "access": "authenticated", "require": { "role": "admin" } }),
        json!({ "path": "/shared/**", "access": "authenticated", "origin": "main" }),
    ];
    let routes = routes.into_iter().flat_map(|route| {
        let patterns = layout.patterns(route["path"].as_str().expect("a path"));
        patterns.into_iter().map(move |pattern| {
            let mut route = route.clone();
            route["path"] = json!(pattern);
            route
        })
    });
    let mut raw = json!({
        "admin": { "require": { "role": "admin" } },
        "origins": [{ "name": "main", "url": "https://origin.example" }],
        "issuers": [
            issuer("main", &["ES256", "EdDSA"], jwks("main")),
            issuer("second", &["ES256"], jwks("second")),
            issuer("secret", &["HS256"], json!({ "secrets": ["SECRET"] })),
        ],
        "routes": routes.collect::<Vec<_>>(),
    });
    if let Some(tenants) = layout.tenants() {
        raw["tenants"] = tenants;
    }
    raw
}

impl SignatureAttempt {
    pub(crate) fn new(specs: &[Spec], layout: Layout) -> Self {
        let issuers = issuers();
        let signed = specs.iter().map(|spec| spec.sign(&issuers)).collect();
        let knows = Knowledge { now_ms: at_ms(0), signed, ..Knowledge::default() };
        let gateway = crate::support::gateway(&configuration(layout));
        Self { layout, gateway, issuers, world: World::default(), knows }
    }

    /// What came of an event; an error when the oracle objects.
    pub(crate) fn happen(&mut self, event: &Event) -> Result<String, String> {
        match event {
            Event::Wait(millis) => self.knows.now_ms += millis,
            Event::Forget => self.gateway.forget_verdicts(),
            Event::Publish(issuer, set) => self.publish(*issuer, *set),
            Event::Revoke(of, claim) => {
                let signed = of.get(&self.knows.signed).claims.clone();
                self.revoke(&signed, claim);
            }
            Event::Ask(ask) => return self.ask(ask),
        }
        Ok("an event without an answer".to_owned())
    }

    fn now(&self) -> NumericDate {
        NumericDate::from_millis(self.knows.now_ms)
    }

    fn publish(&mut self, issuer: usize, set: Published) {
        let keys: Vec<_> = self.issuers[issuer].keys.iter().map(|(kid, key)| (*kid, key)).collect();
        let keys = match set {
            Published::All => keys,
            Published::First => keys[..1].to_vec(),
            Published::Last => keys[keys.len() - 1..].to_vec(),
            Published::None => Vec::new(),
            Published::Unreachable => return self.gateway.keys().fail(issuer, self.now()),
        };
        self.gateway.keys().install(issuer, update(&key_set(&keys), self.now()));
        let kids = keys.iter().map(|(kid, _)| *kid).collect();
        self.knows.held.insert(issuer, (kids, self.knows.now_ms));
    }

    /// Revokes everything that shares a claim with a token.
    fn revoke(&mut self, claims: &Value, claim: &'static str) {
        let Some(issuer) = self.issuers.iter().find(|issuer| claims["iss"] == issuer.iss) else {
            return;
        };
        let (kind, is_cutoff) = match claim {
            "jti" => (RevocationKind::Token, false),
            "sid" => (RevocationKind::Session, false),
            "sub" => (RevocationKind::Subject, true),
            _ => (RevocationKind::Issuer, true),
        };
        let value = if claim == "iss" { Some("") } else { claims[claim].as_str() };
        let Some(value) = value else {
            return;
        };
        let name = RevocationName::new(kind, issuer.iss, value).to_string();
        let before = is_cutoff.then(|| self.knows.now_ms / 1000 + 1);
        let entry = before
            .map_or_else(|| "{}".to_owned(), |before| json!({ "before": before }).to_string());
        self.world.entries.insert(name, entry);
        let (iss, value, at_ms) = (issuer.iss, claims[claim].clone(), self.knows.now_ms);
        self.knows.revoked.push(Revoked { iss, claim, value, before, at_ms });
    }

    /// Sees that a request is explained as a gateway without a past decides it.
    pub(crate) fn explain(&self, ask: &Ask) {
        let (signed, issuers) = (&self.knows.signed, &self.issuers);
        let text = forge(ask.token.get(signed), signed, issuers, &ask.forgeries);
        let mut world = self.world.clone();
        for (index, issuer) in issuers.iter().enumerate().take(2) {
            let keys: Vec<_> = issuer.keys.iter().map(|(kid, key)| (*kid, key)).collect();
            world.published.insert(index, key_set(&keys));
        }
        world.store_is_down = matches!(ask.store, Store::Down);
        let request = self.request(ask, &text);
        crate::support::explain::agrees(&configuration(self.layout), &world, &request, self.now());
    }

    fn ask(&mut self, ask: &Ask) -> Result<String, String> {
        let (signed, issuers) = (&self.knows.signed, &self.issuers);
        let text = forge(ask.token.get(signed), signed, issuers, &ask.forgeries);
        let request = self.request(ask, &text);
        // Whitespace around a header's value is no part of it.
        let text = text.trim_matches(edgeward::http::OWS);
        let mut step = request.begin(&self.gateway, self.now());
        let decision = loop {
            step = match step {
                Step::Done(decision) => break *decision,
                Step::NeedKeys(need) => {
                    self.publish(need.issuer(), ask.keys);
                    need.resume(&self.gateway, self.now())
                }
                Step::NeedSignature(need) => {
                    let holds = verify(need.signature());
                    need.resume(&self.gateway, holds, self.now())
                }
                Step::NeedRemoteClaims(_) => panic!("no issuer here is asked"),
                Step::NeedRevocation(need) => {
                    let answer = self.look_up(need.names(), ask.store);
                    need.resume(&self.gateway, &answer, self.now())
                }
                Step::NeedExchange(_) => panic!("no origin here has its own tokens"),
                Step::NeedAssertion(_) => panic!("no key for assertions is configured"),
                Step::NeedLimit(_) => panic!("no route here has a limit"),
            };
        };
        self.judge(ask, text, &request, &decision)
    }

    fn request(&self, ask: &Ask, text: &str) -> Request {
        let other = &self.knows.signed[0].text;
        let url = self.layout.url(ask.place, ask.path);
        let head = Request { url, ..request(ask.method, ask.path) };
        let host = self.layout.header(ask.place);
        let head = host.into_iter().fold(head, |head, host| head.header("host", host));
        let head = match ask.form {
            Form::Bearer => head.bearer(text),
            Form::Lowercase => head.header("authorization", &format!("bearer {text}")),
            Form::Spaced => head.header("authorization", &format!(" Bearer   {text} ")),
            Form::Missing => head,
            Form::Basic => head.header("authorization", &format!("Basic {text}")),
            Form::Twice => head.bearer(text).bearer(text),
            Form::WithAnother => head.bearer(text).bearer(other),
        };
        ask.noise.iter().fold(head, |head, (name, value)| head.header(name, value))
    }

    fn look_up(&self, names: &[RevocationName], store: Store) -> RevocationAnswer {
        let RevocationAnswer::Entries(mut values) = self.world.look_up(names) else {
            return RevocationAnswer::Unavailable;
        };
        match store {
            Store::Honest => {}
            Store::Down => return RevocationAnswer::Unavailable,
            Store::Short => drop(values.pop()),
            Store::Long => values.push(None),
        }
        RevocationAnswer::Entries(values)
    }

    fn judge(
        &self,
        ask: &Ask,
        text: &str,
        request: &Request,
        decision: &Decision,
    ) -> Result<String, String> {
        let (what, admission) = match &decision.outcome {
            Outcome::Refuse(_) => return Ok(line(decision)),
            Outcome::Forward(plan) => {
                let spoofed = request.headers.iter().find(|(name, _)| {
                    name.contains("auth")
                        && name != "authorization"
                        && !plan.removed().any(|removed| removed == name)
                });
                if let Some((name, _)) = spoofed {
                    return Err(format!("{name} reaches the origin"));
                }
                let is_shared = ask.path.starts_with("/shared/");
                if let Some(why) = self.layout.objection_to(ask.place, plan.url(), is_shared) {
                    return Err(why);
                }
                ("forward", plan.admission())
            }
            Outcome::Serve(own) => ("serve", &own.admission),
        };
        if let Some(why) = self.layout.objection_to_host(ask.place) {
            return Err(why);
        }
        let route = route(&self.gateway, decision).expect("a route");
        match admission {
            Admission::Anonymous(..) => {
                let sent_none = matches!(ask.form, Form::Missing | Form::Basic);
                let open = route.access == Access::Public
                    || (route.access == Access::Optional && sent_none);
                if open {
                    Ok(format!("{what} without"))
                } else {
                    Err("nobody in particular passed".to_owned())
                }
            }
            Admission::Shadow(..) => Err("passed in shadow mode, in which no route is".to_owned()),
            Admission::Caller(attested) if attested.caller().token().text() != text => Err(
                format!("a token that was not sent passed: {}", attested.caller().token().text()),
            ),
            Admission::Caller(..) => {
                self.judge_caller(ask, text).map(|()| format!("{what} with an identity"))
            }
        }
    }

    fn judge_caller(&self, ask: &Ask, text: &str) -> Result<(), String> {
        if matches!(ask.form, Form::Twice | Form::WithAnother | Form::Missing | Form::Basic) {
            return Err("no single bearer token was sent".to_owned());
        }
        let reuse_ms = match ask.path {
            "/off/a" => None,
            "/eventual/a" => Some(60_000),
            "/.edgeward/admin/revocations" => Some(0),
            _ => Some(5_000),
        };
        if ask.path.contains("admin") && !self.knows.is_admin(text) {
            return Err("not an administrator".to_owned());
        }
        let objection = self.knows.objection(&self.issuers, text, reuse_ms);
        let objection = objection.or_else(|| self.objection_of_tenant(ask, text));
        objection.map_or(Ok(()), |why| Err(format!("{text} passed although {why}")))
    }

    /// The gateway's own resources are of no tenant.
    fn objection_of_tenant(&self, ask: &Ask, text: &str) -> Option<String> {
        let signed = self.knows.signed_as(text).filter(|_| !ask.path.starts_with("/.edgeward/"))?;
        let host = self.issuers[signed.signer].iss.strip_prefix("https://").expect("a URL");
        let name = host.strip_suffix(".example").expect("an issuer here");
        self.layout.objection(ask.place, name, &signed.claims)
    }
}
