//! Sessions: which refresh token succeeds which, what is answered when one is presented again, and
//! when a session ends. State machines without I/O; `authority` keeps their rows and carries out what
//! they decide.

mod family;
mod message;
#[cfg(test)]
mod model;

pub use family::{
    Answered, Commit, EndReason, Family, Phase, Presentation, Presented, Rotation, TokenRefusal,
    Windows,
};
pub use message::{EndOrder, NewToken, RefreshMessage, UnknownCutoff, UnknownToken, WhichFamilies};
