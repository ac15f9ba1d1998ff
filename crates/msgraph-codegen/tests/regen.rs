//! What is generated for each thing that a document can say.

use std::path::Path;

use msgraph_codegen::regen::{Generated, Layout, Problems, Source, Sources, generate};
use msgraph_codegen::write;

const FIXTURES: [&str; 2] = ["own.json", "published.json"];

const LAYOUT: Layout = Layout {
    models: "tests/compiles/types",
    client: "tests/compiles/operations",
    tests: None,
    one_crate: false,
};

fn fixtures() -> Sources {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/regen")
            .join(name);
        let text = std::fs::read_to_string(&path).expect("the fixture");
        Source {
            name: name.to_owned(),
            text,
        }
    };
    Sources {
        documents: FIXTURES.into_iter().map(read).collect(),
        names: String::new(),
    }
}

fn generated() -> Generated {
    generate(&fixtures(), &LAYOUT).unwrap_or_else(|problems| panic!("{problems}"))
}

#[track_caller]
fn check(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

/// The consecutive lines of a generated file from the first that contains `start` to the first that is `end`.
#[track_caller]
fn excerpt<'a>(text: &'a str, start: &str, end: &str) -> String {
    let lines: Vec<&'a str> = text.lines().collect();
    let from = lines
        .iter()
        .position(|line| line.contains(start))
        .unwrap_or_else(|| panic!("no {start:?}"));
    let first = lines[..from]
        .iter()
        .rposition(|line| !line.trim_start().starts_with("///") && !line.trim_start().starts_with("#["))
        .map_or(0, |line| line + 1);
    let length = lines[from..]
        .iter()
        .position(|line| *line == end)
        .unwrap_or_else(|| panic!("no {end:?}"));
    lines[first..=from + length].join("\n")
}

#[test]
fn types() {
    let files = generated().files;
    let types = &files["tests/compiles/types/graph.rs"];
    check(
        "type_with_every_kind_of_property",
        &excerpt(
            types,
            "pub struct Animal {",
            "    impl odata::IsA<crate::props::Entity> for Animal {}",
        ),
    );
    check(
        "type_without_properties_of_its_own_inherits",
        &excerpt(
            types,
            "pub struct Tree {",
            "    impl odata::IsA<crate::props::Plant> for Tree {}",
        ),
    );
    check(
        "types_derived_at_any_depth_are_listed",
        &excerpt(types, "impl odata::Props for Entity {", "        };"),
    );
    check(
        "everyday_names_and_their_facts",
        &types
            .lines()
            .take_while(|line| !line.starts_with("pub mod"))
            .collect::<Vec<_>>()
            .join("\n"),
    );
    check(
        "open_type_in_another_namespace",
        &files["tests/compiles/types/security.rs"],
    );
    check(
        "parameters_with_documented_limits",
        &excerpt(
            types,
            "pub struct AnimalFeed {",
            "    impl odata::Parameters for AnimalFeed {",
        ),
    );
    check(
        "limits_of_parameters",
        &excerpt(types, "impl odata::Parameters for AnimalFeed", "    }"),
    );
    check(
        "parameters_without_a_name_of_their_own",
        &excerpt(types, "pub struct PlantWater {", "    }"),
    );
    check("modules_of_namespaces", &files["tests/compiles/types/mod.rs"]);
}

#[test]
fn operations() {
    let files = generated().files;
    check(
        "navigation_with_every_kind_of_segment",
        &files["tests/compiles/operations/animals.rs"],
    );
    check(
        "operations_of_a_published_document",
        &files["tests/compiles/operations/plants.rs"],
    );
    check(
        "permissions_once_each",
        &files["tests/compiles/operations/permissions.rs"],
    );
    check(
        "catalogue_of_operations",
        &files["tests/compiles/operations/catalogue.rs"],
    );
    check("entrances", &files["tests/compiles/operations/mod.rs"]);
}

