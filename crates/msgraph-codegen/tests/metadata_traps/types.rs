//! Types and their members.

use super::*;

#[test]
fn types_derive_over_four_levels_and_across_namespaces() {
    let depths = counted(types().map(|(name, schema)| (schema["x-graph-kind"].as_str(), bases(name).len())));
    let expected = [
        ("entity", 0, 30),
        ("entity", 1, 706),
        ("entity", 2, 380),
        ("entity", 3, 51),
        ("entity", 4, 15),
    ];
    // One complex type is none here: `Json`.
    let complex = [("complex", 0, 1015), ("complex", 1, 753), ("complex", 2, 10)];
    let expected = expected
        .into_iter()
        .chain(complex)
        .map(|(kind, depth, count)| ((Some(kind), depth), count));
    assert_eq!(depths, expected.collect());
    let lineage = ["stsPolicy", "policyBase", "directoryObject", "entity"].map(|name| format!("{GRAPH}{name}"));
    assert_eq!(bases("microsoft.graph.claimsMappingPolicy"), lineage);
    let namespace = |name: &'static str| name.rsplit_once('.').map(|(namespace, _)| namespace);
    let foreign = types().filter(|(name, schema)| base(schema).is_some_and(|base| namespace(base) != namespace(name)));
    assert_eq!(foreign.count(), 101);
}

#[test]
fn abstract_types_are_marked_whatever_they_derive_from() {
    let is_abstract = |schema: &Value| schema["x-graph-abstract"] == true;
    let kinds = counted(
        types()
            .filter(|(_, schema)| is_abstract(schema))
            .map(|(_, schema)| schema["x-graph-kind"].as_str()),
    );
    assert_eq!(kinds, BTreeMap::from([(Some("entity"), 94), (Some("complex"), 89)]));
    let from_concrete = |(_, schema): &(&str, &'static Value)| {
        is_abstract(schema) && base(schema).is_some_and(|base| !is_abstract(&SCHEMAS[base]))
    };
    let names: Vec<&str> = types().filter(from_concrete).map(|(name, _)| name).collect();
    let expected = [
        "policyBase",
        "privilegedAccessScheduleRequest",
        "restrictAccessActionBase",
    ]
    .map(|name| format!("{GRAPH}{name}"));
    assert_eq!(names, expected);
}

#[test]
fn a_wide_hierarchy_is_complete() {
    let derived = counted(types().flat_map(|(name, _)| bases(name)));
    let expected = [
        ("entity", 1145),
        ("security.auditData", 392),
        ("security.alertEvidence", 48),
        ("directoryObject", 40),
        ("eventMessageDetail", 30),
        ("mobileApp", 26),
        ("deviceConfiguration", 26),
        ("identity", 21),
    ];
    for (name, count) in expected {
        assert_eq!(derived.get(format!("{GRAPH}{name}").as_str()), Some(&count), "{name}");
    }
}

#[test]
fn a_property_refers_to_its_declared_type_only() {
    let to_entity = |property: &Value| property.to_string().contains("/microsoft.graph.entity\"");
    let names: BTreeSet<&str> = properties()
        .filter(|(_, property)| to_entity(property))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, BTreeSet::from(["lastSharedMethod", "resource"]));
    // A choice is only ever one between a type and nothing.
    let references = |property: &Value| property.to_string().matches("\"$ref\"").count();
    assert!(properties().all(|(_, property)| references(property) <= 1));
    assert!(SCHEMAS.values().all(|schema| schema.get("discriminator").is_none()));
}

#[test]
fn open_types_take_more_than_they_declare() {
    let is_open = |schema: &Value| parts(schema).iter().any(|part| part["additionalProperties"] == true);
    let open: Vec<_> = types().filter(|(_, schema)| is_open(schema)).collect();
    let kinds = counted(open.iter().map(|(_, schema)| schema["x-graph-kind"].as_str()));
    assert_eq!(kinds, BTreeMap::from([(Some("entity"), 60), (Some("complex"), 475)]));
    for name in [
        "plannerAssignments",
        "customSecurityAttributeValue",
        "Dictionary",
        "security.huntingRowResult",
    ] {
        assert!(is_open(schema(name)) && own(schema(name)).next().is_none(), "{name}");
    }
}

