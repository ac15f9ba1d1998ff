//! Documented rules of an action's parameters that its types do not express.

use std::fmt;

use super::redact::{REDACTED, is_secret};
use super::{AnyObject, DateTime, Object, Prop, Props, Ref};

/// The parameters of an OData action.
pub trait Parameters: Props {
    /// What the documentation asks of them beyond their types.
    const RULES: &'static [Rule] = &[];
}

/// A rule about one parameter.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The wire name of the parameter.
    pub property: &'static str,
    /// What must hold.
    pub check: Check,
}

/// What must hold for a parameter that is given. One that is left out breaks no rule.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Text must begin with this.
    StartsWith(&'static str),
    /// Text must have at most so many characters (Unicode scalar values).
    MaxLength(usize),
    /// A point in time must come after the present and at most so many calendar years after it.
    FutureWithinYears(u8),
    /// Text, bytes or a list must be given and not be empty; null is empty.
    NotEmpty,
}

/// A parameter that breaks a documented rule.
///
/// The message names the parameter, the rule and what was given, unless that is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleViolation {
    property: &'static str,
    message: String,
}

impl RuleViolation {
    /// The wire name of the parameter.
    pub fn property(&self) -> &str {
        self.property
    }
}

impl fmt::Display for RuleViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.property, self.message)
    }
}

impl std::error::Error for RuleViolation {}

/// Checks parameters against their documented rules.
///
/// # Errors
///
/// The first rule that is broken.
pub fn check<P: Parameters>(parameters: &Object<P>, now: DateTime) -> Result<(), RuleViolation> {
    P::RULES.iter().try_for_each(|rule| check_rule(parameters, rule, now))
}

fn check_rule(parameters: &dyn AnyObject, rule: &Rule, now: DateTime) -> Result<(), RuleViolation> {
    let property = rule.property;
    let slot = parameters
        .declared_type()
        .index(property)
        .map_or(Ref::None, |i| parameters.get(i));
    let complaint = match parameters.extra().get(property) {
        // A value of another type, which no rule can accept.
        Some(value) if slot.is_absent() => rule.check.complaint_about_other(is_secret(property), value),
        _ => rule.check.complaint(slot, now),
    };
    complaint.map_or(Ok(()), |message| Err(RuleViolation { property, message }))
}

impl Check {
    fn complaint(self, slot: Ref<'_>, now: DateTime) -> Option<String> {
        match self {
            Self::StartsWith(prefix) => {
                let text = text(slot)?;
                (!text.starts_with(prefix)).then(|| format!("must begin with {prefix:?} (got {})", given(slot)))
            }
            Self::MaxLength(most) => {
                let length = text(slot)?.chars().count();
                (length > most).then(|| format!("may have at most {most} characters (got {length})"))
            }
            Self::FutureWithinYears(years) => match slot {
                Ref::DateTime(Prop::Value(time)) => complaint_about_time(*time, years, now),
                _ => None,
            },
            Self::NotEmpty => is_empty(slot).then(|| "must not be empty".to_owned()),
        }
    }

    fn complaint_about_other(self, is_secret: bool, value: &super::Value) -> Option<String> {
        let wanted = match self {
            Self::StartsWith(prefix) => format!("must be text that begins with {prefix:?}"),
            Self::MaxLength(most) => format!("must be text of at most {most} characters"),
            Self::FutureWithinYears(_) => "must be a date and time with an offset, such as 2027-03-01T09:30:00Z".into(),
            Self::NotEmpty => "must not be empty and must be of the declared type".into(),
        };
        Some(if is_secret {
            format!("{wanted} (got {REDACTED})")
        } else {
            format!("{wanted} (got {value})")
        })
    }
}

fn complaint_about_time(time: DateTime, years: u8, now: DateTime) -> Option<String> {
    if time <= now {
        return Some(format!("must be in the future (got {time}, and it is {now})"));
    }
    // Without a date that many years ahead every date is within them.
    let latest = now.checked_add_years(years)?;
    (time > latest).then(|| format!("may be at most {years} years from now, until {latest} (got {time})"))
}

fn text(slot: Ref<'_>) -> Option<&str> {
    match slot {
        Ref::String(prop) => prop.as_deref(),
        Ref::Secret(prop) => prop.get().map(|secret| secret.expose()),
        _ => None,
    }
}

fn given(slot: Ref<'_>) -> String {
    match slot {
        Ref::String(Prop::Value(text)) => format!("{text:?}"),
        _ => REDACTED.to_owned(),
    }
}

fn is_empty(slot: Ref<'_>) -> bool {
    if slot.is_null() {
        return true;
    }
    match slot {
        Ref::Binary(Prop::Value(bytes)) => bytes.is_empty(),
        Ref::Strings(Prop::Value(list)) => list.is_empty(),
        Ref::Guids(Prop::Value(list)) => list.is_empty(),
        Ref::Objects(list) => list.count() == Prop::Value(0),
        Ref::Enums(list) => list.count() == Prop::Value(0),
        slot => text(slot).is_some_and(str::is_empty),
    }
}
