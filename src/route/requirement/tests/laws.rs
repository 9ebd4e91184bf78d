//! Laws that hold for every requirement and every token.

use proptest::prelude::*;
use serde_json::{Number, Value};

use super::*;
use crate::json::Object;

const NAMES: [&str; 4] = ["a", "b", "a.b", "roles"];

fn scalars() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(&["a", "b", "c"][..]).prop_map(Value::from),
        (0..4_u8).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
    ]
}

/// The kinds of requirements to generate: `exists` with these values, and with or without `not`.
#[derive(Clone, Copy)]
struct Kinds {
    exists: &'static [bool],
    not: bool,
}

const ALL_KINDS: Kinds = Kinds { exists: &[true, false], not: true };
const WITHOUT_EXISTS: Kinds = Kinds { exists: &[], not: true };
const WITHOUT_ABSENCE: Kinds = Kinds { exists: &[true], not: false };

fn claim_tests(kinds: Kinds) -> impl Strategy<Value = ClaimTest> {
    let bound = || prop::option::of((0..4_u8).prop_map(Number::from));
    let others = prop_oneof![
        scalars().prop_map(ClaimTest::Equals),
        prop::collection::vec(scalars(), 0..3).prop_map(ClaimTest::OneOf),
        scalars().prop_map(ClaimTest::Contains),
        (bound(), bound()).prop_map(|(min, max)| ClaimTest::Range { min, max }),
    ];
    if kinds.exists.is_empty() {
        return others.boxed();
    }
    let exists = prop::sample::select(kinds.exists).prop_map(ClaimTest::Exists);
    prop_oneof![4 => others, 1 => exists].boxed()
}

fn words() -> impl Strategy<Value = String> {
    prop::sample::select(&["a", "b", "c"][..]).prop_map(str::to_owned)
}

fn requirements(kinds: Kinds) -> impl Strategy<Value = Requirement> {
    let path = prop::sample::select(&NAMES[..]).prop_map(str::to_owned);
    let leaf = prop_oneof![
        words().prop_map(Requirement::Role),
        words().prop_map(Requirement::Scope),
        prop::sample::select(&["main", "partner"][..])
            .prop_map(|name| Requirement::Issuer(name.to_owned())),
        words().prop_map(Requirement::Tenant),
        (1..600_u64).prop_map(|age| Requirement::MaxAge(Duration::from_secs(age))),
        prop::collection::vec(words(), 0..3).prop_map(Requirement::Acr),
        (path, claim_tests(kinds)).prop_map(|(path, test)| Requirement::Claim { path, test }),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let branching = prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Requirement::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Requirement::Any),
        ];
        if !kinds.not {
            return branching.boxed();
        }
        let not = inner.prop_map(|branch| Requirement::Not(Box::new(branch)));
        prop_oneof![2 => branching, 1 => not].boxed()
    })
}

/// Generates claims that an identity can be read from, with values that the requirements use.
fn tokens() -> impl Strategy<Value = Object> {
    let texts = || prop::collection::vec(words(), 0..3).prop_map(Value::from);
    let value = prop_oneof![
        Just(Value::Null),
        scalars(),
        prop::collection::vec(scalars(), 0..3).prop_map(Value::from),
        scalars().prop_map(|value| json!({ "b": value })),
    ];
    let member = prop_oneof![
        (prop::sample::select(&["a", "b", "a.b"][..]), value),
        (prop::sample::select(&["roles", "scope"][..]), texts()),
        (Just("tenant"), words().prop_map(Value::from)),
        (Just("acr"), scalars()),
        (Just("auth_time"), (-700..100_i64).prop_map(|age| Value::from(NOW_SECONDS + age))),
    ];
    prop::collection::vec(member, 0..6).prop_map(|members| {
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    })
}

fn text(token: &Object) -> String {
    Value::Object(token.clone()).to_string()
}

