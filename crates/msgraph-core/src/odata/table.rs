//! What the generator states about a type: its names and where each property lives.

use super::{AnyObject, Mut, Ref};

/// The facts of one entity or complex type.
#[derive(Debug)]
pub struct Type {
    /// Full name, such as `microsoft.graph.user`.
    pub name: &'static str,
    /// Wire names of all properties, inherited ones included, sorted by bytes.
    /// Index `i` belongs to [`Props::get`] and [`Props::get_mut`] of `i`.
    pub names: &'static [&'static str],
    /// Full names of all types derived from this one, at any depth, sorted by bytes.
    pub derived: &'static [&'static str],
}

impl Type {
    /// The index of a wire name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.names.binary_search(&name).ok()
    }

    /// Whether a value of the named type is a value of this type.
    pub fn includes(&self, name: &str) -> bool {
        name == self.name || self.derived.binary_search(&name).is_ok()
    }
}

/// A generated struct: access to its properties by index.
///
/// Implemented by generated code; [`verify_table`] checks what an implementation must hold.
pub trait Props: Default + Send + Sync + 'static {
    /// The facts of this type.
    const TYPE: &'static Type;

    /// The property whose wire name is `TYPE.names[i]`; [`Ref::None`] beyond the last.
    fn get(&self, i: usize) -> Ref<'_>;

    /// The same property as [`get`](Self::get), to change it.
    fn get_mut(&mut self, i: usize) -> Mut<'_>;
}

/// States that a type is derived from `B`, at any depth.
pub trait IsA<B> {}

/// Checks the table of one type, of which `new` makes objects without any property set: names strictly sorted, and
/// what index `i` writes is what index `i` reads.
///
/// Meant for a test over all generated types.
///
/// # Errors
///
/// A sentence that names the type and the first thing that is wrong.
pub fn verify_table(new: fn() -> Box<dyn AnyObject>) -> Result<(), String> {
    let mut object = new();
    let Type { name, names, derived } = object.declared_type();
    for (what, list) in [("names", names), ("derived", derived)] {
        if let Some(pair) = list.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(format!("{name}: {what}: {:?} must come after {:?}", pair[0], pair[1]));
        }
    }
    for (i, property) in names.iter().enumerate() {
        let mut object = new();
        if !object.get_mut(i).set_null() {
            return Err(format!("{name}.{property}: get_mut({i}) has no property"));
        }
        for j in 0..names.len() {
            let as_written = if i == j {
                object.get(j).is_null()
            } else {
                object.get(j).is_absent()
            };
            if !as_written {
                return Err(format!("{name}.{property}: writing index {i} shows at index {j}"));
            }
        }
    }
    let beyond = names.len();
    if !matches!(object.get(beyond), Ref::None) || !matches!(object.get_mut(beyond), Mut::None) {
        return Err(format!("{name}: index {beyond} must be none"));
    }
    Ok(())
}
