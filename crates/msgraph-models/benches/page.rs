//! Parses a page of 999 users three ways and prints the nanoseconds per user of each, as JSON.
//!
//! The ways take turns and the best round of each counts, so that what else the machine does falls on all alike.
//! `cargo xtask bench compile` runs this and compares.

use std::hint::black_box;
use std::time::{Duration, Instant};

use msgraph_core::odata::{DateTime, Guid, Page};
use msgraph_models::User;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

const USERS: usize = 999;
const ROUNDS: usize = 60;

/// The properties of the page as plain structs; what they do not declare is kept as well.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only parsing is measured")]
struct PlainUser {
    #[serde(rename = "@odata.id")]
    odata_id: Option<String>,
    id: Option<String>,
    account_enabled: Option<bool>,
    age_group: Option<String>,
    assigned_licenses: Option<Vec<PlainLicense>>,
    assigned_plans: Option<Vec<PlainPlan>>,
    business_phones: Option<Vec<String>>,
    city: Option<String>,
    company_name: Option<String>,
    country: Option<String>,
    created_date_time: Option<DateTime>,
    department: Option<String>,
    display_name: Option<String>,
    employee_hire_date: Option<DateTime>,
    employee_id: Option<String>,
    employee_org_data: Option<PlainOrgData>,
    given_name: Option<String>,
    identities: Option<Vec<PlainIdentity>>,
    is_resource_account: Option<bool>,
    job_title: Option<String>,
    last_password_change_date_time: Option<DateTime>,
    mail: Option<String>,
    mail_nickname: Option<String>,
    mobile_phone: Option<String>,
    office_location: Option<String>,
    on_premises_sync_enabled: Option<bool>,
    postal_code: Option<String>,
    preferred_language: Option<String>,
    proxy_addresses: Option<Vec<String>>,
    surname: Option<String>,
    usage_location: Option<String>,
    user_principal_name: Option<String>,
    user_type: Option<String>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only parsing is measured")]
struct PlainLicense {
    disabled_plans: Option<Vec<Guid>>,
    sku_id: Option<Guid>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only parsing is measured")]
struct PlainPlan {
    assigned_date_time: Option<DateTime>,
    capability_status: Option<String>,
    service: Option<String>,
    service_plan_id: Option<Guid>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only parsing is measured")]
struct PlainOrgData {
    cost_center: Option<String>,
    division: Option<String>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only parsing is measured")]
struct PlainIdentity {
    issuer: Option<String>,
    issuer_assigned_id: Option<String>,
    sign_in_type: Option<String>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Deserialize)]
struct PlainPage {
    value: Vec<PlainUser>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

fn main() -> Result<(), serde_json::Error> {
    let text = serde_json::to_string(&page())?;
    let users: Page<User> = serde_json::from_str(&text)?;
    let plain: PlainPage = serde_json::from_str(&text)?;
    assert_eq!((users.value.len(), plain.value.len()), (USERS, USERS));
    assert_eq!(users.next_link(), plain.next_link.as_deref());
    assert_eq!(plain.extra.len(), 1, "the context");
    let (mut sdk, mut derived, mut untyped) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        sdk = sdk.min(parse::<Page<User>>(&text)?);
        derived = derived.min(parse::<PlainPage>(&text)?);
        untyped = untyped.min(parse::<Value>(&text)?);
    }
    let per_user = |time: Duration| time.as_nanos() / USERS as u128;
    println!(
        "{{\"bytes\": {}, \"sdk\": {}, \"derived\": {}, \"untyped\": {}}}",
        text.len(),
        per_user(sdk),
        per_user(derived),
        per_user(untyped)
    );
    Ok(())
}

/// How long one parse takes, without the drop of what it makes.
fn parse<T: DeserializeOwned>(text: &str) -> Result<Duration, serde_json::Error> {
    let start = Instant::now();
    let parsed: T = serde_json::from_str(black_box(text))?;
    let time = start.elapsed();
    drop(black_box(parsed));
    Ok(time)
}

fn page() -> Value {
    json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users",
        "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=RFNwdAIAAQAAADpBZGVsZVZAY29udG9zby5jb20",
        "value": (0..USERS).map(user).collect::<Vec<_>>(),
    })
}

fn user(n: usize) -> Value {
    let id = |kind: usize| format!("{n:08x}-0000-4000-8000-{kind:012x}");
    let alias = format!("user{n}");
    let services = ["exchange", "SharePoint", "MicrosoftCommunicationsOnline"];
    let plan = |service: usize| {
        json!({
            "assignedDateTime": format!("2025-0{service}-17T08:30:{:02}Z", n % 60),
            "capabilityStatus": "Enabled",
            "service": services.get(service % 3),
            "servicePlanId": id(service),
        })
    };
    json!({
        "@odata.id": format!("https://graph.microsoft.com/v2/contoso/directoryObjects/{}", id(0)),
        "id": id(0),
        "accountEnabled": !n.is_multiple_of(7),
        "ageGroup": null,
        "assignedLicenses": [{"disabledPlans": [id(1), id(2)], "skuId": id(3)}],
        "assignedPlans": [plan(4), plan(5), plan(6)],
        "businessPhones": [format!("+49 30 {n:07}")],
        "city": "Berlin",
        "companyName": "Contoso \"Süd\" GmbH",
        "country": "Germany",
        "createdDateTime": format!("2024-11-{:02}T09:15:42.{n:07}Z", n % 28 + 1),
        "department": "Research & Development",
        "displayName": format!("Adele Vance {n}"),
        "employeeHireDate": "2020-01-01T00:00:00Z",
        "employeeId": n.to_string(),
        "employeeOrgData": {"costCenter": format!("CC-{n}"), "division": "Europe"},
        "givenName": "Adele",
        "identities": [
            {"signInType": "userPrincipalName", "issuer": "contoso.onmicrosoft.com", "issuerAssignedId": format!("{alias}@contoso.com")},
        ],
        "isResourceAccount": null,
        "jobTitle": "Principal Engineer",
        "lastPasswordChangeDateTime": "2025-06-30T23:59:59Z",
        "mail": format!("{alias}@contoso.com"),
        "mailNickname": alias,
        "mobilePhone": null,
        "officeLocation": format!("12/{n}"),
        "onPremisesSyncEnabled": null,
        "postalCode": "10115",
        "preferredLanguage": "de-DE",
        "proxyAddresses": [format!("SMTP:{alias}@contoso.com"), format!("smtp:{alias}@contoso.onmicrosoft.com")],
        "surname": "Vance",
        "usageLocation": "DE",
        "userPrincipalName": format!("{alias}@contoso.com"),
        "userType": "Member",
        "extension_0123456789abcdef_badge": format!("B-{n}"),
    })
}
