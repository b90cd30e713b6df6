//! A body on its way from the node, taken up again where it was cut off.
//!
//! A connection may break in the middle of many gigabytes. Then the rest is asked for, with a fresh
//! signature, `RESUMES_MAX` times at the most. What comes is verified as a whole in any case.

use std::{
    io::{self, Read},
    thread::sleep,
    time::Duration,
};

use ureq::{
    BodyReader,
    http::{StatusCode, header},
};

use super::Records;
use crate::{
    error::SdkError,
    limits::{RESUME_DELAY_MS, RESUMES_MAX},
};

pub(super) struct Download<'a> {
    records: &'a Records<'a>,
    path: String,
    len: u64,
    done: u64,
    resumes: u32,
    body: Option<BodyReader<'static>>,
    /// Why reading failed, for who reads: an error of reading cannot tell it.
    pub(super) failure: Option<SdkError>,
}

impl<'a> Download<'a> {
    /// The body of `len` bytes at `path`. Nothing is asked yet.
    pub(super) const fn new(records: &'a Records<'a>, path: String, len: u64) -> Self {
        Self {
            records,
            path,
            len,
            done: 0,
            resumes: 0,
            body: None,
            failure: None,
        }
    }

    /// Asks for what is missing.
    fn ask(&self) -> Result<BodyReader<'static>, SdkError> {
        let from = (self.done > 0).then_some(self.done);
        let response = self.records.ask("GET", &self.path, from, None)?;
        let partial = response.status() == StatusCode::PARTIAL_CONTENT;
        let range = response.headers().get(header::CONTENT_RANGE);
        let begins = range.and_then(|range| begin(range.to_str().ok()?));
        if partial && begins != from {
            let why = "it sends another part than was asked for";
            return Err(self.records.client.node().unavailable(why));
        }
        // One byte more than the ledger says is enough to see that there is more.
        let limit = self.len.saturating_add(2);
        let mut body = response
            .into_body()
            .into_with_config()
            .limit(limit)
            .reader();
        if !partial {
            // The node gives nothing but the whole.
            io::copy(&mut (&mut body).take(self.done), &mut io::sink())
                .map_err(|e| self.records.client.node().unavailable(e))?;
        }
        Ok(body)
    }

    fn step(&mut self, buf: &mut [u8]) -> Result<usize, SdkError> {
        let body = match &mut self.body {
            Some(body) => body,
            None => {
                let asked = self.ask()?;
                self.body.insert(asked)
            }
        };
        body.read(buf)
            .map_err(|e| self.records.client.node().unavailable(e))
    }
}

/// Where `bytes 5-9/10` begins.
fn begin(range: &str) -> Option<u64> {
    let (begin, _) = range.strip_prefix("bytes ")?.split_once('-')?;
    begin.parse().ok()
}

impl Read for Download<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut moved = self.body.is_some();
        loop {
            match self.step(buf) {
                Ok(n) => {
                    self.done = self.done.saturating_add(n as u64);
                    return Ok(n);
                }
                // The first question is not asked again: a node that was never there is not.
                Err(SdkError::Unavailable { .. })
                    if self.done > 0 && self.resumes < RESUMES_MAX =>
                {
                    self.body = None;
                    self.resumes = self.resumes.saturating_add(1);
                    if !moved {
                        sleep(Duration::from_millis(RESUME_DELAY_MS));
                    }
                    moved = false;
                }
                Err(e) => {
                    let why = io::Error::other(e.to_string());
                    self.failure = Some(e);
                    return Err(why);
                }
            }
        }
    }
}
