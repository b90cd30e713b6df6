//! Opening records that are sealed to the network.
//!
//! ```text
//! put     as ever, and: seal the data key to the record's identity · leave the sealed key beside the
//!         body · register its keccak-256
//! open    make a key for this one request · ask the ledger, which writes down that it was asked ·
//!         take the members' answers · verify, decrypt and combine them into the opening key · open
//!         the sealed key · fetch and verify the body · decrypt
//! ```
//!
//! A record that opens at a time needs no request: its sealed key opens with the opening key of that
//! time, which stands on the ledger or which the members give once the time has come. Who takes it from
//! the members publishes it on the ledger, once for all.
//!
//! The node that passes all this on sees ciphertext only, and can neither change nor replay it.

use std::{fs::File, path::Path};

use alloy_primitives::{Address, B256, U256};
use commonhold_seal::{
    Identity, Namespace, OpeningKey, Partial, ReaderSecret, Request, SealError, SealedKey, Target,
};
use commonhold_system::records::{
    access::permits,
    interface::IRecords::{Action, Record},
};
use commonhold_vault::{
    BodyId, DataKey, Packet,
    place::{directory, place},
};

use super::{Form, Progress, Records, check_destination, why};
use crate::{
    error::SdkError,
    page::all,
    sealing::{Requested, Sealing, rng},
};

/// How a record is asked for.
#[derive(Debug)]
pub struct Ask<'a> {
    /// What for.
    pub purpose: B256,
    /// A key made for this one request: whoever has it can read the answers.
    pub secret: &'a ReaderSecret,
    /// Whether a request that was made with this key before is taken up where the ledger has one.
    pub resume: bool,
}

/// What was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The request's number on the ledger; none where the record opened by itself at its time.
    pub number: Option<u64>,
    /// Bytes written.
    pub bytes: u64,
    /// Members that gave a false partial, by their places, where that was found out.
    pub blamed: Vec<u32>,
}

/// What members signed to open, and who of them signed falsely.
struct Released {
    opening: OpeningKey,
    blamed: Vec<u32>,
}

/// What a record's data key is sealed to.
fn target(record: &Record) -> Result<Target<'static>, SdkError> {
    Ok(Identity::of_record(record.id, record.stream, record.day)?.here())
}

/// A key for one request.
///
/// # Errors
/// Where the operating system gives no random bytes.
pub fn reader_secret() -> Result<ReaderSecret, SdkError> {
    Ok(ReaderSecret::random(&mut rng()?))
}

