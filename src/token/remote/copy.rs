use serde_json::{Value, json};

use super::RemoteCheck;
use crate::json;
use crate::time::NumericDate;
use crate::token::VerifiedToken;

/// A yes from the store, as good as whoever may write there.
#[derive(Debug)]
pub struct Recalled {
    /// The token, accepted at the time that the copy says.
    pub token: VerifiedToken,
    /// Until when it counts as fresh; how long at most is for whoever recalls it to say.
    pub fresh_until: NumericDate,
}

impl RemoteCheck {
    /// Reads the copy of a yes to this token that [`VerifiedToken::copy`] wrote.
    ///
    /// `None` for one that cannot be read to the letter, and for one from the future: it would stay
    /// fresh for as long as whoever wrote it likes.
    #[must_use]
    pub fn recall(&self, copy: &str, now: NumericDate) -> Option<Recalled> {
        let mut copy = json::parse_object(copy.as_bytes()).ok()?;
        let mut seconds = |name| copy.remove(name)?.as_i64().map(NumericDate::from_seconds);
        let (asked_at, fresh_until) = (seconds("asked_at")?, seconds("fresh_until")?);
        let Some(Value::Object(claims)) = copy.remove("claims") else {
            return None;
        };
        if !copy.is_empty() || asked_at > now {
            return None;
        }
        let token = self.vouch(&claims, asked_at).ok()?;
        Some(Recalled { token, fresh_until })
    }
}

impl VerifiedToken {
    /// The yes behind this token as a store keeps it; nothing for a token with a signature. It holds
    /// the claims that are kept, and no part of the token's text.
    #[must_use]
    pub fn copy(&self, fresh_until: NumericDate) -> Option<String> {
        let copy = json!({
            "asked_at": self.asked_at()?.seconds(),
            "fresh_until": fresh_until.seconds(),
            "claims": self.claims().all,
        });
        Some(copy.to_string())
    }
}
