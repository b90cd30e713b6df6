//! Accounts on the ledger: names and encryption keys.

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionReceipt;
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::interface::IAccounts::{
    encryptionKeyCall, encryptionKeysCall, isRegisteredCall, registerCall, resolveCall,
    rotateEncryptionKeyCall,
};
use commonhold_vault::PublicKey;

use crate::{
    account::Account,
    client::Client,
    error::SdkError,
    page::{PAGE, Page, all},
};

impl Client {
    /// Registers an account under a name, with its encryption key.
    ///
    /// # Errors
    /// Where it is registered already.
    pub fn register(&self, account: &Account, name: &str) -> Result<TransactionReceipt, SdkError> {
        let key = B256::from(account.encryption_public().0);
        self.send_call(
            account,
            ACCOUNTS,
            &registerCall {
                name: name.to_owned(),
                encryptionKey: key,
            },
        )
    }

    /// Whether an account is registered.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn is_registered(&self, account: Address) -> Result<bool, SdkError> {
        self.call(ACCOUNTS, &isRegisteredCall { account })
    }

    /// Sees to it that the ledger has an account and its encryption key: registers it under `name`
    /// where it is not registered, and gives it its key where it has another.
    ///
    /// # Errors
    /// Where the network refuses.
    pub fn ensure_registered(&self, account: &Account, name: &str) -> Result<(), SdkError> {
        let who = account.address();
        if !self.is_registered(who)? {
            self.register(account, name)?;
            return Ok(());
        }
        let key = B256::from(account.encryption_public().0);
        if self
            .call(ACCOUNTS, &encryptionKeyCall { account: who })?
            .key
            != key
        {
            self.send_call(account, ACCOUNTS, &rotateEncryptionKeyCall { key })?;
        }
        Ok(())
    }

    /// The key to encrypt with for somebody.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] where they have none on the ledger.
    pub fn encryption_key(&self, who: Address) -> Result<PublicKey, SdkError> {
        let key = self
            .call(ACCOUNTS, &encryptionKeyCall { account: who })?
            .key;
        if key.is_zero() {
            return Err(SdkError::NotFound(format!(
                "{who} has no encryption key on the ledger: they have to register first"
            )));
        }
        Ok(PublicKey(key.0))
    }

    /// Every key that somebody ever had, oldest first.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn encryption_keys(&self, who: Address) -> Result<Vec<PublicKey>, SdkError> {
        let versions = all(|from| {
            let (account, max) = (who, PAGE);
            let answer = self.call(ACCOUNTS, &encryptionKeysCall { account, from, max })?;
            Ok(Page::new(answer.page, answer.total))
        })?;
        Ok(versions
            .into_iter()
            .map(|version| PublicKey(version.key.0))
            .collect())
    }

    /// An address from text: `0x…`, or a handle that somebody has claimed.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] where nobody has the handle.
    pub fn resolve(&self, text: &str) -> Result<Address, SdkError> {
        if text.starts_with("0x") {
            return text
                .parse()
                .map_err(|e| SdkError::Usage(format!("{text:?} is not an address: {e}")));
        }
        let found = self.call(
            ACCOUNTS,
            &resolveCall {
                handle: text.to_owned(),
            },
        )?;
        if found.is_zero() {
            return Err(SdkError::NotFound(format!(
                "nobody has the handle {text:?}"
            )));
        }
        Ok(found)
    }
}
