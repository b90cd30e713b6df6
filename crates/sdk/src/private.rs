//! What an account keeps for itself: words that it alone can compute, and text that it alone can read.

use std::io::{self, Cursor, Read};

use alloy_primitives::B256;
use commonhold_vault::{
    DataKey, Packet,
    crypt4gh::{Header, decrypt, encrypt, identify},
};
use zeroize::Zeroizing;

use crate::{account::Account, error::SdkError};

impl Account {
    /// 32 bytes that follow from what is read, and that nobody without the account's secret can compute
    /// or tell from random ones: BLAKE3, keyed by `blake3::derive_key(context, secp256k1 secret)`.
    /// `context` is one text for one use, as BLAKE3 asks.
    ///
    /// # Errors
    /// Where reading fails.
    pub fn word(&self, context: &str, of: impl Read) -> io::Result<B256> {
        let key = Zeroizing::new(blake3::derive_key(context, self.secret().as_slice()));
        let mut hasher = blake3::Hasher::new_keyed(&key);
        hasher.update_reader(of)?;
        Ok(B256::from(*hasher.finalize().as_bytes()))
    }

    /// Text encrypted for the account itself: a whole Crypt4GH file.
    ///
    /// # Errors
    /// Where the text is empty, or the operating system gives no random bytes.
    pub fn lock(&self, text: &[u8]) -> Result<Vec<u8>, SdkError> {
        let key = DataKey::random()?;
        let packet = Packet::seal(&key, &self.encryption_public())?;
        let mut locked = Header::new(&[packet]).to_bytes();
        encrypt(&key, &mut Cursor::new(text), &mut locked)?;
        Ok(locked)
    }

    /// What was locked.
    ///
    /// # Errors
    /// Where it is damaged, or another's.
    pub fn unlock(&self, locked: &[u8]) -> Result<Zeroizing<Vec<u8>>, SdkError> {
        let mut input = Cursor::new(locked);
        let keys = Header::read(&mut input)?.open(self.encryption())?;
        let start = input.position();
        let body = identify(&mut input)?;
        input.set_position(start);
        let mut text = Zeroizing::new(Vec::new());
        decrypt(&keys, &body, &mut input, &mut *text)?;
        Ok(text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn words_differ_by_account_context_and_text() {
        let (one, other) = (Account::random(), Account::random());
        let word = |account: &Account, context, text: &str| {
            account.word(context, text.as_bytes()).unwrap()
        };
        let all = [
            word(&one, "commonhold test a", "x"),
            word(&one, "commonhold test a", "y"),
            word(&one, "commonhold test b", "x"),
            word(&other, "commonhold test a", "x"),
        ];
        assert_eq!(all[0], word(&one, "commonhold test a", "x"));
        for (n, left) in all.iter().enumerate() {
            assert!(all.iter().skip(n + 1).all(|right| left != right));
        }
    }

    #[test]
    fn what_is_locked_opens_for_the_account_alone_and_unchanged() {
        let (mine, other) = (Account::random(), Account::random());
        let locked = mine.lock(b"Patient/7").unwrap();
        assert!(!locked.windows(7).any(|piece| piece == b"Patient"));
        assert_eq!(mine.unlock(&locked).unwrap().as_slice(), b"Patient/7");
        assert!(other.unlock(&locked).is_err());
        for at in [16, 60, locked.len() - 1] {
            let mut changed = locked.clone();
            changed[at] ^= 1;
            assert!(mine.unlock(&changed).is_err(), "byte {at}");
        }
        assert!(mine.unlock(&locked[..locked.len() - 1]).is_err());
        assert_ne!(mine.lock(b"Patient/7").unwrap(), locked);
    }
}
