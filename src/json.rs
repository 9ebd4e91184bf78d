//! JSON as security needs it: no duplicate members, bounded depth, nothing after the end.
//!
//! `serde_json` by itself keeps the last of two members with one name, so that two readers of one
//! token could see two different values.

mod equality;
mod keep;
mod member;
mod name;
#[cfg(test)]
mod nested;
mod object;
mod parse;
mod strict;
mod value_ref;

pub(crate) use equality::{compare, equal, same_type};
pub(crate) use keep::keep;
pub(crate) use member::{Member, lookup, member};
pub(crate) use name::is_same_name;
pub(crate) use object::{Object, object};
pub use parse::JsonError;
pub(crate) use parse::{parse_object, parse_ref, parse_value, without_byte_order_mark};
pub use value_ref::{Pair, ValueRef};
