//! Who is connected: client identifiers and users.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Why a connection gets no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoSeat {
    /// The user has as many connections as it may.
    CredentialInUse,
    /// Another user is connected with this identifier.
    IdentifierInUse,
}

#[derive(Debug)]
struct Seat {
    user: String,
    number: u64,
    leave: oneshot::Sender<()>,
}

#[derive(Debug, Default)]
struct Taken {
    by_identifier: HashMap<String, Seat>,
    by_user: HashMap<String, u32>,
}

/// The connections that were let in.
#[derive(Debug, Default)]
pub(super) struct Seats {
    taken: Arc<Mutex<Taken>>,
    numbers: AtomicU64,
}

/// A place that was given. It is given back when this is dropped, where it is not another's by then.
#[derive(Debug)]
pub(super) struct Given {
    taken: Arc<Mutex<Taken>>,
    pub(super) identifier: String,
    number: u64,
    /// Says when the place is another's.
    pub(super) leave: oneshot::Receiver<()>,
    /// Whether another had to leave for it.
    pub(super) took_over: bool,
}

impl Seats {
    pub(super) fn len(&self) -> usize {
        self.taken.lock().by_identifier.len()
    }

    /// Gives a place to a user's client, who leaves it where it has one.
    pub(super) fn take(&self, identifier: &str, user: &str, max: u32) -> Result<Given, NoSeat> {
        let mut taken = self.taken.lock();
        let before = taken.by_identifier.get(identifier);
        let took_over = match before {
            Some(seat) if seat.user != user => return Err(NoSeat::IdentifierInUse),
            Some(_) => true,
            None => false,
        };
        if !took_over {
            let count = taken.by_user.entry(user.to_owned()).or_default();
            if *count >= max {
                return Err(NoSeat::CredentialInUse);
            }
            *count = count.saturating_add(1);
        }
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (leave, left) = oneshot::channel();
        let seat = Seat {
            user: user.to_owned(),
            number,
            leave,
        };
        if let Some(before) = taken.by_identifier.insert(identifier.to_owned(), seat) {
            let _ = before.leave.send(());
        }
        Ok(Given {
            taken: self.taken.clone(),
            identifier: identifier.to_owned(),
            number,
            leave: left,
            took_over,
        })
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        let mine = taken.by_identifier.get(&self.identifier);
        if mine.is_none_or(|seat| seat.number != self.number) {
            return;
        }
        if let Some(seat) = taken.by_identifier.remove(&self.identifier)
            && let Some(count) = taken.by_user.get_mut(&seat.user)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.by_user.remove(&seat.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_identifier_takes_over_and_another_is_refused() {
        let seats = Seats::default();
        let mut first = seats.take("a", "meter", 1).unwrap();
        assert!(!first.took_over && first.leave.try_recv().is_err());
        assert_eq!(
            seats.take("b", "meter", 1).unwrap_err(),
            NoSeat::CredentialInUse
        );
        assert_eq!(
            seats.take("a", "other", 1).unwrap_err(),
            NoSeat::IdentifierInUse
        );
        let second = seats.take("a", "meter", 1).unwrap();
        assert!(second.took_over && first.leave.try_recv().is_ok());
        // Who was sent away takes nothing with it.
        drop(first);
        assert_eq!(seats.len(), 1);
        drop(second);
        assert_eq!(seats.len(), 0);
        assert!(seats.take("b", "meter", 1).is_ok());
    }
}
