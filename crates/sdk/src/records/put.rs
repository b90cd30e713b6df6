//! Putting content in.

use std::{
    fs::File,
    io::{self, Read, Seek as _},
    path::Path,
};

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionReceipt;
use commonhold_primitives::system::RECORDS;
use commonhold_seal::{Identity, RecordIdentity, SealedKey};
use commonhold_system::records::{
    access::{is_kind, record_id},
    interface::IRecords::{Registration, registerCall, registerUntilCall, supersedeCall},
};
use commonhold_vault::{
    BodyId, DataKey, Packet,
    crypt4gh::{Header, copy, decrypt, encrypt},
};

use super::{Progress, Records, Step, transfer::Counted, usage};
use crate::{error::SdkError, timed};

/// What to register content with.
#[derive(Clone, Debug, Default)]
pub struct PutOptions {
    /// What it is: `application/fhir+json`, say.
    pub kind: String,
    /// The record that it replaces.
    pub supersedes: Option<B256>,
    /// The contract that manages the access list instead of the owner.
    pub policy: Option<Address>,
    /// The member that keeps the content, by its account.
    pub custodian: Option<Address>,
    /// Whether the data key is sealed to the network, so that whom the ledger lets in can open the
    /// record without the owner.
    pub seal: bool,
    /// When it opens for everyone, in seconds since 1970: its key is sealed to that time then. Zero: it
    /// opens by request, or not at all.
    pub opens_at: u64,
    /// Whether the file is a Crypt4GH file for the account's key, which is taken in as it is.
    pub c4gh: bool,
}

impl PutOptions {
    fn check(&self) -> Result<(), SdkError> {
        if !is_kind(&self.kind) {
            return Err(SdkError::Usage(format!(
                "{:?} is not a kind: 1 to 64 of a-z 0-9 . + - _ / with a letter or digit at both ends",
                self.kind
            )));
        }
        if self.opens_at != 0 && self.supersedes.is_some() {
            let why = "a record that opens at a time cannot replace another";
            return Err(SdkError::Usage(why.to_owned()));
        }
        Ok(())
    }
}

/// What was registered.
#[derive(Clone, Debug)]
pub struct Put {
    /// The record.
    pub id: B256,
    /// Name and length of the encrypted body.
    pub body: BodyId,
    /// The receipt of the registration.
    pub receipt: TransactionReceipt,
}

