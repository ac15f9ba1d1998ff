//! CSDL, the XML in which an OData service describes itself, as a model of what this project needs of it.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context as _, Result, bail};
use roxmltree::{Document, Node};

/// Everything one schema document declares. Names are full (`microsoft.graph.user`), aliases are resolved.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    pub(crate) types: BTreeMap<String, Type>,
    pub(crate) operations: Vec<Operation>,
    /// Entity sets and singletons.
    pub(crate) roots: Vec<Member>,
}

/// A declared type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Struct(StructType),
    Enum(EnumType),
}

/// An entity or complex type.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StructType {
    pub(crate) name: String,
    pub(crate) entity: bool,
    pub(crate) base: Option<String>,
    pub(crate) is_abstract: bool,
    pub(crate) open: bool,
    pub(crate) stream: bool,
    /// The properties that make up the key, when declared here.
    pub(crate) key: Vec<String>,
    /// The names under which single-property alternate keys are addressed.
    pub(crate) alternate_keys: Vec<String>,
    pub(crate) members: Vec<Member>,
}

/// A property, a navigation property, or a root of the service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) ty: TypeRef,
    pub(crate) nature: Nature,
    pub(crate) read_only: bool,
}

/// What a [`Member`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    Property,
    /// A relation to an object that lives elsewhere.
    Reference,
    /// A relation to an object that lives and dies with its owner.
    Containment,
    /// An entity set or a singleton.
    Root,
}

/// A type as it is used: `Collection(graph.user)`, or `graph.user` that may be null.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TypeRef {
    pub(crate) name: String,
    pub(crate) collection: bool,
    pub(crate) nullable: bool,
}

/// An enumeration.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EnumType {
    pub(crate) name: String,
    pub(crate) flags: bool,
    pub(crate) members: Vec<String>,
}

/// An action or a function; all of Graph's are bound to a type.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) action: bool,
    pub(crate) binding: TypeRef,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) returns: Option<TypeRef>,
    /// Whether a path may go on behind it.
    pub(crate) composable: bool,
}

/// A parameter other than the binding one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) ty: TypeRef,
    /// Whether it is annotated as one that a caller may leave out.
    pub(crate) optional: bool,
}

impl Type {
    /// The full name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Struct(ty) => &ty.name,
            Self::Enum(ty) => &ty.name,
        }
    }
}

impl TypeRef {
    /// One value of a type that is always there.
    pub(crate) fn single(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            collection: false,
            nullable: false,
        }
    }

    /// A string that is always there.
    pub(crate) fn string() -> Self {
        Self::single("Edm.String")
    }

    /// What a collection holds; anything else is its own item.
    pub(crate) fn item(&self) -> Self {
        Self {
            collection: false,
            ..self.clone()
        }
    }
}

impl fmt::Display for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.collection {
            true => write!(f, "Collection({})", self.name),
            false => f.write_str(&self.name),
        }
    }
}

