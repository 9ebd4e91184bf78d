//! What is declared in a file, and what it names that only a platform has.

use super::source::{SourceFile, Token};

/// Words that say nothing about what a thing does.
const VAGUE: [&str; 4] = ["manager", "helper", "util", "service"];

/// Whether a name holds a vague word, or ends in `Data`.
pub(crate) fn is_vague(name: &str) -> bool {
    let words = words(name);
    let singular = |word: &String| word.strip_suffix('s').unwrap_or(word).to_owned();
    words.iter().any(|word| VAGUE.contains(&singular(word).as_str()))
        || words.last().is_some_and(|word| word == "data")
}

/// `KeyManager` and `key_manager` are both `key` and `manager`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c.is_uppercase() {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().expect("a word").extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The names of the types and modules that a file declares, its own among them.
pub(crate) fn declared(file: &SourceFile) -> Vec<String> {
    let kinds = ["struct", "enum", "union", "trait", "type", "mod"];
    let pairs = file.tokens.windows(2).filter(|pair| kinds.contains(&pair[0].text.as_str()));
    let own = file.module().last().map(|&name| name.to_owned());
    pairs.map(|pair| pair[1].text.clone()).chain(own).collect()
}

/// Each function with a body, and its length in lines.
pub(crate) fn functions(tokens: &[Token]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        let named = pair[0].text == "fn" && pair[1].text.starts_with(|c: char| c != '(');
        if let Some(last) = end(&tokens[at..]).filter(|_| named) {
            found.push((pair[1].text.clone(), last - pair[0].line + 1));
        }
    }
    found
}

/// The line on which a function's body ends; none without a body.
fn end(tokens: &[Token]) -> Option<usize> {
    let (mut braces, mut brackets) = (0, 0);
    for token in tokens {
        match token.text.as_str() {
            // `[u8; 4]` in a signature ends nothing.
            "[" => brackets += 1,
            "]" => brackets -= 1,
            ";" if braces == 0 && brackets == 0 => return None,
            "{" => braces += 1,
            "}" => {
                braces -= 1;
                if braces == 0 {
                    return Some(token.line);
                }
            }
            _ => {}
        }
    }
    None
}

/// Crates and clocks that are not part of the core, as they are named.
pub(crate) fn platform(tokens: &[Token]) -> Vec<String> {
    let crates = ["worker", "js_sys", "wasm_bindgen", "wasm_bindgen_futures", "web_sys"];
    let is_crate =
        |pair: &&[Token]| crates.contains(&pair[0].text.as_str()) && pair[1].text == "::";
    let crates = tokens.windows(2).filter(is_crate).map(|pair| pair[0].text.clone());
    let clocks =
        tokens.iter().filter(|token| ["SystemTime", "Instant"].contains(&token.text.as_str()));
    crates.chain(clocks.map(|token| token.text.clone())).collect()
}
