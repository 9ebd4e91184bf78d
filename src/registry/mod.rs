//! The registry of tokens, devices and sessions, and the audit trail: what is written and asked, as statements for a relational
//! store. Nothing is executed here, and no verdict depends on it.

mod archive;
mod audit;
mod audit_list;
mod device;
mod event;
mod extent;
mod list;
mod seal;
mod sessions;
mod statement;
mod subject;
mod subject_row;
mod write;

pub use archive::{archivable, archive, archive_ends};
pub use audit::AuditEvent;
pub use audit_list::AuditQuery;
pub use device::Device;
pub use event::{RegistryEvent, TokenPair};
pub use extent::{Extent, expire, family_of, members};
pub use list::{ListError, Scope, TokenQuery};
pub use seal::{SEALED_ROWS, Seal, SealError, add_seal, last_seal, seal, seals, unsealed, verify};
pub use sessions::{own_session, own_sessions};
pub use statement::Statement;
pub use subject::{delete_subject, sessions_of, subject};
pub use subject_row::Subject;
pub use write::statements;