impl Records<'_> {
    /// A data key, sealed to the network.
    pub(super) fn seal_key(
        &self,
        target: Target<'_>,
        key: &DataKey,
    ) -> Result<SealedKey, SdkError> {
        self.sealing()?.seal(&target, key)
    }

    /// The seal key, proven where a network key is known.
    fn sealing(&self) -> Result<Sealing, SdkError> {
        self.client.sealing_by(self.network_key.as_ref())
    }

    /// Asks the ledger to open a sealed record, and writes its content, verified, in the form asked
    /// for to `destination`, which appears complete or not at all.
    ///
    /// # Errors
    /// [`SdkError::Refused`] where the ledger does not permit it: that stands on the ledger then.
    /// [`SdkError::Unavailable`] where too few members answer; of kind integrity where what came is
    /// not what the ledger says.
    pub fn open_sealed(
        &self,
        id: B256,
        ask: &Ask<'_>,
        form: Form,
        destination: &Path,
        progress: &dyn Progress,
    ) -> Result<Opened, SdkError> {
        check_destination(destination)?;
        let (file, opened) = self.unseal(id, ask, form, directory(destination), progress)?;
        place(file, destination)?;
        Ok(opened)
    }

    /// As [`Self::open_sealed`], into a file in `directory` that has no name.
    ///
    /// # Errors
    /// As there.
    pub fn unseal(
        &self,
        id: B256,
        ask: &Ask<'_>,
        form: Form,
        directory: &Path,
        progress: &dyn Progress,
    ) -> Result<(File, Opened), SdkError> {
        let record = self.client.record(id)?;
        if record.id != id {
            let why = "the node tells of another record than was asked for";
            return Err(SdkError::Integrity(why.to_owned()));
        }
        let body = self.body_of(id)?;
        if record.sealedKeyHash.is_zero() {
            let why = format!("record {id} is not sealed to the network: `record get` fetches it");
            return Err(SdkError::Usage(why));
        }
        let sealing = self.sealing()?;
        let (number, released) = match record.opensAt {
            0 => {
                let target = target(&record)?;
                let requested = self.requested(id, record.policy, ask)?;
                let released = self.release(&sealing, id, &target, &requested, ask.secret)?;
                (Some(requested.number), released)
            }
            time => {
                let opening = self.client.published(self.account, &sealing, time)?;
                let blamed = Vec::new();
                (None, Released { opening, blamed })
            }
        };
        let sealed = self.fetch_sealed(&body.hash, id, record.sealedKeyHash)?;
        let content = sealed.open(&released.opening)?;
        let key = DataKey::from_bytes(content.as_bytes());
        let (file, bytes) = self.deliver(id, &body, &key, form, directory, progress)?;
        let opened = Opened {
            number,
            bytes,
            blamed: released.blamed,
        };
        Ok((file, opened))
    }

    /// Opens records of one day of one stream, which have one key, by one request for the first of them.
    /// Gives their contents, verified, in the order asked for: each in a file in `directory` that has no
    /// name.
    ///
    /// # Errors
    /// As [`Self::unseal`]; [`SdkError::Usage`] where they are not of one day.
    pub fn unseal_day(
        &self,
        ids: &[B256],
        ask: &Ask<'_>,
        directory: &Path,
        progress: &dyn Progress,
    ) -> Result<Vec<File>, SdkError> {
        let Some(first) = ids.first() else {
            return Ok(Vec::new());
        };
        let first = self.client.record(*first)?;
        let sealing = self.sealing()?;
        let target = target(&first)?;
        let requested = self.requested(first.id, first.policy, ask)?;
        let released = self.release(&sealing, first.id, &target, &requested, ask.secret)?;
        let hash = self.body_of(first.id)?.hash;
        let sealed = self.fetch_sealed(&hash, first.id, first.sealedKeyHash)?;
        let key = DataKey::from_bytes(sealed.open(&released.opening)?.as_bytes());
        let mut files = Vec::new();
        for id in ids {
            let record = self.client.record(*id)?;
            let same = (record.stream, record.day, record.sealedKeyHash)
                == (first.stream, first.day, first.sealedKeyHash);
            if record.stream.is_zero() || !same {
                let why = format!("record {id} is not of the same day of a stream as the others");
                return Err(SdkError::Usage(why));
            }
            let body = self.body_of(*id)?;
            let (file, _) = self.deliver(*id, &body, &key, Form::Plain, directory, progress)?;
            files.push(file);
        }
        Ok(files)
    }

    /// A permitted request: one that was made with this key before, or a new one.
    fn requested(&self, id: B256, policy: Address, ask: &Ask<'_>) -> Result<Requested, SdkError> {
        let reader_key = B256::from(ask.secret.public().0);
        let earlier = match ask.resume {
            true => self.earlier(id, reader_key)?,
            false => None,
        };
        let requested = match earlier {
            Some(earlier) => earlier,
            None => {
                self.client
                    .request_opening(self.account, policy, id, ask.purpose, reader_key)?
            }
        };
        if permits(requested.access) {
            return Ok(requested);
        }
        let message = format!(
            "the ledger does not open record {id} to {}: {} (request {})",
            self.account.address(),
            why(requested.access),
            requested.number
        );
        Err(SdkError::Refused { code: 403, message })
    }

    /// The request that was made with this key and permitted, where there is one.
    fn earlier(&self, id: B256, reader_key: B256) -> Result<Option<Requested>, SdkError> {
        let me = self.account.address();
        let log = all(|from| self.client.record_log(id, from))?;
        let mine = log
            .into_iter()
            .rev()
            .filter(|entry| entry.action == Action::Permitted && entry.subject == me);
        for entry in mine {
            let number = u64::try_from(U256::from_be_bytes(entry.detail.0)).unwrap_or(u64::MAX);
            let opening = self.client.opening(number)?;
            if opening.readerKey == reader_key {
                return Ok(Some(Requested {
                    number,
                    access: opening.access,
                    block: self.client.block_hash(opening.blockNumber)?,
                }));
            }
        }
        Ok(None)
    }

    /// Takes the members' answers together. Where there are false ones among the first, all members
    /// are waited for.
    fn release(
        &self,
        sealing: &Sealing,
        id: B256,
        target: &Target<'_>,
        requested: &Requested,
        secret: &ReaderSecret,
    ) -> Result<Released, SdkError> {
        let chain_id = self.client.chain_id()?;
        let mut wait_for_all = false;
        loop {
            let told = self
                .client
                .answers(sealing, requested.number, wait_for_all)?;
            let request = Request {
                namespace: Namespace::COMMONHOLD,
                chain_id,
                sequence: requested.number,
                record: id,
                block: requested.block,
                sharing: told.group.digest(),
            };
            let partials: Vec<Partial> = told
                .answers
                .iter()
                .filter_map(|answer| {
                    let place = usize::try_from(answer.member()).ok()?;
                    let member = told.members.get(place)?;
                    let opening = answer.verify(&request, member).ok()?;
                    opening.open(&request, secret).ok()
                })
                .collect();
            match told.group.combine(target, &partials) {
                Ok(combined) => {
                    return Ok(Released {
                        opening: combined.opening,
                        blamed: combined.blamed,
                    });
                }
                Err(SealError::NotEnough { .. }) if !wait_for_all => wait_for_all = true,
                Err(e) => {
                    let missing: Vec<_> = told
                        .missing
                        .iter()
                        .map(|(member, why)| format!("member {member}: {why}"))
                        .collect();
                    let why = format!("{e} ({})", missing.join("; "));
                    return Err(self.client.node().unavailable(why));
                }
            }
        }
    }

    /// Fetches a body, verified, and writes it in the form asked for.
    pub(super) fn deliver(
        &self,
        id: B256,
        body: &BodyId,
        key: &DataKey,
        form: Form,
        directory: &Path,
        progress: &dyn Progress,
    ) -> Result<(File, u64), SdkError> {
        let mut spool = self.download(body, id, directory, progress)?;
        match form {
            Form::Plain => super::write_plain(key, body, &mut spool, directory, progress),
            Form::Encrypted => {
                let packet = Packet::seal(key, &self.account.encryption_public())?;
                super::write_encrypted(packet, body, &mut spool, directory, progress)
            }
        }
    }
}
