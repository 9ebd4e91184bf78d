//! The authority: the logic of the Durable Objects, called by their JavaScript shells
//! (`src/authority/*.js`), which hold the storage and run each call in one transaction.

mod import;
mod list;
mod log;
mod rows;

pub use import::{log_import, log_import_begin, log_import_state};
pub use list::log_list;
pub use log::{log_ask, log_open, log_order, log_remove_expired};
