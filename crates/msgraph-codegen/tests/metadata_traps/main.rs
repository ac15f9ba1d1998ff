//! What is unusual about Microsoft's metadata, and how it shows in the committed documents.
//!
//! Each line of the table is something that a generator easily gets wrong, and the test that it is right here. Those in
//! `types` and `paths` read `specs/v1.0`; the others are tests of the import, on a small schema. What only shows in the
//! generated code is tested there, by `every_type` and `every_operation`.
//!
//! | trap | proved by |
//! |---|---|
//! | types derived over four levels, from other namespaces, from nothing | `types::types_derive_over_four_levels_and_across_namespaces` |
//! | abstract types, some derived from concrete ones | `types::abstract_types_are_marked_whatever_they_derive_from` |
//! | hundreds of types under one base | `types::a_wide_hierarchy_is_complete` |
//! | properties declared with a base type, or with `entity` | `types::a_property_refers_to_its_declared_type_only` |
//! | open types, some without any property | `types::open_types_take_more_than_they_declare` |
//! | types without members; `Json`, which stands for any value | `types::types_without_members_are_types_and_json_is_any_value` |
//! | keys that are not `id`, one of them a number | `paths::keys_have_the_name_and_type_that_the_schema_says` |
//! | alternate keys, declared or not | `paths::alternate_keys_are_part_of_the_path`, `resolve::a_path_leads_to_one_operation` |
//! | arguments of functions: enumerations in quotes, numbers without, lists | `paths::arguments_of_functions_are_quoted_by_their_type` |
//! | optional arguments of functions | `resolve::a_path_leads_to_one_operation` |
//! | binding parameters of any name | `csdl::the_first_parameter_binds_whatever_its_name` |
//! | parameters of actions in any letter case; optional and required ones | `paths::parameters_of_actions_keep_their_spelling`, `documents::the_documents_of_a_small_service` |
//! | operations of one name: by binding, by parameters, action and function | `resolve::a_path_leads_to_one_operation`, `paths::actions_bound_to_an_item_and_to_a_collection_differ` |
//! | an operation declared again for a derived type | `resolve::a_path_leads_to_one_operation` |
//! | results: nothing, values, lists, bytes | `paths::every_kind_of_result_has_its_own_shape` |
//! | every primitive type | `types::every_primitive_type_has_a_format` |
//! | enumerations: flags, hundreds of members, none, two that differ in letter case | `types::enumerations_are_complete_and_flags_are_marked` |
//! | names: the same in several namespaces, keywords, odd letter case | `types::names_are_those_of_the_wire` |
//! | types that contain themselves | `types::a_type_may_refer_to_itself` |
//! | `Nullable="false"`, which promises nothing about answers | `types::only_parameters_of_actions_are_required` |
//! | entities with content, streams as properties | `types::streams_are_marked` |
//! | relations that contain each other without end | `types::relations_are_marked_and_no_path_goes_round` |
//! | read-only members, annotated inside or outside their type | `types::computed_members_are_read_only`, `csdl::computed_and_readable_members_are_read_only` |
//! | an alias that another schema uses | `csdl::an_alias_holds_for_the_whole_document` |
//! | types that no operation reaches | `types::types_that_no_operation_reaches_are_there` |
//! | the annotated schema, which mends and drops | `paths::what_the_annotated_schema_mends_is_mended_and_what_it_drops_is_kept` |
//! | slips in the schemas of other clouds | `repairs::renamed_members_count_as_the_same_in_all_clouds` |
//! | types and members that the global cloud lacks | `documents::the_documents_of_a_small_service` |
//! | rows of the permissions file that leave out `/$ref`, a cast, a bracket | `select`, `permissions`, `paths::no_documented_relation_is_taken_for_its_object` |

mod paths;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};

static SCHEMAS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| entries("schemas", "/components/schemas"));
static PATHS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| entries("areas", "/paths"));

fn entries(folder: &str, pointer: &str) -> BTreeMap<String, Value> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../specs/v1.0")
        .join(folder);
    let mut entries = BTreeMap::new();
    for file in std::fs::read_dir(folder).expect("the committed documents") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("a document");
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let found = document.pointer(pointer).and_then(Value::as_object).expect("entries");
        entries.extend(found.iter().map(|(name, entry)| (name.clone(), entry.clone())));
    }
    entries
}

const GRAPH: &str = "microsoft.graph.";

fn schema(name: &str) -> &'static Value {
    SCHEMAS
        .get(&format!("{GRAPH}{name}"))
        .unwrap_or_else(|| panic!("{name} is missing"))
}

/// Entity and complex types.
fn types() -> impl Iterator<Item = (&'static str, &'static Value)> {
    let is_type = |schema: &Value| matches!(schema["x-graph-kind"].as_str(), Some("entity" | "complex"));
    SCHEMAS
        .iter()
        .filter(move |(_, schema)| is_type(schema))
        .map(|(name, schema)| (name.as_str(), schema))
}

fn parts(schema: &Value) -> &[Value] {
    schema["allOf"]
        .as_array()
        .map_or(std::slice::from_ref(schema), Vec::as_slice)
}

fn base(schema: &'static Value) -> Option<&'static str> {
    let reference = parts(schema).iter().find_map(|part| part["$ref"].as_str())?;
    reference.rsplit('/').next()
}

/// A type's bases, nearest first.
fn bases(name: &str) -> Vec<&'static str> {
    std::iter::successors(base(&SCHEMAS[name]), |name| base(&SCHEMAS[*name])).collect()
}

fn own(schema: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let properties = parts(schema).iter().filter_map(|part| part["properties"].as_object());
    properties.flatten().map(|(name, property)| (name.as_str(), property))
}

/// Every property of every type.
fn properties() -> impl Iterator<Item = (&'static str, &'static Value)> {
    types().flat_map(|(_, schema)| own(schema))
}

fn is_relation(property: &Value) -> bool {
    property["x-ms-navigationProperty"] == true
}

fn counted<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    PATHS.iter().flat_map(|(path, item)| {
        let item = item.as_object().into_iter().flatten();
        item.filter(|(method, _)| *method != "parameters")
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn parameter(path: &str, name: &str) -> &'static Value {
    let parameters = PATHS[path]["parameters"].as_array().expect("parameters");
    let parameter = parameters.iter().find(|parameter| parameter["name"] == name);
    &parameter.unwrap_or_else(|| panic!("{path} has no parameter {name}"))["schema"]
}
