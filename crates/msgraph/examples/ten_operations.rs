//! Ten operations on the tenant that `GRAPH_TENANT_ID`, `GRAPH_CLIENT_ID` and `GRAPH_CLIENT_SECRET` name.
//!
//! It makes a group and an application, uses them, and deletes them again. `cargo xtask bench compile` measures how
//! large a program like this is.

use std::env;
use std::error::Error;

use msgraph::GraphClient;
use msgraph::credential::ClientSecretCredential;
use msgraph::models::parameters::ApplicationAddPassword;
use msgraph::models::{Application, DirectoryObject, Group, User};

const NAME: &str = "msgraph ten operations";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let credential = ClientSecretCredential::new(
        env::var("GRAPH_TENANT_ID")?,
        env::var("GRAPH_CLIENT_ID")?,
        env::var("GRAPH_CLIENT_SECRET")?,
    );
    let graph = GraphClient::builder().credential(credential).build()?;

    let users = graph.users().list().select(["id", "displayName"]).top(1).await?;
    let user: &User = users.value.first().ok_or("the tenant has no users")?;
    let user_id = user.id.as_deref().ok_or("a user without an id")?;
    let changes: Vec<User> = graph.users().delta().select(["id"]).all().await?;
    println!("{} users in all", changes.len());

    let group = Group::build(|group| {
        group.display_name = NAME.into();
        group.mail_nickname = "ten-operations".into();
        group.mail_enabled = false.into();
        group.security_enabled = true.into();
    });
    let group = graph.groups().create(group).await?;
    let group = graph
        .groups()
        .by_id(group.id.as_deref().ok_or("a group without an id")?);
    group.members().add_ref(user_id).await?;
    let change = Group::build(|group| group.description = "made by an example".into());
    group.update(change).await?;
    let members: Vec<DirectoryObject> = group.members().list().all().await?;
    println!("{} members", members.len());
    group.delete().await?;

    let application = Application::build(|application| application.display_name = NAME.into());
    let application = graph.applications().create(application).await?;
    let app_id = application.app_id.as_deref().ok_or("an application without an appId")?;
    let application = graph.applications().by_app_id(app_id);
    let password = application.add_password(ApplicationAddPassword::default()).await?;
    println!("a password until {:?}", password.end_date_time);
    application.delete().await?;
    Ok(())
}
