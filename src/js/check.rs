use serde_json::{Value, json};

use super::fault;
use crate::config::Warning;
use crate::explain::OfflineEnvironment;

/// Where nobody knows what the configuration is deployed beside, everything that it names is assumed to
/// be there.
pub(super) fn report(config: &Value) -> Value {
    let surroundings = OfflineEnvironment::new(None, Vec::new());
    let (errors, warnings) = match surroundings.check(config) {
        Ok(checked) => (Vec::new(), checked.warnings(config)),
        Err(errors) => (errors.as_slice().to_vec(), Vec::new()),
    };
    let warning = |Warning { code, path, message }: Warning| json!({ "code": code, "path": path, "message": message });
    let warnings: Vec<_> = warnings.into_iter().map(warning).collect();
    json!({ "errors": fault::places(&errors), "warnings": warnings })
}
