//! Which top-level module uses which.

use super::source::{SourceFile, Token};

/// A path from one top-level module into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) place: String,
}

/// Every use of another top-level module, by `crate::…`, `edgeward::…` or enough of `super::`.
pub(crate) fn edges(file: &SourceFile) -> Vec<Edge> {
    let Some(from) = file.top() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    // One entry for each open brace: the name of the inline module that it belongs to, if any.
    let mut open: Vec<Option<&str>> = Vec::new();
    for (at, token) in file.tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" => open.push(inline_module(&file.tokens, at)),
            "}" => drop(open.pop()),
            "crate" | "edgeward" => found.extend(heads(&file.tokens, at + 1)),
            "super" if !follows_path(&file.tokens, at) => {
                let depth = file.module().len() + open.iter().flatten().count();
                found.extend(above(&file.tokens, at, depth));
            }
            _ => {}
        }
    }
    let other = found.into_iter().filter(|to| to.text != from);
    other
        .map(|to| Edge {
            from: from.to_owned(),
            place: format!("src/{}:{}", file.path, to.line),
            to: to.text,
        })
        .collect()
}

fn inline_module(tokens: &[Token], brace: usize) -> Option<&str> {
    let name = brace.checked_sub(1)?;
    (tokens[name.checked_sub(1)?].text == "mod").then_some(tokens[name].text.as_str())
}

fn follows_path(tokens: &[Token], at: usize) -> bool {
    at > 0 && tokens[at - 1].text == "::"
}

/// What a path of `super`s names, when it leaves a module that lies `depth` below the root.
fn above(tokens: &[Token], at: usize, depth: usize) -> Vec<Token> {
    let is_step =
        |pair: &[Token]| pair.len() == 2 && pair[0].text == "super" && pair[1].text == "::";
    let steps = tokens[at..].chunks(2).take_while(|pair| is_step(pair)).count();
    if steps < depth {
        return Vec::new();
    }
    heads(tokens, at + 2 * steps - 1)
}

/// The first names of the path that goes on with the `::` at `at`: one, or those of a group.
fn heads(tokens: &[Token], at: usize) -> Vec<Token> {
    if tokens.get(at).is_none_or(|token| token.text != "::") {
        return Vec::new();
    }
    let Some(first) = tokens.get(at + 1).filter(|token| token.text == "{") else {
        return tokens.get(at + 1).cloned().into_iter().collect();
    };
    let mut names = Vec::new();
    let (mut depth, mut before) = (0, first);
    for token in &tokens[at + 1..] {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," => {}
            _ if depth == 1 && ["{", ","].contains(&before.text.as_str()) => {
                names.push(token.clone());
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
        before = token;
    }
    names
}