#[test]
fn the_compiled_fixtures_are_what_is_generated() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (folders, files) = (LAYOUT.folders(), generated().files);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        write::write(root, &folders, &files).expect("writable fixtures");
    }
    let command = "UPDATE_FIXTURES=1 cargo test -p msgraph-codegen --test regen";
    write::check(root, &folders, &files, command).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn generation_is_deterministic() {
    assert_eq!(generated().files, generated().files);
}

#[test]
fn everything_of_the_documents_is_accounted_for() {
    let summary = generated().summary;
    assert_eq!(
        (
            summary.types,
            summary.parameters,
            summary.enumerations,
            summary.operations
        ),
        (6, 2, 3, 26)
    );
}

#[track_caller]
fn problems(schemas: &str, paths: &str, names: &str) -> Problems {
    let text = format!(r#"{{"openapi": "3.0.3", "components": {{"schemas": {schemas}}}, "paths": {paths}}}"#);
    let documents = vec![Source {
        name: "bad.json".to_owned(),
        text,
    }];
    generate(
        &Sources {
            documents,
            names: names.to_owned(),
        },
        &LAYOUT,
    )
    .expect_err("problems")
}

#[test]
fn all_problems_are_reported_together() {
    let schemas = r##"{
        "microsoft.graph.a": {"type": "object", "properties": {
            "ok": {"type": "string"}, "odd": {"type": "string", "format": "octet"},
            "gone": {"$ref": "#/components/schemas/microsoft.graph.gone"},
            "times": {"type": "array", "items": {"type": "string", "format": "time"}},
            "twoWords": {"type": "string"}, "two_words": {"type": "string"}}},
        "microsoft.graph.b": {"allOf": [{"$ref": "#/components/schemas/microsoft.graph.b"}, {"type": "object"}]},
        "microsoft.graph.c": {"allOf": [{"$ref": "#/components/schemas/microsoft.graph.none"}, {"type": "object"}]},
        "microsoft.graph.A": {"type": "object"},
        "microsoft.graph.option": {"type": "object"},
        "microsoft.graph.e": {"type": "string", "enum": ["a", "A"]},
        "microsoft.graph.clouds": {"type": "object", "x-graph-clouds": ["Mars"]},
        "microsoft.graph.limits.set": {"type": "object", "x-graph-kind": "parameters", "required": ["x"],
            "properties": {"y": {"type": "string", "pattern": "^a|b"}}}
    }"##;
    let paths = r#"{
        "/a/{": {"get": {"responses": {}}},
        "/b/f(x={y})": {"get": {"responses": {}}},
        "/c/{a-id}": {"get": {"responses": {}}},
        "/c/{a-tenantId}/d": {"get": {"responses": {}}},
        "/e/get": {"get": {"responses": {}}, "post": {"responses": {}, "x-ms-docs-operation-type": "verb"}},
        "/g": {"get": {"responses": {}}},
        "/g/get": {"post": {"responses": {}, "x-ms-docs-operation-type": "action"}},
        "/h": {"get": {"responses": {}, "externalDocs": {"url": "https://example.com"}}}
    }"#;
    let names = "[[name]]\nof = 'microsoft.graph.z'\nrust = 'Z'\nreason = 'gone since 2026'\n";
    check(
        "all_problems_of_a_document",
        &problems(schemas, paths, names).to_string(),
    );
}

#[test]
fn a_row_of_names_resolves_a_collision() {
    let text = r#"{"openapi": "3.0.3", "components": {"schemas": {
        "microsoft.graph.e": {"type": "string", "enum": ["a", "A"]}}}}"#;
    let names = "[[name]]\nof = 'microsoft.graph.e/A'\nrust = 'CapitalA'\nreason = 'two members differ by case'\n";
    let documents = vec![Source {
        name: "e.json".to_owned(),
        text: text.to_owned(),
    }];
    let generated = generate(
        &Sources {
            documents,
            names: names.to_owned(),
        },
        &LAYOUT,
    )
    .expect("names");
    let types = &generated.files["tests/compiles/types/graph.rs"];
    assert!(
        types.contains(r#"("a", Self::A)"#) && types.contains(r#"("A", Self::CapitalA)"#),
        "{types}"
    );
}
