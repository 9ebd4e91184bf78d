use std::time::Duration;

use super::nearest::did_you_mean;
use super::remote::{AudienceRule, VerifySummary};
use super::shape::{Default, Kind, Shape, boolean, field, number, table, text, texts};
use super::table::Table;
use super::verify_method::VerifyMethod;
use super::{
    Environment, KeySource, RefreshRules, Remote, claims, refresh, template, verify_method,
};
use crate::jose::Algorithm;
use crate::json::ValueRef;
use crate::token::{ClaimPaths, ClaimsPolicy, RemoteMethod, TokenTypes};

/// An issuer whose tokens the gateway accepts, with its name, algorithms, keys and the rules for
/// the claims of its tokens.
#[derive(Debug)]
pub struct Issuer {
    /// Its name in the configuration and in logs.
    pub name: String,
    /// The rules that the claims of its tokens must satisfy, the exact `iss` among them.
    pub policy: ClaimsPolicy,
    /// The algorithms that its tokens, or its signed answers, may use; never inferred. Empty when
    /// it has no keys.
    pub algorithms: Vec<Algorithm>,
    /// The paths of the claims from which the caller's identity is read.
    pub paths: ClaimPaths,
    /// The claim paths for its tokens while the `remote` gives no answer, where its keys then
    /// verify them.
    pub fallback_paths: Option<ClaimPaths>,
    /// Where its keys come from. They verify its tokens and nobody else's; where there is a
    /// `remote`, they verify tokens only while it gives no answer, or verify its answers in place
    /// of tokens.
    pub keys: KeySource,
    /// The endpoint that is asked about its tokens before anything else.
    pub remote: Option<Remote>,
    /// How its tokens are refreshed; `None` where that is the auth server's business alone.
    pub refresh: Option<RefreshRules>,
    /// Whether tokens that name no issuer (opaque ones, and JWTs without `iss`) belong to this
    /// issuer.
    pub is_opaque: bool,
    /// Whether JWTs without `iss` belong to this issuer, verified by its keys.
    pub is_unnamed: bool,
}

impl Issuer {
    /// Whether JWTs that name no issuer belong to this issuer.
    #[must_use]
    pub fn takes_unnamed(&self) -> bool {
        self.is_opaque || self.is_unnamed
    }

    /// Whether its keys ever verify its tokens, and not only its signed answers.
    #[must_use]
    pub fn verifies_tokens(&self) -> bool {
        let signs_answers = |remote: &Remote| remote.way == RemoteMethod::SignedIntrospection;
        !matches!(self.keys, KeySource::Absent) && !self.remote.as_ref().is_some_and(signs_answers)
    }

    /// The longest time from `iat` to `exp` of any token that it accepts. `None` where nothing bounds it: an
    /// auth server that is asked about its tokens may extend their life, and nobody measures refresh tokens.
    #[must_use]
    pub fn longest_life(&self) -> Option<Duration> {
        self.policy.longest_life.filter(|_| self.remote.is_none() && self.refresh.is_none())
    }
}

