//! `/identity/b2xUserFlows` and the connectors that they call.

use serde_json::json;

use crate::local::{Local, base64, fixture, string};

#[tokio::test]
async fn a_certificate_is_uploaded_through_the_flow_that_uses_the_connector() {
    let local = Local::start().await;
    let body = json!({ "id": "Partner", "userFlowType": "signUpOrSignIn", "userFlowTypeVersion": 1 });
    let created = local.post("/identity/b2xUserFlows", body.clone()).await;
    let location = created.header("location").to_owned();
    let flow = created.expect(201);
    assert_eq!(flow["id"], "B2X_1_Partner");
    assert!(
        location.ends_with("/v1.0/identity/b2xUserFlows/B2X_1_Partner"),
        "{location}"
    );
    local.post("/identity/b2xUserFlows", body).await.expect_refusal(
        409,
        "Request_MultipleObjectsWithSameKeyValue",
        "B2X_1_Partner",
    );

    let connector = local.connector().await;
    let configuration = "/identity/b2xUserFlows/B2X_1_Partner/apiConnectorConfiguration";
    let upload = json!({ "pkcs12Value": base64(&fixture("aes256.pfx")), "password": "marked-aes256" });
    for step in ["postFederationSignup", "postAttributeCollection"] {
        let path = format!("{configuration}/{step}");
        local.get(&path).await.expect_refusal(404, "ResourceNotFound", step);
        local
            .post(&format!("{path}/uploadClientCertificate"), upload.clone())
            .await
            .expect(404);

        let reference = format!("{}/v1.0{connector}", local.emulator.url());
        local
            .put(&format!("{path}/$ref"), json!({ "@odata.id": reference }))
            .await
            .expect(204);
        let uploaded = local
            .post(&format!("{path}/uploadClientCertificate"), upload.clone())
            .await
            .expect(200);
        assert!(uploaded["authenticationConfiguration"]["certificateList"][0]["thumbprint"].is_string());
        assert_eq!(
            local.get(&path).await.expect(200),
            local.get(&connector).await.expect(200)
        );
        let expanded = local.get(&format!("{configuration}?$expand={step}")).await.expect(200);
        assert_eq!(string(&expanded[step]["id"]), connector.rsplit_once('/').unwrap().1);

        local.delete(&format!("{path}/$ref")).await.expect(204);
        local.get(&path).await.expect(404);
    }
    local.delete("/identity/b2xUserFlows/B2X_1_Partner").await.expect(204);
    local.get("/identity/b2xUserFlows/B2X_1_Partner").await.expect(404);
}

#[tokio::test]
async fn references_must_name_a_connector_that_exists() {
    let local = Local::start().await;
    local
        .post("/identity/b2xUserFlows", json!({ "id": "Partner" }))
        .await
        .expect(201);
    let path = "/identity/b2xUserFlows/B2X_1_Partner/apiConnectorConfiguration/postFederationSignup/$ref";
    for target in [
        "",
        "https://graph.microsoft.com/v1.0/identity/apiConnectors/none",
        "none",
    ] {
        local
            .put(path, json!({ "@odata.id": target }))
            .await
            .expect_refusal(400, "BadRequest", "@odata.id");
    }
}
