//! Where a path leads, and what the methods do there.

use super::csdl::{Member, Nature, Operation, StructType, TypeRef};
use super::outcome::{Kind, Method, Payload, Reason, Resolved, Unresolved};
use super::template::Template;

/// Where a walk along a path has arrived.
#[derive(Clone)]
pub(crate) struct Place<'m> {
    pub(crate) ty: TypeRef,
    pub(crate) origin: Origin<'m>,
}

/// The last step that led to a place.
#[derive(Clone)]
pub(crate) enum Origin<'m> {
    Member {
        owner: Option<&'m StructType>,
        member: &'m Member,
        keyed: bool,
    },
    Call {
        operation: &'m Operation,
        binding: String,
    },
    /// A property that a parameter names.
    NamedProperty {
        owner: &'m StructType,
    },
    /// The bytes of an entity.
    Content {
        owner: &'m StructType,
    },
    References {
        owner: &'m StructType,
        member: &'m Member,
        keyed: bool,
    },
    Count {
        owner: String,
    },
}

impl<'m> Origin<'m> {
    /// The same after one item has been picked.
    pub(crate) fn keyed(&self) -> Self {
        match self {
            Self::Member { owner, member, .. } => Self::Member {
                owner: *owner,
                member,
                keyed: true,
            },
            other => other.clone(),
        }
    }

    /// The member, whatever path leads to its owner.
    pub(crate) fn semantic(&self) -> String {
        let item = |keyed: &bool| if *keyed { "|{}" } else { "" };
        match self {
            Self::Member {
                owner: None,
                member,
                keyed,
            } => format!("{}{}", member.name, item(keyed)),
            Self::Member {
                owner: Some(owner),
                member,
                keyed,
            } => {
                format!("{}|{}{}", owner.name, member.name, item(keyed))
            }
            Self::References { owner, member, keyed } => format!("{}|{}{}|$ref", owner.name, member.name, item(keyed)),
            Self::Call { operation, binding } => {
                format!("{binding}|{}|{}", operation.name, operation.parameters.len())
            }
            Self::NamedProperty { owner } => format!("{}|{{}}", owner.name),
            Self::Content { owner } => format!("{}|$value", owner.name),
            Self::Count { owner } => format!("{owner}|$count"),
        }
    }
}

/// What `method` does at the end of a path. `commands` change the stream that the path leads to, if any do.
pub(crate) fn finish<'m>(
    method: Method,
    place: Place<'m>,
    template: Template,
    commands: Option<&TypeRef>,
) -> Result<Resolved<'m>, Unresolved> {
    let wrong = |reason| Err(Unresolved::new(reason, method.name()));
    let ty = place.ty;
    let item = || Payload::Value(ty.item());
    let mut nature = None;
    let mut whole = false;
    let mut method = method;
    let (kind, request, response) = match (&place.origin, method) {
        // The object that a composable function gives may be written to.
        (Origin::Call { operation, .. }, Method::Patch) if operation.composable && !ty.collection => {
            (Kind::Update, item(), item())
        }
        (Origin::Call { operation, .. }, _) => {
            // OData fixes the method: a function is read, an action is posted.
            method = if operation.action { Method::Post } else { Method::Get };
            let response = match &operation.returns {
                None => Payload::Nothing,
                Some(ty) if ty.name == "Edm.Stream" => Payload::Content,
                Some(ty) => Payload::Value(ty.clone()),
            };
            match operation.action {
                true if operation.parameters.is_empty() => (Kind::Action, Payload::Nothing, response),
                true => (Kind::Action, Payload::Parameters(operation), response),
                false => (Kind::Function, Payload::Nothing, response),
            }
        }
        (Origin::Count { .. }, Method::Get) => (Kind::Count, Payload::Nothing, Payload::Count),
        (Origin::References { .. }, Method::Get) if ty.collection => {
            (Kind::ListReferences, Payload::Nothing, Payload::References)
        }
        (Origin::References { .. }, Method::Get) => (Kind::ListReferences, Payload::Nothing, Payload::Reference),
        (Origin::References { .. }, Method::Post) if ty.collection => {
            (Kind::AddReference, Payload::Reference, Payload::Nothing)
        }
        (Origin::References { .. }, Method::Put) => (Kind::SetReference, Payload::Reference, Payload::Nothing),
        (Origin::References { .. }, Method::Delete) => (Kind::RemoveReference, Payload::Nothing, Payload::Nothing),
        (Origin::Count { .. } | Origin::References { .. }, _) => return wrong(Reason::WrongMethod),
        (_, Method::Get) if ty.name == "Edm.Stream" => (Kind::GetContent, Payload::Nothing, Payload::Content),
        (_, Method::Put) if ty.name == "Edm.Stream" => (Kind::SetContent, Payload::Content, Payload::Nothing),
        (_, Method::Delete) if ty.name == "Edm.Stream" => (Kind::Delete, Payload::Nothing, Payload::Nothing),
        (_, Method::Patch) if ty.name == "Edm.Stream" => match commands {
            Some(commands) => (Kind::Update, Payload::List(commands.clone()), Payload::Nothing),
            None => return wrong(Reason::WrongMethod),
        },
        _ if ty.name == "Edm.Stream" => return wrong(Reason::WrongMethod),
        (origin, _) => {
            if let Origin::Member { member, .. } = origin
                && method != Method::Get
            {
                nature = Some(member.nature);
            }
            let is_value = nature.is_none_or(|nature| nature == Nature::Property);
            whole =
                ty.collection && !matches!(method, Method::Get | Method::Post) && !(is_value && method == Method::Put);
            match method {
                Method::Get if ty.collection => (Kind::List, Payload::Nothing, Payload::Value(ty.clone())),
                Method::Get => (Kind::Get, Payload::Nothing, item()),
                Method::Post => (Kind::Create, item(), item()),
                Method::Put => (Kind::Replace, Payload::Value(ty.clone()), Payload::Value(ty.clone())),
                Method::Patch => (Kind::Update, item(), item()),
                Method::Delete => (Kind::Delete, Payload::Nothing, Payload::Nothing),
            }
        }
    };
    let declared = match &place.origin {
        Origin::Member { member, .. } => Some(&member.ty.name),
        _ => None,
    };
    let cast = declared
        .filter(|declared| **declared != ty.name)
        .map_or(String::new(), |_| format!("|as {}", ty.name));
    let semantic = format!("{}|{}{cast}", method.name(), place.origin.semantic());
    Ok(Resolved {
        method,
        template,
        kind,
        request,
        response,
        semantic,
        nature,
        others: Vec::new(),
        whole,
    })
}