#[test]
fn types_without_members_are_types_and_json_is_any_value() {
    let has_none = |name: &str| own(&SCHEMAS[name]).next().is_none();
    let empty = types().filter(|(name, _)| has_none(name) && bases(name).into_iter().all(has_none));
    assert_eq!(empty.count(), 122, "and `Json`");
    assert!(!SCHEMAS.contains_key("microsoft.graph.Json"));
    assert_eq!(schema("workbookChart.setData")["properties"]["sourceData"], json!({}));
}

#[test]
fn every_primitive_type_has_a_format() {
    let kind = |property: &Value| {
        let (item, list) = if property["type"] == "array" {
            (&property["items"], "[]")
        } else {
            (property, "")
        };
        let ty = item["type"].as_str().filter(|ty| *ty != "object")?;
        Some(
            format!(
                "{ty}{} {list}",
                item["format"]
                    .as_str()
                    .map(|format| format!(" {format}"))
                    .unwrap_or_default()
            )
            .trim_end()
            .to_owned(),
        )
    };
    let found = counted(properties().filter_map(|(_, property)| kind(property)));
    let expected = [
        ("boolean", 1476),
        ("integer int16", 4),
        ("integer int32", 744),
        ("integer int32 []", 6),
        ("integer int64", 158),
        ("integer uint8", 3),
        ("number decimal", 2),
        ("number double", 110),
        ("number float", 40),
        ("string", 3790),
        ("string []", 323),
        ("string base64", 34),
        ("string binary", 25),
        ("string date", 18),
        ("string date-time", 778),
        ("string duration", 54),
        ("string password", 42),
        ("string password []", 1),
        ("string time", 17),
        ("string uuid", 45),
        ("string uuid []", 9),
    ];
    assert_eq!(found, expected.map(|(kind, count)| (kind.to_owned(), count)).into());
}

#[test]
fn enumerations_are_complete_and_flags_are_marked() {
    let enumerations: Vec<_> = SCHEMAS
        .iter()
        .filter(|(_, schema)| schema.get("x-ms-enum").is_some())
        .collect();
    assert_eq!(enumerations.len(), 861);
    let flags = enumerations
        .iter()
        .filter(|(_, schema)| schema["x-ms-enum-flags"]["isFlags"] == true);
    assert_eq!(flags.count(), 64);
    let members = |schema: &Value| schema["enum"].as_array().map_or(0, Vec::len);
    let empty = enumerations
        .iter()
        .filter(|(_, schema)| members(schema) == 0)
        .map(|(name, _)| name.as_str());
    assert_eq!(
        empty.collect::<Vec<_>>(),
        ["microsoft.graph.auditLogRecordType", "microsoft.graph.auditLogUserType"]
    );
    assert_eq!(members(schema("printerProcessingStateDetail")), 826);
    let has = |name: &str, member: &str| {
        schema(name)["enum"]
            .as_array()
            .is_some_and(|all| all.contains(&member.into()))
    };
    assert!(
        has("windowsMalwareCategory", "remoteControlSoftware")
            && has("windowsMalwareCategory", "remote_Control_Software")
    );
    let open = enumerations
        .iter()
        .filter(|(name, _)| has(name.trim_start_matches(GRAPH), "unknownFutureValue"));
    assert_eq!(open.count(), 629);
}

