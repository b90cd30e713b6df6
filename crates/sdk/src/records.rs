//! Records: content encrypted into the vault and registered on the ledger, and who may open it.
//!
//! ```text
//! put     encrypt under a fresh data key · upload the body · register its hash and length ·
//!         leave the data key, wrapped for the owner, beside the body
//! grant   unwrap the data key, wrap it for the grantee's key on the ledger · leave it beside the
//!         body · enter the grantee in the access list, with the hash of what was left
//! get     look up hash and length on the ledger · fetch the body and the reader's packet · verify ·
//!         decrypt
//! revoke  end the entry · take the packet away
//! ```
//!
//! Nobody but the people named ever has a data key: the node sees ciphertext and packets. A revoked
//! reader who kept body and key can still read them; what they cannot do is get them again.

mod download;
mod ledger;
mod transfer;

use std::{
    fs::File,
    io::{self, Seek as _, Write as _},
    path::Path,
};

use alloy_primitives::{Address, B256, keccak256};
use alloy_rpc_types_eth::TransactionReceipt;
use commonhold_primitives::{consensus::NetworkKey, system::RECORDS};
use commonhold_system::records::{
    access::{is_kind, permits, record_id},
    interface::IRecords::{
        Access, Registration, declareOpenedCall, grantCall, grantOfCall, registerCall, revokeCall,
        supersedeCall,
    },
};
use commonhold_vault::{
    BlobHash, BodyId, DataKey, Packet,
    crypt4gh::{Header, decrypt, encrypt},
    place::{directory, nameless, place},
};

use crate::{account::Account, client::Client, error::SdkError, page::Page};

use transfer::Counted;
pub use transfer::{Progress, Step};

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
}

/// How content is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it was put in.
    Plain,
    /// As a Crypt4GH file for the account's key, which every Crypt4GH tool reads.
    Encrypted,
}

impl Form {
    const fn step(self) -> Step {
        match self {
            Self::Plain => Step::Decrypt,
            Self::Encrypted => Step::Write,
        }
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

/// One account's dealings with records.
#[derive(Debug)]
pub struct Records<'a> {
    client: &'a Client,
    account: &'a Account,
    network_key: Option<NetworkKey>,
}

impl<'a> Records<'a> {
    /// `account`'s dealings by way of `client`.
    pub const fn new(client: &'a Client, account: &'a Account) -> Self {
        Self {
            client,
            account,
            network_key: None,
        }
    }

    /// Has every record proven with the network key before its content is taken: the node need not be
    /// trusted then.
    #[must_use]
    pub const fn proven_by(mut self, key: NetworkKey) -> Self {
        self.network_key = Some(key);
        self
    }

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
        if !is_kind(&options.kind) {
            return Err(SdkError::Usage(format!(
                "{:?} is not a kind: 1 to 64 of a-z 0-9 . + - _ / with a letter or digit at both ends",
                options.kind
            )));
        }
        let key = DataKey::random()?;
        let (body, mut spool) = seal(&key, file, progress)?;
        self.upload(&body, &mut spool, progress)?;

        let mut salt = B256::ZERO;
        rand::TryRng::try_fill_bytes(&mut rand::rngs::SysRng, salt.as_mut_slice())
            .map_err(|_| commonhold_vault::VaultError::Random)?;
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
        let registration = Registration {
            salt,
            contentHash: body.hash.into(),
            length: body.len,
            kind: options.kind.clone(),
            sealedKeyHash: B256::ZERO,
            policy: options.policy.unwrap_or_default(),
            custodian: options.custodian.unwrap_or_default(),
        };
        let receipt = match options.supersedes {
            Some(old_id) => self.client.send_call(
                self.account,
                RECORDS,
                &supersedeCall {
                    oldId: old_id,
                    registration,
                },
            )?,
            None => self
                .client
                .send_call(self.account, RECORDS, &registerCall { registration })?,
        };
        if !early {
            self.leave_packet(&body.hash, id, &self.account.encryption_public(), &mine)?;
        }
        Ok(Put { id, body, receipt })
    }

    /// Fetches a record's content and verifies it, in the form asked for, into `destination`, which
    /// appears complete or not at all. Gives the number of bytes.
    ///
    /// # Errors
    /// [`SdkError::Refused`] where the account may not open the record; of kind integrity where what
    /// came is not what the ledger says.
    pub fn get(
        &self,
        id: B256,
        form: Form,
        destination: &Path,
        progress: &dyn Progress,
    ) -> Result<u64, SdkError> {
        let parent = directory(destination);
        // Before many bytes are fetched for nothing.
        if destination.is_dir() || !parent.is_dir() {
            let why = format!("{} is no place for a file", destination.display());
            return Err(SdkError::Usage(why));
        }
        let (file, len) = self.open(id, form, parent, progress)?;
        place(file, destination)?;
        Ok(len)
    }

