//! Starting, asking and stopping an emulator.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router, middleware,
    routing::{get, post},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    clock::Clock,
    digest::Digest,
    exchange,
    request_log::{ReceivedRequest, RequestLog},
    router,
    store::Store,
    token::{self, Authority, ClientCertificate, Decision, Federation, VerifyingKey, sign_in},
};

/// What all requests share.
pub(crate) struct Service {
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) authority: Authority,
    pub(crate) log: RequestLog,
    store: Mutex<Store>,
}

impl Service {
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running local Graph. It stops when dropped; [`shutdown`](Self::shutdown) also waits until it has.
pub struct Emulator {
    service: Arc<Service>,
    /// Serving ends when this is dropped.
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Emulator {
    /// Starts an emulator on a free loopback port, to which any tenant, client id and secret are welcome.
    ///
    /// # Errors
    ///
    /// No port can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Starts from other settings.
    #[must_use]
    pub fn builder() -> Builder {
        Builder {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            authority: Authority::new(Duration::from_secs(3600), "local@contoso.example".to_owned()),
            observer: Box::new(|_| {}),
        }
    }

    /// Scheme, host and port without a slash at the end: `http://127.0.0.1:49152`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.service.url
    }

    /// What stands for `https://graph.microsoft.com`; the version `/v1.0` follows it.
    #[must_use]
    pub fn graph_endpoint(&self) -> &str {
        self.url()
    }

    /// What stands for `https://login.microsoftonline.com`; the tenant follows it.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.url()
    }

    /// Every request answered so far, oldest first, secrets redacted.
    #[must_use]
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.service.log.requests().clone()
    }

    /// Moves the emulator's clock ahead, to see tokens and certificates expire without waiting.
    pub fn advance_clock(&self, span: Duration) {
        self.service.clock.advance(span);
    }

    /// Turns the emulator's clock back, as if the clients' went ahead.
    pub fn turn_clock_back(&self, span: Duration) {
        self.service.clock.turn_back(span);
    }

    /// Lets the user enter the code of a device and sign in; whether there is such a code, undecided.
    pub fn approve_device(&self, user_code: &str) -> bool {
        let user = self.service.authority.user.clone();
        self.decide(user_code, Decision::Approved { user })
    }

    /// Lets the user enter the code of a device and refuse to sign in; whether there is such a code, undecided.
    pub fn decline_device(&self, user_code: &str) -> bool {
        self.decide(user_code, Decision::Declined)
    }

    /// Makes every refresh token worthless, as when users are signed out everywhere.
    pub fn revoke_sessions(&self) {
        self.service.authority.sessions().revoke();
    }

    fn decide(&self, user_code: &str, decision: Decision) -> bool {
        self.service.authority.sessions().decide(user_code, decision)
    }

    /// Stops listening, answers the requests under way, and returns when the last connection is closed.
    pub async fn shutdown(self) {
        let Self { stop, serving, .. } = self;
        drop(stop);
        // The task cannot fail but by a panic, which has then been reported already.
        let _ = serving.await;
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Emulator")
            .field("url", &self.service.url)
            .finish_non_exhaustive()
    }
}

/// Settings of an [`Emulator`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use std::time::Duration;
///
/// let local = msgraph_emulator::Emulator::builder()
///     .client("11111111-2222-3333-4444-555555555555", "the one secret that works")
///     .token_lifetime(Duration::from_secs(60))
///     .on_request(|request| eprintln!("{} {} {}", request.status, request.method, request.path))
///     .start()
///     .await?;
/// # local.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub struct Builder {
    listen: SocketAddr,
    authority: Authority,
    observer: Box<dyn Fn(&ReceivedRequest) + Send + Sync>,
}

impl Builder {
    /// Listens on this address; port 0 takes a free port. Default: `127.0.0.1:0`.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// How long an issued token is good for, in whole seconds. Default: one hour.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.authority.token_lifetime = lifetime;
        self
    }

    /// Registers a client; once there is one, others are refused as unknown.
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl AsRef<str>) -> Self {
        self.authority.clients.insert(id.into(), Digest::of(secret.as_ref()));
        self
    }

    /// Registers a client that signs in with the key of this certificate in DER: RSA, or EC on P-256 or P-384.
    ///
    /// # Panics
    ///
    /// The bytes are no such certificate.
    #[must_use]
    pub fn client_certificate(mut self, id: impl Into<String>, der: &[u8]) -> Self {
        let certificate = ClientCertificate::from_der(der).expect("an X.509 certificate with an RSA or EC key in DER");
        self.authority
            .certificates
            .entry(id.into())
            .or_default()
            .push(certificate);
        self
    }

    /// Registers a client that signs in with tokens of `issuer` for `subject` and `audience`, signed with the key of
    /// this certificate in DER.
    ///
    /// # Panics
    ///
    /// The bytes are no such certificate.
    #[must_use]
    pub fn federated_client(
        mut self,
        id: impl Into<String>,
        issuer: &str,
        subject: &str,
        audience: &str,
        certificate: &[u8],
    ) -> Self {
        let federation = Federation {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            audience: audience.to_owned(),
            key: VerifyingKey::of_certificate(certificate).expect("an X.509 certificate with an RSA or EC key in DER"),
        };
        self.authority
            .federations
            .entry(id.into())
            .or_default()
            .push(federation);
        self
    }

    /// Who signs in on the emulator's pages. Default: `local@contoso.example`.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>) -> Self {
        self.authority.user = name.into();
        self
    }

    /// Calls `observer` after each answer, on a thread of the runtime; it must not block.
    #[must_use]
    pub fn on_request(mut self, observer: impl Fn(&ReceivedRequest) + Send + Sync + 'static) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Opens the port and serves on the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// The address cannot be opened: the port is taken, or the host has no such address.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub async fn start(self) -> io::Result<Emulator> {
        let listener = TcpListener::bind(self.listen).await?;
        let service = Arc::new(Service {
            url: format!("http://{}", listener.local_addr()?),
            clock: Clock::default(),
            authority: self.authority,
            log: RequestLog::new(self.observer),
            store: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let server = axum::serve(listener, routes(&service)).with_graceful_shutdown(async {
            // Nothing is ever sent: dropping the sender is the signal.
            let _ = stopped.await;
        });
        let serving = tokio::spawn(async {
            server.await.expect("axum retries failed accepts and returns no error");
        });
        Ok(Emulator { service, stop, serving })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("listen", &self.listen)
            .field("token_lifetime", &self.authority.token_lifetime)
            .field("clients", &self.authority.clients.keys())
            .finish_non_exhaustive()
    }
}

fn routes(service: &Arc<Service>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token::issue))
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(sign_in::authorize).post(sign_in::choose),
        )
        .route("/{tenant}/oauth2/v2.0/devicecode", post(sign_in::device_code))
        .route("/devicelogin", get(sign_in::device_page).post(sign_in::device_decision))
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(token::openid_configuration),
        )
        .route("/common/discovery/instance", get(token::instance_discovery))
        .fallback(router::graph)
        .layer(middleware::from_fn_with_state(Arc::clone(service), exchange::exchange))
        .with_state(Arc::clone(service))
}
