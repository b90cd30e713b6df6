//! Records: content encrypted into the vault and registered on the ledger, and who may open it.
//!
//! ```text
//! put     encrypt under a fresh data key · upload the body · register its hash and length ·
//!         leave the data key, wrapped for the owner, beside the body
//! grant   enter the grantee in the access list; where the record is not sealed, first wrap its data
//!         key for the grantee's key on the ledger and leave it beside the body
//! get     look up hash and length on the ledger · fetch the body and the reader's packet · verify ·
//!         decrypt
//! revoke  end the entry · take the packet away
//! erase   have the record erased: every member deletes what it keeps of it
//! ```
//!
//! Records sealed to the network are opened by way of the ledger: [`opening`]. Nobody but the people
//! named ever has a data key: the node sees ciphertext, packets and sealed keys. A revoked
//! reader who kept body and key can still read them; what they cannot do is get them again.

mod deposit;
mod download;
mod ledger;
mod opening;
mod put;
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
    access::permits,
    interface::IRecords::{
        Access, declareOpenedCall, eraseCall, grantCall, grantOfCall, revokeCall,
    },
};
use commonhold_vault::{
    BlobHash, BodyId, DataKey, Packet,
    crypt4gh::{Header, decrypt},
    place::{directory, nameless, place},
};

use crate::{account::Account, client::Client, error::SdkError, page::Page};

pub use opening::{Ask, Opened, reader_secret};
pub use put::{Put, PutOptions};
use transfer::Counted;
pub use transfer::{Progress, Step};

/// How content is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it was put in.
    Plain,
    /// As a Crypt4GH file for the account's key, which every Crypt4GH tool reads.
    Encrypted,
}

/// How somebody is let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// From when on, in seconds since 1970; zero: at once.
    pub not_before: u64,
    /// Until just before when; zero: for ever.
    pub until: u64,
    /// How many openings of a sealed record; zero: as many as they like.
    pub uses: u32,
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

    /// Who deals.
    pub const fn account(&self) -> &Account {
        self.account
    }

    /// Has every record proven with the network key before its content is taken: the node need not be
    /// trusted then.
    #[must_use]
    pub const fn proven_by(mut self, key: NetworkKey) -> Self {
        self.network_key = Some(key);
        self
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
        check_destination(destination)?;
        let (file, len) = self.open(id, form, directory(destination), progress)?;
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
        match form {
            Form::Plain => {
                let key = packet.open(self.account.encryption())?;
                write_plain(&key, &body, &mut spool, directory, progress)
            }
            Form::Encrypted => write_encrypted(packet, &body, &mut spool, directory, progress),
        }
    }

    /// Lets somebody open a record. Where it is sealed to the network, the ledger's entry is all they
    /// need; where not, they get a packet with its key.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] where they need a packet and have no encryption key on the ledger,
    /// [`SdkError::Usage`] where openings are to be counted that nobody sees.
    pub fn grant(
        &self,
        id: B256,
        grantee: Address,
        terms: Terms,
    ) -> Result<TransactionReceipt, SdkError> {
        let record = self.client.record(id)?;
        let header_hash = if record.sealedKeyHash.is_zero() {
            if terms.uses != 0 {
                let why = "only openings of a sealed record are counted: put it in with --seal";
                return Err(SdkError::Usage(why.to_owned()));
            }
            let theirs = self.client.encryption_key(grantee)?;
            let hash = BlobHash::from(record.contentHash);
            let key = self.my_packet(&hash, id)?.open(self.account.encryption())?;
            let packet = Packet::seal(&key, &theirs)?;
            self.leave_packet(&hash, id, &theirs, &packet)?;
            keccak256(packet.as_bytes())
        } else {
            B256::ZERO
        };
        let call = grantCall {
            id,
            grantee,
            notBefore: terms.not_before,
            until: terms.until,
            uses: terms.uses,
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

    /// Erases the account's record, for ever: every member deletes its sealed key and, where the account
    /// was the first to register the content, the content.
    ///
    /// # Errors
    /// Where it is another's, or erased already.
    pub fn erase(&self, id: B256) -> Result<TransactionReceipt, SdkError> {
        self.client
            .send_call(self.account, RECORDS, &eraseCall { id })
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

    /// What the ledger says of a record's body.
    fn body_of(&self, id: B256) -> Result<BodyId, SdkError> {
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
        Ok(BodyId {
            hash: hash.into(),
            len,
        })
    }

    /// What the ledger says of a record's body, if the account may open it.
    fn open_body(&self, id: B256) -> Result<BodyId, SdkError> {
        let body = self.body_of(id)?;
        let access = self.client.record_access(id, self.account.address())?;
        if !permits(access) {
            let message = format!(
                "{} may not open record {id}: {}",
                self.account.address(),
                why(access)
            );
            return Err(SdkError::Refused { code: 403, message });
        }
        Ok(body)
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
        Access::UsedUp => "they have had all the openings they were given",
        Access::NotSealed => "it is not sealed to the network",
        Access::Erased => "it was erased",
        _ => "they may",
    }
}

/// Whether a file can appear at `destination`: looked at before many bytes are fetched for nothing.
fn check_destination(destination: &Path) -> Result<(), SdkError> {
    if destination.is_dir() || !directory(destination).is_dir() {
        let why = format!("{} is no place for a file", destination.display());
        return Err(SdkError::Usage(why));
    }
    Ok(())
}

/// Decrypts a verified body into a file that has no name. Gives it from its beginning, and its length.
fn write_plain(
    key: &DataKey,
    body: &BodyId,
    spool: &mut File,
    directory: &Path,
    progress: &dyn Progress,
) -> Result<(File, u64), SdkError> {
    let mut file = nameless(directory)?;
    let mut output = Counted::new(&mut file, Step::Decrypt, body.len, progress);
    decrypt(std::slice::from_ref(key), body, spool, &mut output)?;
    rewound(file)
}

/// Writes a Crypt4GH file of a verified body and a packet. Gives it as [`write_plain`].
fn write_encrypted(
    packet: Packet,
    body: &BodyId,
    spool: &mut File,
    directory: &Path,
    progress: &dyn Progress,
) -> Result<(File, u64), SdkError> {
    let mut file = nameless(directory)?;
    let mut output = Counted::new(&mut file, Step::Write, body.len, progress);
    let header = Header::new(&[packet]).to_bytes();
    output.write_all(&header).map_err(usage)?;
    io::copy(spool, &mut output).map_err(usage)?;
    rewound(file)
}

fn rewound(mut file: File) -> Result<(File, u64), SdkError> {
    let len = file.stream_position().map_err(usage)?;
    file.rewind().map_err(usage)?;
    Ok((file, len))
}

fn usage(e: io::Error) -> SdkError {
    SdkError::Vault(e.into())
}