impl Model {
    /// Reads a CSDL document.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let document = Document::parse(text.trim_start_matches('\u{feff}'))?;
        let schemas: Vec<Node> = document.descendants().filter(|node| named(node, "Schema")).collect();
        let mut names = Names::default();
        for schema in &schemas {
            if let Some(alias) = schema.attribute("Alias") {
                names.aliases.push((alias, attribute(*schema, "Namespace")?));
            }
        }
        let mut model = Self::default();
        for schema in &schemas {
            names.namespace = attribute(*schema, "Namespace")?;
            for node in elements(*schema) {
                model.declare(node, &names).with_context(|| {
                    format!(
                        "{} {}",
                        node.tag_name().name(),
                        node.attribute("Name").unwrap_or_default()
                    )
                })?;
            }
        }
        for annotations in document.descendants().filter(|node| named(node, "Annotations")) {
            model.annotate(attribute(annotations, "Target")?, annotations, &names);
        }
        Ok(model)
    }

    /// A declared entity or complex type.
    pub(crate) fn structure(&self, name: &str) -> Option<&StructType> {
        match self.types.get(name)? {
            Type::Struct(ty) => Some(ty),
            Type::Enum(_) => None,
        }
    }

    /// A type and its bases, nearest first.
    pub(crate) fn lineage<'m>(&'m self, ty: &'m StructType) -> impl Iterator<Item = &'m StructType> {
        std::iter::successors(Some(ty), |ty| self.structure(ty.base.as_deref()?))
    }

    /// A member of a type or of one of its bases, in any case, with the type that declares it.
    pub(crate) fn member<'m>(&'m self, ty: &'m StructType, name: &str) -> Option<(&'m StructType, &'m Member)> {
        self.lineage(ty).find_map(|owner| {
            let member = owner
                .members
                .iter()
                .find(|member| member.name.eq_ignore_ascii_case(name))?;
            Some((owner, member))
        })
    }

    fn declare(&mut self, node: Node, names: &Names) -> Result<()> {
        match node.tag_name().name() {
            "EntityType" | "ComplexType" => {
                let ty = struct_type(node, names)?;
                self.types.insert(ty.name.clone(), Type::Struct(ty));
            }
            "EnumType" => {
                let ty = EnumType {
                    name: names.declared(attribute(node, "Name")?),
                    flags: node.attribute("IsFlags") == Some("true"),
                    members: children(node, "Member")
                        .map(|member| Ok(attribute(member, "Name")?.to_owned()))
                        .collect::<Result<_>>()?,
                };
                self.types.insert(ty.name.clone(), Type::Enum(ty));
            }
            "Action" | "Function" => self.operations.push(operation(node, names)?),
            "EntityContainer" => {
                for root in elements(node) {
                    let (ty, collection) = match root.tag_name().name() {
                        "EntitySet" => (attribute(root, "EntityType")?, true),
                        "Singleton" => (attribute(root, "Type")?, false),
                        _ => continue,
                    };
                    self.roots.push(Member {
                        name: attribute(root, "Name")?.to_owned(),
                        ty: TypeRef {
                            name: names.resolve(ty),
                            collection,
                            nullable: false,
                        },
                        nature: Nature::Root,
                        read_only: false,
                    });
                }
            }
            "Annotations" | "Term" => {}
            other => bail!("a schema may not hold <{other}>"),
        }
        Ok(())
    }

    /// Takes over what annotations outside a declaration say about one of its members.
    fn annotate(&mut self, target: &str, annotations: Node, names: &Names) {
        let Some((ty, member)) = target.split_once('/') else {
            return;
        };
        if let Some(Type::Struct(ty)) = self.types.get_mut(&names.resolve(ty))
            && let Some(member) = ty.members.iter_mut().find(|known| known.name == member)
        {
            member.read_only |= is_read_only(annotations);
        }
    }
}

/// The last part of a full name.
pub(crate) fn short(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, short)| short)
}

/// How names of this document become full names.
#[derive(Default)]
struct Names<'a> {
    namespace: &'a str,
    aliases: Vec<(&'a str, &'a str)>,
}

impl Names<'_> {
    fn declared(&self, name: &str) -> String {
        format!("{}.{name}", self.namespace)
    }

    /// The full name of a used type; an alias holds for the whole document.
    fn resolve(&self, name: &str) -> String {
        let (qualifier, short) = name.rsplit_once('.').unwrap_or((self.namespace, name));
        let namespace = self
            .aliases
            .iter()
            .find(|(alias, _)| *alias == qualifier)
            .map_or(qualifier, |(_, namespace)| namespace);
        format!("{namespace}.{short}")
    }

    fn used(&self, node: Node) -> Result<TypeRef> {
        let text = attribute(node, "Type")?;
        let element = text.strip_prefix("Collection(").and_then(|rest| rest.strip_suffix(')'));
        Ok(TypeRef {
            name: self.resolve(element.unwrap_or(text)),
            collection: element.is_some(),
            nullable: node.attribute("Nullable") != Some("false"),
        })
    }
}

