//! A gateway without a network behind it.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{SystemTime, UNIX_EPOCH},
};

use alloy_primitives::B256;
use commonhold_gateway::{
    Config,
    clients::Clients,
    clock::{Clock, SystemClock},
    directory::{Directory, Followed},
    http::{self, Served},
    intake::Intake,
    journal::{Journal, KnownRow},
    ledger::{Answer, Ledger},
    mqtt,
    password::Hash,
    state::State,
    totals::Totals,
};
use commonhold_reading::{
    Algorithm, DeviceId, DeviceKey, DeviceSecret, Envelope, Reading, Record, Value,
};
use commonhold_sdk::SdkError;
use futures::future::{FutureExt as _, ready};
use parking_lot::Mutex;
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    task::JoinHandle as Task,
};

pub(crate) const STREAM: B256 = B256::repeat_byte(0x51);
pub(crate) const PASSWORD: &str = "a password that was made";

/// A ledger of devices.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) devices: Mutex<HashMap<DeviceId, KnownRow>>,
    /// What each block named.
    pub(crate) blocks: Mutex<Vec<Vec<B256>>>,
    pub(crate) away: AtomicBool,
    /// The next answer about a device is under way until this is said.
    pub(crate) slow: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Book {
    pub(crate) fn enrol(&self, key: &DeviceKey) -> DeviceId {
        let row = KnownRow {
            algorithm: key.algorithm().number(),
            key: key.bytes().to_vec().into(),
            stream: STREAM,
            revoked_at: 0,
            calibrated_until: 0,
        };
        self.change(key.id(), row);
        key.id()
    }

    /// Changes a device in a block of its own.
    pub(crate) fn change(&self, id: DeviceId, row: KnownRow) {
        self.devices.lock().insert(id, row);
        self.blocks.lock().push(vec![id.0]);
    }

    fn there(&self) -> Result<(), SdkError> {
        if !self.away.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(SdkError::Unavailable {
            node: "book".to_owned(),
            why: "away".to_owned(),
        })
    }
}

impl Ledger for Book {
    fn device(&self, id: DeviceId) -> Answer<'_, Option<KnownRow>> {
        let there = self.there();
        let answer = there.map(|()| self.devices.lock().get(&id).cloned());
        let slow = self.slow.lock().take();
        async move {
            if let Some(arrives) = slow {
                arrives.await.unwrap();
            }
            answer
        }
        .boxed()
    }

    fn head(&self) -> Answer<'_, u64> {
        let there = self.there();
        ready(there.map(|()| self.blocks.lock().len() as u64)).boxed()
    }

    fn named(&self, from: u64, to: u64) -> Answer<'_, Vec<B256>> {
        let (from, to) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
        let named = || self.blocks.lock()[from - 1..to].concat();
        ready(self.there().map(|()| named())).boxed()
    }
}

pub(crate) fn secret(number: u8, algorithm: Algorithm) -> DeviceSecret {
    DeviceSecret::from_bytes(algorithm, &[number; 32]).unwrap()
}

pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

pub(crate) fn reading(secret: &DeviceSecret, counter: u64, time: u64) -> Envelope {
    let reading = Reading {
        counter,
        time,
        pack: vec![Record {
            name: "power".to_owned(),
            unit: Some("W".to_owned()),
            value: Value::integer(230),
            offset: 0,
        }],
        nonce: None,
        origin: None,
    };
    Envelope::sign(secret, reading).unwrap()
}

/// A running gateway.
pub(crate) struct World {
    pub(crate) book: Arc<Book>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) intake: Arc<Intake>,
    pub(crate) mqtt: Arc<mqtt::Server>,
    pub(crate) served: Served,
    pub(crate) address: SocketAddr,
    stop: watch::Sender<bool>,
    task: Task<()>,
    writer: JoinHandle<()>,
}

/// The configuration, with a client of one device, one of many and one of sources.
pub(crate) fn config(dir: &Path, more: &str) -> Config {
    let hash = Hash::of_random(PASSWORD);
    let text = format!(
        r#"
        data = "data"
        streams = ["{STREAM}"]
        account = {{ name = "gateway" }}
        device = {{ key = "gateway.key" }}
        [[client]]
        user = "meter"
        password = "{hash}"
        topics = ["readings/meter", "readings", "tele/plug/SENSOR", "nowhere"]
        [[client]]
        user = "many"
        password = "{hash}"
        topics = ["readings/#", "tele/#", "sources/+"]
        connections = 100
        [[source]]
        topic = "readings/#"
        adapter = "signed"
        [[source]]
        topic = "tele/{{device}}/SENSOR"
        adapter = "tasmota"
        [[source]]
        topic = "senml/{{device}}"
        adapter = "senml"
        {more}
        "#
    );
    Config::parse(&text, &dir.join("gateway.toml")).unwrap()
}

impl World {
    pub(crate) async fn start(dir: &Path, more: &str) -> Self {
        Self::with(dir, more, Arc::default()).await
    }

    pub(crate) async fn with(dir: &Path, more: &str, book: Arc<Book>) -> Self {
        let config = config(dir, more);
        let journal: PathBuf = dir.join("journal.redb");
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let (journal, writer) = Journal::start(&journal, config.terms(clock.clone())).unwrap();
        let directory = Directory::new(book.clone(), journal.clone(), clock.clone());
        let directory = Arc::new(directory.unwrap());
        let gateway = secret(200, Algorithm::Ed25519);
        let intake = Intake::new(&config, directory.clone(), journal, gateway, clock);
        let intake = Arc::new(intake);
        let clients = Arc::new(Clients::new(&config.clients, &config.bounds, [9; 32]));
        let mqtt = mqtt::Server::new(intake.clone(), clients.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(mqtt.clone().serve(listener, None, stopped));
        let served = Served {
            intake: intake.clone(),
            clients,
            mqtt: mqtt.clone(),
            state: Arc::new(State::default()),
        };
        Self {
            book,
            directory,
            intake,
            mqtt,
            served,
            address,
            stop,
            task,
            writer,
        }
    }

    pub(crate) fn router(&self) -> axum::Router {
        http::router(self.served.clone())
    }

    pub(crate) fn totals(&self) -> Totals {
        self.intake.journal().totals()
    }

    /// Looks at new blocks once.
    pub(crate) async fn follow(&self, mut followed: Followed) -> (Followed, bool) {
        let done = self.directory.follow(&mut followed).await.is_ok();
        (followed, done)
    }

    /// Stops it, and gives its ledger when its file is free.
    pub(crate) async fn stop(self) -> Arc<Book> {
        let _ = self.stop.send(true);
        self.task.await.unwrap();
        let book = self.book.clone();
        drop((self.served, self.mqtt, self.intake, self.directory));
        let writer = self.writer;
        tokio::task::spawn_blocking(move || writer.join().unwrap())
            .await
            .unwrap();
        book
    }
}
