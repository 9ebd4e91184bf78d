//! Lists of header names that were learned under the gateway in force: another gateway may read and
//! reserve others.

use std::cell::RefCell;
use std::rc::Rc;

use super::bridge;
use crate::http::FieldNames;
use crate::limits;

thread_local! {
    static LISTS: RefCell<Vec<Rc<FieldNames>>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a list; its number.
pub(super) fn add(names: FieldNames) -> usize {
    if LISTS.with_borrow(Vec::len) >= limits::NAME_LISTS {
        forget();
    }
    LISTS.with_borrow_mut(|lists| {
        lists.push(Rc::new(names));
        lists.len().saturating_sub(1)
    })
}

/// The list with this number.
pub(super) fn list(number: u32) -> Option<Rc<FieldNames>> {
    LISTS.with_borrow(|lists| lists.get(usize::try_from(number).ok()?).cloned())
}

/// Forgets every list, on both sides.
pub(super) fn forget() {
    LISTS.take();
    bridge::forget_lists();
}
