use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use quick_cache::unsync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, Weighter};

use super::Caller;
use super::word_hash::WordHash;
use crate::limits;

/// Tokens that this isolate has verified, found by their *whole* text: a cache keyed by part of a
/// token gives one user another's identity (CVE-2026-35039).
pub(super) struct VerifiedTokens(Cache<WholeToken, Rc<Caller>, TextBytes, WordHash>);

impl VerifiedTokens {
    /// The caller whose token has exactly this text.
    pub(super) fn find(&self, text: &str) -> Option<Rc<Caller>> {
        self.0.get(&Text(text)).cloned()
    }

    pub(super) fn insert(&mut self, caller: Rc<Caller>) {
        self.0.insert(WholeToken(Rc::clone(&caller)), caller);
    }

    pub(super) fn remove(&mut self, text: &str) {
        self.0.remove(&Text(text));
    }
}

impl Default for VerifiedTokens {
    fn default() -> Self {
        Self(Cache::with(
            limits::VERIFIED_TOKENS,
            limits::VERIFIED_BYTES,
            TextBytes,
            WordHash::default(),
            DefaultLifecycle::default(),
        ))
    }
}

impl fmt::Debug for VerifiedTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifiedTokens({})", self.0.len())
    }
}

/// A key that is the token's own text, without a copy of it.
struct WholeToken(Rc<Caller>);

impl WholeToken {
    fn text(&self) -> &str {
        self.0.token().text()
    }
}

impl PartialEq for WholeToken {
    fn eq(&self, other: &Self) -> bool {
        is_same(self.text(), other.text())
    }
}

impl Eq for WholeToken {}

impl Hash for WholeToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Text(self.text()).hash(state);
    }
}

/// The text of a token that is looked for.
struct Text<'a>(&'a str);

/// By its end, where its signature is, or what else makes it this token: to look through all of it
/// here, too, would find nothing sooner.
impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let bytes = self.0.as_bytes();
        state.write(bytes.last_chunk::<HASHED_BYTES>().map_or(bytes, |end| end));
    }
}

impl Equivalent<WholeToken> for Text<'_> {
    fn equivalent(&self, key: &WholeToken) -> bool {
        is_same(self.0, key.text())
    }
}

const HASHED_BYTES: usize = 128;

/// Whether two texts are the same, compared eight bytes at a time: wasm32's own comparison goes
/// byte by byte, and this one is made on every request.
fn is_same(one: &str, other: &str) -> bool {
    let (ones, ones_rest) = one.as_bytes().as_chunks::<8>();
    let (others, others_rest) = other.as_bytes().as_chunks::<8>();
    let number = |chunk: &[u8; 8]| u64::from_ne_bytes(*chunk);
    one.len() == other.len()
        && ones_rest == others_rest
        && ones.iter().map(number).eq(others.iter().map(number))
}

#[derive(Clone)]
struct TextBytes;

impl Weighter<WholeToken, Rc<Caller>> for TextBytes {
    fn weight(&self, _: &WholeToken, caller: &Rc<Caller>) -> u64 {
        caller.bytes()
    }
}
