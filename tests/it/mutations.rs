//! One genuine token of each algorithm, with every bit flipped and cut at every length: refused.

use std::path::Path;

use edgeward::conformance::{self, Step, Verdict};
use serde_json::{Value, json};

/// The genuine token of an algorithm, with its key and time, from the vectors.
fn genuine(algorithm: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/attacks.json");
    let all: Value =
        serde_json::from_slice(&std::fs::read(path).expect("the vectors")).expect("JSON");
    let id = format!("attack/baseline/{algorithm}-valid");
    let case = all.as_array().expect("an array").iter().find(|case| case["id"] == *id);
    case.unwrap_or_else(|| panic!("no vector {id}")).clone()
}

fn is_accepted(case: &Value) -> bool {
    let mut step = conformance::begin(case);
    loop {
        match step {
            Step::Done(verdict) => return verdict == Verdict::Accept,
            Step::Pending(check) => {
                let (key, message) = (check.key(), check.message());
                let holds =
                    edgeward::jose::verify(check.algorithm(), key, message, check.signature());
                step = check.resume(holds);
            }
        }
    }
}

/// The token with one bit of one character flipped, for each of them that leaves a character.
fn flipped(token: &str) -> impl Iterator<Item = String> {
    let bits = (0..token.len()).flat_map(|at| (0..7).map(move |bit| (at, bit)));
    bits.map(|(at, bit)| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] ^= 1 << bit;
        String::from_utf8(bytes).expect("seven bits are ASCII")
    })
}

fn cut(token: &str) -> impl Iterator<Item = String> {
    (0..token.len()).map(|length| token.get(..length).expect("ASCII").to_owned())
}

/// Counts the mutants of a genuine token, all of which must be refused.
fn refuse_all_mutants(algorithm: &str) {
    let mut case = genuine(algorithm);
    let token = case["token"].as_str().expect("a token").to_owned();
    assert!(is_accepted(&case), "{algorithm}: the token itself is genuine");
    let mut count = 0;
    for mutant in flipped(&token).chain(cut(&token)) {
        assert_ne!(mutant, token);
        case["token"] = json!(mutant);
        assert!(!is_accepted(&case), "{algorithm}: accepted {mutant}");
        count += 1;
    }
    assert_eq!(count, token.len() * 8);
    println!("{algorithm}: {count} mutants refused");
}

/// One test for each algorithm, so that they run side by side.
macro_rules! every_mutant_is_refused {
    ($($name:ident $algorithm:literal)*) => {$(
        #[test]
        fn $name() {
            refuse_all_mutants($algorithm);
        }
    )*};
}

every_mutant_is_refused! {
    every_mutant_of_an_rs256_token_is_refused "RS256"
    every_mutant_of_an_rs384_token_is_refused "RS384"
    every_mutant_of_an_rs512_token_is_refused "RS512"
    every_mutant_of_a_ps256_token_is_refused "PS256"
    every_mutant_of_a_ps384_token_is_refused "PS384"
    every_mutant_of_a_ps512_token_is_refused "PS512"
    every_mutant_of_an_es256_token_is_refused "ES256"
    every_mutant_of_an_es384_token_is_refused "ES384"
    every_mutant_of_an_es512_token_is_refused "ES512"
    every_mutant_of_an_es256k_token_is_refused "ES256K"
    every_mutant_of_an_eddsa_token_is_refused "EdDSA"
    every_mutant_of_an_hs256_token_is_refused "HS256"
    every_mutant_of_an_hs384_token_is_refused "HS384"
    every_mutant_of_an_hs512_token_is_refused "HS512"
}
