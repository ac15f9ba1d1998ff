//! From flat paths to the tree that navigation follows.

use std::collections::{BTreeMap, BTreeSet};

use super::ir::{Api, Body, Method, Operation, OperationKind, Outcome};
use super::names::{Exceptions, Scope, pascal, snake};
use super::problem::{Problem, Problems};
use super::template::{self, Argument, Resources, Segment};

/// All paths that start with one segment.
#[derive(Debug)]
pub(crate) struct Area<'a> {
    pub(crate) module: String,
    pub(crate) root: Node<'a>,
}

/// An address that a program can stop at.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) segment: Segment,
    /// The template up to here.
    pub(crate) template: String,
    /// The method of the parent that leads here.
    pub(crate) method: String,
    pub(crate) type_name: String,
    /// An operation below, which knows the types of the placeholders.
    pub(crate) witness: &'a Operation,
    pub(crate) children: Vec<Node<'a>>,
    pub(crate) ends: Vec<End<'a>>,
}

/// A method that returns a request.
#[derive(Debug)]
pub(crate) struct End<'a> {
    pub(crate) method: String,
    pub(crate) operation: &'a Operation,
    /// What is appended to the node's address.
    pub(crate) suffix: Option<Segment>,
}

/// Builds the tree of every area.
pub(crate) fn build<'a>(api: &'a Api, exceptions: &Exceptions, problems: &mut Problems) -> Vec<Area<'a>> {
    let resources = Resources::of(api.operations.iter().map(|operation| operation.path.as_str()));
    let mut roots: BTreeMap<String, Trie<'a>> = BTreeMap::new();
    for operation in &api.operations {
        let segments = template::parse(&operation.path, &operation.placeholders, &resources);
        let segments = segments
            .and_then(|segments| check_placeholders(segments, operation))
            .map(|segments| unmask(segments, operation));
        let segments = segments.map_err(|reason| Problem::new(&operation.document, place(operation), reason));
        let Some(segments) = problems.keep(segments) else {
            continue;
        };
        let Some((first, rest)) = segments.split_first() else {
            continue;
        };
        let root = roots
            .entry(key(first))
            .or_insert_with(|| Trie::new(first.clone(), operation, String::new()));
        if let Err(reason) = root.insert(rest, operation) {
            problems
                .0
                .push(Problem::new(&operation.document, place(operation), reason));
        }
    }
    let mut areas = Vec::new();
    let mut modules = Scope::default();
    for trie in roots.into_values() {
        let Segment::Name(name) = trie.segment.clone() else {
            let reason = "starts with something that is no name";
            problems
                .0
                .push(Problem::new(&trie.witness.document, &trie.witness.path, reason));
            continue;
        };
        let module = exceptions.name(&format!("/{name}"), || snake(&name));
        let document = trie.witness.document.as_str();
        problems.keep(modules.take(&module, document, &format!("/{name}")));
        let mut builder = Builder {
            exceptions,
            problems: &mut *problems,
            types: Scope::default(),
        };
        let root = builder.node(trie, module.clone(), pascal(&module));
        areas.push(Area { module, root });
    }
    areas
}

/// Whether an operation is at the address that messages call `template`, or below it.
pub(crate) fn is_below(operation: &Operation, resources: &Resources, template: &str) -> bool {
    let Ok(segments) = template::parse(&operation.path, &operation.placeholders, resources) else {
        return false;
    };
    let template = blank(template);
    let mut at = String::new();
    segments.iter().any(|segment| {
        at.push_str(&spelled(segment));
        blank(&at) == template
    })
}

/// A template without the names of its placeholders, which paths to one address need not agree on.
fn blank(template: &str) -> String {
    let mut parts = template.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| {
        out + "{" + part.split_once('}').map_or(part, |(_, rest)| rest)
    })
}

