//! The documents beside the code say what is true.

use std::path::Path;

/// Whether a code span of the document names a place in this repository.
fn is_path(span: &str) -> bool {
    let starts = ["crates/", "specs/", "xtask/", "tests/", ".ci/", ".cargo/"];
    let names = [
        "Cargo.toml",
        "README.md",
        "ARCHITECTURE.md",
        "crates",
        "specs",
        "xtask",
        "tests",
    ];
    starts.iter().any(|start| span.starts_with(start)) || names.contains(&span)
}

#[test]
fn every_path_that_the_documents_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    for document in ["ARCHITECTURE.md", "README.md", "specs/README.md"] {
        let text = std::fs::read_to_string(root.join(document)).expect("the document");
        // Every second piece is a code span; fences are taken out, for their backticks would shift the count.
        let prose: String = text.split("```").step_by(2).collect();
        let paths: Vec<_> = prose
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|span| is_path(span))
            .collect();
        for path in &paths {
            assert!(root.join(path).exists(), "{document} names {path}, which is not there");
        }
        if document == "ARCHITECTURE.md" {
            assert!(paths.len() > 10, "a map names places: {paths:?}");
        }
    }
}
