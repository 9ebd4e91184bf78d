use std::time::Duration;
/// Rules.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct RevocationRules {
    pub has_log: bool,
    pub has_kv: bool,
    pub bound: Duration,
    pub fallback: Option<Duration>,
    pub location: Option<String>,
    pub longest_token: Option<Duration>,
}
