//! Both documented calls from beginning to end.
//!
//! Without settings it runs on a local Graph. With `GRAPH_TENANT_ID`, `GRAPH_CLIENT_ID` and `GRAPH_CLIENT_SECRET` (and
//! `GRAPH_CLOUD`, `Global` if unset) it runs on the real service, where it deletes again what it has created.

use std::error::Error;
use std::time::Duration;
use std::{env, fmt};

use anstream::println;
use anstyle::{AnsiColor, Style};

use msgraph::credential::ClientSecretCredential;
use msgraph::models::parameters::ServicePrincipalAddTokenSigningCertificate;
use msgraph::models::{
    Application, BasicAuthentication, ClientCertificateAuthentication, IdentityApiConnector, SelfSignedCertificate,
    ServicePrincipal,
};
use msgraph::{Cloud, CustomCloud, GraphClient, Pkcs12};
use msgraph_emulator::Emulator;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const NAME: &str = "msgraph quickstart";

/// How long the directory may take to know what has just been created.
const SETTLING: Duration = Duration::from_secs(120);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let place = Place::from_environment().await?;
    println!("{place}");
    let graph = GraphClient::builder()
        .cloud(place.cloud.clone())
        .credential(place.credential())
        .build()?;

    section("A client certificate for an API connector");
    client_certificate(&graph).await?;

    section("A token-signing certificate for a service principal");
    token_signing_certificate(&graph).await?;

    section("What the cloud does not offer is refused at once");
    let elsewhere = GraphClient::builder()
        .cloud(Cloud::UsGovL5)
        .credential(place.credential())
        .build()?;
    let parameters = ServicePrincipalAddTokenSigningCertificate::new("CN=never sent");
    match elsewhere
        .service_principals()
        .by_id("any")
        .add_token_signing_certificate(parameters)
        .await
    {
        Ok(_) => return Err("US Gov L5 offers addTokenSigningCertificate by now".into()),
        Err(error) => done("refused", &error.to_string()),
    }

    println!();
    if let Some(local) = place.local {
        println!(
            "The local Graph answered {} requests. The same program runs on the real service when",
            local.requests().len()
        );
        println!("GRAPH_TENANT_ID, GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET are set (and GRAPH_CLOUD).");
        local.shutdown().await;
    } else {
        println!("Done; everything that was created has been deleted again.");
    }
    Ok(())
}

/// Makes a PKCS#12 file, uploads it to a new connector, reads what the connector has then.
async fn client_certificate(graph: &GraphClient) -> Result<()> {
    let password = "correct horse battery staple";
    let pfx = Pkcs12::from_bytes(
        msgraph_emulator::sample_pkcs12("CN=connector.contoso.com", password)?,
        password,
    )?;
    done("made", &format!("{pfx}"));

    let basic = BasicAuthentication::build(|basic| {
        basic.username = "quickstart".into();
        basic.password = "replaced by the certificate".into();
    });
    let connector = graph
        .identity()
        .api_connectors()
        .create(IdentityApiConnector::build(|connector| {
            connector.display_name = NAME.into();
            connector.target_url = "https://connector.contoso.com/api".into();
            connector.authentication_configuration = basic.upcast().into();
        }))
        .await?;
    let id = connector
        .id
        .as_deref()
        .ok_or("the service created a connector without an id")?;
    done("created", &format!("API connector {id}"));

    let this = graph.identity().api_connectors().by_id(id);
    let uploaded = this.upload_client_certificate(&pfx).await;
    let outcome = uploaded
        .map_err(Into::into)
        .and_then(|connector| show_certificates(&connector));
    this.delete().await?;
    outcome
}

fn show_certificates(connector: &IdentityApiConnector) -> Result<()> {
    let configuration = connector
        .authentication_configuration
        .get()
        .ok_or("the connector has no authentication")?;
    let authentication: ClientCertificateAuthentication = configuration
        .downcast()
        .ok_or("the connector does not authenticate with certificates")?;
    for certificate in authentication.certificate_list.as_deref().unwrap_or_default() {
        let state = if certificate.is_active.get() == Some(&true) {
            "active"
        } else {
            "inactive"
        };
        let thumbprint = certificate.thumbprint.as_deref().unwrap_or("without a thumbprint");
        done("uploaded", &format!("certificate {thumbprint}, {state}"));
    }
    Ok(())
}

