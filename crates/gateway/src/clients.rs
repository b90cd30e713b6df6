//! Who may send: credentials, the topics that each may write, and how fast.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use crate::{
    config::{Bounds, ClientSettings},
    limits::WRONG_PASSWORDS_MAX,
    password::{Hash, Remembered},
    rate::Rate,
    topic::covers,
};

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// There is no such user, or it is not their password.
    #[error("user or password is wrong")]
    Wrong,
    /// The user had too many wrong passwords lately.
    #[error("too many wrong passwords: wait a minute")]
    Blocked,
}

/// A credential.
#[derive(Debug)]
pub struct Client {
    /// The user's name.
    pub user: String,
    /// Connections with different client identifiers that it may have.
    pub connections: u32,
    /// How fast it may send.
    pub rate: Rate,
    hash: Hash,
    topics: Vec<String>,
    wrong: Mutex<Option<(Instant, u32)>>,
}

impl Client {
    /// Whether it may write to a topic.
    pub fn may_write(&self, topic: &str) -> bool {
        self.topics.iter().any(|filter| covers(filter, topic))
    }

    fn is_blocked(&self, now: Instant) -> bool {
        let mut wrong = self.wrong.lock();
        let minute = Duration::from_secs(60);
        if wrong.is_some_and(|(since, _)| now.saturating_duration_since(since) >= minute) {
            *wrong = None;
        }
        wrong.is_some_and(|(_, count)| count >= WRONG_PASSWORDS_MAX)
    }

    fn was_wrong(&self, now: Instant) {
        let mut wrong = self.wrong.lock();
        let (since, count) = wrong.unwrap_or((now, 0));
        *wrong = Some((since, count.saturating_add(1)));
    }
}

/// All credentials.
#[derive(Debug)]
pub struct Clients {
    by_user: HashMap<String, Arc<Client>>,
    by_token: HashMap<[u8; 32], Arc<Client>>,
    remembered: Remembered,
    denied: AtomicU64,
}

impl Clients {
    /// The credentials of a configuration. `key` must be random.
    pub fn new(settings: &[ClientSettings], bounds: &Bounds, key: [u8; 32]) -> Self {
        let now = Instant::now();
        let clients = settings.iter().map(|settings| {
            Arc::new(Client {
                user: settings.user.clone(),
                connections: settings.connections,
                rate: Rate::new(bounds.readings_per_second, bounds.burst_readings, now),
                hash: settings.password.clone(),
                topics: settings.topics.clone(),
                wrong: Mutex::default(),
            })
        });
        let clients: Vec<_> = clients.collect();
        let token = |client: &Arc<Client>| Some((client.hash.digest()?, client.clone()));
        Self {
            by_token: clients.iter().filter_map(token).collect(),
            by_user: clients
                .into_iter()
                .map(|client| (client.user.clone(), client))
                .collect(),
            remembered: Remembered::new(key),
            denied: AtomicU64::new(0),
        }
    }

    /// How often somebody was not let in.
    pub fn denied(&self) -> u64 {
        self.denied.load(Ordering::Relaxed)
    }

    fn deny<T>(&self, why: Denied) -> Result<T, Denied> {
        self.denied.fetch_add(1, Ordering::Relaxed);
        Err(why)
    }

    /// Who comes with this name and password.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn by_password(&self, user: &str, password: &[u8]) -> Result<Arc<Client>, Denied> {
        let Some(client) = self.by_user.get(user) else {
            return self.deny(Denied::Wrong);
        };
        let now = Instant::now();
        if client.is_blocked(now) {
            return self.deny(Denied::Blocked);
        }
        if self.remembered.check(user, &client.hash, password).await {
            Ok(client.clone())
        } else {
            client.was_wrong(now);
            self.deny(Denied::Wrong)
        }
    }

    /// Who comes with this token: a password that the gateway made.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn by_token(&self, token: &[u8]) -> Result<Arc<Client>, Denied> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        match self.by_token.get(&digest) {
            Some(client) => Ok(client.clone()),
            None => self.deny(Denied::Wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients() -> Clients {
        let settings = ClientSettings {
            user: "meter".to_owned(),
            password: Hash::of_random("right"),
            topics: vec!["tele/meter/+".to_owned(), "readings".to_owned()],
            connections: 1,
        };
        Clients::new(&[settings], &Bounds::default(), [1; 32])
    }

    #[tokio::test]
    async fn a_password_or_a_token_lets_in() {
        let clients = clients();
        let meter = clients.by_password("meter", b"right").await.unwrap();
        assert!(meter.may_write("tele/meter/SENSOR") && meter.may_write("readings"));
        assert!(!meter.may_write("tele/other/SENSOR"));
        assert_eq!(clients.by_token(b"right").unwrap().user, "meter");
        assert_eq!(clients.by_token(b"wrong").unwrap_err(), Denied::Wrong);
        assert_eq!(
            clients.by_password("other", b"right").await.unwrap_err(),
            Denied::Wrong
        );
        assert_eq!(clients.denied(), 2);
    }

    #[tokio::test]
    async fn too_many_wrong_passwords_block_the_user() {
        let clients = clients();
        for _ in 0..WRONG_PASSWORDS_MAX {
            assert_eq!(
                clients.by_password("meter", b"wrong").await.unwrap_err(),
                Denied::Wrong
            );
        }
        let blocked = clients.by_password("meter", b"right").await;
        assert_eq!(blocked.unwrap_err(), Denied::Blocked);
    }
}
