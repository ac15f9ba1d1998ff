//! Conversions along the type hierarchy, and expanded navigation properties.

use serde::de::DeserializeOwned;

use super::copy::copy_slot;
use super::read::store_value;
use super::scalar::Stored;
use super::write::slot_value;
use super::{AnyObject, IsA, Object, Props, Typed, Value};

impl<P: Props> Object<P> {
    /// This object as the derived type `D`, when `@odata.type` says that it is a `D` or a type derived from it.
    ///
    /// `None` for any other type, and when there is no `@odata.type`, because then it is just of its declared type.
    pub fn downcast<D: Typed<Props: IsA<P>>>(&self) -> Option<D> {
        let is_derived = D::Props::TYPE.includes(self.odata_type()?);
        is_derived.then(|| {
            let mut derived = Object::default();
            convert(self, &mut derived);
            D::from(derived)
        })
    }

    /// This object as its base type `B`, with `@odata.type` set so that the service knows what it is.
    ///
    /// Properties that `B` does not declare move to its [`extra`](Self::extra) until it is
    /// [downcast](Self::downcast) again.
    pub fn upcast<B: Props>(mut self) -> Object<B>
    where
        P: IsA<B>,
    {
        if self.extra().get("@odata.type").is_none() {
            self.extra_mut().insert("@odata.type", format!("#{}", P::TYPE.name));
        }
        let mut base = Object::default();
        convert(&self, &mut base);
        base
    }

    /// What was expanded under the name of a navigation property: an object, or a list of them.
    ///
    /// `None` when it is absent or null.
    ///
    /// # Errors
    ///
    /// When what is there cannot be read as a `T`.
    ///
    /// ```
    /// # use msgraph_core::odata::{Mut, Object, Props, Ref, Type};
    /// # #[derive(Default)]
    /// # pub struct UserProps;
    /// # impl Props for UserProps {
    /// #     const TYPE: &'static Type = &Type { name: "microsoft.graph.user", names: &[], derived: &[] };
    /// #     fn get(&self, _: usize) -> Ref<'_> { Ref::None }
    /// #     fn get_mut(&mut self, _: usize) -> Mut<'_> { Mut::None }
    /// # }
    /// # type User = Object<UserProps>;
    /// let user: User = serde_json::from_str(r#"{"directReports":[{"id":"a"},{"id":"b"}],"manager":{"id":"c"}}"#)?;
    ///
    /// let manager: Option<User> = user.expanded("manager")?;
    /// let reports = user.expanded::<Vec<User>>("directReports")?.unwrap_or_default();
    /// assert_eq!((manager.is_some(), reports.len()), (true, 2));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn expanded<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, serde_json::Error> {
        self.extra()
            .get(name)
            .filter(|value| !value.is_null())
            .map(T::deserialize)
            .transpose()
    }
}

/// Copies everything from one object to an empty one of a related type.
fn convert(from: &dyn AnyObject, to: &mut dyn AnyObject) {
    let (source, target) = (from.declared_type(), to.declared_type());
    for (name, value) in from.extra().iter() {
        match target.index(name) {
            Some(i) => store_at(to, i, value),
            None => drop(to.extra_mut().insert(name, value.clone())),
        }
    }
    for (i, name) in source.names.iter().enumerate() {
        if from.get(i).is_absent() {
            continue;
        }
        let copied = target.index(name).filter(|j| copy_slot(from.get(i), to.get_mut(*j)));
        match (copied, from.spellings().get(i)) {
            (None, _) => drop(to.extra_mut().insert(name, slot_value(from, i))),
            (Some(j), Some(spelling)) => to.spellings_mut().set(j, spelling.clone()),
            (Some(_), None) => {}
        }
    }
}

fn store_at(to: &mut dyn AnyObject, i: usize, value: &Value) {
    match store_value(to.get_mut(i), value) {
        Stored::Exactly => {}
        Stored::Respelled(spelling) => to.spellings_mut().set(i, spelling),
        Stored::Refused(value) => {
            let name = to.declared_type().names[i];
            to.extra_mut().insert(name, value);
        }
    }
}