/// Adds certificates to a new service principal, addressed by its id and by its application's id.
async fn token_signing_certificate(graph: &GraphClient) -> Result<()> {
    let application = graph
        .applications()
        .create(Application::build(|application| application.display_name = NAME.into()))
        .await?;
    let app_id = application
        .app_id
        .as_deref()
        .ok_or("the service created an application without an appId")?;
    done("created", &format!("application {app_id}"));

    let outcome = with_service_principal(graph, app_id).await;
    // Deleting an application deletes its service principal as well.
    graph.applications().by_app_id(app_id).delete().await?;
    outcome
}

async fn with_service_principal(graph: &GraphClient, app_id: &str) -> Result<()> {
    let principal = graph
        .service_principals()
        .create(ServicePrincipal::build(|principal| principal.app_id = app_id.into()))
        .await_consistency(SETTLING)
        .await?;
    let id = principal
        .id
        .as_deref()
        .ok_or("the service created a service principal without an id")?;
    done("created", &format!("service principal {id}"));

    let by_id = graph
        .service_principals()
        .by_id(id)
        .add_token_signing_certificate(ServicePrincipalAddTokenSigningCertificate::new("CN=Quickstart 1"))
        .await_consistency(SETTLING)
        .await?;
    show_signing_certificate("added by id", &by_id);

    let by_app_id = graph
        .service_principals()
        .by_app_id(app_id)
        .add_token_signing_certificate(ServicePrincipalAddTokenSigningCertificate::new("CN=Quickstart 2"))
        .await_consistency(SETTLING)
        .await?;
    show_signing_certificate("added by appId", &by_app_id);

    let principal = graph
        .service_principals()
        .by_id(id)
        .get()
        .select(["keyCredentials", "passwordCredentials"])
        .await_consistency(SETTLING)
        .await?;
    let keys = principal.key_credentials.as_deref().unwrap_or_default().len();
    let passwords = principal.password_credentials.as_deref().unwrap_or_default().len();
    done(
        "found",
        &format!("{keys} key credentials, {passwords} password credentials"),
    );

    let wrong = ServicePrincipalAddTokenSigningCertificate::new("Quickstart 3");
    match graph
        .service_principals()
        .by_id(id)
        .add_token_signing_certificate(wrong)
        .await
    {
        Ok(_) => Err("a name without CN= was accepted".into()),
        Err(error) => {
            done("refused", &error.to_string());
            Ok(())
        }
    }
}

fn show_signing_certificate(how: &str, certificate: &SelfSignedCertificate) {
    let thumbprint = certificate.thumbprint.as_deref().unwrap_or("without a thumbprint");
    let name = certificate.display_name.as_deref().unwrap_or("without a name");
    let end = certificate
        .end_date_time
        .get()
        .map_or("an unknown time".to_owned(), ToString::to_string);
    done(how, &format!("{name}, {thumbprint}, until {end}"));
}

/// Where the program runs, and as whom.
struct Place {
    cloud: Cloud,
    tenant: String,
    client_id: String,
    secret: String,
    local: Option<Emulator>,
}

impl Place {
    /// The real service if the environment names a client, a local Graph if it does not.
    async fn from_environment() -> Result<Self> {
        let setting = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let names = ["GRAPH_TENANT_ID", "GRAPH_CLIENT_ID", "GRAPH_CLIENT_SECRET"];
        match names.map(setting) {
            [Some(tenant), Some(client_id), Some(secret)] => {
                let cloud = setting("GRAPH_CLOUD").map_or(Ok(Cloud::Global), |name| name.parse())?;
                Ok(Self {
                    cloud,
                    tenant,
                    client_id,
                    secret,
                    local: None,
                })
            }
            [None, None, None] => {
                let local = Emulator::start().await?;
                let cloud = CustomCloud::new(local.graph_endpoint(), local.authority())?;
                let [tenant, client_id, secret] = ["local", "quickstart", "any"].map(str::to_owned);
                Ok(Self {
                    cloud: Cloud::Custom(cloud),
                    tenant,
                    client_id,
                    secret,
                    local: Some(local),
                })
            }
            _ => Err(format!(
                "set all of {} to use the real service, or none to use a local Graph",
                names.join(", ")
            )
            .into()),
        }
    }

    fn credential(&self) -> ClientSecretCredential {
        ClientSecretCredential::new(&self.tenant, &self.client_id, self.secret.as_str())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.local {
            Some(local) => write!(f, "A local Graph, started for this program at {}", local.url()),
            None => write!(
                f,
                "Microsoft Graph at {}, tenant {}",
                self.cloud.endpoint(),
                self.tenant
            ),
        }
    }
}

fn section(title: &str) {
    let bold = Style::new().bold();
    println!("\n{bold}{title}{bold:#}");
}

fn done(what: &str, detail: &str) {
    let green = AnsiColor::Green.on_default();
    println!("  {green}✓{green:#} {what:<14} {detail}");
}