/// Every placeholder must be described, because its type becomes the type of an argument.
fn check_placeholders(segments: Vec<Segment>, operation: &Operation) -> Result<Vec<Segment>, String> {
    for segment in &segments {
        let arguments: &[Argument] = match segment {
            Segment::Function { arguments, .. } => arguments,
            _ => &[],
        };
        for Argument { placeholder, .. } in arguments {
            if !operation.placeholders.contains_key(placeholder) {
                return Err(format!(
                    "has the placeholder `{placeholder}` but no path parameter of that name"
                ));
            }
        }
    }
    Ok(segments)
}

/// `graph.water` at the end is a cast, unless the operation is the action of that name.
fn unmask(mut segments: Vec<Segment>, operation: &Operation) -> Vec<Segment> {
    if operation.kind == OperationKind::Action
        && let Some(last) = segments.last_mut()
        && let Segment::Cast(name) = last
    {
        *last = Segment::Name(std::mem::take(name));
    }
    segments
}

/// What messages call an operation.
pub(crate) fn place(operation: &Operation) -> String {
    format!("{} {}", operation.method.as_str(), operation.path)
}

/// What makes two segments the same step: keys count as equal whatever their placeholders are called.
fn key(segment: &Segment) -> String {
    match segment {
        Segment::Name(name) => name.clone(),
        Segment::Key { .. } => "{}".to_owned(),
        Segment::AlternateKey { key, .. } => format!("({key})"),
        Segment::Cast(name) => name.clone(),
        Segment::Function { name, arguments } => {
            let names: Vec<_> = arguments.iter().map(|argument| argument.name.as_str()).collect();
            format!("{name}({})", names.join(","))
        }
        Segment::ItemPath { .. } => ":".to_owned(),
        Segment::Reference => "$ref".to_owned(),
        Segment::Count => "$count".to_owned(),
        Segment::Value => "$value".to_owned(),
    }
}

struct Trie<'a> {
    segment: Segment,
    template: String,
    witness: &'a Operation,
    operations: Vec<&'a Operation>,
    children: BTreeMap<String, Trie<'a>>,
}

impl<'a> Trie<'a> {
    fn new(segment: Segment, witness: &'a Operation, before: String) -> Self {
        let template = before + &spelled(&segment);
        Self {
            segment,
            template,
            witness,
            operations: Vec::new(),
            children: BTreeMap::new(),
        }
    }

    fn insert(&mut self, rest: &[Segment], operation: &'a Operation) -> Result<(), String> {
        let Some((first, rest)) = rest.split_first() else {
            if let Some(same) = self.operations.iter().find(|other| other.method == operation.method) {
                return Err(format!("is the same operation as {}", place(same)));
            }
            self.operations.push(operation);
            return Ok(());
        };
        let before = self.template.clone();
        let child = self
            .children
            .entry(key(first))
            .or_insert_with(|| Trie::new(first.clone(), operation, before));
        if let (Segment::Key { placeholder: ours }, Segment::Key { placeholder: theirs }) = (&child.segment, first)
            && key_method(ours) != key_method(theirs)
        {
            return Err(format!(
                "calls the key `{theirs}` that {} calls `{ours}`",
                child.witness.path
            ));
        }
        child.insert(rest, operation)
    }
}

fn spelled(segment: &Segment) -> String {
    match segment {
        Segment::Name(name) | Segment::Cast(name) => format!("/{name}"),
        Segment::Key { placeholder } => format!("/{{{placeholder}}}"),
        Segment::AlternateKey { key, placeholder } => format!("({key}='{{{placeholder}}}')"),
        Segment::Function { name, arguments } => {
            let pairs: Vec<_> = arguments
                .iter()
                .map(|a| format!("{}={{{}}}", a.name, a.placeholder))
                .collect();
            format!("/{name}({})", pairs.join(","))
        }
        Segment::ItemPath { placeholder } => format!(":/{{{placeholder}}}:"),
        Segment::Reference => "/$ref".to_owned(),
        Segment::Count => "/$count".to_owned(),
        Segment::Value => "/$value".to_owned(),
    }
}