impl Records<'_> {
    /// Encrypts a file, uploads it and registers it.
    ///
    /// # Errors
    /// [`SdkError::Usage`] where the kind or the file cannot be taken.
    pub fn put(
        &self,
        file: &Path,
        options: &PutOptions,
        progress: &dyn Progress,
    ) -> Result<Put, SdkError> {
        options.check()?;
        let encrypted = if options.c4gh {
            self.take_in(file, progress)?
        } else {
            let (input, len) = open(file)?;
            encrypt_all(input, len, progress)?
        };
        self.put_encrypted(encrypted, options, progress)
    }

    /// As [`Self::put`], of content that is at hand: of `len` bytes, as progress is told.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub fn put_from(
        &self,
        content: impl Read,
        len: u64,
        options: &PutOptions,
        progress: &dyn Progress,
    ) -> Result<Put, SdkError> {
        options.check()?;
        let encrypted = encrypt_all(content, len, progress)?;
        self.put_encrypted(encrypted, options, progress)
    }

    fn put_encrypted(
        &self,
        (key, body, mut spool): (DataKey, BodyId, File),
        options: &PutOptions,
        progress: &dyn Progress,
    ) -> Result<Put, SdkError> {
        self.upload(&body, &mut spool, progress)?;

        let salt = B256::from(timed::salt()?);
        let owner = self.account.address();
        let id = record_id(self.client.chain_id()?, owner, body.hash.into(), salt);
        let mine = Packet::seal(&key, &self.account.encryption_public())?;
        // The key is to be safe before the ledger names what only it opens. A node that takes packets
        // from a record's owner alone gets it again afterwards.
        let safe = self.leave_packet(&body.hash, id, &self.account.encryption_public(), &mine);
        let early = match safe {
            Ok(()) => true,
            Err(SdkError::Refused { .. } | SdkError::NotFound(_)) => false,
            Err(e) => return Err(e),
        };
        let sealed = match (options.opens_at, options.seal) {
            (0, false) => None,
            (0, true) => {
                Some(self.seal_key(Identity::from(RecordIdentity::first(id)).here(), &key)?)
            }
            (time, _) => Some(self.seal_key(Identity::Time(time).here(), &key)?),
        };
        if let Some(sealed) = &sealed {
            self.leave_sealed(&body.hash, id, sealed)?;
        }
        let registration = Registration {
            salt,
            contentHash: body.hash.into(),
            length: body.len,
            kind: options.kind.clone(),
            sealedKeyHash: sealed.as_ref().map(SealedKey::digest).unwrap_or_default(),
            policy: options.policy.unwrap_or_default(),
            custodian: options.custodian.unwrap_or_default(),
        };
        let receipt = match (options.supersedes, options.opens_at) {
            (Some(old_id), _) => self.client.send_call(
                self.account,
                RECORDS,
                &supersedeCall {
                    oldId: old_id,
                    registration,
                },
            )?,
            (None, 0) => {
                self.client
                    .send_call(self.account, RECORDS, &registerCall { registration })?
            }
            (None, opens_at) => self.client.send_call(
                self.account,
                RECORDS,
                &registerUntilCall {
                    registration,
                    opensAt: opens_at,
                },
            )?,
        };
        if !early {
            self.leave_packet(&body.hash, id, &self.account.encryption_public(), &mine)?;
        }
        Ok(Put { id, body, receipt })
    }

    /// Takes the body of a Crypt4GH file for the account's key into a temporary file, which has no
    /// name, and its data key. All of it has been decrypted once when this returns.
    fn take_in(
        &self,
        file: &Path,
        progress: &dyn Progress,
    ) -> Result<(DataKey, BodyId, File), SdkError> {
        let (mut input, len) = open(file)?;
        let keys = Header::read(&mut input)?.open(self.account.encryption())?;
        let [key] = keys.as_slice() else {
            let why = "the file has several data keys, and a record has one: decrypt it first";
            return Err(SdkError::Usage(why.to_owned()));
        };
        let mut spool = tempfile::tempfile().map_err(usage)?;
        let mut input = Counted::new(input, Step::Encrypt, len, progress);
        let body = copy(&mut input, &mut spool)?;
        spool.rewind().map_err(usage)?;
        decrypt(&keys, &body, &mut spool, &mut io::sink())?;
        spool.rewind().map_err(usage)?;
        Ok((key.clone(), body, spool))
    }
}

/// A regular file and its length.
fn open(file: &Path) -> Result<(File, u64), SdkError> {
    let named = |e: io::Error| SdkError::Usage(format!("{}: {e}", file.display()));
    let input = File::open(file).map_err(named)?;
    let meta = input.metadata().map_err(named)?;
    if !meta.is_file() {
        return Err(SdkError::Usage(format!("{} is not a file", file.display())));
    }
    Ok((input, meta.len()))
}

/// Encrypts content under a fresh key into a temporary file, which has no name.
fn encrypt_all(
    input: impl Read,
    len: u64,
    progress: &dyn Progress,
) -> Result<(DataKey, BodyId, File), SdkError> {
    let key = DataKey::random()?;
    let mut input = Counted::new(input, Step::Encrypt, len, progress);
    let mut spool = tempfile::tempfile().map_err(usage)?;
    let body = encrypt(&key, &mut input, &mut spool)?;
    spool.rewind().map_err(usage)?;
    Ok((key, body, spool))
}
