//! A stamp in codes of squares: what telephones read of them is the stamp's own file again, so that a printed
//! paper proves what it says without a network.
//!
//! A code says `COMMONHOLD:STAMP:n/m:` and its part of the stamp's file, deflated (RFC 1951), in hex: upper case,
//! which codes of squares hold in five and a half bits a letter. Read in any order, one to a line.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
};

use alloy_primitives::hex;
use commonhold_sdk::SdkError;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};

use crate::limits::{AUDIT_FILE_BYTES_MAX, STAMP_CODES_MAX};

const NAME: &str = "COMMONHOLD:STAMP:";
/// Bytes of the deflated stamp that one code holds: telephones read it off paper.
const PART_BYTES: usize = 600;

/// The codes of a stamp's file.
///
/// # Errors
/// Where it would take more than [`STAMP_CODES_MAX`].
pub fn write(stamp: &[u8]) -> eyre::Result<Vec<String>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(stamp)?;
    let deflated = encoder.finish()?;
    let parts: Vec<&[u8]> = deflated.chunks(PART_BYTES).collect();
    if parts.len() > STAMP_CODES_MAX {
        let what =
            "the stamp takes more codes than STAMP_CODES_MAX; keep its file beside the paper";
        return Err(commonhold_session::Refused(what.to_owned()).into());
    }
    let mut codes = Vec::new();
    for (number, part) in (1usize..).zip(&parts) {
        let mut code = format!("{NAME}{number}/{}:", parts.len());
        write!(code, "{}", hex::encode_upper(part))?;
        codes.push(code);
    }
    Ok(codes)
}

/// Whether a text is what codes say.
pub fn is_one(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(NAME.as_bytes())
}

/// The stamp's file, of what its codes say.
///
/// # Errors
/// Where a code is missing, or none.
pub fn read(text: &[u8]) -> Result<Vec<u8>, SdkError> {
    let broken = |what: &str| SdkError::Integrity(format!("these codes are no stamp: {what}"));
    let text = std::str::from_utf8(text).map_err(|_| broken("they are no text"))?;
    let mut parts: Vec<Option<Vec<u8>>> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let said = line.strip_prefix(NAME).and_then(|rest| {
            let (place, content) = rest.split_once(':')?;
            let (number, of) = place.split_once('/')?;
            let (number, of): (usize, usize) = (number.parse().ok()?, of.parse().ok()?);
            Some((number.checked_sub(1)?, of, hex::decode(content).ok()?))
        });
        let (number, of, content) = said.ok_or_else(|| broken("a line is no code"))?;
        if of > STAMP_CODES_MAX || (!parts.is_empty() && parts.len() != of) {
            return Err(broken("they are of different papers"));
        }
        parts.resize(of, None);
        let place = parts
            .get_mut(number)
            .ok_or_else(|| broken("a line is no code"))?;
        *place = Some(content);
    }
    let mut deflated = Vec::new();
    for part in parts {
        deflated.extend(part.ok_or_else(|| broken("one is missing"))?);
    }
    let mut stamp = Vec::new();
    DeflateDecoder::new(deflated.as_slice())
        .take(AUDIT_FILE_BYTES_MAX.saturating_add(1))
        .read_to_end(&mut stamp)
        .map_err(|_| broken("one was misread"))?;
    if stamp.len() as u64 > AUDIT_FILE_BYTES_MAX {
        return Err(broken("it is longer than AUDIT_FILE_BYTES_MAX"));
    }
    Ok(stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_in_any_order_are_the_file_again() {
        // Something that does not deflate to nothing.
        let stamp: Vec<u8> = (0u32..900)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes())
            .collect();
        let mut codes = write(&stamp).unwrap();
        assert!(codes.len() > 2, "{}", codes.len());
        codes.reverse();
        let text = codes.join("\n");
        assert!(is_one(text.as_bytes()));
        assert_eq!(read(text.as_bytes()).unwrap(), stamp);
        codes.pop();
        assert!(read(codes.join("\n").as_bytes()).is_err(), "one is missing");
        codes.push("COMMONHOLD:STAMP:0/9:AB".to_owned());
        assert!(
            read(codes.join("\n").as_bytes()).is_err(),
            "there is no code 0"
        );
    }
}
