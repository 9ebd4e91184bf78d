use super::encoding::{write_list, write_plain, write_words};
use super::{HeaderRules, IdentityField};
use crate::json;
use crate::token::{Identity, VerifiedToken};
use std::fmt;

/// The identity headers of one verified token, ready to be set: computed once per token.
///
/// Kept as one text, as they leave the core: names and values by turns, a line each. No name and
/// no encoding of a value holds a line break. `Debug` shows none of them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IdentityHeaders {
    lines: String,
    bytes: usize,
}

impl fmt::Debug for IdentityHeaders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("IdentityHeaders").finish_non_exhaustive()
    }
}

/// The headers would be larger than [`HeaderRules::max_bytes`]. They are never cut: half a list of
/// roles is another list of roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected identity headers of at most {limit} bytes, got {got}")]
pub struct TooLarge {
    /// Most bytes of all names and values.
    pub limit: usize,
    /// Bytes of all names and values.
    pub got: usize,
}

impl TooLarge {
    pub(super) fn check(rules: &HeaderRules, got: usize) -> Result<(), Self> {
        let limit = rules.max_bytes();
        if got > limit { Err(Self { limit, got }) } else { Ok(()) }
    }
}

impl IdentityHeaders {
    /// Writes what `rules` say about a token. An absent claim has no header.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    #[inline(never)]
    pub fn write(
        rules: &HeaderRules,
        token: &VerifiedToken,
        identity: &Identity,
    ) -> Result<Self, TooLarge> {
        let mut headers = Self::default();
        for (facet, name) in rules.facets() {
            headers.add(name, |value| write_facet(*facet, token, identity, value));
        }
        for rule in rules.claims() {
            if let Some(claim) = json::lookup(&token.claims().all, &rule.claim) {
                headers.add(&rule.header, |value| rule.encoding.write(claim, value));
            }
        }
        TooLarge::check(rules, headers.bytes).map(|()| headers)
    }

    /// Adds a header whose value `write` writes; none where there is no value.
    fn add(&mut self, name: &str, write: impl FnOnce(&mut String) -> Option<()>) {
        let before = self.lines.len();
        if before > 0 {
            self.lines.push('\n');
        }
        self.lines.push_str(name);
        self.lines.push('\n');
        let value_at = self.lines.len();
        match write(&mut self.lines) {
            Some(()) => {
                let value = self.lines.len().saturating_sub(value_at);
                self.bytes = self.bytes.saturating_add(name.len()).saturating_add(value);
            }
            None => self.lines.truncate(before),
        }
    }

    /// Bytes of all names and values.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Names and values by turns, a line each, in a fixed order.
    #[must_use]
    pub fn lines(&self) -> &str {
        &self.lines
    }

    /// Names and values.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut lines = self.lines.lines();
        std::iter::from_fn(move || Some((lines.next()?, lines.next().unwrap_or_default())))
    }
}

/// Writes what a facet says of the caller; `None` where it says nothing.
fn write_facet(
    facet: IdentityField,
    token: &VerifiedToken,
    identity: &Identity,
    value: &mut String,
) -> Option<()> {
    let claims = token.claims();
    let text = match facet {
        IdentityField::Subject => &identity.subject,
        IdentityField::Issuer => &claims.issuer,
        IdentityField::Email => &identity.email,
        IdentityField::Tenant => &identity.tenant,
        IdentityField::Session => &identity.session,
        IdentityField::TokenId => &claims.token_id,
        IdentityField::Roles => return write_some(&identity.roles, write_list, value),
        IdentityField::Scope => return write_some(&identity.scope, write_words, value),
    };
    // An empty header would name a caller without a name.
    text.as_deref().filter(|text| !text.is_empty()).map(|text| write_plain(text, value))
}

/// Writes words; `None` when that comes to nothing.
fn write_some(
    words: &[String],
    write: fn(&[String], &mut String),
    value: &mut String,
) -> Option<()> {
    let before = value.len();
    write(words, value);
    (value.len() > before).then_some(())
}
