//! The registry of tokens, devices and sessions: what is written and asked, as statements for a relational
//! store. Nothing is executed here, and no verdict depends on it.

mod archive;
mod event;
mod extent;
mod list;
mod sessions;
mod statement;
mod subject;
mod write;

pub use archive::{archivable, archive};
pub use event::{Device, RegistryEvent, TokenPair};
pub use extent::{Extent, expire, members};
pub use list::{ListError, Scope, TokenQuery};
pub use sessions::{own_session, own_sessions};
pub use statement::Statement;
pub use subject::{delete_subject, sessions_of, subject};
pub use write::statements;
