//! Properties that hold for any instance and for any JSON.

use msgraph_core::odata::{Flags, Page, Prop};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::models::*;

/// Any JSON value, with the forms that the types of OData care about.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-300..300_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3000..3000_i32).prop_map(|n| Value::from(f64::from(n) / 10.0)),
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(|n| n.to_string().into()),
        "[A-Za-z0-9+/_-]{0,8}={0,2}".prop_map(Value::from),
        "[0-9]{4}-[01][0-9]-[0-2][0-9]([Tt][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,10})?)?(Z|[+-]0[0-9]:00)?)?"
            .prop_map(Value::from),
        "P([0-9]{1,3}D)?(T[0-9]{1,2}H([0-9]\\.[0-9]S)?)?".prop_map(Value::from),
        "[0-2][0-9]:[0-5][0-9](:[0-6][0-9](\\.[0-9]{1,9})?)?".prop_map(Value::from),
        "[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}".prop_map(Value::from),
        prop::sample::select(vec!["INF", "-INF", "NaN", "enabled", "paused", "sms,later", "#test.everything"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![vec(inner.clone(), 0..6).prop_map(Value::from), object_of(inner),]
    })
}

/// An object with names that the model declares, and others.
fn object_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let declared = prop::sample::select(<EverythingProps as msgraph_core::odata::Props>::TYPE.names);
    let name = prop_oneof![
        6 => declared.prop_map(str::to_owned),
        1 => "[a-z@.]{0,6}",
        1 => Just("@odata.type".to_owned()),
    ];
    btree_map(name, value, 0..12).prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// A JSON object with each declared name at most once and a value that fits it.
fn any_fitting() -> impl Strategy<Value = Everything> {
    let date_time = "2[0-9]{3}-0[1-9]-[0-2][1-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]0[0-9]:[0-5]0)";
    let scalars = (
        option::of(any::<f64>().prop_filter("JSON has no other", |value| value.is_finite())),
        option::of(any::<f32>().prop_filter("JSON has no other", |value| value.is_finite())),
        option::of(any::<i64>()),
        option::of(any::<String>()),
        option::of(date_time),
        option::of("-?[1-9][0-9]{0,40}(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?"),
        option::of(vec(any::<u8>(), 0..20)),
        option::of(vec(prop::sample::select(vec!["enabled", "disabled", "paused"]), 0..4)),
        vec(any_value(), 0..3),
        any::<bool>(),
    );
    scalars.prop_map(
        |(double, single, int64, text, date_time, decimal, bytes, states, untyped, is_null)| {
            let mut all = Everything::new();
            all.double = double.into();
            all.single = single.into();
            all.int64 = int64.into();
            all.int64s = int64.map(|n| vec![n, 0]).into();
            all.hidden = text.as_deref().map(Into::into).into();
            all.extra_mut().insert("new", json!({ "text": text }));
            all.string = text.into();
            all.date_time = date_time.and_then(|text| text.parse().ok()).into();
            all.decimal = decimal.and_then(|text| text.parse().ok()).into();
            all.binary = bytes.map(Into::into).into();
            all.flags = states.as_ref().map(|names| Flags::from_wire(names.join(","))).into();
            all.enums = states
                .map(|names| names.into_iter().map(msgraph_core::odata::Open::from_wire).collect())
                .into();
            all.untypeds = untyped.into();
            all.object = if is_null { Prop::Null } else { all.clone().into() };
            all.objects = vec![all.clone(), Everything::new()].into();
            all
        },
    )
}

fn read(value: &Value) -> Result<Everything, serde_json::Error> {
    serde_json::from_str(&value.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_instance_is_read_and_written_byte_for_byte(all in any_fitting()) {
        let first = serde_json::to_string(&all)?;
        let read: Everything = serde_json::from_str(&first)?;
        prop_assert_eq!(&serde_json::to_string(&read)?, &first);
        prop_assert_eq!(&serde_json::to_string(&read.clone())?, &first);
        prop_assert_eq!(read, all);
    }

    #[test]
    fn nothing_of_any_json_object_is_lost(value in object_of(any_value())) {
        let all = read(&value)?;
        let written: Value = serde_json::from_str(&serde_json::to_string(&all)?)?;
        prop_assert_eq!(&written, &value);
        prop_assert_eq!(&serde_json::to_value(&all)?, &value);
        prop_assert_eq!(&serde_json::to_value(all.clone())?, &value);
    }

    #[test]
    fn any_json_object_can_be_printed_and_cloned(value in object_of(any_value())) {
        let all = read(&value)?;
        let shown = format!("{all:?} {all:#?}");
        prop_assert!(shown.starts_with("test.everything"));
        prop_assert_eq!(format!("{:?}", all.clone()), format!("{all:?}"));
    }

    #[test]
    fn siblings_never_influence_each_other(values in vec(object_of(any_value()), 0..6)) {
        let page: Page<Everything> = serde_json::from_str(&json!({ "value": values }).to_string())?;
        for (item, value) in page.value.iter().zip(&values) {
            prop_assert_eq!(&serde_json::to_value(item)?, value);
        }
    }

    #[test]
    fn any_text_is_read_or_refused_but_never_panics(text in "[{}\\[\\]:,\"a-z0-9.\\\\-]{0,60}") {
        let _ = serde_json::from_str::<Everything>(&text);
        let _ = serde_json::from_str::<Page<Everything>>(&text);
    }
}
