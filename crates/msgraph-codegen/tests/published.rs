//! The client crate that is generated from a document in the style of Microsoft's, and what its calls send.
//!
//! The crate itself, `tests/microsoft/client`, is a dependency of this test, so it compiles when this does.

use std::path::Path;

use msgraph_codegen::regen::Source;
use msgraph_codegen::regen::published::{Core, Input, Package, Published, generate};
use msgraph_codegen::write;
use msgraph_garden::models::parameters::{IdentityApiConnectorUploadClientCertificate, PlantWater};
use msgraph_garden::models::{PasswordCredential, Plant, PlantKind, PlantNeeds};
use msgraph_garden::msgraph_core::credential::FixedTokenCredential;
use msgraph_garden::msgraph_core::odata::{DateTime, Prop};
use msgraph_garden::msgraph_core::{Client, CloudSet, Content, Request};
use msgraph_garden::{GraphClient, catalogue};

const COMMAND: &str = "cargo xtask regen --spec crates/msgraph-codegen/tests/microsoft/garden.yaml \
                       --out crates/msgraph-codegen/tests/microsoft/client --name msgraph-garden \
                       --core-path ../../../../msgraph-core";

fn published() -> Published {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let input = Input {
        document: Source {
            name: "garden.yaml".to_owned(),
            text: read("tests/microsoft/garden.yaml"),
        },
        names: read("../../specs/names.toml"),
        rules: read("../../specs/rules.toml"),
    };
    let core = Core::Path("../../../../msgraph-core".to_owned());
    let package = Package::new("msgraph-garden", core).expect("a name");
    generate(&input, &package).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn the_compiled_crate_is_what_is_generated() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/microsoft/client");
    write::check(&folder, &["src"], &published().files, COMMAND).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_is_not_understood_is_listed_with_its_reason() {
    let published = published();
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("skipped_of_a_published_document", published.files["skipped.json"]);
    });
    assert_eq!(catalogue::OPERATIONS.len(), published.summary.operations);
}

#[test]
fn without_facts_an_operation_is_everywhere_and_its_permissions_are_unknown() {
    for operation in catalogue::OPERATIONS {
        assert_eq!(operation.clouds, CloudSet::ALL, "{operation}");
        assert!(operation.permissions.is_unknown(), "{operation}");
    }
    let documentation: Vec<_> = catalogue::OPERATIONS.iter().filter_map(|o| o.documentation).collect();
    assert_eq!(documentation, ["garden-list-plants"]);
}

fn graph() -> GraphClient {
    let client = Client::builder().credential(FixedTokenCredential::new("token")).build();
    GraphClient::new(client.expect("a client"))
}

#[track_caller]
fn check<D>(request: &Request<D>, expected: &str) {
    let body = request.body().map(|body| format!(" {}", String::from_utf8_lossy(body)));
    let url = request.url().replace("https://graph.microsoft.com/v1.0", "");
    assert_eq!(
        format!("{} {url}{}", request.method(), body.unwrap_or_default()),
        expected
    );
}

#[test]
fn calls_have_the_addresses_of_the_document() {
    let plants = graph().garden().plants();
    check(&plants.list(), "GET /garden/plants");
    check(&plants.count(), "GET /garden/plants/$count");
    check(&plants.delta(), "GET /garden/plants/microsoft.graph.delta()");
    check(&plants.as_tree().list(), "GET /garden/plants/graph.tree");
    check(&plants.by_id("a/b").get(), "GET /garden/plants/a%2Fb");
    check(&plants.by_label("it's").get(), "GET /garden/plants(label='it''s')");
    let reports = graph().reports();
    check(
        &reports.get_harvest_with_period("D7"),
        "GET /reports/microsoft.graph.getHarvest(period='D7')",
    );
    let date = "2026-01-02".parse().expect("a date");
    check(
        &reports.get_harvest_with_date(date),
        "GET /reports/getHarvest(date=2026-01-02)",
    );
    let since = "2026-01-02T03:04:05Z".parse().expect("a time");
    check(
        &reports.get_growth(since, PlantKind::Annual, &["a"]),
        "GET /reports/getGrowth(since=2026-01-02T03:04:05Z,kind='annual',labels=%5B%22a%22%5D)",
    );
}

#[test]
fn calls_send_typed_bodies() {
    let plants = graph().garden().plants();
    let plant = Plant::build(|plant| {
        plant.height = 1.5.into();
        plant.kind = PlantKind::Off.into();
        plant.needs = PlantNeeds::Sun.into();
        plant.leaves = Prop::Null;
    });
    check(
        &plants.create(plant),
        r#"POST /garden/plants {"height":1.5,"kind":"off","leaves":null,"needs":"sun"}"#,
    );
    let plant = plants.by_id(1);
    let since: DateTime = "2026-01-02T03:04:05Z".parse().expect("a time");
    check(&plant.rest(), "POST /garden/plants/1/microsoft.graph.rest");
    check(
        &graph()
            .garden()
            .beds()
            .by_id(2)
            .plants()
            .by_id(1)
            .water(PlantWater::new().hose(true)),
        r#"POST /garden/beds/2/plants/1/microsoft.graph.water {"hose":true}"#,
    );
    let water = msgraph_garden::models::parameters::GardenPlantsPlantIdWater::new()
        .litres(2.0)
        .since(since);
    check(
        &plant.water(water),
        r#"POST /garden/plants/1/microsoft.graph.water {"litres":2.0,"since":"2026-01-02T03:04:05Z"}"#,
    );
    check(
        &plant.photo().set_content(Content::new("image/png", "png")),
        "PUT /garden/plants/1/photo/$value png",
    );
    check(
        &plant.root().set_ref("/garden/plants/2"),
        r#"PUT /garden/plants/1/root/$ref {"@odata.id":"https://graph.microsoft.com/v1.0/garden/plants/2"}"#,
    );
    let removal = plant.neighbours().remove_ref("/garden/plants/2").url();
    assert!(removal.contains("/neighbours/$ref?@id=https"), "{removal}");
}

#[test]
fn documented_rules_hold_although_the_document_does_not_state_them() {
    let connector = graph().identity().api_connectors().by_id("c");
    let certificate = IdentityApiConnectorUploadClientCertificate::new("MII=", "hush");
    assert!(!format!("{:?}", certificate.password).contains("hush"));
    check(
        &connector.upload_client_certificate(certificate),
        r#"POST /identity/apiConnectors/c/uploadClientCertificate {"password":"hush","pkcs12Value":"MII="}"#,
    );
    let credential = PasswordCredential::build(|credential| credential.secret_text = "hush".into());
    assert!(!format!("{credential:?}").contains("hush"));
}

#[test]
fn answers_are_read_as_the_document_types_them() {
    let text = r##"{"@odata.type":"#microsoft.graph.tree","height":1.5,"kind":"new","planted":"2026-01-02","scan":"AQID","rings":7}"##;
    let plant: Plant = serde_json::from_str(text).expect("a plant");
    assert_eq!(plant.kind.get().map(|kind| kind.as_str()), Some("new"));
    let tree = plant.downcast::<msgraph_garden::models::Tree>().expect("a tree");
    assert_eq!(tree.rings, Prop::Value(7));
    assert_eq!(serde_json::to_string(&plant).expect("text").len(), text.len());
}
