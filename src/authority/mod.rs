//! The authority: the logic of the Durable Objects, called by their JavaScript shells
//! (`src/authority/*.js`), which hold the storage and run each call in one transaction.

mod audit;
mod family;
mod family_commit;
mod family_cutoff;
mod family_end;
mod family_rows;
mod family_tokens;
mod import;
mod list;
mod log;
mod registry;
mod rows;
mod session;
mod session_names;

pub use audit::{
    audit_last_seal, audit_list, audit_seal, audit_seals, audit_unsealed, metrics_text,
};
pub use family::{family_login, family_open, family_present};
pub use family_commit::family_commit;
pub use family_end::{
    family_answer, family_count, family_end, family_is_empty, family_logged, family_remove_expired,
    family_see, family_state, family_unlogged,
};
pub use import::{log_import, log_import_begin, log_import_state};
pub use list::log_list;
pub use log::{log_ask, log_open, log_order, log_remove_expired};
pub use registry::{
    registry_archivable, registry_archive, registry_archive_ends, registry_body,
    registry_delete_subject, registry_expire, registry_family_of, registry_list, registry_members,
    registry_own_session, registry_own_sessions, registry_sessions_of, registry_subject,
    registry_subject_name, registry_write,
};
pub use session::{
    session_ask, session_refusal, session_refused_in_kv, session_reply, session_request,
    session_verdict,
};
pub use session_names::{session_append, session_owner_names};