/// The truth of each node by the plain definition: the least, the most, the opposite.
fn by_definition(requirement: &Requirement, facts: &Facts<'_>) -> Truth {
    let rank = |truth: &Truth| match truth {
        Fails => 0,
        Unknown => 1,
        Holds => 2,
    };
    let inner: Vec<_> =
        requirement.branches().iter().map(|branch| by_definition(branch, facts)).collect();
    match requirement {
        Requirement::All(_) => inner.into_iter().min_by_key(rank).unwrap_or(Unknown),
        Requirement::Any(_) => inner.into_iter().max_by_key(rank).unwrap_or(Unknown),
        Requirement::Not(_) => match inner.as_slice() {
            [Holds] => Fails,
            [Fails] => Holds,
            _ => Unknown,
        },
        leaf => leaf.judge(facts),
    }
}

fn without(token: &Object, name: &str) -> Object {
    let mut token = token.clone();
    token.remove(name);
    token
}

proptest! {
    #[test]
    fn what_decides_and_what_explains_agree(tree in requirements(ALL_KINDS), token in tokens()) {
        with_facts(&text(&token), |facts| {
            let findings = tree.explain(facts);
            prop_assert_eq!(findings[0].truth == Holds, tree.holds(facts));
            prop_assert_eq!(findings[0].truth, by_definition(&tree, facts));
            prop_assert_eq!(findings[0].depth, 0);
            for pair in findings.windows(2) {
                prop_assert!(pair[1].depth >= 1 && pair[1].depth <= pair[0].depth + 1);
            }
            Ok(())
        })?;
    }

    #[test]
    fn an_empty_token_holds_nothing_unless_absence_is_asked_for(
        tree in requirements(WITHOUT_ABSENCE)
    ) {
        // The issuer is known by the key, not by a claim; here it is nobody.
        with_facts("{}", |facts| {
            let of_nobody = Facts { issuer: "", ..*facts };
            prop_assert!(!tree.holds(&of_nobody));
            Ok(())
        })?;
    }

    /// Leaving a claim out never lets a token pass, with `not` in the tree or without, unless
    /// `exists` asks for it.
    #[test]
    fn leaving_a_claim_out_lets_nobody_pass(
        tree in requirements(WITHOUT_EXISTS), token in tokens(),
        name in prop::sample::select(&["a", "b", "a.b", "roles", "scope", "tenant", "acr", "auth_time"][..])
    ) {
        // `a.b` may then be read from `a`: another claim, not a missing one.
        prop_assume!(name != "a.b" || !token.contains_key("a"));
        let before = with_facts(&text(&token), |facts| tree.holds(facts));
        let after = with_facts(&text(&without(&token, name)), |facts| tree.holds(facts));
        prop_assert!(before || !after, "{tree:?} {token:?} without {name}");
    }

    #[test]
    fn a_step_up_opens_what_it_is_offered_for(
        tree in requirements(ALL_KINDS), mut token in tokens()
    ) {
        let step_up = with_facts(&text(&token), |facts| {
            tree.step_up(facts)
        });
        if let Some(step_up) = step_up {
            if let Some(accepted) = &step_up.acr_values {
                token.insert("acr".to_owned(), accepted[0].clone().into());
            }
            if step_up.max_age.is_some() {
                token.insert("auth_time".to_owned(), NOW_SECONDS.into());
            }
            prop_assume!(!negates_a_login(&tree, false));
            with_facts(&text(&token), |facts| {
                prop_assert!(tree.holds(facts), "{tree:?} {step_up:?} {token:?}");
                Ok(())
            })?;
        }
    }
}

/// Whether `acr` or an age stands under `not`: a new login may then make a requirement fail that
/// held.
fn negates_a_login(tree: &Requirement, negated: bool) -> bool {
    let here = negated && matches!(tree, Requirement::Acr(_) | Requirement::MaxAge(_));
    let negated = negated || matches!(tree, Requirement::Not(_));
    here || tree.branches().iter().any(|branch| negates_a_login(branch, negated))
}
