//! From a method and a path to the operation that a schema means by it.

use std::collections::BTreeMap;

use super::csdl::{Member, Model, Nature, Operation, StructType, Type, TypeRef, short};
use super::outcome::{Method, Reason, Resolved, Unresolved};
use super::overload::{choose, is_namespace};
use super::path::{Argument, Token, tokens};
use super::place::{Origin, Place, finish};
use super::template::{Segment, Template};

/// Facts about paths that a schema does not declare, by full type name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leniency {
    /// Well-known keys that are written out.
    pub(crate) literal_keys: BTreeMap<String, Vec<String>>,
    /// Alternate keys that the schema does not declare.
    pub(crate) alternate_keys: BTreeMap<String, Vec<String>>,
    /// Types whose properties of one type may be named by a parameter.
    pub(crate) named_properties: BTreeMap<String, NamedProperty>,
    /// What a list that changes a stream consists of, by the type and the property that have the stream.
    pub(crate) stream_commands: BTreeMap<(String, String), TypeRef>,
}

/// A parameter that stands for the name of a property.
#[derive(Clone, Debug)]
pub(crate) struct NamedProperty {
    pub(crate) parameter: String,
    pub(crate) ty: TypeRef,
}

/// Finds operations in one schema.
pub(crate) struct Resolver<'m> {
    model: &'m Model,
    leniency: &'m Leniency,
    operations: BTreeMap<String, Vec<&'m Operation>>,
    derived: BTreeMap<&'m str, Vec<&'m StructType>>,
}

/// The steps taken so far.
#[derive(Default)]
struct Trail {
    segments: Vec<Segment>,
    /// The same path with each other cast that would fit the last step.
    other_casts: Vec<String>,
}

type Step<'m> = Result<Place<'m>, Unresolved>;

impl<'m> Resolver<'m> {
    pub(crate) fn new(model: &'m Model, leniency: &'m Leniency) -> Self {
        let mut operations: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
        for operation in &model.operations {
            operations
                .entry(operation.name.to_ascii_lowercase())
                .or_default()
                .push(operation);
        }
        let mut derived: BTreeMap<&str, Vec<&StructType>> = BTreeMap::new();
        for ty in model.types.values() {
            if let Type::Struct(ty) = ty
                && let Some(base) = &ty.base
            {
                derived.entry(base).or_default().push(ty);
            }
        }
        Self {
            model,
            leniency,
            operations,
            derived,
        }
    }

