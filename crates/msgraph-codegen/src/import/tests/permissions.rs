use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use super::super::outcome::Method;
use super::super::permissions::{Reach, Scheme, Table, settle};

/// What a case is about, its sets, and the least and higher permissions.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
    &'static [&'static str],
    &'static [&'static str],
);

/// The delegated permissions of `GET /x`, given sets of (permission, methods, constraint).
fn settled(sets: &[(&str, &str, &str)]) -> Result<(Vec<String>, Vec<String>)> {
    let mut permissions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut order = Vec::new();
    for (name, methods, constraint) in sets {
        let methods = serde_json::to_string(&methods.split(' ').collect::<Vec<_>>())?;
        let set = format!(r#"{{"schemeKeys":["DelegatedWork"],"methods":{methods},"paths":{{"/x":"{constraint}"}}}}"#);
        if !order.contains(name) {
            order.push(*name);
        }
        permissions.entry(name).or_default().push(set);
    }
    let permissions = order
        .iter()
        .map(|name| format!(r#""{name}":{{"pathSets":[{}]}}"#, permissions[name].join(",")));
    let table = Table::parse(&format!(
        r#"{{"permissions":{{{}}}}}"#,
        permissions.collect::<Vec<_>>().join(",")
    ))?;
    let methods = &table.rows["/x"];
    let mut reach = Reach::default();
    for (method, grants) in methods {
        reach.add(*method, grants);
    }
    let mut settled = settle(&methods[&Method::Get], &reach);
    assert_eq!(settled.len(), 1, "only the scheme that has rows is there");
    let accepted = settled.remove(&Scheme::DelegatedWork).context("delegated")?;
    Ok((accepted.least, accepted.higher))
}

#[test]
fn the_least_privileged_permission_is_the_one_that_the_file_and_the_ties_say() -> Result<()> {
    let cases: [Case; 8] = [
        (
            "called least",
            &[("A", "GET", "least=DelegatedWork"), ("B", "GET", "")],
            &["A"],
            &["B"],
        ),
        (
            "called least for another scheme",
            &[("A", "GET", "least=Application")],
            &[],
            &["A"],
        ),
        (
            "of two, the one for this method only",
            &[
                ("A", "GET POST", "least=DelegatedWork"),
                ("B", "GET", "least=DelegatedWork"),
            ],
            &["B"],
            &["A"],
        ),
        (
            "methods count over all rows of the path",
            &[
                ("A", "GET", "least=DelegatedWork"),
                ("A", "POST", ""),
                ("B", "GET", "least=DelegatedWork"),
            ],
            &["B"],
            &["A"],
        ),
        (
            "both, when both are for this method only",
            &[("B", "GET", "least=DelegatedWork"), ("A", "GET", "least=DelegatedWork")],
            &["A", "B"],
            &[],
        ),
        (
            "the first, when all are for more and equal",
            &[
                ("B", "GET PUT", "least=DelegatedWork"),
                ("A", "GET POST", "least=DelegatedWork"),
            ],
            &["B"],
            &["A"],
        ),
        (
            "the fewest methods, when all are for more",
            &[
                ("A", "GET POST PUT", "least=DelegatedWork"),
                ("B", "GET POST", "least=DelegatedWork"),
            ],
            &["B"],
            &["A"],
        ),
        (
            "needed together, in alternatives",
            &[
                ("A", "GET", "least=DelegatedWork;AlsoRequires=P,Q"),
                ("B", "GET", "AlsoRequires=P"),
            ],
            &["A and P"],
            &["A and Q", "B and P"],
        ),
    ];
    for (case, sets, least, higher) in cases {
        assert_eq!(settled(sets)?, (owned(least), owned(higher)), "{case}");
    }
    Ok(())
}

#[test]
fn a_constraint_that_is_not_understood_is_an_error() {
    for constraint in ["most=DelegatedWork", "least", "least=Everyone"] {
        assert!(settled(&[("A", "GET", constraint)]).is_err(), "{constraint}");
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
