//! HTTP in words, without a runtime: request heads, credentials, challenges, problem details.

mod authority;
mod challenge;
mod cookie;
mod credential;
mod credential_sources;
mod cross_site;
mod date;
mod error_style;
mod field_names;
mod fold;
mod form;
mod forwarded;
mod head;
mod hop;
mod hop_names;
mod preflight;
mod problem;
mod query;
mod subprotocol;
mod whitespace;

pub use authority::{is_authority, split_port};
pub use challenge::Challenge;
pub use credential::{CredentialError, TokenGrammar, bearer};
pub use credential_sources::{CredentialSource, CredentialSources, Presented, StrippedHead};
pub use cross_site::may_be_cross_site;
pub use date::is_imf_fixdate;
pub use error_style::{ErrorStyle, Unauthenticated};
pub use field_names::{FieldNames, READ, RemovedNames};
pub use fold::{fold_byte, fold_name, folds_to, folds_to_start};
pub use form::{basic, basic_credentials, form, parameters};
pub use forwarded::{KeptHeaders, is_alias, is_forwarded, is_method_override, is_path};
pub use head::{RequestHead, RequestId};
pub use hop::{HopByHop, connection_elements};
pub use preflight::requested_method;
pub use problem::problem;
pub use whitespace::OWS;
