//! `https://`: whose word the client takes that a node is the one its address names.
//!
//! rustls speaks TLS, with the cryptographic library that the engine brings. Authorities are those of
//! the operating system, or, where a file of certificates is given, those in it and no others: a
//! consortium may have an authority of its own. A certificate that does not hold is of kind integrity:
//! somebody answers, but not provably the node that was asked.

use core::fmt;
use std::{error::Error, fs::File, io::Read as _, path::Path, sync::Arc};

use rustls::{
    CertificateError, RootCertStore, crypto::aws_lc_rs::default_provider, pki_types::CertificateDer,
};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::{error::SdkError, limits::AUTHORITIES_BYTES_MAX};

/// Who may vouch for a node.
#[derive(Clone, Debug)]
pub struct Authorities(RootCerts);

impl Default for Authorities {
    /// Those that the operating system trusts.
    fn default() -> Self {
        Self(RootCerts::PlatformVerifier)
    }
}

impl Authorities {
    /// Those of a PEM file, and no others.
    ///
    /// # Errors
    /// [`SdkError::Usage`] where it holds no certificate, one that does not decode, or too much.
    pub fn from_pem(file: &[u8]) -> Result<Self, SdkError> {
        let wrong = |why: String| SdkError::Usage(format!("not a file of certificates: {why}"));
        if file.len() > AUTHORITIES_BYTES_MAX {
            return Err(wrong("it exceeds AUTHORITIES_BYTES_MAX".to_owned()));
        }
        let mut checked = RootCertStore::empty();
        let mut certificates: Vec<Certificate<'static>> = Vec::new();
        for item in parse_pem(file) {
            if let PemItem::Certificate(certificate) = item.map_err(|e| wrong(e.to_string()))? {
                checked
                    .add(CertificateDer::from(certificate.der()))
                    .map_err(|e| wrong(e.to_string()))?;
                certificates.push(certificate);
            }
        }
        if certificates.is_empty() {
            return Err(wrong("there is none in it".to_owned()));
        }
        Ok(Self(RootCerts::from(certificates)))
    }

    /// Those of the PEM file at `path`, and no others.
    ///
    /// # Errors
    /// [`SdkError::Usage`] where it cannot be read, and as [`Self::from_pem`]; it names the file.
    pub fn from_file(path: &Path) -> Result<Self, SdkError> {
        let named = |why: &dyn fmt::Display| SdkError::Usage(format!("{}: {why}", path.display()));
        // One more than it may have, so that a longer file is seen to be one.
        let limit = (AUTHORITIES_BYTES_MAX as u64).saturating_add(1);
        let mut pem = Vec::new();
        File::open(path)
            .and_then(|file| file.take(limit).read_to_end(&mut pem))
            .map_err(|e| named(&e))?;
        Self::from_pem(&pem).map_err(|e| named(&e))
    }

    pub(crate) fn config(&self) -> TlsConfig {
        TlsConfig::builder()
            .root_certs(self.0.clone())
            .unversioned_rustls_crypto_provider(Arc::new(default_provider()))
            .build()
    }
}

/// What TLS has against a node.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Objection {
    /// Its certificate does not hold.
    Certificate(String),
    /// There is no TLS to speak of.
    Protocol(String),
}

impl Objection {
    /// What TLS says of a failed request, where it says something.
    pub(crate) fn of(error: &ureq::Error) -> Option<Self> {
        Some(match find(error)? {
            rustls::Error::InvalidCertificate(e) => Self::Certificate(words(e)),
            rustls::Error::NoCertificatesPresented => {
                Self::Certificate("it shows no certificate".to_owned())
            }
            rustls::Error::InvalidMessage(_) => {
                Self::Protocol("it does not speak TLS: its address may begin with http://".into())
            }
            e => Self::Protocol(format!("TLS: {e}")),
        })
    }
}

/// The TLS library's error, which the HTTP library hands on as one of its own or as one of reading.
fn find(error: &ureq::Error) -> Option<&rustls::Error> {
    match error {
        ureq::Error::Rustls(e) => Some(e),
        ureq::Error::Io(e) => {
            let mut inner: &(dyn Error + 'static) = e.get_ref()?;
            loop {
                if let Some(e) = inner.downcast_ref() {
                    return Some(e);
                }
                inner = inner.source()?;
            }
        }
        _ => None,
    }
}

fn words(error: &CertificateError) -> String {
    const CLOCK: &str = "if it should be, look at this machine's clock";
    match error {
        CertificateError::UnknownIssuer => {
            "its certificate is signed by nobody that is trusted here. \
             If you trust its authority, give the authority's certificate"
                .to_owned()
        }
        CertificateError::BadSignature => {
            "its certificate is not signed by the authority that it names".to_owned()
        }
        CertificateError::NotValidForName => "its certificate is for another name".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } => {
            format!("its certificate is for {}", List(presented))
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("its certificate is no longer valid; {CLOCK}")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("its certificate is not valid yet; {CLOCK}")
        }
        CertificateError::Revoked => "its certificate was revoked".to_owned(),
        e => format!("its certificate does not hold: {e}"),
    }
}

/// Names from a certificate, which anybody can have written: bounded, and without control characters.
struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        for (i, name) in self.0.iter().take(SHOWN).enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            let name: String = name.chars().take(100).collect();
            write!(f, "{comma}{}", name.escape_debug())?;
        }
        match self.0.len() {
            0 => f.write_str("no name at all"),
            1..=SHOWN => Ok(()),
            _ => f.write_str(" and others"),
        }
    }
}
