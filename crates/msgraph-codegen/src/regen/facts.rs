//! The extensions that carry what plain OpenAPI cannot say about clouds and permissions.

use indexmap::IndexMap;
use serde_json::Value;

use super::ir::{CLOUDS, Clouds, Permissions, Scheme};

type Extensions = IndexMap<String, Value>;

/// The clouds that `x-graph-clouds` lists; all of them when it is absent.
pub(crate) fn clouds(extensions: &Extensions) -> Result<Clouds, String> {
    let Some(list) = extensions.get("x-graph-clouds") else {
        return Ok(Clouds::ALL);
    };
    let mut bits = 0;
    for name in strings(list).ok_or("has an x-graph-clouds that is not a list of names")? {
        let bit = CLOUDS
            .iter()
            .position(|cloud| *cloud == name)
            .ok_or_else(|| format!("names the unknown cloud {name:?}; the clouds are {}", CLOUDS.join(", ")))?;
        bits |= 1 << bit;
    }
    Ok(Clouds(bits))
}

/// The permissions that `x-graph-permissions` lists; a scheme that it lacks is not supported.
pub(crate) fn permissions(extensions: &Extensions) -> Result<Permissions, String> {
    let mut permissions = Permissions::default();
    let Some(schemes) = extensions.get("x-graph-permissions") else {
        return Ok(permissions);
    };
    let schemes = schemes
        .as_object()
        .ok_or("has an x-graph-permissions that is not an object")?;
    for (name, value) in schemes {
        let scheme = match name.as_str() {
            "delegatedWork" => &mut permissions.delegated_work,
            "delegatedPersonal" => &mut permissions.delegated_personal,
            "application" => &mut permissions.application,
            other => {
                return Err(format!(
                    "has permissions for {other:?}; the schemes are delegatedWork, delegatedPersonal, application"
                ));
            }
        };
        *scheme =
            self::scheme(value).ok_or_else(|| format!("has permissions for {name} that are not lists of names"))?;
    }
    Ok(permissions)
}

fn scheme(value: &Value) -> Option<Scheme> {
    let list = |key: &str| value.get(key).map_or(Some(Vec::new()), strings);
    value.as_object()?;
    Some(Scheme {
        least: list("least")?,
        higher: list("higher")?,
    })
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value
        .as_array()?
        .iter()
        .map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// The last part of a documentation address: `.../graph/api/user-list?view=graph-rest-1.0` is `user-list`.
pub(crate) fn slug(url: &str) -> Result<String, String> {
    let (_, tail) = url
        .split_once("/graph/api/")
        .ok_or_else(|| format!("has the documentation {url:?}, which is not below /graph/api/"))?;
    let slug = tail.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let is_slug = !slug.is_empty() && slug.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    is_slug
        .then(|| slug.to_owned())
        .ok_or_else(|| format!("has the documentation {url:?}, which names no page"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extensions(json: &str) -> Extensions {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn clouds_are_bits_in_the_runtimes_order() {
        assert_eq!(clouds(&extensions("{}")), Ok(Clouds::ALL));
        assert_eq!(
            clouds(&extensions(r#"{"x-graph-clouds": ["China", "Global"]}"#)),
            Ok(Clouds(0b1001))
        );
        let wrong = clouds(&extensions(r#"{"x-graph-clouds": ["Mars"]}"#)).unwrap_err();
        assert!(
            wrong.starts_with("names the unknown cloud \"Mars\"; the clouds are Global, "),
            "{wrong}"
        );
        clouds(&extensions(r#"{"x-graph-clouds": "Global"}"#)).unwrap_err();
    }

    #[test]
    fn permissions_of_a_missing_scheme_are_empty() {
        let json = r#"{"x-graph-permissions": {"application": {"least": ["A and B"], "higher": ["C"]}}}"#;
        let permissions = permissions(&extensions(json)).unwrap();
        assert_eq!(permissions.application.least, ["A and B"]);
        assert_eq!(permissions.application.higher, ["C"]);
        assert_eq!(permissions.delegated_work, Scheme::default());
    }

    #[test]
    fn permissions_of_a_wrong_shape_are_refused() {
        for json in [
            r#"{"x-graph-permissions": []}"#,
            r#"{"x-graph-permissions": {"app": {}}}"#,
            r#"{"x-graph-permissions": {"application": {"least": "A"}}}"#,
            r#"{"x-graph-permissions": {"application": ["A"]}}"#,
        ] {
            permissions(&extensions(json)).unwrap_err();
        }
    }

    #[test]
    fn documentation_is_told_by_its_page() {
        assert_eq!(
            slug("https://learn.microsoft.com/graph/api/user-list?view=graph-rest-1.0").unwrap(),
            "user-list"
        );
        slug("https://example.com/user-list").unwrap_err();
        slug("https://learn.microsoft.com/graph/api/").unwrap_err();
        slug("https://learn.microsoft.com/graph/api/a)b").unwrap_err();
    }
}