/// `{user-id}` is reached by `by_id`, `{partner-tenantId}` by `by_tenant_id`.
fn key_method(placeholder: &str) -> String {
    let property = placeholder
        .rsplit_once('-')
        .map_or(placeholder, |(_, property)| property);
    // A key that occurs twice in a path is numbered: `{message-id1}`.
    let property = if property.trim_end_matches(|c: char| c.is_ascii_digit()) == "id" {
        "id"
    } else {
        property
    };
    format!("by_{}", snake(property))
}

struct Builder<'e, 'p> {
    exceptions: &'e Exceptions,
    problems: &'p mut Problems,
    /// The type names of one area.
    types: Scope,
}

impl Builder<'_, '_> {
    fn node<'a>(&mut self, trie: Trie<'a>, method: String, type_name: String) -> Node<'a> {
        let document = trie.witness.document.as_str();
        self.problems
            .keep(self.types.take(&type_name, document, &trie.template));
        let overloads = overloads(&trie);
        let mut ends: Vec<End<'a>> = Vec::new();
        for operation in &trie.operations {
            let rule = || own_end(&trie.segment, operation).to_owned();
            let method = self.exceptions.name(&place(operation), rule);
            ends.push(End {
                method,
                operation,
                suffix: None,
            });
        }
        let mut children = Vec::new();
        for (_, child) in trie.children {
            if let Some(leaf) = Leaf::of(&child) {
                for operation in &child.operations {
                    let rule = || leaf_end(leaf, &child.segment, operation, &overloads);
                    let method = self.exceptions.name(&place(operation), rule);
                    ends.push(End {
                        method,
                        operation,
                        suffix: Some(child.segment.clone()),
                    });
                }
                continue;
            }
            let rule = || child_method(&child.segment, &overloads);
            let method = self.exceptions.name(&child.template, rule);
            let type_name = type_name.clone() + &type_suffix(&child.segment, &method);
            children.push(self.node(child, method, type_name));
        }
        let mut methods = Scope::default();
        for child in &children {
            self.problems
                .keep(methods.take(&child.method, document, &child.template));
        }
        for end in &ends {
            self.problems
                .keep(methods.take(&end.method, document, &place(end.operation)));
        }
        let Trie {
            segment,
            template,
            witness,
            ..
        } = trie;
        Node {
            segment,
            template,
            method,
            type_name,
            witness,
            children,
            ends,
        }
    }
}

/// Why a segment needs no type of its own: nothing is below it, so calling it is all one can do.
#[derive(Clone, Copy)]
enum Leaf {
    Suffix,
    Call,
    Stream,
}

impl Leaf {
    fn of(trie: &Trie<'_>) -> Option<Self> {
        let only = match trie.operations.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        match &trie.segment {
            _ if !trie.children.is_empty() => None,
            Segment::Reference | Segment::Count | Segment::Value => Some(Self::Suffix),
            Segment::Function { .. } => only.map(|_| Self::Call),
            Segment::Name(_) if only.is_some_and(|only| only.kind != OperationKind::Operation) => Some(Self::Call),
            Segment::Name(_) if is_stream(&trie.operations) => Some(Self::Stream),
            _ => None,
        }
    }
}

/// Whether all that can be done is to read, write or delete bytes.
fn is_stream(operations: &[&Operation]) -> bool {
    let moves_bytes = |operation: &&&Operation| match operation.method {
        Method::Get => operation.result == Outcome::Content,
        Method::Put | Method::Post | Method::Patch => operation.body == Body::Content,
        Method::Delete => false,
    };
    let streams = operations.iter().filter(moves_bytes).count();
    let deletes = operations
        .iter()
        .filter(|operation| operation.method == Method::Delete)
        .count();
    streams > 0 && streams + deletes == operations.len()
}

/// `graph.water` as `water`.
fn unqualified(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, name)| name)
}

/// The argument names of all overloads of each function.
type Overloads = BTreeMap<String, Vec<BTreeSet<String>>>;