#[test]
fn names_are_those_of_the_wire() {
    let short = |name: &str| name.rsplit('.').next().map(str::to_ascii_lowercase);
    let is_type = |schema: &Value| schema["x-graph-kind"] != "parameters";
    let shared = counted(
        SCHEMAS
            .iter()
            .filter(|(_, schema)| is_type(schema))
            .filter_map(|(name, _)| short(name)),
    );
    assert_eq!(
        shared.values().filter(|count| **count > 1).count(),
        24,
        "names that several namespaces have"
    );
    for name in [
        "alert",
        "security.alert",
        "group",
        "termStore.group",
        "identity",
        "search.identitySet",
    ] {
        schema(name);
    }
    let declares = |ty: &str, name: &str| own(schema(ty)).any(|(own, _)| own == name);
    assert!(declares("onenoteEntityBaseModel", "self"));
    assert!(declares("selfSignedCertificate", "type"));
    let all: BTreeSet<&str> = properties().map(|(name, _)| name).collect();
    for name in ["allowedAAGUIDs", "customCSS", "alerts_v2", "email_verified", "v10_0"] {
        assert!(all.contains(name), "{name}");
    }
}

#[test]
fn a_type_may_refer_to_itself() {
    for (ty, name) in [
        ("workbookOperationError", "innerError"),
        ("security.containerImageEvidence", "digestImage"),
    ] {
        let (_, property) = own(schema(ty)).find(|(own, _)| *own == name).expect(name);
        assert!(property.to_string().contains(&format!("/{GRAPH}{ty}\"")), "{property}");
    }
}

#[test]
fn only_parameters_of_actions_are_required() {
    let requires = |schema: &Value| {
        parts(schema).iter().any(|part| part.get("required").is_some()) || schema.get("required").is_some()
    };
    let requiring: Vec<&str> = types()
        .filter(|(_, schema)| requires(schema))
        .map(|(name, _)| name)
        .collect();
    assert!(requiring.is_empty(), "{requiring:?}");
    assert!(requires(schema("servicePrincipal.addTokenSigningCertificate")));
}

#[test]
fn streams_are_marked() {
    let with_content: Vec<&str> = types()
        .filter(|(_, schema)| schema["x-graph-has-stream"] == true)
        .map(|(name, _)| name.trim_start_matches(GRAPH))
        .collect();
    let expected = [
        "attachmentBase",
        "bulkUpload",
        "customDataProvidedResourceFile",
        "fileAttachment",
        // Only the annotated schema says so.
        "message",
        "onenotePage",
        "onenoteResource",
        "printDocument",
        "profilePhoto",
        "teamworkHostedContent",
        "userFlowLanguagePage",
    ];
    assert_eq!(with_content, expected);
    assert_eq!(schema("thumbnail")["properties"]["content"]["format"], "binary");
}

#[test]
fn relations_are_marked_and_no_path_goes_round() {
    assert_eq!(properties().filter(|(_, property)| is_relation(property)).count(), 1432);
    let on_complex = types()
        .filter(|(_, schema)| schema["x-graph-kind"] == "complex")
        .flat_map(|(_, schema)| own(schema));
    assert_eq!(on_complex.filter(|(_, property)| is_relation(property)).count(), 47);
    // Items of items are documented to some depth; nothing here goes on to the next.
    let deepest = PATHS.keys().map(|path| path.matches("/children").count()).max();
    assert!(deepest <= Some(2), "{deepest:?}");
}

#[test]
fn computed_members_are_read_only() {
    assert_eq!(
        properties()
            .filter(|(_, property)| property["readOnly"] == true)
            .count(),
        210
    );
    let (_, created) = own(schema("user"))
        .find(|(name, _)| *name == "createdDateTime")
        .expect("createdDateTime");
    assert_eq!(
        created.get("readOnly"),
        None,
        "what the schema does not say is not made up"
    );
}

#[test]
fn types_that_no_operation_reaches_are_there() {
    for name in [
        "changeNotification",
        "changeNotificationCollection",
        "commsNotification",
        "resourceData",
    ] {
        schema(name);
    }
}
