use serde_json::{Value, json};

use super::fault::Fault;
use super::order::Order;
use crate::explain::{self, Assumption, Rehearsal, Surroundings};
use crate::gateway::Gateway;
use crate::webcrypto;

/// Explains what an order asks about: [`explain::rehearse`], with signatures verified by `WebCrypto`.
pub(super) async fn told(order: &Value) -> Result<Value, Fault> {
    let Order { request, now, secrets, given } = Order::read(order)?;
    let surroundings = Surroundings::new(None, secrets);
    let config = surroundings.check(order.get("config").unwrap_or(&Value::Null));
    let gateway = Gateway::new(config.map_err(|errors| Fault::configuration(&errors))?);
    let mut rehearsal = explain::rehearse(&gateway, request, given, now);
    loop {
        rehearsal = match rehearsal {
            Rehearsal::NeedSignature(need) => {
                let holds = webcrypto::holds(need.signature()).await;
                need.resume(&gateway, holds)
            }
            Rehearsal::Done(mut explanation, mut assumed) => {
                assumed.extend(surroundings.assumption(&mut explanation));
                let assumed: Vec<_> = assumed.iter().map(Assumption::to_string).collect();
                return Ok(json!({ "explanation": *explanation, "assumed": assumed }));
            }
        };
    }
}
