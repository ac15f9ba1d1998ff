//! The one generic type through which every model is used.

use std::ops::{Deref, DerefMut};

use super::{Extra, Mut, Props, Ref, Type, Value, copy};

/// An entity or complex value: the declared properties of `P`, and whatever else came with them.
///
/// Dereferences to `P`, so that properties are fields. Generated code names these types by alias: `User` is
/// `Object<props::User>`. One pointer wide.
///
/// As JSON, properties are written in the order of their names; absent ones are left out. Reading never fails on a
/// value: one that is not of the declared type is found in [`extra`](Self::extra) under its name.
pub struct Object<P>(Box<Parts<P>>);

struct Parts<P> {
    props: P,
    extra: Extra,
    spellings: Spellings,
}

impl<P: Props> Object<P> {
    /// An object with no property set.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// An object with the properties that a function sets.
    ///
    /// ```
    /// # use msgraph_core::odata::{Mut, Object, Prop, Props, Ref, Type};
    /// # #[derive(Default)]
    /// # pub struct UserProps { pub job_title: Prop<String> }
    /// # impl Props for UserProps {
    /// #     const TYPE: &'static Type = &Type { name: "microsoft.graph.user", names: &["jobTitle"], derived: &[] };
    /// #     fn get(&self, i: usize) -> Ref<'_> {
    /// #         if i == 0 { Ref::String(&self.job_title) } else { Ref::None }
    /// #     }
    /// #     fn get_mut(&mut self, i: usize) -> Mut<'_> {
    /// #         if i == 0 { Mut::String(&mut self.job_title) } else { Mut::None }
    /// #     }
    /// # }
    /// # type User = Object<UserProps>;
    /// let change = User::build(|user| user.job_title = "Engineer".into());
    /// assert_eq!(serde_json::to_string(&change)?, r#"{"jobTitle":"Engineer"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[inline]
    pub fn build(set: impl FnOnce(&mut P)) -> Self {
        let mut object = Self::default();
        set(&mut object.0.props);
        object
    }

    /// What came beyond the declared properties.
    #[inline]
    pub fn extra(&self) -> &Extra {
        &self.0.extra
    }

    /// What goes beyond the declared properties, to change.
    #[inline]
    pub fn extra_mut(&mut self) -> &mut Extra {
        &mut self.0.extra
    }

    /// The full name in `@odata.type`, such as `microsoft.graph.user`; `None` when there is none, which means the
    /// declared type.
    pub fn odata_type(&self) -> Option<&str> {
        odata_type(self.extra())
    }
}

/// An [`Object`] under a name of its own, such as the generated alias `User`: what a [downcast](Object::downcast) gives.
pub trait Typed: From<Object<Self::Props>> {
    /// The declared properties.
    type Props: Props;
}

impl<P: Props> Typed for Object<P> {
    type Props = P;
}

/// `@odata.type` without what precedes the name: `#`, or the address of the metadata.
pub(super) fn odata_type(extra: &Extra) -> Option<&str> {
    let name = extra.get("@odata.type")?.as_str()?;
    Some(name.rsplit_once('#').map_or(name, |(_, name)| name))
}

/// An [`Object`] of a type that is not known at compile time.
pub trait AnyObject: Send + Sync {
    /// The facts of the declared type.
    fn declared_type(&self) -> &'static Type;
    /// The property at an index of the declared type's names.
    fn get(&self, i: usize) -> Ref<'_>;
    /// The property at an index of the declared type's names, to change.
    fn get_mut(&mut self, i: usize) -> Mut<'_>;
    /// What came beyond the declared properties.
    fn extra(&self) -> &Extra;
    /// What goes beyond the declared properties, to change.
    fn extra_mut(&mut self) -> &mut Extra;
    /// Spellings of declared properties that their types do not keep.
    #[doc(hidden)]
    fn spellings(&self) -> &Spellings;
    /// The same, to change.
    #[doc(hidden)]
    fn spellings_mut(&mut self) -> &mut Spellings;
}

impl<P: Props> AnyObject for Object<P> {
    fn declared_type(&self) -> &'static Type {
        P::TYPE
    }

    fn get(&self, i: usize) -> Ref<'_> {
        self.0.props.get(i)
    }

    fn get_mut(&mut self, i: usize) -> Mut<'_> {
        self.0.props.get_mut(i)
    }

    fn extra(&self) -> &Extra {
        &self.0.extra
    }

    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.0.extra
    }

    fn spellings(&self) -> &Spellings {
        &self.0.spellings
    }

    fn spellings_mut(&mut self) -> &mut Spellings {
        &mut self.0.spellings
    }
}

/// How the service spelled values that their types would write differently: `"42"` for an `Edm.Int64`, `1` for an
/// `Edm.Double`. By index of the property; written for as long as the property keeps its value.
#[derive(Clone, Default)]
pub struct Spellings(Vec<(usize, Value)>);

impl Spellings {
    pub(super) fn get(&self, i: usize) -> Option<&Value> {
        self.0
            .iter()
            .find(|(property, _)| *property == i)
            .map(|(_, spelling)| spelling)
    }

    pub(super) fn set(&mut self, i: usize, spelling: Value) {
        self.forget(i);
        self.0.push((i, spelling));
    }

    pub(super) fn forget(&mut self, i: usize) {
        self.0.retain(|(property, _)| *property != i);
    }
}

impl<P> Deref for Object<P> {
    type Target = P;

    #[inline]
    fn deref(&self) -> &P {
        &self.0.props
    }
}

impl<P> DerefMut for Object<P> {
    #[inline]
    fn deref_mut(&mut self) -> &mut P {
        &mut self.0.props
    }
}

impl<P: Props> Default for Object<P> {
    #[inline]
    fn default() -> Self {
        Self::from(P::default())
    }
}

impl<P: Props> From<P> for Object<P> {
    #[inline]
    fn from(props: P) -> Self {
        Self(Box::new(Parts {
            props,
            extra: Extra::default(),
            spellings: Spellings::default(),
        }))
    }
}

impl<P: Props> Clone for Object<P> {
    fn clone(&self) -> Self {
        let mut clone = Self::default();
        copy::copy(self, &mut clone);
        clone
    }
}

/// Equal values and equal extras; how the service spelled a number does not count.
impl<P: Props> PartialEq for Object<P> {
    fn eq(&self, other: &Self) -> bool {
        copy::equal(self, other)
    }
}
