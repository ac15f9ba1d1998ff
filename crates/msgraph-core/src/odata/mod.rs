//! OData values and objects: what a generated model is made of and how it travels as JSON.
//!
//! A generated type is a plain struct of [`Prop`] fields with a table of names ([`Props`]). Everything it can do
//! (parse, serialise, clone, compare, print, convert to a derived type) is written once, on [`Object`].
//!
//! Nothing that the service sends is lost: what a type does not declare, or declares differently, is kept in
//! [`Object::extra`] and sent back; dates, identifiers and numbers keep their spelling.
//!
//! ```
//! use msgraph_core::odata::{Mut, Object, Prop, Props, Ref, Type};
//!
//! // What the generator writes for a type with two properties.
//! #[derive(Default)]
//! pub struct Group {
//!     pub display_name: Prop<String>,
//!     pub mail_enabled: Prop<bool>,
//! }
//!
//! impl Props for Group {
//!     const TYPE: &'static Type = &Type {
//!         name: "microsoft.graph.group",
//!         names: &["displayName", "mailEnabled"],
//!         derived: &[],
//!     };
//!     fn get(&self, i: usize) -> Ref<'_> {
//!         match i {
//!             0 => Ref::String(&self.display_name),
//!             1 => Ref::Bool(&self.mail_enabled),
//!             _ => Ref::None,
//!         }
//!     }
//!     fn get_mut(&mut self, i: usize) -> Mut<'_> {
//!         match i {
//!             0 => Mut::String(&mut self.display_name),
//!             1 => Mut::Bool(&mut self.mail_enabled),
//!             _ => Mut::None,
//!         }
//!     }
//! }
//!
//! let mut group: Object<Group> = serde_json::from_str(r#"{"displayName":"Sales","new":[1,2]}"#)?;
//! assert_eq!(group.display_name.as_deref(), Some("Sales"));
//! assert!(group.mail_enabled.is_absent());
//!
//! group.display_name = Prop::Null;
//! assert_eq!(serde_json::to_string(&group)?, r#"{"displayName":null,"new":[1,2]}"#);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod cast;
mod copy;
mod debug;
mod enums;
mod extra;
mod key_order;
mod object;
mod page;
mod prop;
mod read;
mod redact;
mod rules;
mod scalar;
mod scalars;
mod slots;
mod table;
mod write;

pub use enums::{EnumDef, Flags, Open};
pub use extra::Extra;
pub use object::{AnyObject, Object, Typed};
pub use page::Page;
pub use prop::Prop;
pub use rules::{Check, Parameters, Rule, RuleViolation, check};
pub use scalars::{Binary, Date, DateTime, Decimal, Duration, Guid, ParseError, Secret, TimeOfDay};
pub use slots::{EnumListSlot, EnumSlot, Mut, ObjectListSlot, ObjectSlot, Ref};
pub use table::{IsA, Props, Type, verify_table};

/// Any JSON value: what `Edm.Untyped` holds, and what an [`Extra`] maps names to.
pub type Value = serde_json::Value;
