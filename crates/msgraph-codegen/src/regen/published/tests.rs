//! What is refused, and what is taken away so that the rest can be generated.

use super::*;

fn package() -> Package {
    Package::new("c", Core::Version("0.1".to_owned())).expect("a name")
}

fn generated(document: &str) -> Result<Published, Problems> {
    let document = Source {
        name: "d.yaml".to_owned(),
        text: document.to_owned(),
    };
    generate(
        &Input {
            document,
            names: String::new(),
            rules: String::new(),
        },
        &package(),
    )
}

/// A document with one good operation beside `paths` and `schemas`, each given as indented YAML.
fn document(paths: &str, schemas: &str) -> String {
    format!(
        "openapi: 3.0.1\nservers:\n  - url: https://graph.microsoft.com/v1.0\npaths:\n  /ok:\n    get:\n      \
         responses: {{ 2XX: {{ description: fine }} }}\n{paths}components:\n  schemas:\n    Other: {{ type: string }}\n{schemas}"
    )
}

/// What is left out of a document, one line each.
#[track_caller]
fn check(paths: &str, schemas: &str, expected: &[&str]) {
    let published = generated(&document(paths, schemas)).unwrap_or_else(|problems| panic!("{problems}"));
    let skipped: Vec<_> = published
        .skipped
        .iter()
        .map(|p| format!("{}: {}", p.place, p.reason))
        .collect();
    assert_eq!(skipped, expected);
    assert_eq!(
        published.summary.operations + expected.iter().filter(|line| line.contains(" /")).count(),
        published.operations
    );
    assert!(published.files["skipped.json"].contains("\"document\": \"d.yaml\""));
}

#[test]
fn what_needs_a_type_that_is_left_out_is_left_out_too() {
    check(
        "  /bad:\n    get:\n      responses: { 2XX: { description: fine, content: { application/json: { schema: { $ref: '#/c/microsoft.graph.leaf' } } } } }\n",
        "    microsoft.graph.leaf: { allOf: [ { $ref: '#/c/microsoft.graph.none' }, { type: object } ] }\n    \
         microsoft.graph.tree: { type: object, properties: { leaf: { $ref: '#/c/microsoft.graph.leaf' }, age: { type: integer } } }\n",
        &[
            "GET /bad: needs `microsoft.graph.leaf`, which was left out",
            "microsoft.graph.leaf: derives from `microsoft.graph.none`, which no document defines",
            "microsoft.graph.tree/leaf: needs `microsoft.graph.leaf`, which was left out",
        ],
    );
}

#[test]
fn of_two_things_with_one_name_one_is_left_out() {
    let operation = "      responses: { 2XX: { description: fine } }\n";
    check(
        &format!("  /twoWords/a:\n    get:\n{operation}  /two_words/a:\n    get:\n{operation}"),
        "    microsoft.graph.a: { type: object }\n    \
         microsoft.graph.b: { type: object, properties: { oneTwo: { type: string }, one_two: { type: string } } }\n    \
         microsoft.graph.A: { type: object }\n    microsoft.graph.e: { type: string, enum: [b, B] }\n",
        &[
            "GET /two_words/a: `/two_words` would be called `two_words`, as `/twoWords` is; \
             add a row to specs/names.toml that renames one of them",
            "microsoft.graph.a: would be called `A`, as `microsoft.graph.A` is; \
             add a row to specs/names.toml that renames one of them",
            "microsoft.graph.b/one_two: would be called `one_two`, as `microsoft.graph.b/oneTwo` is; \
             add a row to specs/names.toml that renames one of them",
            "microsoft.graph.e/B: would be called `B`, as `microsoft.graph.e/b` is; \
             add a row to specs/names.toml that renames one of them",
        ],
    );
}

#[test]
fn a_document_that_cannot_be_used_says_why() {
    let refused = |text: &str| generated(text).expect_err("a refusal").0.remove(0).to_string();
    assert_eq!(refused("[]"), "d.yaml: the whole file: is no object");
    assert_eq!(
        refused("openapi: 3.1.0"),
        "d.yaml: openapi: is \"3.1.0\"; an OpenAPI 3.0 document is needed"
    );
    assert_eq!(
        refused("openapi: 3.0.1"),
        "d.yaml: paths: have no operation that can be generated"
    );
    assert_eq!(
        refused("openapi: 3.0.1\nservers:\n  - url: https://graph.microsoft.com/beta/\n"),
        "d.yaml: servers: are at https://graph.microsoft.com/beta/; only documents of /v1.0 can be generated, which the runtime speaks"
    );
    assert!(refused("a: [").contains("the whole file"));
}

#[test]
fn a_crate_has_a_name_that_cargo_takes() {
    assert_eq!(Package::name_after("Identity.SignIns.yml"), "msgraph-identity-sign-ins");
    for name in ["", "1a", "A", "a b", "a\"", "-a"] {
        assert!(Package::new(name, Core::Version(String::new())).is_err(), "{name}");
    }
}

#[test]
fn the_runtime_is_a_folder_or_a_release() {
    let manifest = |core: Core| {
        let mut files = BTreeMap::new();
        crate_files::add(&Package::new("c", core).expect("a name"), "d.yaml", &mut files).expect("files");
        files.remove("Cargo.toml").expect("a manifest")
    };
    assert!(manifest(Core::Version("0.1".to_owned())).contains("\nmsgraph-core = \"0.1\"\n"));
    assert!(manifest(Core::Path("../core".to_owned())).contains("\nmsgraph-core = { path = \"../core\" }\n"));
}

#[test]
fn only_a_folder_that_holds_nothing_else_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let crate_folder = folder.path().join("c");
    assert!(owns(&crate_folder) && owns(folder.path()));
    std::fs::create_dir(&crate_folder).expect("a folder");
    let manifest = crate_folder.join("Cargo.toml");
    std::fs::write(&manifest, "[package]\nname = \"mine\"\n").expect("a file");
    assert!(!owns(&crate_folder) && !owns(folder.path()));
    std::fs::write(&manifest, format!("{}\n", crate_files::MARK)).expect("a file");
    assert!(owns(&crate_folder));
}