fn overloads(trie: &Trie<'_>) -> Overloads {
    let mut overloads = Overloads::new();
    for child in trie.children.values() {
        if let Segment::Function { name, arguments } = &child.segment {
            let arguments = arguments.iter().map(|argument| argument.name.clone()).collect();
            overloads
                .entry(unqualified(name).to_owned())
                .or_default()
                .push(arguments);
        }
    }
    overloads
}

/// A function's name; an overload is told apart by the arguments that not all overloads have.
fn function_method(name: &str, arguments: &[Argument], overloads: &Overloads) -> String {
    let all = overloads.get(unqualified(name)).map(Vec::as_slice).unwrap_or_default();
    let is_shared = |argument: &&Argument| all.iter().all(|overload| overload.contains(&argument.name));
    let own: Vec<_> = arguments.iter().filter(|argument| !is_shared(argument)).collect();
    let own: Vec<_> = own.into_iter().map(|argument| snake(&argument.name)).collect();
    match own.is_empty() {
        true => snake(unqualified(name)),
        false => format!("{}_with_{}", snake(unqualified(name)), own.join("_and_")),
    }
}

fn child_method(segment: &Segment, overloads: &Overloads) -> String {
    match segment {
        Segment::Name(name) => snake(unqualified(name)),
        Segment::Key { placeholder } => key_method(placeholder),
        Segment::AlternateKey { key, .. } => format!("by_{}", snake(key)),
        Segment::Cast(name) => format!("as_{}", snake(unqualified(name))),
        Segment::Function { name, arguments } => function_method(name, arguments, overloads),
        Segment::ItemPath { .. } => "by_path".to_owned(),
        Segment::Reference => "reference".to_owned(),
        Segment::Count => "count".to_owned(),
        Segment::Value => "value".to_owned(),
    }
}

fn type_suffix(segment: &Segment, method: &str) -> String {
    match segment {
        Segment::Key { .. } => "Item".to_owned(),
        // With its arguments, so that a function called `item` is no `Item`.
        Segment::Function { name, arguments } if !arguments.is_empty() => {
            let names: Vec<_> = arguments.iter().map(|argument| pascal(&argument.name)).collect();
            format!("{}With{}", pascal(unqualified(name)), names.join("And"))
        }
        _ => pascal(method),
    }
}

/// The name of an operation on the node itself.
fn own_end(segment: &Segment, operation: &Operation) -> &'static str {
    let is_call = matches!(segment, Segment::Function { .. });
    match operation.method {
        Method::Get if is_call => "get",
        Method::Get => match operation.result {
            Outcome::Collection(_) => "list",
            Outcome::Content => "content",
            _ => "get",
        },
        Method::Post if is_call || operation.kind != OperationKind::Operation => "post",
        Method::Post => "create",
        Method::Patch => "update",
        Method::Put if operation.body == Body::Content => "set_content",
        Method::Put => "replace",
        Method::Delete => "delete",
    }
}

/// The name of an operation on something that has no node.
fn leaf_end(leaf: Leaf, segment: &Segment, operation: &Operation, overloads: &Overloads) -> String {
    let name = child_method(segment, overloads);
    match (leaf, segment, operation.method) {
        (Leaf::Call, ..) => name,
        (_, Segment::Reference, Method::Get) if matches!(operation.result, Outcome::Collection(_)) => {
            "list_refs".into()
        }
        (_, Segment::Reference, Method::Get) => "get_ref".into(),
        (_, Segment::Reference, Method::Post) => "add_ref".into(),
        (_, Segment::Reference, Method::Put | Method::Patch) => "set_ref".into(),
        (_, Segment::Reference, Method::Delete) => "remove_ref".into(),
        (_, Segment::Value, Method::Get) => "content".into(),
        (_, Segment::Value, Method::Delete) => "delete_content".into(),
        (_, Segment::Value, _) => "set_content".into(),
        (_, _, Method::Get) => name,
        (_, _, Method::Delete) => format!("delete_{name}"),
        (_, _, _) => format!("set_{name}"),
    }
}