fn struct_type(node: Node, names: &Names) -> Result<StructType> {
    let mut ty = StructType {
        name: names.declared(attribute(node, "Name")?),
        entity: node.tag_name().name() == "EntityType",
        base: node.attribute("BaseType").map(|base| names.resolve(base)),
        is_abstract: node.attribute("Abstract") == Some("true"),
        open: node.attribute("OpenType") == Some("true"),
        stream: node.attribute("HasStream") == Some("true"),
        ..StructType::default()
    };
    for child in elements(node) {
        let nature = match child.tag_name().name() {
            "Key" => {
                for property in children(child, "PropertyRef") {
                    ty.key.push(attribute(property, "Name")?.to_owned());
                }
                continue;
            }
            "Annotation" => {
                if attribute(child, "Term")? == "Org.OData.Core.V1.AlternateKeys" {
                    ty.alternate_keys.extend(alternate_keys(child));
                }
                continue;
            }
            "Property" => Nature::Property,
            "NavigationProperty" if child.attribute("ContainsTarget") == Some("true") => Nature::Containment,
            "NavigationProperty" => Nature::Reference,
            other => bail!("a type may not hold <{other}>"),
        };
        ty.members.push(Member {
            name: attribute(child, "Name")?.to_owned(),
            ty: names.used(child)?,
            nature,
            read_only: is_read_only(child),
        });
    }
    Ok(ty)
}

fn operation(node: Node, names: &Names) -> Result<Operation> {
    let mut parameters = children(node, "Parameter");
    let binding = parameters.next().context("it is bound to nothing")?;
    Ok(Operation {
        name: attribute(node, "Name")?.to_owned(),
        namespace: names.namespace.to_owned(),
        action: node.tag_name().name() == "Action",
        binding: names.used(binding)?,
        parameters: parameters
            .map(|parameter| {
                Ok(Parameter {
                    name: attribute(parameter, "Name")?.to_owned(),
                    ty: names.used(parameter)?,
                    optional: has_term(parameter, "Org.OData.Core.V1.OptionalParameter"),
                })
            })
            .collect::<Result<_>>()?,
        returns: children(node, "ReturnType")
            .next()
            .map(|returned| names.used(returned))
            .transpose()?,
        composable: node.attribute("IsComposable") == Some("true"),
    })
}

/// The names of alternate keys made of one property.
fn alternate_keys(annotation: Node) -> Vec<String> {
    let part = |record: Node, property: &str| {
        let value = elements(record).find(|value| value.attribute("Property") == Some(property))?;
        value
            .attribute("String")
            .or_else(|| value.attribute("PropertyPath"))
            .map(str::to_owned)
    };
    annotation
        .descendants()
        .filter(|record| record.attribute("Type") == Some("Org.OData.Core.V1.AlternateKey"))
        .filter_map(|key| {
            let mut parts = key
                .descendants()
                .filter(|record| record.attribute("Type") == Some("Org.OData.Core.V1.PropertyRef"));
            let only = parts.next().filter(|_| parts.next().is_none())?;
            part(only, "Alias").or_else(|| part(only, "Name"))
        })
        .collect()
}

/// Whether annotations say that only the service sets the member.
fn is_read_only(node: Node) -> bool {
    children(node, "Annotation").any(|annotation| match annotation.attribute("Term") {
        Some("Org.OData.Core.V1.Computed") => annotation.attribute("Bool") != Some("false"),
        Some("Org.OData.Core.V1.Permissions") => annotation
            .descendants()
            .any(|member| named(&member, "EnumMember") && member.text().is_some_and(is_read_permission)),
        _ => false,
    })
}

fn is_read_permission(text: &str) -> bool {
    text.trim() == "Org.OData.Core.V1.Permission/Read"
}

fn has_term(node: Node, term: &str) -> bool {
    children(node, "Annotation").any(|annotation| annotation.attribute("Term") == Some(term))
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Result<&'a str> {
    node.attribute(name)
        .with_context(|| format!("<{}> has no {name} attribute", node.tag_name().name()))
}

fn elements<'a, 'input>(node: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(Node::is_element)
}

fn children<'a, 'input>(node: Node<'a, 'input>, name: &'static str) -> impl Iterator<Item = Node<'a, 'input>> {
    elements(node).filter(move |child| child.tag_name().name() == name)
}

/// Whether the node is an element of this name, in whatever XML namespace.
fn named(node: &Node, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}
