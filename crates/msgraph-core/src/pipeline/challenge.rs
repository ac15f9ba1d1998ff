//! Demands of the service on the next token
//! ([claims challenge](https://learn.microsoft.com/entra/identity-platform/claims-challenge)).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::{HeaderMap, header};
use serde_json::{Map, Value};

/// Services differ in whether they pad.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The claims that a 401 demands, as JSON; none when it demands none that can be read.
pub(crate) fn demanded_claims(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Parameters::of)
        .filter(|parameter| parameter.scheme.eq_ignore_ascii_case("bearer"))
        .filter(|parameter| parameter.name.eq_ignore_ascii_case("claims"))
        .find_map(|parameter| decoded(&parameter.value))
}

fn decoded(value: &str) -> Option<String> {
    let standard = value.replace('-', "+").replace('_', "/");
    let claims = String::from_utf8(BASE64.decode(standard).ok()?).ok()?;
    serde_json::from_str::<Map<String, Value>>(&claims).ok()?;
    Some(claims)
}

/// One parameter of a challenge.
struct Parameter<'a> {
    scheme: &'a str,
    name: &'a str,
    value: String,
}

/// The parameters of all challenges in a header ([RFC 9110, section 11.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1)).
struct Parameters<'a> {
    scheme: &'a str,
    rest: &'a str,
}

impl<'a> Parameters<'a> {
    fn of(header: &'a str) -> Self {
        Self {
            scheme: "",
            rest: header,
        }
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// A quoted text, without its quotes and escapes, or a bare word.
    fn value(&mut self) -> String {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            return self.take_while(|c| c != ',' && !c.is_whitespace()).to_owned();
        };
        let mut value = String::new();
        let mut characters = quoted.char_indices();
        let end = loop {
            match characters.next() {
                None => break quoted.len(),
                Some((at, '"')) => break at + 1,
                Some((_, '\\')) => value.extend(characters.next().map(|(_, c)| c)),
                Some((_, c)) => value.push(c),
            }
        };
        self.rest = &quoted[end..];
        value
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Parameter<'a>;

    fn next(&mut self) -> Option<Parameter<'a>> {
        loop {
            self.take_while(|c| c == ',' || c.is_whitespace());
            let word = self.take_while(|c| !matches!(c, ',' | '=' | '"') && !c.is_whitespace());
            self.take_while(char::is_whitespace);
            if let Some(rest) = self.rest.strip_prefix('=') {
                self.rest = rest.trim_start();
                return Some(Parameter {
                    scheme: self.scheme,
                    name: word,
                    value: self.value(),
                });
            }
            if word.is_empty() {
                return None;
            }
            self.scheme = word;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}`
    const NBF: &str = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNjA0MTA2NjUxIn19fQ";
    const NBF_JSON: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}"#;

    fn demanded(values: &[&str]) -> Option<String> {
        let values = values
            .iter()
            .map(|value| (header::WWW_AUTHENTICATE, value.parse().unwrap()));
        demanded_claims(&values.collect())
    }

    #[test]
    fn claims_are_found_wherever_a_bearer_challenge_has_them() {
        for header in [
            format!("Bearer claims=\"{NBF}\""),
            format!("Bearer claims=\"{NBF}==\""),
            format!("bearer CLAIMS = \"{NBF}=\""),
            format!("Bearer claims={NBF}"),
            format!(
                "Bearer realm=\"\", authorization_uri=\"https://login.example/a,b=c\", error=\"insufficient_claims\", claims=\"{NBF}\""
            ),
            format!("Bearer error_description=\"say \\\"please\\\", claims=no\" ,claims=\"{NBF}\", x=y"),
            format!("Negotiate, Basic realm=\"x\", Bearer claims=\"{NBF}\""),
            format!("NTLM YWJjZA==, Bearer claims=\"{NBF}\""),
            format!("Bearer claims=\"!\", Bearer claims=\"{NBF}\""),
        ] {
            assert_eq!(demanded(&[&header]).as_deref(), Some(NBF_JSON), "{header}");
        }
        let second = format!("Bearer claims=\"{NBF}\"");
        assert_eq!(demanded(&["Basic realm=\"x\"", &second]).as_deref(), Some(NBF_JSON));
    }

    #[test]
    fn url_safe_spelling_is_the_same_claims() {
        for encoded in ["eyJhIjoifn4/w78/Pj4ifQ==", "eyJhIjoifn4_w78_Pj4ifQ"] {
            let header = format!("Bearer claims=\"{encoded}\"");
            assert_eq!(demanded(&[&header]).as_deref(), Some(r#"{"a":"~~?ÿ?>>"}"#), "{encoded}");
        }
    }

    #[test]
    fn nothing_else_is_taken_for_claims() {
        for header in [
            String::new(),
            "Bearer".to_owned(),
            "Bearer error=\"invalid_token\"".to_owned(),
            "Bearer error=\"insufficient_claims\"".to_owned(),
            format!("Basic claims=\"{NBF}\""),
            format!("claims=\"{NBF}\""),
            format!("Bearer x=\"claims={NBF}\""),
            "Bearer claims=\"\"".to_owned(),
            "Bearer claims=\"not base64!\"".to_owned(),
            "Bearer claims=\"aGVsbG8=\"".to_owned(),
            "Bearer claims=\"WzFd\"".to_owned(),
            "Bearer claims=\"\\".to_owned(),
            "=,=,\"".to_owned(),
        ] {
            assert_eq!(demanded(&[&header]), None, "{header}");
        }
    }
}