pub(super) static SHAPE: Shape = Shape {
    name: "issuer",
    about: "Someone whose tokens are accepted.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        text("name").required().about("What logs and admin calls call it."),
        text("issuer")
            .required()
            .about("Exactly the token's `iss`; or a template with a claim in braces."),
        field("allowed", Kind::TextsOrAny).about(
            "With a template: which values of the claim are accepted, or `any`. The claim must say what \
             `iss` does.",
        ),
        texts("audiences").about(
            "At least one of them must be in the token's `aud`, exactly. Needed wherever there are keys and \
             no `any_audience`, and for `introspection` without `any_audience`.",
        ),
        text("audience_claim").about(
            "The claim that says for whom a token without `aud` is, such as `client_id`. A dotted path.",
        ),
        boolean("any_audience").or(Default::Flag(false)).about(
            "Whether tokens that say nowhere for whom they are are taken. Those with `aud` must still match.",
        ),
        field("algorithms", Kind::Names(&ALGORITHMS)).about(
            "The algorithms that its tokens may use; never inferred from the token or the key. Needed \
             wherever there are keys.",
        ),
        table("verify", &verify_method::SHAPE)
            .required()
            .about("Where its keys come from, or who is asked."),
        boolean("opaque")
            .or(Default::Flag(false))
            .about("Whether tokens that name no issuer are its. At most one may have it, and must ask."),
        boolean("without_iss")
            .or(Default::Flag(false))
            .about("Whether JWTs without `iss` are its, verified by its keys. At most one may have it or `opaque`."),
        table("refresh", &refresh::SHAPE)
            .about("How its tokens are refreshed, for routes with `handler`."),
        table("claims", &claims::SHAPE).about("Which of its claims means what."),
        texts("token_types").about(
            "Accepted types in `typ` and `token_type`, without case. Absent: `JWT`, `at+jwt`, `access`, \
             `access_token`, `Bearer`, and tokens that say none.",
        ),
        number("max_age_seconds", 1, 315_360_000)
            .about("Longest time since `iat`, which tokens must then have."),
        texts("required_claims")
            .about("Dotted paths of claims that must be there and not null. `exp` always must."),
    ],
};

/// The algorithms that `WebCrypto` verifies at the edge, with `EdDSA` under both of its names.
const ALGORITHMS: [&str; 14] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "Ed25519", "HS256", "HS384", "HS512",
];

/// The rules about time that hold for the tokens of all issuers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// The tolerance for clocks that differ.
    pub(super) leeway: Duration,
    /// The longest time from `iat` to `exp`; `None` for no limit.
    pub(super) longest_life: Option<Duration>,
}

pub(super) fn read_all(
    root: &Table<'_>,
    times: Times,
    environment: &Environment<'_>,
) -> Vec<Issuer> {
    let mut issuers: Vec<Issuer> = Vec::new();
    for table in root.tables("issuers") {
        if let Some(issuer) = read(&table, times, environment) {
            let twin = |other: &Issuer| template::are_twins(&other.policy, &issuer.policy);
            if issuers.iter().any(twin) {
                table.error("issuer", "expected an `iss` that no other issuer has");
            }
            if issuer.takes_unnamed() && issuers.iter().any(Issuer::takes_unnamed) {
                let field = if issuer.is_opaque { "opaque" } else { "without_iss" };
                table.error(field, "expected no other issuer with `opaque` or `without_iss`");
            }
            if issuers.iter().any(|other| other.name == issuer.name) {
                table.error("name", "expected a name that no other issuer has");
            }
            issuers.push(issuer);
        }
        table.finish();
    }
    issuers
}

/// The names of all issuers in the configuration, whether they are valid or not; empty for one
/// without a name.
pub(super) fn names<'a>(root: &Table<'a>) -> Vec<&'a str> {
    let issuers = root.value("issuers").and_then(ValueRef::as_array).into_iter().flatten();
    issuers
        .map(|issuer| issuer.get("name").and_then(ValueRef::as_str).unwrap_or_default())
        .collect()
}

/// Whether an issuer in the configuration has `refresh` that is not among those without faults.
pub(super) fn mentions_refresh(root: &Table<'_>, issuers: &[Issuer]) -> bool {
    let tables = root.value("issuers").and_then(ValueRef::as_array).into_iter().flatten();
    let mentioned = tables.filter(|issuer| issuer.get("refresh").is_some()).count();
    mentioned > issuers.iter().filter(|issuer| issuer.refresh.is_some()).count()
}