    /// Finds what `method` on `path` means. Names may be written in any case.
    pub(crate) fn resolve(&self, method: Method, path: &str) -> Result<Resolved<'m>, Unresolved> {
        let tokens = tokens(path)?;
        let mut trail = Trail::default();
        let (first, rest) = tokens
            .split_first()
            .ok_or_else(|| Unresolved::new(Reason::Malformed, "it is empty"))?;
        let mut place = self.root(first, &mut trail)?;
        let mut others = Vec::new();
        for (at, token) in rest.iter().enumerate() {
            place = self.step(method, &place, token, &mut trail)?;
            // Every token is one part of the written path.
            let remainder = || path.trim_matches('/').splitn(at + 2, '/').last().unwrap_or_default();
            others.extend(
                trail
                    .other_casts
                    .drain(..)
                    .map(|cast| format!("{cast}/{}", remainder())),
            );
        }
        let commands = match &place.origin {
            Origin::Member {
                owner: Some(owner),
                member,
                ..
            } => {
                let stream = (owner.name.clone(), member.name.clone());
                self.leniency.stream_commands.get(&stream)
            }
            _ => None,
        };
        let resolved = finish(method, place, Template::new(trail.segments), commands)?;
        Ok(Resolved { others, ..resolved })
    }

    fn root(&self, token: &Token, trail: &mut Trail) -> Step<'m> {
        let (Token::Name(name) | Token::Call(name, _)) = token else {
            return Err(Unresolved::new(Reason::NoSuchRoot, &format!("{token:?}")));
        };
        let root = self
            .model
            .roots
            .iter()
            .find(|root| root.name.eq_ignore_ascii_case(name));
        let root = root.ok_or_else(|| Unresolved::new(Reason::NoSuchRoot, name))?;
        self.enter(None, root, token, trail)
    }

    fn step(&self, method: Method, place: &Place<'m>, token: &Token, trail: &mut Trail) -> Step<'m> {
        if matches!(
            place.origin,
            Origin::Content { .. } | Origin::References { .. } | Origin::Count { .. }
        ) {
            return Err(Unresolved::new(Reason::NoSuchMember, &format!("{token:?}")));
        }
        match token {
            Token::Key(name) => self.key(place, name, trail),
            Token::ItemPath => {
                let addressable = ["microsoft.graph.driveItem", "microsoft.graph.site"];
                if place.ty.collection || !addressable.contains(&place.ty.name.as_str()) {
                    return Err(Unresolved::new(Reason::NoSuchMember, ":"));
                }
                trail.segments.push(Segment::ItemPath);
                Ok(Place {
                    ty: place.ty.clone(),
                    origin: place.origin.keyed(),
                })
            }
            Token::Name(name) | Token::Call(name, _) if place.ty.collection => {
                self.step_on_collection(method, place, name, token, trail)
            }
            Token::Name(name) | Token::Call(name, _) => self.step_on_single(method, place, name, token, trail),
        }
    }

    fn key(&self, place: &Place<'m>, name: &str, trail: &mut Trail) -> Step<'m> {
        let Some(ty) = self.model.structure(&place.ty.name) else {
            return Err(Unresolved::new(Reason::ItemOfValues, &place.ty.name));
        };
        if place.ty.collection {
            if !ty.entity {
                return Err(Unresolved::new(Reason::ItemOfValues, &place.ty.name));
            }
            trail.segments.push(self.key_of(ty));
            return Ok(Place {
                ty: place.ty.item(),
                origin: place.origin.keyed(),
            });
        }
        let owner = self
            .model
            .lineage(ty)
            .find(|owner| self.leniency.named_properties.contains_key(&owner.name));
        let owner = owner.ok_or_else(|| Unresolved::new(Reason::NoSuchMember, &format!("{{{name}}}")))?;
        let named = &self.leniency.named_properties[&owner.name];
        trail.segments.push(Segment::NamedProperty(named.parameter.clone()));
        Ok(Place {
            ty: named.ty.clone(),
            origin: Origin::NamedProperty { owner },
        })
    }

    fn key_of(&self, ty: &StructType) -> Segment {
        let declared = self
            .model
            .lineage(ty)
            .find_map(|owner| owner.key.first().map(|key| (owner, key)));
        let key = declared.map_or("id", |(_, key)| key);
        let property = declared.and_then(|(owner, key)| owner.members.iter().find(|member| member.name == *key));
        let ty_of_key = property.map_or_else(TypeRef::string, |member| member.ty.clone());
        Segment::Key {
            of: short(&ty.name).to_owned(),
            property: key.to_owned(),
            ty: ty_of_key,
        }
    }

    fn step_on_collection(
        &self,
        method: Method,
        place: &Place<'m>,
        name: &str,
        token: &Token,
        trail: &mut Trail,
    ) -> Step<'m> {
        if let Some(step) = self.special(place, name, trail) {
            return step;
        }
        if let Some(step) = self.call(method, place, name, token, trail) {
            return step;
        }
        if let Some(step) = self.cast(place, name, trail) {
            return step;
        }
        let literal = self.leniency.literal_keys.get(&place.ty.name);
        if let Some(literal) = literal
            .into_iter()
            .flatten()
            .find(|literal| literal.eq_ignore_ascii_case(name))
        {
            trail.segments.push(Segment::LiteralKey(literal.clone()));
            return Ok(Place {
                ty: place.ty.item(),
                origin: place.origin.keyed(),
            });
        }
        Err(Unresolved::new(Reason::NoSuchMemberOnCollection, name))
    }

    fn step_on_single(
        &self,
        method: Method,
        place: &Place<'m>,
        name: &str,
        token: &Token,
        trail: &mut Trail,
    ) -> Step<'m> {
        let missing = || Unresolved::new(Reason::NoSuchMember, name);
        let ty = self.model.structure(&place.ty.name).ok_or_else(missing)?;
        if let Some((owner, member)) = self.model.member(ty, name) {
            return self.enter(Some(owner), member, token, trail);
        }
        let steps = [Self::special, Self::cast];
        if let Some(step) = self.call(method, place, name, token, trail) {
            return step;
        }
        if let Some(step) = steps.iter().find_map(|step| step(self, place, name, trail)) {
            return step;
        }
        // A member that only derived types have: the cast that the path leaves out is put in.
        let mut owners = self.owners_below(ty, method, place, name, token).into_iter();
        let owner = owners.next().ok_or_else(missing)?;
        let before = Template::new(trail.segments.clone()).text;
        trail
            .other_casts
            .extend(owners.map(|other| format!("{before}/{}", other.name)));
        trail.segments.push(Segment::Cast(owner.name.clone()));
        let inner = Place {
            ty: TypeRef::single(&owner.name),
            origin: place.origin.clone(),
        };
        self.step_on_single(method, &inner, name, token, trail)
    }

    /// The derived types that first have a member or operation of this name.
    fn owners_below(
        &self,
        ty: &'m StructType,
        method: Method,
        place: &Place<'m>,
        name: &str,
        token: &Token,
    ) -> Vec<&'m StructType> {
        let mut owners: Vec<&StructType> = Vec::new();
        for derived in self.descendants(ty) {
            let inherits = self
                .model
                .lineage(derived)
                .any(|base| owners.iter().any(|owner| owner.name == base.name));
            let inner = Place {
                ty: TypeRef::single(&derived.name),
                origin: place.origin.clone(),
            };
            let has = || {
                let mut scratch = Trail::default();
                derived
                    .members
                    .iter()
                    .any(|member| member.name.eq_ignore_ascii_case(name))
                    || self
                        .call(method, &inner, name, token, &mut scratch)
                        .is_some_and(|step| step.is_ok())
            };
            if !inherits && has() {
                owners.push(derived);
            }
        }
        owners
    }

    /// Goes into a member, through a key when one stands in parentheses.
    fn enter(&self, owner: Option<&'m StructType>, member: &'m Member, token: &Token, trail: &mut Trail) -> Step<'m> {
        trail.segments.push(Segment::Name(member.name.clone()));
        let origin = Origin::Member {
            owner,
            member,
            keyed: false,
        };
        let place = Place {
            ty: member.ty.clone(),
            origin,
        };
        let Token::Call(_, arguments) = token else {
            return Ok(place);
        };
        let ty = self
            .model
            .structure(&member.ty.name)
            .filter(|ty| member.ty.collection && ty.entity);
        let ty = ty.ok_or_else(|| Unresolved::new(Reason::NoSuchMember, &format!("{}()", member.name)))?;
        match arguments.as_slice() {
            [Argument::Positional] => trail.segments.push(self.key_of(ty)),
            [Argument::Named(name)] => {
                let declared = self.model.lineage(ty).flat_map(|ty| &ty.alternate_keys);
                let undeclared = self.leniency.alternate_keys.get(&ty.name).into_iter().flatten();
                let key = declared.chain(undeclared).find(|key| key.eq_ignore_ascii_case(name));
                let key = key.ok_or_else(|| Unresolved::new(Reason::NoSuchMember, &format!("({name}=)")))?;
                trail.segments.push(Segment::AlternateKey(key.clone()));
            }
            _ => return Err(Unresolved::new(Reason::Malformed, &member.name)),
        }
        Ok(Place {
            ty: member.ty.item(),
            origin: place.origin.keyed(),
        })
    }

    /// `$ref`, `$value` and `$count`.
    fn special(&self, place: &Place<'m>, name: &str, trail: &mut Trail) -> Option<Step<'m>> {
        let origin = match name.to_ascii_lowercase().as_str() {
            "$ref" => match &place.origin {
                Origin::Member {
                    owner: Some(owner),
                    member,
                    keyed,
                } if member.nature != Nature::Property => Origin::References {
                    owner,
                    member,
                    keyed: *keyed,
                },
                _ => return Some(Err(Unresolved::new(Reason::NoSuchMember, name))),
            },
            "$value" if !place.ty.collection => {
                let ty = self.model.structure(&place.ty.name)?;
                let owner = self.model.lineage(ty).find(|ty| ty.stream)?;
                Origin::Content { owner }
            }
            "$count" if place.ty.collection => Origin::Count {
                owner: place.origin.semantic(),
            },
            _ => return None,
        };
        let ty = match origin {
            Origin::Content { .. } => TypeRef::single("Edm.Stream"),
            _ => place.ty.clone(),
        };
        trail.segments.push(Segment::Name(name.to_ascii_lowercase()));
        Some(Ok(Place { ty, origin }))
    }

    /// A type that the path names to get at the members of a derived one.
    fn cast(&self, place: &Place<'m>, name: &str, trail: &mut Trail) -> Option<Step<'m>> {
        let (qualifier, short_name) = name.rsplit_once('.')?;
        let ty = self.model.structure(&place.ty.name)?;
        let target = std::iter::once(ty).chain(self.descendants(ty)).find(|candidate| {
            let (namespace, short) = candidate.name.rsplit_once('.').unwrap_or_default();
            short.eq_ignore_ascii_case(short_name) && is_namespace(namespace, qualifier)
        })?;
        trail.segments.push(Segment::Cast(target.name.clone()));
        let ty = TypeRef {
            name: target.name.clone(),
            ..place.ty.clone()
        };
        Some(Ok(Place {
            ty,
            origin: place.origin.clone(),
        }))
    }

    /// A bound action or function.
    fn call(
        &self,
        method: Method,
        place: &Place<'m>,
        name: &str,
        token: &Token,
        trail: &mut Trail,
    ) -> Option<Step<'m>> {
        let (qualifier, short_name) = name
            .rsplit_once('.')
            .map_or((None, name), |(qualifier, name)| (Some(qualifier), name));
        let named = self.operations.get(&short_name.to_ascii_lowercase())?;
        let bound_to = |ty: &str| -> Vec<&'m Operation> {
            let fits = |operation: &&&'m Operation| {
                operation.binding.collection == place.ty.collection
                    && operation.binding.name == ty
                    && qualifier.is_none_or(|qualifier| is_namespace(&operation.namespace, qualifier))
            };
            named.iter().filter(fits).copied().collect()
        };
        let ty = self.model.structure(&place.ty.name)?;
        let overloads = self
            .model
            .lineage(ty)
            .map(|ty| bound_to(&ty.name))
            .find(|found| !found.is_empty())?;
        // One name may be both an action and a function; the method tells them apart where it can.
        let of_kind: Vec<_> = overloads
            .iter()
            .copied()
            .filter(|operation| operation.action == (method != Method::Get))
            .collect();
        let overloads = if of_kind.is_empty() { overloads } else { of_kind };
        Some(choose(&overloads, token).map(|(operation, spelled)| {
            trail.segments.push(match operation.action {
                true => Segment::Name(operation.name.clone()),
                false => Segment::Call(operation.name.clone(), spelled.into_iter().cloned().collect()),
            });
            let ty = operation.returns.clone().unwrap_or_default();
            Place {
                ty,
                origin: Origin::Call {
                    operation,
                    binding: operation.binding.to_string(),
                },
            }
        }))
    }

    /// All types derived from `ty`, nearest first.
    fn descendants(&self, ty: &'m StructType) -> Vec<&'m StructType> {
        let below = |ty: &StructType| self.derived.get(ty.name.as_str()).into_iter().flatten().copied();
        let mut found: Vec<&StructType> = below(ty).collect();
        let mut at = 0;
        while at < found.len() {
            found.extend(below(found[at]));
            at += 1;
        }
        found
    }
}
