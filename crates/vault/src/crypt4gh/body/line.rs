//! A line of jobs: brought in order, worked on by all cores, taken away in order.
//!
//! The thread that called brings and takes away, and works on jobs too while there is nothing of that
//! to do. The others begin when there is a second job. At most [`BODY_BLOCKS_MAX`] jobs are in the line.

use std::{collections::VecDeque, thread};

use parking_lot::{Condvar, Mutex};

use crate::{
    error::VaultError,
    limits::{BODY_BLOCKS_MAX, BODY_THREADS_MAX},
};

enum Place<J> {
    Waiting(J),
    InWork,
    Done(J),
}

struct Line<J> {
    places: VecDeque<Place<J>>,
    /// How many have been taken away.
    gone: usize,
    /// How many have been taken up. They are in order.
    begun: usize,
    closed: bool,
}

struct Shared<J> {
    line: Mutex<Line<J>>,
    brought: Condvar,
    done: Condvar,
}

impl<J> Shared<J> {
    /// The next job that nobody works on, and its number.
    fn take_up(line: &mut Line<J>) -> Option<(usize, J)> {
        let number = line.begun;
        let place = line.places.get_mut(number.wrapping_sub(line.gone))?;
        match std::mem::replace(place, Place::InWork) {
            Place::Waiting(job) => {
                line.begun = number.wrapping_add(1);
                Some((number, job))
            }
            other => {
                *place = other;
                None
            }
        }
    }

    fn put_back(&self, number: usize, job: J) {
        let mut line = self.line.lock();
        let at = number.wrapping_sub(line.gone);
        if let Some(place) = line.places.get_mut(at) {
            *place = Place::Done(job);
        }
        if at == 0 {
            self.done.notify_one();
        }
    }

    fn work(&self, work: &impl Fn(&mut J)) {
        let _closing = Closing(self);
        loop {
            let mut line = self.line.lock();
            let (number, mut job) = loop {
                if line.closed {
                    return;
                }
                match Self::take_up(&mut line) {
                    Some(next) => break next,
                    None => self.brought.wait(&mut line),
                }
            };
            drop(line);
            work(&mut job);
            self.put_back(number, job);
        }
    }
}

/// Ends the line also where a thread of it panics: nobody waits for what will not come.
struct Closing<'a, J>(&'a Shared<J>);

impl<J> Drop for Closing<'_, J> {
    fn drop(&mut self) {
        self.0.line.lock().closed = true;
        self.0.brought.notify_all();
        self.0.done.notify_all();
    }
}

/// Brings jobs with `bring` until it gives none, each made of a spent one where there is one, has
/// `work` done on them, and gives them to `take` in the order in which they were brought.
///
/// # Errors
/// The first of `take` or `bring`, by the order of the jobs: what was brought before an error is taken
/// away before it is given.
pub(super) fn run<J: Default + Send>(
    mut bring: impl FnMut(&mut J) -> Result<bool, VaultError>,
    work: impl Fn(&mut J) + Sync,
    mut take: impl FnMut(&mut J) -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    let shared = Shared {
        line: Mutex::new(Line {
            places: VecDeque::with_capacity(BODY_BLOCKS_MAX),
            gone: 0,
            begun: 0,
            closed: false,
        }),
        brought: Condvar::new(),
        done: Condvar::new(),
    };
    let hands = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let _closing = Closing(&shared);
        let mut spent = Vec::new();
        let (mut brought, mut taken) = (0usize, 0usize);
        let mut end = None;
        loop {
            while end.is_none() && brought.saturating_sub(taken) < BODY_BLOCKS_MAX {
                let mut job = spent.pop().unwrap_or_default();
                match bring(&mut job) {
                    Ok(true) => {}
                    Ok(false) => {
                        end = Some(Ok(()));
                        break;
                    }
                    Err(e) => {
                        end = Some(Err(e));
                        break;
                    }
                }
                shared.line.lock().places.push_back(Place::Waiting(job));
                shared.brought.notify_one();
                brought = brought.saturating_add(1);
                if brought == 2 {
                    for _ in 1..hands.min(BODY_THREADS_MAX) {
                        scope.spawn(|| shared.work(&work));
                    }
                }
            }
            if brought == taken {
                return end.unwrap_or(Ok(()));
            }
            let mut line = shared.line.lock();
            if matches!(line.places.front(), Some(Place::Done(_))) {
                let first = line.places.pop_front();
                line.gone = line.gone.wrapping_add(1);
                drop(line);
                if let Some(Place::Done(mut job)) = first {
                    take(&mut job)?;
                    spent.push(job);
                }
                taken = taken.saturating_add(1);
            } else if let Some((number, mut job)) = Shared::take_up(&mut line) {
                drop(line);
                work(&mut job);
                shared.put_back(number, job);
            } else if line.closed {
                return Err(std::io::Error::other("a thread of the line panicked").into());
            } else {
                shared.done.wait(&mut line);
            }
        }
    })
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
