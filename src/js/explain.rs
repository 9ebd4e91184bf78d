use serde_json::{Value, json};

use super::explain_options::ExplainOptions;
use super::fault::Fault;
use crate::explain::{self, Assumption, OfflineEnvironment, OfflineExplain};
use crate::gateway::Gateway;
use crate::webcrypto;

/// Explains what an order asks about: [`explain::rehearse`], with signatures verified by `WebCrypto`.
pub(super) async fn told(order: &Value) -> Result<Value, Fault> {
    let ExplainOptions { request, now, secrets, given } = ExplainOptions::read(order)?;
    let surroundings = OfflineEnvironment::new(None, secrets);
    let config = surroundings.check(order.get("config").unwrap_or(&Value::Null));
    let gateway = Gateway::new(config.map_err(|errors| Fault::configuration(&errors))?);
    let mut rehearsal = explain::rehearse(&gateway, request, given, now);
    loop {
        rehearsal = match rehearsal {
            OfflineExplain::NeedSignature(need) => {
                let holds = webcrypto::holds(need.signature()).await;
                need.resume(&gateway, holds)
            }
            OfflineExplain::Done(mut explanation, mut assumed) => {
                assumed.extend(surroundings.assumption(&mut explanation));
                let assumed: Vec<_> = assumed.iter().map(Assumption::to_string).collect();
                return Ok(json!({ "explanation": *explanation, "assumed": assumed }));
            }
        };
    }
}
