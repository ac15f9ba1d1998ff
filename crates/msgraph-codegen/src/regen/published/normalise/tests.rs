//! What each pass does to a small document, and that it leaves alone what is in order.

use serde_json::{Value, json};

use super::*;

/// Applies one pass to `before` and shows what became of it, with what was left out.
#[track_caller]
fn check(pass: &str, before: Value) {
    let (_, apply) = PASSES
        .into_iter()
        .find(|(name, _)| *name == pass)
        .expect("a pass of that name");
    let Value::Object(mut root) = before else {
        panic!("not a document")
    };
    let mut document = Document {
        name: "d.yaml",
        root: &mut root,
        skipped: Vec::new(),
    };
    apply(&mut document);
    let mut shown = format!("{:#}\n", Value::Object(document.root.clone()));
    for Problem { place, reason, .. } in document.skipped {
        shown += &format!("skipped {place}: {reason}\n");
    }
    apply(&mut Document {
        name: "d.yaml",
        root: &mut root,
        skipped: Vec::new(),
    });
    assert!(
        shown.starts_with(&format!("{:#}\n", Value::Object(root))),
        "a second time changes more"
    );
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(pass.replace(' ', "_"), shown);
    });
}

fn get(operation: Value) -> Value {
    json!({"paths": {"/plants": {"get": operation}}})
}

fn answer(schema: Value) -> Value {
    json!({"2XX": {"content": {"application/json": {"schema": schema}}}})
}

#[test]
fn methods_that_graph_does_not_have_are_left_out() {
    check(
        "methods",
        json!({"paths": {"/plants": {"get": {}, "trace": {}, "parameters": []}}}),
    );
}

#[test]
fn shared_parameters_are_written_where_they_are_used() {
    let reference = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
    check(
        "parameters",
        json!({
            "components": {"parameters": {"id": {"name": "plant-id", "in": "path"}}},
            "paths": {"/plants/{plant-id}": {
                "parameters": [reference("id")],
                "get": {"parameters": [{"name": "a", "in": "path"}, reference("unknown")]},
            }},
        }),
    );
}

#[test]
fn an_alias_becomes_a_placeholder() {
    let parameters =
        json!([{"name": "a", "in": "query"}, {"name": "@b", "in": "query"}, {"name": "$top", "in": "query"}]);
    check(
        "aliases",
        json!({"paths": {"/f(a=@a,b='@b',c={c})/users@home": {"get": {"parameters": parameters}}}}),
    );
}

#[test]
fn of_the_query_only_the_end_of_a_relation_stays() {
    let of = |place: &str, name: &str| json!({"name": name, "in": place});
    let parameters = json!([
        of("path", "id"),
        of("query", "$top"),
        of("query", "@id"),
        of("header", "If-Match"),
        of("query", "$id")
    ]);
    check("query options", get(json!({ "parameters": parameters })));
}

#[test]
fn json_with_parameters_is_json() {
    let content = json!({"application/json; charset=utf-8": {"schema": {}}, "text/plain": {}});
    let mut document = get(json!({"responses": {"2XX": {"content": content}}, "requestBody": {"content": content}}));
    document["components"] = json!({"responses": {"r": {"content": content}}});
    check("media types", document);
}

#[test]
fn only_links_to_the_reference_stay() {
    let docs = |url: &str| json!({"get": {"externalDocs": {"url": url}}});
    check(
        "documentation",
        json!({"paths": {
            "/a": docs("https://learn.microsoft.com/graph/api/user-list?view=graph-rest-1.0"),
            "/b": docs("https://example.com/b"),
        }}),
    );
}

