use serde_json::{Map, Value};

/// A JSON object whose members are unique.
pub(crate) type Object = Map<String, Value>;

/// An object with these members. A function, because the macro `json!` writes out at each place what
/// stands here once.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    from_members(members.into())
}

#[inline(never)]
fn from_members(members: Vec<(&str, Value)>) -> Value {
    // To collect a map is to sort, which is another 7 kB for each kind of map.
    let mut object = Object::new();
    object.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
    object.into()
}
