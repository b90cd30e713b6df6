//! Reading a JSON body within its limits, before anything is parsed.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::limits::{JSON_DEPTH_MAX, REQUEST_BYTES_MAX};

/// Why a body is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// Longer than [`REQUEST_BYTES_MAX`].
    TooLong,
    /// Slower than it may be.
    TooSlow,
    /// Cut off, or not well-formed.
    Broken,
    /// Nested deeper than [`JSON_DEPTH_MAX`].
    TooDeep,
}

/// The whole body, where it comes within `limit`.
pub(crate) async fn read(body: Body, limit: Duration) -> Result<Bytes, BodyError> {
    let max = usize::try_from(REQUEST_BYTES_MAX).unwrap_or(usize::MAX);
    let whole = Limited::new(body, max).collect();
    let bytes = match tokio::time::timeout(limit, whole).await {
        Err(_) => return Err(BodyError::TooSlow),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(BodyError::TooLong),
        Ok(Err(_)) => return Err(BodyError::Broken),
        Ok(Ok(collected)) => collected.to_bytes(),
    };
    if is_deeper(&bytes, JSON_DEPTH_MAX) {
        Err(BodyError::TooDeep)
    } else {
        Ok(bytes)
    }
}

/// Whether the brackets of a JSON text nest deeper than `max`.
pub(crate) fn is_deeper(json: &[u8], max: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in json {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > max {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}