    /// Fetches a record's content and verifies it, in the form asked for, into a file in `directory`
    /// that has no name and is gone when it is closed. Gives it from its beginning, and its length.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn open(
        &self,
        id: B256,
        form: Form,
        directory: &Path,
        progress: &dyn Progress,
    ) -> Result<(File, u64), SdkError> {
        let body = self.open_body(id)?;
        let packet = self.my_packet(&body.hash, id)?;
        let mut spool = self.download(&body, id, directory, progress)?;
        let mut file = nameless(directory)?;
        let mut output = Counted::new(&mut file, form.step(), body.len, progress);
        match form {
            Form::Plain => {
                let key = packet.open(self.account.encryption())?;
                decrypt(&[key], &body, &mut spool, &mut output)?;
            }
            Form::Encrypted => {
                let header = Header::new(&[packet]).to_bytes();
                output.write_all(&header).map_err(usage)?;
                io::copy(&mut spool, &mut output).map_err(usage)?;
            }
        }
        let len = file.stream_position().map_err(usage)?;
        file.rewind().map_err(usage)?;
        Ok((file, len))
    }

    /// Lets somebody open a record, from `not_before` (zero: at once) until just before `until` (zero:
    /// for ever), in seconds since 1970.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] where they have no encryption key on the ledger.
    pub fn grant(
        &self,
        id: B256,
        grantee: Address,
        not_before: u64,
        until: u64,
    ) -> Result<TransactionReceipt, SdkError> {
        let theirs = self.client.encryption_key(grantee)?;
        let hash = BlobHash::from(self.client.record(id)?.contentHash);
        let key = self.my_packet(&hash, id)?.open(self.account.encryption())?;
        let packet = Packet::seal(&key, &theirs)?;
        self.leave_packet(&hash, id, &theirs, &packet)?;
        let header_hash = keccak256(packet.as_bytes());
        let call = grantCall {
            id,
            grantee,
            notBefore: not_before,
            until,
            uses: 0,
            headerHash: header_hash,
        };
        self.client.send_call(self.account, RECORDS, &call)
    }

    /// Ends somebody's right to open a record and takes their packets away.
    ///
    /// # Errors
    /// Where they have no such right, or the network refuses.
    pub fn revoke(&self, id: B256, grantee: Address) -> Result<TransactionReceipt, SdkError> {
        let hash = BlobHash::from(self.client.record(id)?.contentHash);
        let receipt = self
            .client
            .send_call(self.account, RECORDS, &revokeCall { id, grantee })?;
        for key in self.client.encryption_keys(grantee)? {
            match self.take_packet(&hash, id, &key) {
                Ok(()) | Err(SdkError::NotFound(_)) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(receipt)
    }

    /// Declares on the ledger that the account opened a record, and why.
    ///
    /// # Errors
    /// Where it may not open it.
    pub fn declare_opened(&self, id: B256, purpose: B256) -> Result<TransactionReceipt, SdkError> {
        self.client
            .send_call(self.account, RECORDS, &declareOpenedCall { id, purpose })
    }

    /// Ids of the account's records, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn mine(&self, from: u64) -> Result<Page<B256>, SdkError> {
        self.client.records_of(self.account.address(), from)
    }

    /// What the ledger says of a record's body, if the account may open it.
    fn open_body(&self, id: B256) -> Result<BodyId, SdkError> {
        let (hash, len) = match &self.network_key {
            Some(key) => {
                let record = self.client.proven_record(id, key)?;
                (record.content_hash, record.length)
            }
            None => {
                let record = self.client.record(id)?;
                (record.contentHash, record.length)
            }
        };
        let access = self.client.record_access(id, self.account.address())?;
        if !permits(access) {
            let message = format!(
                "{} may not open record {id}: {}",
                self.account.address(),
                why(access)
            );
            return Err(SdkError::Refused { code: 403, message });
        }
        Ok(BodyId {
            hash: hash.into(),
            len,
        })
    }

    /// The packet for the account. A grantee's is the one that the ledger has the hash of.
    fn my_packet(&self, hash: &BlobHash, id: B256) -> Result<Packet, SdkError> {
        let packet = self.fetch_packet(hash, id, &self.account.encryption_public())?;
        let grantee = self.account.address();
        let grant = self.client.call(RECORDS, &grantOfCall { id, grantee });
        let expected = match grant {
            Ok(grant) => grant.headerHash,
            Err(SdkError::Reverted { .. }) => B256::ZERO,
            Err(e) => return Err(e),
        };
        if !expected.is_zero() && keccak256(packet.as_bytes()) != expected {
            return Err(SdkError::Integrity(
                "the header packet is not the one that the owner entered on the ledger".to_owned(),
            ));
        }
        Ok(packet)
    }
}

const fn why(access: Access) -> &'static str {
    match access {
        Access::UnknownRecord => "there is no such record",
        Access::NoGrant => "they were never let in",
        Access::NotYet => "their time has not come",
        Access::Expired => "their time is over",
        Access::Revoked => "it was revoked",
        _ => "they may",
    }
}

/// Encrypts a file into a temporary one, which has no name.
fn seal(key: &DataKey, file: &Path, progress: &dyn Progress) -> Result<(BodyId, File), SdkError> {
    let named = |e: io::Error| SdkError::Usage(format!("{}: {e}", file.display()));
    let input = File::open(file).map_err(named)?;
    let meta = input.metadata().map_err(named)?;
    if !meta.is_file() {
        return Err(SdkError::Usage(format!("{} is not a file", file.display())));
    }
    let mut input = Counted::new(input, Step::Encrypt, meta.len(), progress);
    let mut spool = tempfile::tempfile().map_err(usage)?;
    let body = encrypt(key, &mut input, &mut spool)?;
    spool.rewind().map_err(usage)?;
    Ok((body, spool))
}

fn usage(e: io::Error) -> SdkError {
    SdkError::Vault(e.into())
}
