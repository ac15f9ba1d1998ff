use anyhow::{Context as _, Result};

use super::super::outcome::{Kind, Method, Payload, Reason, Resolved};
use super::super::resolve::Resolver;
use super::{leniency, model};

/// Resolves a row such as `GET /users` and gives what a test looks at.
fn resolve<T>(row: &str, look: impl FnOnce(&Resolved) -> T) -> Result<Result<T, Reason>> {
    let (model, leniency) = (model()?, leniency());
    let (method, path) = row.split_once(' ').context("method and path")?;
    let method = Method::from_name(method).context("method")?;
    let found = Resolver::new(&model, &leniency).resolve(method, path);
    Ok(found.map(|found| look(&found)).map_err(|unresolved| unresolved.reason))
}

fn payload(payload: &Payload) -> String {
    match payload {
        Payload::Value(ty) => ty.to_string().replace("microsoft.graph.", ""),
        Payload::List(ty) => format!("List({ty})").replace("microsoft.graph.", ""),
        Payload::Parameters(action) => format!("parameters of {}", action.name),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_path_leads_to_one_operation() -> Result<()> {
    let cases = [
        // entity sets, singletons, keys
        ("GET /users", "/users", Kind::List, "Nothing", "Collection(user)"),
        ("POST /users", "/users", Kind::Create, "user", "user"),
        ("GET /me", "/me", Kind::Get, "Nothing", "user"),
        ("PATCH /users/{id}", "/users/{user-id}", Kind::Update, "user", "user"),
        (
            "DELETE /users/{id}",
            "/users/{user-id}",
            Kind::Delete,
            "Nothing",
            "Nothing",
        ),
        ("GET /runs/{id}", "/runs/{run-number}", Kind::Get, "Nothing", "run"),
        (
            "GET /groups(uniquename={value})",
            "/groups(uniqueName='{uniqueName}')",
            Kind::Get,
            "Nothing",
            "group",
        ),
        (
            "GET /users({id})/manager",
            "/users/{user-id}/manager",
            Kind::Get,
            "Nothing",
            "directoryObject",
        ),
        (
            "GET /me/drive/root/versions/Current",
            "/me/drive/root/versions/current",
            Kind::Get,
            "Nothing",
            "version",
        ),
        // names are written in any case
        (
            "GET /ME/MEMBEROF",
            "/me/memberOf",
            Kind::List,
            "Nothing",
            "Collection(directoryObject)",
        ),
        // properties
        ("GET /me/settings", "/me/settings", Kind::Get, "Nothing", "settings"),
        (
            "GET /me/settings/language",
            "/me/settings/language",
            Kind::Get,
            "Nothing",
            "Edm.String",
        ),
        (
            "GET /me/deleteddatetime",
            "/me/deletedDateTime",
            Kind::Get,
            "Nothing",
            "Edm.DateTimeOffset",
        ),
        (
            "PUT /me/businessPhones",
            "/me/businessPhones",
            Kind::Replace,
            "Collection(Edm.String)",
            "Collection(Edm.String)",
        ),
        // content
        (
            "GET /me/drive/root/content",
            "/me/drive/root/content",
            Kind::GetContent,
            "Nothing",
            "Content",
        ),
        (
            "PUT /me/drive/root/content",
            "/me/drive/root/content",
            Kind::SetContent,
            "Content",
            "Nothing",
        ),
        (
            "GET /me/photo/$value",
            "/me/photo/$value",
            Kind::GetContent,
            "Nothing",
            "Content",
        ),
        (
            "GET /me/drive/root/thumbnails/{id}/{id}/content",
            "/me/drive/root/thumbnails/{thumbnailSet-id}/{size}/content",
            Kind::GetContent,
            "Nothing",
            "Content",
        ),
        (
            "PATCH /me/drive/root/thumbnails/{id}/{id}/content",
            "/me/drive/root/thumbnails/{thumbnailSet-id}/{size}/content",
            Kind::Update,
            "List(settings)",
            "Nothing",
        ),
        // references and counts
        (
            "GET /groups/{id}/members/$ref",
            "/groups/{group-id}/members/$ref",
            Kind::ListReferences,
            "Nothing",
            "References",
        ),
        (
            "GET /me/manager/$ref",
            "/me/manager/$ref",
            Kind::ListReferences,
            "Nothing",
            "Reference",
        ),
        (
            "POST /groups/{id}/members/$ref",
            "/groups/{group-id}/members/$ref",
            Kind::AddReference,
            "Reference",
            "Nothing",
        ),
        (
            "PUT /me/manager/$ref",
            "/me/manager/$ref",
            Kind::SetReference,
            "Reference",
            "Nothing",
        ),
        (
            "DELETE /groups/{id}/members/{id}/$ref",
            "/groups/{group-id}/members/{directoryObject-id}/$ref",
            Kind::RemoveReference,
            "Nothing",
            "Nothing",
        ),
        ("GET /users/$count", "/users/$count", Kind::Count, "Nothing", "Count"),
        // casts
        (
            "GET /me/memberOf/microsoft.graph.group",
            "/me/memberOf/graph.group",
            Kind::List,
            "Nothing",
            "Collection(group)",
        ),
        (
            "GET /me/memberof/{id}/graph.group/members",
            "/me/memberOf/{directoryObject-id}/graph.group/members",
            Kind::List,
            "Nothing",
            "Collection(directoryObject)",
        ),
        (
            "GET /apps/{id}/icon",
            "/apps/{app-id}/graph.ownApp/icon",
            Kind::Get,
            "Nothing",
            "photo",
        ),
        (
            "POST /apps/{id}/assign",
            "/apps/{app-id}/graph.ownApp/assign",
            Kind::Action,
            "Nothing",
            "Nothing",
        ),
        // OneDrive
        (
            "GET /me/drive/root:/{path}",
            "/me/drive/root:/{item-path}",
            Kind::Get,
            "Nothing",
            "driveItem",
        ),
        (
            "GET /me/drive/root:/{path}:/children",
            "/me/drive/root:/{item-path}:/children",
            Kind::List,
            "Nothing",
            "Collection(driveItem)",
        ),
        (
            "PUT /me/drive/items/{id}:/{name}:/content",
            "/me/drive/items/{driveItem-id}:/{item-path}:/content",
            Kind::SetContent,
            "Content",
            "Nothing",
        ),
        // functions
        (
            "GET /users/delta",
            "/users/delta()",
            Kind::Function,
            "Nothing",
            "Collection(user)",
        ),
        (
            "GET /groups/delta",
            "/groups/delta()",
            Kind::Function,
            "Nothing",
            "Collection(directoryObject)",
        ),
        (
            "GET /me/drive/root/delta",
            "/me/drive/root/delta()",
            Kind::Function,
            "Nothing",
            "Collection(driveItem)",
        ),
        (
            "GET /me/drive/root/delta(token={t})",
            "/me/drive/root/delta(token='{token}')",
            Kind::Function,
            "Nothing",
            "Collection(driveItem)",
        ),
        (
            "GET /reports/usage(PERIOD='{p}')",
            "/reports/usage(period='{period}')",
            Kind::Function,
            "Nothing",
            "report",
        ),
        (
            "GET /reports/usage(date={d})",
            "/reports/usage(date={date})",
            Kind::Function,
            "Nothing",
            "report",
        ),
        (
            "GET /reports/count(tenant='{t}')",
            "/reports/count(tenant='{tenant}')",
            Kind::Function,
            "Nothing",
            "Edm.Int64",
        ),
        (
            "GET /me/drive/root/sheets/{id}/range/cell",
            "/me/drive/root/sheets/{sheet-id}/range()/cell(row={row},column={column})",
            Kind::Function,
            "Nothing",
            "range",
        ),
        (
            "PATCH /me/drive/root/sheets/{id}/range(address='{a}')",
            "/me/drive/root/sheets/{sheet-id}/range(address='{address}')",
            Kind::Update,
            "range",
            "range",
        ),
        (
            "PATCH /me/drive/root/sheets/{id}/range(address='{a}')/borders(sideindex={s})",
            "/me/drive/root/sheets/{sheet-id}/range(address='{address}')/borders(sideIndex='{sideIndex}')",
            Kind::Update,
            "border",
            "border",
        ),
        // actions
        (
            "POST /me/certify",
            "/me/certify",
            Kind::Action,
            "parameters of certify",
            "user",
        ),
        (
            "POST /groups/{id}/check",
            "/groups/{group-id}/check",
            Kind::Action,
            "Nothing",
            "Nothing",
        ),
        (
            "POST /groups/check",
            "/groups/check",
            Kind::Action,
            "parameters of check",
            "Collection(Edm.String)",
        ),
        (
            "POST /me/alerts/security.move",
            "/me/alerts/move",
            Kind::Action,
            "Nothing",
            "Nothing",
        ),
        (
            "GET /me/drive/browse",
            "/me/drive/browse()",
            Kind::Function,
            "Nothing",
            "driveItem",
        ),
        (
            "POST /me/drive/browse",
            "/me/drive/browse",
            Kind::Action,
            "parameters of browse",
            "driveItem",
        ),
    ];
    for (row, template, kind, request, response) in cases {
        let found = resolve(row, |found| {
            (
                found.template.text.clone(),
                found.kind,
                payload(&found.request),
                payload(&found.response),
            )
        })?;
        let expected = (template.to_owned(), kind, request.to_owned(), response.to_owned());
        assert_eq!(found, Ok(expected), "{row}");
    }
    Ok(())
}

#[test]
fn a_path_that_means_nothing_says_why() -> Result<()> {
    let cases = [
        ("GET users", Reason::Malformed),
        ("GET /users?$top=1", Reason::Malformed),
        ("GET /users{id}/manager", Reason::Malformed),
        ("GET /users/(id)", Reason::Malformed),
        ("GET /me/drive/root:/folder/file:/content", Reason::Malformed),
        ("GET /nonsense", Reason::NoSuchRoot),
        ("GET /me/nonsense", Reason::NoSuchMember),
        ("GET /me/manager:/{path}:", Reason::NoSuchMember),
        ("GET /groups(displayname={value})", Reason::NoSuchMember),
        ("GET /me/memberOf/graph.sheet", Reason::NoSuchMemberOnCollection),
        ("GET /me/$value", Reason::NoSuchMember),
        ("GET /me/settings/$ref", Reason::NoSuchMember),
        ("GET /me/drive/root/content/more", Reason::NoSuchMember),
        ("GET /users/inbox", Reason::NoSuchMemberOnCollection),
        ("GET /reports/usage(colour='{c}')", Reason::NoSuchArguments),
        ("GET /me/businessPhones/{id}", Reason::ItemOfValues),
        ("PATCH /me/drive/root/content", Reason::WrongMethod),
        ("POST /me/manager/$ref", Reason::WrongMethod),
        ("PATCH /users/$count", Reason::WrongMethod),
    ];
    for (row, reason) in cases {
        assert_eq!(resolve(row, |found| found.template.text.clone())?, Err(reason), "{row}");
    }
    Ok(())
}

#[test]
fn odata_decides_the_method_of_an_operation() -> Result<()> {
    assert_eq!(resolve("GET /me/certify", |found| found.method)?, Ok(Method::Post));
    assert_eq!(resolve("POST /users/delta", |found| found.method)?, Ok(Method::Get));
    Ok(())
}

#[test]
fn a_collection_is_never_changed_as_a_whole() -> Result<()> {
    for row in [
        "PATCH /users",
        "DELETE /users",
        "PUT /users",
        "PATCH /me/businessPhones",
    ] {
        let complete = resolve(row, |found| {
            found.clone().complete().map_err(|unresolved| unresolved.reason).is_ok()
        })?;
        assert_eq!(complete, Ok(false), "{row}");
    }
    Ok(())
}

#[test]
fn each_derived_type_that_a_path_may_mean_gets_a_path() -> Result<()> {
    let both = resolve("GET /apps/{id}/files/{id}", |found| {
        (found.template.text.clone(), found.others.clone())
    })?;
    let first = "/apps/{app-id}/graph.managedApp/files/{version-id}".to_owned();
    assert_eq!(
        both,
        Ok((
            first,
            vec!["/apps/{app-id}/microsoft.graph.ownApp/files/{id}".to_owned()]
        ))
    );
    Ok(())
}

#[test]
fn every_parameter_of_a_path_has_its_own_name_and_type() -> Result<()> {
    let path = "GET /me/drive/items/{id}/children/{id}/children/{id}/sheets/{id}/range/cell(row={r},column={c})";
    let parameters = resolve(path, |found| {
        let parameters = found.template.parameters.iter();
        parameters
            .map(|parameter| format!("{}: {}", parameter.name, parameter.ty))
            .collect::<Vec<_>>()
            .join(", ")
    })?;
    let expected = "driveItem-id: Edm.String, driveItem-id1: Edm.String, driveItem-id2: Edm.String, \
                    sheet-id: Edm.String, row: Edm.Int32, column: Edm.Int32";
    assert_eq!(parameters.as_deref(), Ok(expected));
    Ok(())
}

#[test]
fn all_paths_to_a_member_share_its_meaning_and_casts_have_their_own() -> Result<()> {
    let semantic = |row: &str| resolve(row, |found| found.semantic.clone());
    assert_eq!(
        semantic("GET /me/drive/root/content")?,
        semantic("GET /users/{id}/drive/items/{id}/content")?
    );
    assert_eq!(semantic("GET /groups/{id}")?, semantic("GET /groups(uniqueName={x})")?);
    assert_ne!(semantic("GET /me/memberOf")?, semantic("GET /me/memberOf/graph.group")?);
    assert_ne!(semantic("GET /users")?, semantic("GET /users/{id}")?);
    Ok(())
}

#[test]
fn a_template_resolves_to_itself() -> Result<()> {
    let paths = [
        "/me/drive/root:/{item-path}:/content",
        "/apps/{app-id}/graph.ownApp/icon",
        "/groups(uniqueName='{uniqueName}')",
        "/me/drive/root/sheets/{sheet-id}/range()/cell(row={row},column={column})",
    ];
    for path in paths {
        assert_eq!(
            resolve(&format!("GET {path}"), |found| found.template.text.clone())?.as_deref(),
            Ok(path)
        );
    }
    Ok(())
}
