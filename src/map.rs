//! Maps from names. A sorted list: a page downloads one binary search for each type of value, and no tree that is balanced.

/// From names to values, in the order of the names.
pub type Map<V> = litemap::LiteMap<String, V>;
