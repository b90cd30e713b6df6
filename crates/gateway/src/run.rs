//! A whole gateway, from its configuration until it is told to stop.

use std::{
    fs::{DirBuilder, File},
    io::{self, Read as _},
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::Path,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use commonhold_reading::{DeviceId, DeviceSecret};
use commonhold_sdk::{Account, limits::DEVICE_KEY_BYTES_MAX, readings::read_key};
use rand::{SeedableRng as _, TryRng as _, rngs::StdRng};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use tokio_rustls::TlsAcceptor;
use tracing::{info, warn};
use zeroize::Zeroizing;

use crate::{
    batch,
    bodies::Folder,
    chain::{self, Devices, Node},
    clients::Clients,
    clock::{Clock, SystemClock},
    config::{Config, TlsSettings},
    directory::{Directory, Followed},
    error::GatewayError,
    http::{self, Served},
    intake::Intake,
    journal::Journal,
    limits::{FOLLOW_MS, RETRY_MS, STOP_SECONDS_MAX},
    mqtt,
    parts::{Ground, Identity, Parts},
    state::State,
};

/// The journal's file in the data directory.
const JOURNAL: &str = "journal.redb";
/// The directory of encrypted bodies in it.
const BODIES: &str = "bodies";

/// A gateway that runs.
#[derive(Debug)]
pub struct Gateway {
    /// Where MQTT is served without TLS.
    pub mqtt: Option<SocketAddr>,
    /// Where it is served with TLS.
    pub mqtt_tls: Option<SocketAddr>,
    /// Where HTTP is served.
    pub http: Option<SocketAddr>,
    /// The gateway's own device.
    pub device: DeviceId,
    /// The way in.
    pub intake: Arc<Intake>,
    /// How the way to the ledger does.
    pub state: Arc<State>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    batches: batch::Running,
    writer: JoinHandle<()>,
}

impl Gateway {
    /// Starts a gateway for which `account` anchors.
    ///
    /// # Errors
    /// [`GatewayError`] says what to mend.
    pub async fn start(config: &Config, account: Account) -> Result<Self, GatewayError> {
        let secret = read_device_key(&config.device.key)?;
        let device = secret.key().id();
        private_directory(&config.data)?;
        let bodies = config.data.join(BODIES);
        private_directory(&bodies)?;
        let path = config.data.join(JOURNAL);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let (journal, writer) = Journal::start(&path, config.terms(clock.clone()))?;
        let identity = Identity {
            device: secret,
            account: account.encryption().clone(),
        };
        let ground = Ground {
            ledger: Arc::new(Devices(Arc::new(chain::client(&config.node)?))),
            node: Arc::new(Node {
                client: chain::client(&config.node)?,
                network_key: chain::network_key(&config.node)?,
                account,
            }),
            bodies: Box::new(Folder(bodies)),
            clock,
            random: StdRng::from_seed(random()?),
        };
        let Parts {
            intake,
            directory,
            batches,
            state,
        } = Parts::new(config, journal, identity, ground)?;
        let clients = Arc::new(Clients::new(&config.clients, &config.bounds, random()?));
        let server = mqtt::Server::new(intake.clone(), clients.clone());

        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let listener = listen(config.mqtt.listen).await?;
        let mqtt = address(listener.as_ref());
        if let Some(listener) = listener {
            tasks.spawn(server.clone().serve(listener, None, stopped.clone()));
        }
        let tls = config.mqtt.tls.as_ref();
        let listener = listen(tls.map(|tls| tls.listen)).await?;
        let mqtt_tls = address(listener.as_ref());
        if let (Some(listener), Some(tls)) = (listener, tls) {
            let acceptor = acceptor(tls)?;
            tasks.spawn(
                server
                    .clone()
                    .serve(listener, Some(acceptor), stopped.clone()),
            );
        }
        let listener = listen(config.http.listen).await?;
        let http = address(listener.as_ref());
        let served = Served {
            intake: intake.clone(),
            clients,
            mqtt: server,
            state: state.clone(),
        };
        if let Some(listener) = listener {
            tasks.spawn(http::serve(served, listener, stopped.clone()));
        }
        tasks.spawn(follow(directory, state.clone(), stopped));
        let batches = batches.start()?;
        info!(%device, ?mqtt, ?mqtt_tls, ?http, "the gateway takes readings");
        Ok(Self {
            mqtt,
            mqtt_tls,
            http,
            device,
            intake,
            state,
            stop,
            tasks,
            batches,
            writer,
        })
    }

    /// Stops it: connections are ended, what was taken is written. A step on the way to the ledger is
    /// waited for `STOP_SECONDS_MAX`; one that takes longer is done again at the next start.
    pub async fn stop(mut self) {
        self.batches.stop();
        // Who does not listen any more has stopped.
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
        let until = Instant::now() + Duration::from_secs(STOP_SECONDS_MAX);
        while !self.batches.is_finished() && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if !self.batches.is_finished() {
            warn!("a step on the way to the ledger takes long; it is done again at the next start");
            return;
        }
        // The last way to the journal goes with the intake; then its thread ends.
        drop(self.intake);
        while !self.writer.is_finished() && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Follows the ledger until `stop` is said.
async fn follow(directory: Arc<Directory>, state: Arc<State>, mut stop: watch::Receiver<bool>) {
    let mut followed = Followed::default();
    loop {
        let done = directory.follow(&mut followed).await;
        state.set(|told| told.node_answers = done.is_ok());
        let wait = if done.is_ok() { FOLLOW_MS } else { RETRY_MS };
        let wait = Duration::from_millis(wait);
        if tokio::time::timeout(wait, crate::stop::stopped(&mut stop))
            .await
            .is_ok()
        {
            return;
        }
    }
}

async fn listen(address: Option<SocketAddr>) -> Result<Option<TcpListener>, GatewayError> {
    let Some(address) = address else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).await;
    listener
        .map(Some)
        .map_err(|why| GatewayError::Listen { address, why })
}

fn address(listener: Option<&TcpListener>) -> Option<SocketAddr> {
    listener.and_then(|listener| listener.local_addr().ok())
}

fn random() -> Result<[u8; 32], GatewayError> {
    let mut key = [0; 32];
    rand::rngs::SysRng
        .try_fill_bytes(&mut key)
        .map_err(|_| GatewayError::System("no random bytes".to_owned()))?;
    Ok(key)
}

fn at(path: &Path, why: impl ToString) -> GatewayError {
    GatewayError::File {
        path: path.into(),
        why: why.to_string(),
    }
}

fn private_directory(path: &Path) -> Result<(), GatewayError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|e| at(path, e))
}

fn acceptor(tls: &TlsSettings) -> Result<TlsAcceptor, GatewayError> {
    let chain = CertificateDer::pem_file_iter(&tls.certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| at(&tls.certificates, e))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|e| at(&tls.key, e))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|e| at(&tls.certificates, e))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Reads a device's key file (`commonhold device new`), which nobody else may read.
///
/// # Errors
/// [`GatewayError::File`].
pub fn read_device_key(path: &Path) -> Result<DeviceSecret, GatewayError> {
    let file = File::open(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => at(path, "there is none: `commonhold gateway init` makes one"),
        _ => at(path, e),
    })?;
    let mode = file
        .metadata()
        .map_err(|e| at(path, e))?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        let why = format!("it has mode {mode:03o}, so that others may read it: run chmod 600");
        return Err(at(path, why));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(DEVICE_KEY_BYTES_MAX));
    // One more than it may have, so that a longer file is seen to be one.
    let most = (DEVICE_KEY_BYTES_MAX as u64).saturating_add(1);
    file.take(most)
        .read_to_end(&mut bytes)
        .map_err(|e| at(path, e))?;
    read_key(&bytes).map_err(|e| at(path, e))
}
