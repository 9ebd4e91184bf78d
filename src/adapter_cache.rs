//! Something in an adapter's own form, made once and kept beside what it was made from.

use std::any::Any;
use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;

/// An adapter's own form of something, made once.
#[derive(Default)]
pub struct AdapterCache(OnceCell<Rc<dyn Any>>);

impl AdapterCache {
    /// The form, made now when there is none. An adapter has one form: asked for another, there is
    /// none.
    pub fn get_or<T: 'static>(&self, make: impl FnOnce() -> T) -> Option<Rc<T>> {
        let prepared = self.0.get_or_init(|| Rc::new(make()));
        Rc::clone(prepared).downcast().ok()
    }
}

impl fmt::Debug for AdapterCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AdapterCache")
    }
}