#[test]
fn counts_are_numbers_and_references_are_objects() {
    let anything =
        json!({"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}, "responses": {}});
    let listed = json!({"responses": answer(json!({"$ref": "#/components/schemas/StringCollectionResponse"})), "x-ms-pageable": {}});
    check(
        "protocol segments",
        json!({"paths": {
            "/plants/$count": {"get": {"responses": {"2XX": {"$ref": "#/components/responses/ODataCountResponse"}}}},
            "/plants/$ref": {"get": listed, "post": anything, "delete": {"parameters": [{"name": "@id"}]}},
            "/root/$ref": {"get": {"responses": answer(json!({"type": "string"}))}},
            "/plants": {"post": anything},
        }}),
    );
}

#[test]
fn a_report_is_a_content() {
    let report = json!({"$ref": "#/components/schemas/microsoft.graph.report"});
    let operation =
        |schema: &Value, kind: &str| json!({"responses": answer(schema.clone()), "x-ms-docs-operation-type": kind});
    check(
        "reports",
        json!({"paths": {
            "/f()": {"get": operation(&report, "function")},
            "/g()": {"get": operation(&json!({"anyOf": [report, {"type": "object", "nullable": true}]}), "function")},
            "/report": {"get": operation(&report, "operation")},
        }}),
    );
}

#[test]
fn lists_are_written_in_one_way() {
    let plants = json!({"value": {"type": "array", "items": {"$ref": "#/components/schemas/microsoft.graph.plant"}}});
    let base = json!({"$ref": "#/components/schemas/BaseDeltaFunctionResponse"});
    let reference = |name: &str| answer(json!({"$ref": format!("#/components/schemas/{name}")}));
    check(
        "collections",
        json!({
            "components": {
                "schemas": {
                    "microsoft.graph.plantCollectionResponse": {"allOf": [base, {"properties": plants}]},
                    "microsoft.graph.weeds": {"title": "Collection of plant", "properties": plants},
                    "microsoft.graph.bouquet": {"title": "bouquet", "properties": plants},
                },
                "responses": {"r": reference("microsoft.graph.plantCollectionResponse")["2XX"]},
            },
            "paths": {
                "/component": {"get": {"responses": reference("microsoft.graph.weeds")}},
                "/inline": {"get": {"responses": answer(json!({"allOf": [base, {"properties": plants}]}))}},
                "/bare": {"get": {"responses": answer(json!({"type": "array", "items": {"type": "string"}}))}},
                "/type": {"get": {"responses": reference("microsoft.graph.bouquet")}},
            },
        }),
    );
}

#[test]
fn calls_are_told_by_their_address() {
    check(
        "kinds",
        json!({"paths": {
            "/a/microsoft.graph.restore": {"post": {}, "get": {}},
            "/a/microsoft.graph.delta()": {"get": {}},
            "/a/microsoft.graph.said": {"post": {"x-ms-docs-operation-type": "operation"}},
            "/a(name='{name}')": {"get": {}},
        }}),
    );
}

#[test]
fn a_type_is_its_base_and_one_object() {
    let base = json!({"$ref": "#/components/schemas/microsoft.graph.entity"});
    let part = |name: &str| json!({"title": "t", "properties": {name: {"type": "string"}}, "required": [name]});
    check(
        "inheritance",
        json!({"components": {"schemas": {
            "microsoft.graph.nothingOfItsOwn": {"allOf": [base], "title": "t"},
            "microsoft.graph.baseLast": {"allOf": [part("a"), base], "x-ms-discriminator-value": "#x"},
            "microsoft.graph.beside": {"allOf": [base], "type": "object", "properties": {"a": {"type": "string"}}},
            "microsoft.graph.inParts": {"allOf": [base, part("a"), part("b")]},
            "microsoft.graph.noBase": {"allOf": [part("a")]},
            "microsoft.graph.guessed": part("a"),
            "microsoft.graph.guessedNames": {"enum": ["a"]},
            "microsoft.graph.twoBases": {"allOf": [base, base, part("a")]},
            "other": part("a"),
        }}}),
    );
}

#[test]
fn how_a_value_is_written_is_left_to_its_type() {
    let date = json!({"type": "string", "format": "date", "pattern": "^[0-9]{4,}-", "maxLength": 10});
    let number = json!({"type": "number", "format": "int32", "minimum": -2_147_483_648_i64, "maximum": 2_147_483_647});
    let properties = json!({"pattern": date, "minimum": number});
    check(
        "constraints",
        json!({"components": {"schemas": {"a": {"properties": properties}}}, "paths": {"/a": {"parameters": [{"schema": date}]}}}),
    );
}

#[test]
fn what_is_no_openapi_is_left_out_alone() {
    let Value::Object(mut root) = json!({
        "components": {"schemas": {
            "microsoft.graph.a": {"allOf": [{"$ref": "#/b"}, {"properties": {"ok": {"type": "string"}, "bad": {"type": "string", "enum": 7}}}]},
            "microsoft.graph.ODataErrors.MainError": {"type": "object"},
        }},
        "paths": {"/a": {"description": 7, "get": {"responses": {}}, "post": {"responses": 7}}},
    }) else {
        panic!("not a document")
    };
    let skipped: Vec<_> = all("d.yaml", &mut root)
        .into_iter()
        .map(|problem| problem.place)
        .collect();
    assert_eq!(skipped, ["microsoft.graph.a/bad", "POST /a"]);
    let (_, found) = super::super::Documents::read("d.yaml", &root);
    assert_eq!(found.0, []);
    assert_eq!(count_operations(&root), 1);
    assert!(!root["components"]["schemas"].to_string().contains("ODataErrors"));
}