fn read(table: &Table<'_>, times: Times, environment: &Environment<'_>) -> Option<Issuer> {
    let name = table.string("name");
    let issuer = table.string("issuer").filter(|issuer| is_plain(table, issuer));
    let template = template::read(table, issuer.as_deref());
    let outline = VerifySummary::of(table);
    let audiences = audiences(table, outline);
    let algorithms = algorithms(table, outline, environment);
    let token_types = table.strings("token_types").map(|types| TokenTypes::only(&types));
    let max_age = table.number("max_age_seconds").map(Duration::from_secs);
    let required = table.strings("required_claims").unwrap_or_default();
    let paths = claims::read(table, ClaimPaths::default());
    let ways = verify_method::read(table, (issuer.as_deref(), &algorithms, &paths), environment);
    let refresh = refresh::read(table, environment);
    let is_opaque = table.boolean("opaque").unwrap_or(false);
    if is_opaque && !outline.is_remote {
        table.error("opaque", "expected `me` or `introspection` with it");
    }
    let is_unnamed = table.boolean("without_iss").unwrap_or(false);
    if is_unnamed && outline.is_remote {
        table.error("without_iss", "expected `opaque` where the auth server is asked");
    }
    let audience_claim = table.string("audience_claim");
    let accepts_no_audience = table.boolean("any_audience").unwrap_or(false);
    let has_none = audiences.is_none() || (accepts_no_audience && !table.has("audiences"));
    if audience_claim.is_some() && has_none {
        table.error("audience_claim", "expected `audiences` with it, which it is compared with");
    }
    let VerifyMethod { keys, remote, fallback_paths } = ways?;
    let has_no_keys = matches!(keys, KeySource::Absent);
    if has_no_keys && refresh.as_ref().is_some_and(|rules| rules.refuses_unknown) {
        table.error("refresh", "expected keys of the issuer with `unknown = \"refuse\"`");
    }
    let policy = ClaimsPolicy {
        issuer: issuer?,
        template,
        any_audience: audiences.is_none(),
        audiences: audiences.unwrap_or_default(),
        audience_claim,
        accepts_no_audience,
        token_types: token_types.unwrap_or_default(),
        leeway: times.leeway,
        max_age,
        longest_life: times.longest_life,
        required,
    };
    Some(Issuer {
        name: name?,
        policy,
        algorithms,
        paths,
        fallback_paths,
        keys,
        remote,
        refresh,
        is_opaque,
        is_unnamed,
    })
}

/// The accepted audiences; `None` where a positive answer of the auth server is the only statement
/// of the audience of a token.
fn audiences(table: &Table<'_>, outline: VerifySummary) -> Option<Vec<String>> {
    match outline.audiences {
        AudienceRule::Required => {
            let is_any = table.value("any_audience").and_then(ValueRef::as_bool) == Some(true);
            if !table.has("audiences") && !is_any {
                table.error("audiences", "expected at least one audience, or `any_audience`");
            }
            Some(table.strings("audiences").unwrap_or_default())
        }
        AudienceRule::Optional => table.strings("audiences"),
        AudienceRule::Waived => {
            if table.has("audiences") {
                table.error("audiences", "expected none with `verify.any_audience`");
            }
            None
        }
    }
}

/// Refuses control characters: a NUL would make it ambiguous where the issuer ends in the name of a
/// revocation.
fn is_plain(table: &Table<'_>, issuer: &str) -> bool {
    let plain = !issuer.chars().any(char::is_control);
    if !plain {
        table.error("issuer", "expected no control characters");
    }
    plain
}

fn algorithms(
    table: &Table<'_>,
    outline: VerifySummary,
    environment: &Environment<'_>,
) -> Vec<Algorithm> {
    let mut algorithms = Vec::new();
    if !outline.has_keys {
        // A list that nothing is compared with would look like a safeguard.
        if table.has("algorithms") {
            table.error("algorithms", "expected none: the auth server is asked, no key is used");
        }
        return algorithms;
    }
    let names = table.strings("algorithms");
    if !table.has("algorithms") {
        table.error("algorithms", "expected at least one algorithm");
    }
    for (index, name) in names.iter().flatten().enumerate() {
        let place = format!("algorithms[{index}]");
        match Algorithm::from_name(name) {
            Some(algorithm) if environment.verifies(algorithm) => algorithms.push(algorithm),
            Some(algorithm) => {
                table.error(&place, format!("{algorithm} is not offered by WebCrypto at the edge"));
            }
            None => {
                let meant = did_you_mean(name, ALGORITHMS.into_iter());
                table.error(&place, format!("expected one of {}{meant}", ALGORITHMS.join(", ")));
            }
        }
    }
    algorithms
}
