//! The crate's own source as tokens, without comments and literals: enough to see who uses whom.

use std::path::{Path, PathBuf};

/// A word, a number, `::`, or one other character; strings and characters are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// One file under `src`.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Its path below `src`, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
}

impl SourceFile {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), tokens: tokens(text) }
    }

    /// The path of its module: `jose/mod.rs` and `jose.rs` are both `[jose]`.
    pub(crate) fn module(&self) -> Vec<&str> {
        let names = self.path.trim_end_matches(".rs").split('/');
        names.filter(|name| !["mod", "lib"].contains(name)).collect()
    }

    /// The top-level module that it belongs to; none for the crate's root.
    pub(crate) fn top(&self) -> Option<&str> {
        self.module().first().copied()
    }
}

/// Every file under `src`.
pub(crate) fn sources() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    let read = |path: &PathBuf| {
        let below = path.strip_prefix(&root).expect("below src").to_string_lossy();
        SourceFile::new(&below.replace('\\', "/"), &std::fs::read_to_string(path).expect("text"))
    };
    paths.iter().map(read).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut found: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    for path in found {
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let skipped = skip(rest);
        let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let bytes = if rest.starts_with("::") { 2 } else { word.max(first.len_utf8()) };
        let (taken, after) = rest.split_at(if skipped > 0 { skipped } else { bytes });
        if skipped == 0 && !first.is_whitespace() {
            tokens.push(Token { text: taken.to_owned(), line });
        }
        line += taken.matches('\n').count();
        rest = after;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Bytes of the comment or literal that `rest` begins with.
fn skip(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").expect("an end of the comment") + 2;
    }
    if rest.starts_with('\'') {
        return character(rest);
    }
    let prefix = ["br", "r", "b", "c", ""].into_iter().find(|prefix| {
        let quoted = rest.strip_prefix(prefix).unwrap_or_default();
        let hashes = if prefix.contains('r') { quoted.trim_start_matches('#') } else { quoted };
        hashes.starts_with('"')
    });
    let Some(prefix) = prefix else {
        return 0;
    };
    let literal = &rest[prefix.len()..];
    prefix.len() + if prefix.contains('r') { raw_string(literal) } else { quoted(literal, '"') }
}

/// A character; nothing for a lifetime, whose apostrophe is then a token of its own.
fn character(rest: &str) -> usize {
    let mut after = rest.chars().skip(1);
    match (after.next(), after.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted(rest, '\''),
        _ => 0,
    }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

fn raw_string(rest: &str) -> usize {
    let hashes = rest.find('"').expect("a quote");
    let end = format!("\"{}", "#".repeat(hashes));
    let body = &rest[hashes + 1..];
    hashes + 1 + body.find(&end).expect("an end of the string") + end.len()
}
