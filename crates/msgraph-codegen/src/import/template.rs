//! Path templates in the spelling of Microsoft's OpenAPI documents.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::csdl::{Parameter, TypeRef, short};

/// A path with its parameters, each under a name of its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    segments: Vec<Segment>,
    /// The text, `/users/{user-id}/messages`.
    pub(crate) text: String,
    pub(crate) parameters: Vec<PathParameter>,
}

/// A parameter of a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PathParameter {
    pub(crate) name: String,
    pub(crate) ty: TypeRef,
    /// The short name of the type whose key it is.
    pub(crate) key_of: Option<String>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Segment {
    Name(String),
    Cast(String),
    Key { of: String, property: String, ty: TypeRef },
    LiteralKey(String),
    AlternateKey(String),
    ItemPath,
    Call(String, Vec<Parameter>),
    NamedProperty(String),
}

impl Template {
    pub(crate) fn new(segments: Vec<Segment>) -> Self {
        let mut template = Self {
            segments,
            text: String::new(),
            parameters: Vec::new(),
        };
        let segments = std::mem::take(&mut template.segments);
        let mut names = Names::default();
        // Behind an item path, `:` ends the path unless nothing follows it.
        let mut open_path = false;
        for segment in &segments {
            if std::mem::take(&mut open_path) {
                template.text.push(':');
            }
            open_path = *segment == Segment::ItemPath;
            template.push(segment, &mut names);
        }
        template.segments = segments;
        template
    }

    /// The first name of the path, under which its operations are kept together.
    pub(crate) fn area(&self) -> &str {
        self.segments
            .iter()
            .find_map(|segment| {
                if let Segment::Name(name) = segment {
                    Some(name.as_str())
                } else {
                    None
                }
            })
            .unwrap_or_default()
    }

    /// The path in words: the names along it, joined with dots; the long form has its parameters as well.
    pub(crate) fn words(&self, long: bool) -> String {
        let mut words: Vec<String> = Vec::new();
        for segment in &self.segments {
            match segment {
                Segment::Name(name) | Segment::LiteralKey(name) => words.push(name.trim_start_matches('$').to_owned()),
                Segment::Cast(name) => words.push(format!("as{}", capitalised(short(name)))),
                Segment::AlternateKey(name) => {
                    let last = words.last_mut().map(|last| {
                        last.push_str("By");
                        last.push_str(&capitalised(name));
                    });
                    debug_assert!(last.is_some(), "a key follows a name");
                }
                Segment::Key { .. } if !long => {}
                Segment::Key { property, .. } => words.push(property.clone()),
                Segment::ItemPath => words.push("itemPath".to_owned()),
                Segment::Call(name, arguments) => {
                    words.push(name.clone());
                    words.extend(arguments.iter().filter(|_| long).map(|argument| argument.name.clone()));
                }
                Segment::NamedProperty(name) => words.push(name.clone()),
            }
        }
        words.join(".")
    }

    /// Whether a path to a reference names the item referred to.
    pub(crate) fn ends_with_key_before_reference(&self) -> bool {
        matches!(
            self.segments.as_slice(),
            [.., Segment::Key { .. } | Segment::AlternateKey(_), Segment::Name(_)]
        )
    }

    fn push(&mut self, segment: &Segment, names: &mut Names) {
        let text = &mut self.text;
        match segment {
            Segment::Name(name) | Segment::LiteralKey(name) => {
                let _ = write!(text, "/{name}");
            }
            Segment::Cast(name) => {
                let _ = write!(text, "/{}", name.strip_prefix("microsoft.").unwrap_or(name));
            }
            Segment::Key { of, property, ty } => {
                let name = names.unique(&format!("{of}-{property}"));
                let _ = write!(text, "/{{{name}}}");
                self.parameters.push(PathParameter {
                    name,
                    ty: ty.clone(),
                    key_of: Some(of.clone()),
                });
            }
            Segment::AlternateKey(key) => {
                let name = names.unique(key);
                let _ = write!(text, "({key}='{{{name}}}')");
                self.parameters.push(PathParameter {
                    name,
                    ty: TypeRef::string(),
                    key_of: None,
                });
            }
            Segment::ItemPath => {
                let name = names.unique("item-path");
                let _ = write!(text, ":/{{{name}}}");
                self.parameters.push(PathParameter {
                    name,
                    ty: TypeRef::string(),
                    key_of: None,
                });
            }
            Segment::NamedProperty(property) => {
                let name = names.unique(property);
                let _ = write!(text, "/{{{name}}}");
                self.parameters.push(PathParameter {
                    name,
                    ty: TypeRef::string(),
                    key_of: None,
                });
            }
            Segment::Call(function, arguments) => {
                let _ = write!(text, "/{function}(");
                for (at, argument) in arguments.iter().enumerate() {
                    let name = names.unique(&argument.name);
                    let quote = if is_quoted(&argument.ty) { "'" } else { "" };
                    let comma = if at == 0 { "" } else { "," };
                    let _ = write!(text, "{comma}{}={quote}{{{name}}}{quote}", argument.name);
                    self.parameters.push(PathParameter {
                        name,
                        ty: argument.ty.clone(),
                        key_of: None,
                    });
                }
                text.push(')');
            }
        }
    }
}

/// Whether the literal of this type stands in quotes: strings and the members of enumerations do.
fn is_quoted(ty: &TypeRef) -> bool {
    !ty.collection && (ty.name == "Edm.String" || !ty.name.starts_with("Edm."))
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

/// Names already taken; the second of a name is numbered 1, as Microsoft does.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn unique(&mut self, name: &str) -> String {
        let seen = self.0.entry(name.to_owned()).or_default();
        *seen += 1;
        match *seen {
            1 => name.to_owned(),
            seen => format!("{name}{}", seen - 1),
        }
    }
}
